//! Requests over HTTP: sent as this server takes them, and again while it is not ready.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::{
    OpenAiOptions,
    body::whole,
    errors::{RequestFailure, RequestTarget, quote},
    learned::Learned,
    patience::Patience,
    proxy,
};
use crate::http;
use model::{LlmError, Progress};

/// A server and how to reach it.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
    timeout: Duration,
    proxy: Option<String>,
    /// What the run has learned of it.
    pub learned: Learned,
}

/// A request to a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct HttpRequest<'a> {
    /// Below the server's address.
    pub path: &'a str,
    /// What is sent; nothing where something is only fetched.
    pub body: Option<&'a Map<String, Value>>,
    /// Fields without which the reply would be of no use.
    pub needed: &'a [&'a str],
    /// Where a wait is shown.
    pub progress: &'a mpsc::Sender<Progress>,
}

impl Client {
    pub fn new(options: &OpenAiOptions) -> Result<Self, LlmError> {
        let wrong = |reason: String| LlmError::Unavailable {
            message: format!("\"{}\" is no address of a server ({reason})", options.base_url),
            hint: "give it as http://HOST:PORT/v1".into(),
        };
        let mut base = reqwest::Url::parse(&options.base_url).map_err(|error| wrong(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(wrong("it does not start with http:// or https://".into()));
        }
        if base.path() == "/" {
            base.set_path("/v1");
        }
        let client = http::client(&base)
            .connect_timeout(http::CONNECT.min(options.timeout))
            .read_timeout(options.timeout);
        let http = client.build().map_err(|error| wrong(error.to_string()))?;
        Ok(Self {
            http,
            proxy: proxy::of(&base),
            base: base.as_str().trim_end_matches('/').to_owned(),
            key: options.api_key.clone(),
            timeout: options.timeout,
            learned: Learned::default(),
        })
    }

    /// Returns whom the error sentences are to name.
    pub fn asked(&self, path: &str, model: &str) -> RequestTarget {
        RequestTarget {
            url: format!("{}/{path}", self.base),
            proxy: self.proxy.clone(),
            model: model.to_owned(),
            timeout: self.timeout,
        }
    }

    /// Returns whom the error sentences for `ask` are to name.
    pub fn asked_of(&self, ask: &HttpRequest<'_>) -> RequestTarget {
        let model = ask.body.and_then(|body| body.get("model")).and_then(Value::as_str);
        self.asked(ask.path, model.unwrap_or_default())
    }

    /// Sends a request and returns a successful response. What the server rejects of it is left out, and while the
    /// server is not ready it is waited for.
    pub async fn send(&self, ask: HttpRequest<'_>) -> Result<Response, RequestFailure> {
        let asked = self.asked_of(&ask);
        let mut patience = Patience::new(self.timeout);
        loop {
            let sent = ask.body.map(|body| self.learned.fit(body));
            let response = match self.send_once(&asked.url, sent.as_ref()).await {
                Ok(response) if response.status().is_success() => {
                    self.learned.meet();
                    return Ok(response);
                }
                Ok(response) => response,
                // A server that is starting, or what stands before it, may take connections and drop them.
                Err(error) if dropped(&error) && !self.learned.met() => {
                    let error = asked.unreachable(&error);
                    match patience.wait(None, &error.to_string(), ask.progress).await {
                        true => continue,
                        false => return Err(error.into()),
                    }
                }
                Err(error) => return Err(asked.unreachable(&error).into()),
            };
            let (status, after) = (response.status(), http::retry_after(&response));
            let text = whole(response).await.unwrap_or_default();
            if let Some(sent) = &sent
                && may_reject(status)
                && self.learned.learn(sent, ask.needed, status, &text, &quote(&text))
            {
                continue;
            }
            let error = asked.refused(status, &text);
            if !is_for_now(status, &text) || !patience.wait(after, &error.to_string(), ask.progress).await {
                return Err(RequestFailure { status: Some(status), error });
            }
        }
    }

    async fn send_once(&self, url: &str, body: Option<&Map<String, Value>>) -> reqwest::Result<Response> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.http.request(method, url);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await
    }

    /// Sends a request and reads the whole reply as JSON.
    pub async fn json(&self, ask: HttpRequest<'_>) -> Result<Value, RequestFailure> {
        let response = self.send(ask).await?;
        let asked = self.asked_of(&ask);
        let text = whole(response).await.map_err(|error| RequestFailure::from(asked.broken_off(&error)))?;
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|_| RequestFailure::answered(asked.unreadable(&text)))?;
        match super::wire::error_in(&value) {
            Some(error) => Err(RequestFailure::answered(asked.reported(error))),
            None => Ok(value),
        }
    }
}

/// Whether a connection was taken and dropped before anything came.
fn dropped(error: &reqwest::Error) -> bool {
    error.is_request() && !error.is_connect() && !error.is_timeout()
}

/// Whether a server may say by this status that it does not take a field. Some answer 500 to what they cannot read.
fn may_reject(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 422 | 500 | 501)
}

/// Whether the server is only busy or still loading.
fn is_for_now(status: StatusCode, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    match status.as_u16() {
        // Credit that is used up does not come back by waiting.
        429 => !["quota", "billing", "credit"].iter().any(|word| text.contains(word)),
        502 | 503 => true,
        500.. => text.contains("loading model") || text.contains("model is loading"),
        _ => false,
    }
}
