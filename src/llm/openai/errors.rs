//! What went wrong with a server, in sentences.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::body::Broken;
use crate::http;
use model::LlmError;
use output::pictured_line;

/// How much of a server's own words is shown.
const LONGEST_QUOTE: usize = 300;

/// Who was asked, for the sentences.
#[derive(Debug, Clone)]
pub(super) struct RequestTarget {
    pub url: String,
    /// The proxy between here and there.
    pub proxy: Option<String>,
    pub model: String,
    pub timeout: Duration,
}

/// Why a request failed, with the status where the server answered.
#[derive(Debug, Clone)]
pub(super) struct RequestFailure {
    pub status: Option<StatusCode>,
    pub error: LlmError,
}

impl RequestFailure {
    /// Returns the fault of a server that answered with success, but with something else.
    pub fn answered(error: LlmError) -> Self {
        Self { status: Some(StatusCode::OK), error }
    }

    /// Returns whether the server answered and is neither closed to us nor out of order.
    pub fn server_works(&self) -> bool {
        let keeps_out = |status: StatusCode| matches!(status.as_u16(), 401 | 403 | 407 | 429 | 502..=504);
        self.status.is_some_and(|status| !keeps_out(status))
    }
}

impl From<LlmError> for RequestFailure {
    fn from(error: LlmError) -> Self {
        Self { status: None, error }
    }
}

impl From<RequestFailure> for LlmError {
    fn from(fault: RequestFailure) -> Self {
        fault.error
    }
}

fn unavailable(message: String, hint: &str) -> LlmError {
    LlmError::Unavailable { message, hint: hint.to_owned() }
}

