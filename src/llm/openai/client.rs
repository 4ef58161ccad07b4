//! Requests over HTTP: sending, retrying, and reading what comes back.

use std::time::Duration;

use futures::{Stream, StreamExt};
use reqwest::{Method, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{OpenAiOptions, errors::Asked, sse::SseParser, wire::Packet};
use crate::llm::LlmError;

/// How often a request is sent to a server that is busy or still loading.
const TRIES: u32 = 4;
/// No wait between tries is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// A server that is there accepts a connection well within this.
const CONNECT: Duration = Duration::from_secs(10);

/// A server and how to reach it.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
    timeout: Duration,
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
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT.min(options.timeout))
            .read_timeout(options.timeout)
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        let base = base.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http, base, key: options.api_key.clone(), timeout: options.timeout })
    }

    /// Returns whom the error sentences are to name.
    pub fn asked(&self, path: &str, model: &str) -> Asked {
        Asked { url: format!("{}/{path}", self.base), model: model.to_owned(), timeout: self.timeout }
    }

    /// Sends a request, again if the server is busy, and returns a successful response.
    pub async fn send(&self, path: &str, body: Option<&Value>) -> Result<Response, LlmError> {
        let model = body.and_then(|body| body["model"].as_str()).unwrap_or_default();
        let asked = self.asked(path, model);
        for attempt in 1.. {
            let method = if body.is_some() { Method::POST } else { Method::GET };
            let mut request = self.http.request(method, &asked.url);
            if let Some(key) = &self.key {
                request = request.bearer_auth(key);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            let response = request.send().await.map_err(|error| asked.unreachable(&error))?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
            if busy && attempt < TRIES {
                tokio::time::sleep(wait_before_retry(&response, attempt)).await;
                continue;
            }
            let text = response.text().await.unwrap_or_default();
            return Err(asked.refused(status, &text));
        }
        Err(asked.cut_short())
    }

    /// Sends a request and reads the whole reply as JSON.
    pub async fn json<T: DeserializeOwned>(&self, path: &str, body: Option<&Value>) -> Result<T, LlmError> {
        let response = self.send(path, body).await?;
        let asked = self.asked(path, body.and_then(|body| body["model"].as_str()).unwrap_or_default());
        let text = response.text().await.map_err(|error| asked.unreachable(&error))?;
        serde_json::from_str(&text).map_err(|_| asked.unreadable(&text))
    }
}

/// Returns how long to wait: what the server asks for, or a little longer each time.
fn wait_before_retry(response: &Response, attempt: u32) -> Duration {
    let asked = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let wait = match asked.and_then(|text| text.trim().parse().ok()) {
        Some(seconds) => Duration::from_secs(seconds),
        None => Duration::from_millis(250 << attempt),
    };
    wait.min(LONGEST_WAIT)
}

/// Reads a reply as packets, whether it is streamed or not; the last item says whether it was complete.
pub(super) fn packets(response: Response, asked: Asked) -> impl Stream<Item = Result<Packet, LlmError>> {
    let streamed = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/event-stream"));
    async_packets(response, asked, streamed).flat_map(futures::stream::iter)
}

/// The state of a reply that is being read.
struct Reading {
    response: Response,
    asked: Asked,
    parser: SseParser,
    whole: Vec<u8>,
    ended: bool,
}

fn async_packets(
    response: Response,
    asked: Asked,
    streamed: bool,
) -> impl Stream<Item = Vec<Result<Packet, LlmError>>> {
    let reading = Reading { response, asked, parser: SseParser::default(), whole: Vec::new(), ended: false };
    futures::stream::unfold(reading, move |mut reading| async move {
        if reading.ended {
            return None;
        }
        let packets = match reading.response.chunk().await {
            Err(error) => {
                reading.ended = true;
                vec![Err(reading.asked.unreachable(&error))]
            }
            Ok(chunk) if streamed => reading.events(chunk.as_deref()),
            Ok(Some(chunk)) => {
                reading.whole.extend_from_slice(&chunk);
                Vec::new()
            }
            Ok(None) => {
                reading.ended = true;
                vec![packet(&String::from_utf8_lossy(&reading.whole), &reading.asked)]
            }
        };
        Some((packets, reading))
    })
}

impl Reading {
    fn events(&mut self, chunk: Option<&[u8]>) -> Vec<Result<Packet, LlmError>> {
        let payloads = match chunk {
            Some(chunk) => self.parser.push(chunk),
            None => {
                self.ended = true;
                Ok(self.parser.end().into_iter().collect())
            }
        };
        let Ok(payloads) = payloads else {
            self.ended = true;
            return vec![Err(self.asked.unreadable("a line without an end"))];
        };
        let mut packets = Vec::new();
        for payload in payloads {
            if payload.trim() == "[DONE]" {
                self.ended = true;
                break;
            }
            packets.push(packet(&payload, &self.asked));
        }
        packets
    }
}

fn packet(text: &str, asked: &Asked) -> Result<Packet, LlmError> {
    let packet: Packet = serde_json::from_str(text).map_err(|_| asked.unreadable(text))?;
    match &packet.error {
        Some(error) if !error.is_null() => Err(asked.reported(error)),
        Some(_) | None => Ok(packet),
    }
}