impl RequestTarget {
    /// The address, with the proxy on the way to it.
    fn place(&self) -> String {
        let proxy = self.proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}"));
        format!("{}{}", self.url, proxy.unwrap_or_default())
    }

    /// Returns `hint`, or where there is a proxy how to go without it.
    fn hint_of_way(&self, hint: &'static str) -> &'static str {
        match self.proxy {
            Some(_) => {
                "check the address and the proxy; the environment names the proxy (HTTP_PROXY, HTTPS_PROXY or \
                 ALL_PROXY), and NO_PROXY=HOST goes without it"
            }
            None => hint,
        }
    }

    /// Says why no reply came.
    pub fn unreachable(&self, error: &reqwest::Error) -> LlmError {
        if error.is_timeout() && !error.is_connect() {
            return LlmError::TimedOut(self.timeout);
        }
        let deepest = http::deepest(error);
        if error.is_connect() {
            let message = format!("no server answers at {} ({deepest})", self.place());
            return unavailable(message, self.hint_of_way("start the server, or check its address and port"));
        }
        let message = format!("the connection to {} broke ({deepest})", self.place());
        unavailable(message, self.hint_of_way("see the server's log, and try again"))
    }

    /// Says why a reply could not be read to its end.
    pub fn broken_off(&self, broken: &Broken) -> LlmError {
        match broken {
            Broken::Connection(error) => self.unreachable(error),
            Broken::Packing(why) => {
                let message = format!("the reply of {} cannot be unpacked: {why}", self.place());
                unavailable(message, "switch compression off in the server, or in what stands before it")
            }
        }
    }

    /// Says what a status other than success means.
    pub fn refused(&self, status: StatusCode, body: &str) -> LlmError {
        let said = quote(body);
        let (place, model) = (self.place(), &self.model);
        if let Some(too_long) = too_long(body) {
            return too_long;
        }
        match status.as_u16() {
            401 | 403 => unavailable(
                format!("{place} does not accept the key ({status}{said})"),
                "set PLANSCOPE_API_KEY to a key of this server",
            ),
            404 if looks_like_page(body) || !body.to_ascii_lowercase().contains("model") => unavailable(
                format!("there is nothing at {place} ({status}{said})"),
                "check the address; it usually ends in /v1",
            ),
            404 => unavailable(
                format!("the server has no model \"{model}\" ({status}{said})"),
                "leave the model out to take the server's first, or name one that it lists at /v1/models",
            ),
            407 => unavailable(
                format!("the proxy on the way to {place} wants a key ({status}{said})"),
                self.hint_of_way("check the proxy"),
            ),
            408 | 504 => LlmError::TimedOut(self.timeout),
            429 => unavailable(
                format!("the server takes no more requests now ({status}{said})"),
                "wait, allow fewer requests side by side, or raise llm.timeout_s, which limits the wait",
            ),
            502 | 503 => unavailable(
                format!("{} is not ready ({status}{said})", self.server()),
                "it may still be loading its model; raise llm.timeout_s, which limits the wait, or try again in a moment",
            ),
            500.. => unavailable(format!("the server failed ({status}{said})"), "see the server's log"),
            _ => LlmError::Refused {
                message: format!("the server refused the request ({status}{said})"),
                hint: "see whether the server knows every setting that was used".into(),
            },
        }
    }

    /// The server, or where something stands before it, both.
    fn server(&self) -> String {
        self.proxy.as_ref().map_or_else(|| "the server".to_owned(), |_| self.place())
    }

    /// Says that a reply could not be read.
    pub fn unreadable(&self, body: &str) -> LlmError {
        let place = self.place();
        if looks_like_page(body) {
            let message = format!("{place} answered with a web page instead of JSON");
            return unavailable(message, "check the address; it usually ends in /v1");
        }
        let said = if body.trim().is_empty() { ": nothing".to_owned() } else { quote(body) };
        let message = format!("{place} answered with something else than was asked for{said}");
        unavailable(message, "see whether the server has OpenAI-compatible endpoints")
    }

    /// Says that a stream ended before it was complete, after so many tokens.
    pub fn cut_short(&self, tokens: u64) -> LlmError {
        let message = format!(
            "{} closed the connection before the text was complete, after {}",
            self.place(),
            about(tokens)
        );
        unavailable(message, "see the server's log, and try again")
    }

    /// Says that the server gave a text up, after so many tokens.
    pub fn gave_up(&self, reason: &str, tokens: u64) -> LlmError {
        let message = format!("the server gave the text up after {}{}", about(tokens), quote(reason));
        unavailable(message, "see the server's log, and try again")
    }

    /// Says what an error within a successful reply means.
    pub fn reported(&self, error: &Value) -> LlmError {
        let code = &error["code"];
        let number = code.as_u64().or_else(|| code.as_str().and_then(|code| code.parse().ok()));
        let status = number.and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
        let status =
            status.filter(|status| !status.is_success()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.refused(status, &serde_json::json!({ "error": error }).to_string())
    }
}

/// A number of tokens that is an estimate.
pub(super) fn about(tokens: u64) -> String {
    format!("about {tokens} token{}", if tokens == 1 { "" } else { "s" })
}

/// Recognizes llama-server's report of a prompt that does not fit.
fn too_long(body: &str) -> Option<LlmError> {
    let body: Value = serde_json::from_str(body).ok()?;
    let number = |name: &str| body["error"][name].as_u64().and_then(|number| u32::try_from(number).ok());
    Some(LlmError::TooLong { tokens: number("n_prompt_tokens")?, limit: number("n_ctx")?, reserve: 0 })
}

fn looks_like_page(body: &str) -> bool {
    let start = body.trim_start().get(..15).unwrap_or(body).to_ascii_lowercase();
    start.starts_with("<!doctype") || start.starts_with("<html")
}

/// Returns the server's own message, or the beginning of what it said, after a colon.
pub(super) fn quote(body: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let message = parsed.as_ref().and_then(|value| {
        let error = &value["error"];
        [&error["message"], &value["message"], &value["detail"], &error["detail"], &error["error"], error]
            .into_iter()
            .find_map(Value::as_str)
    });
    if message.is_none() && looks_like_page(body) {
        return String::new();
    }
    let text: String = message.unwrap_or(body).split_whitespace().collect::<Vec<_>>().join(" ");
    let text = pictured_line(&text);
    match text.char_indices().nth(LONGEST_QUOTE) {
        _ if text.is_empty() => String::new(),
        Some((at, _)) => format!(": {}…", &text[..at]),
        None => format!(": {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> RequestTarget {
        let (url, model) = ("http://here/v1/x".into(), "m".into());
        RequestTarget { url, proxy: None, model, timeout: Duration::from_secs(9) }
    }

    fn text(status: u16, body: &str) -> String {
        asked().refused(StatusCode::from_u16(status).expect("a status"), body).to_string()
    }

    #[test]
    fn statuses_become_sentences() {
        assert!(text(401, "{}").contains("does not accept the key"));
        assert!(text(404, "<html>").contains("nothing at http://here/v1/x (404 Not Found)"));
        assert!(text(404, r#"{"message":"The model `m` does not exist"}"#).contains("no model \"m\""));
        assert!(text(400, r#"{"error":{"message":"bad seed"}}"#).contains("bad seed"));
        assert!(text(500, &"x ".repeat(500)).ends_with("…)"));
        assert!(matches!(
            asked().refused(StatusCode::GATEWAY_TIMEOUT, ""),
            LlmError::TimedOut(limit) if limit.as_secs() == 9
        ));
    }

    #[test]
    fn a_proxy_on_the_way_is_named() {
        let asked = RequestTarget { proxy: Some("http://gate:3128".into()), ..asked() };
        for status in [403, 404, 407, 502, 503] {
            let error = asked.refused(StatusCode::from_u16(status).expect("a status"), "no");
            assert!(error.to_string().contains("through the proxy http://gate:3128"), "{error}");
        }
        assert!(asked.unreadable("<html>").to_string().contains("http://gate:3128"));
        assert!(asked.cut_short(3).to_string().contains("http://gate:3128"));
    }

    #[test]
    fn errors_of_all_forms_are_quoted() {
        let said = |error: Value| asked().reported(&error).to_string();
        assert!(said(serde_json::json!("boom")).contains("(500 Internal Server Error: boom)"));
        assert!(said(serde_json::json!({ "message": "boom", "code": "429" })).contains("no more requests"));
        assert!(
            said(serde_json::json!({ "object": "error", "message": "boom", "code": 400 }))
                .contains(": boom)")
        );
        assert!(said(serde_json::json!({ "detail": "boom\u{1b}[2J" })).contains(": boom␛[2J)"));
    }

    #[test]
    fn a_full_context_is_told_apart() {
        let body = r#"{"error":{"code":400,"n_prompt_tokens":900,"n_ctx":512,"message":"too long"}}"#;
        let error = asked().refused(StatusCode::BAD_REQUEST, body);
        assert!(matches!(error, LlmError::TooLong { tokens: 900, limit: 512, reserve: 0 }), "{error}");
    }

    #[test]
    fn pages_are_recognized() {
        assert!(asked().unreadable("\n<!DOCTYPE html>é").to_string().contains("a web page"));
        assert!(asked().unreadable("hello").to_string().contains(": hello"));
    }
}
