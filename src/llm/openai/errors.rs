//! What went wrong with a server, in sentences.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use crate::llm::LlmError;

/// How much of a server's own words is shown.
const LONGEST_QUOTE: usize = 300;

/// Who was asked, for the sentences.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub url: String,
    pub model: String,
    pub timeout: Duration,
}

fn unavailable(message: String, hint: &str) -> LlmError {
    LlmError::Unavailable { message, hint: hint.to_owned() }
}

impl Asked {
    /// Says why no reply came.
    pub fn unreachable(&self, error: &reqwest::Error) -> LlmError {
        if error.is_timeout() && !error.is_connect() {
            return LlmError::TimedOut(self.timeout);
        }
        let mut deepest: &dyn std::error::Error = error;
        while let Some(source) = deepest.source() {
            deepest = source;
        }
        if error.is_connect() {
            let message = format!("no server answers at {} ({deepest})", self.url);
            return unavailable(message, "start the server, or check its address and port");
        }
        let message = format!("the connection to {} broke ({deepest})", self.url);
        unavailable(message, "see the server's log, and try again")
    }

    /// Says what a status other than success means.
    pub fn refused(&self, status: StatusCode, body: &str) -> LlmError {
        let said = quote(body);
        let Self { url, model, .. } = self;
        if let Some(too_long) = too_long(body) {
            return too_long;
        }
        match status.as_u16() {
            401 | 403 => unavailable(
                format!("{url} does not accept the key ({status}{said})"),
                "set PLANSCOPE_API_KEY to a key of this server",
            ),
            404 if looks_like_page(body) || !body.to_ascii_lowercase().contains("model") => unavailable(
                format!("there is nothing at {url} ({status}{said})"),
                "check the address; it usually ends in /v1",
            ),
            404 => unavailable(
                format!("the server has no model \"{model}\" ({status}{said})"),
                "leave the model out to take the server's first, or name one that it lists at /v1/models",
            ),
            408 | 504 => LlmError::TimedOut(self.timeout),
            429 => unavailable(
                format!("the server takes no more requests now ({status}{said})"),
                "wait, or allow fewer requests side by side",
            ),
            503 => unavailable(
                format!("the server is not ready ({status}{said})"),
                "it may still be loading its model; try again in a moment",
            ),
            500.. => unavailable(format!("the server failed ({status}{said})"), "see the server's log"),
            _ => LlmError::Refused {
                message: format!("the server refused the request ({status}{said})"),
                hint: "see whether the server knows every setting that was used".into(),
            },
        }
    }

    /// Says that a reply could not be read.
    pub fn unreadable(&self, body: &str) -> LlmError {
        let url = &self.url;
        if looks_like_page(body) {
            let message = format!("{url} answered with a web page instead of JSON");
            return unavailable(message, "check the address; it usually ends in /v1");
        }
        let message = format!("{url} answered with something else than was asked for{}", quote(body));
        unavailable(message, "see whether the server has OpenAI-compatible endpoints")
    }

    /// Says that a stream ended before it was complete.
    pub fn cut_short(&self) -> LlmError {
        let message = format!("{} closed the connection before the text was complete", self.url);
        unavailable(message, "see the server's log, and try again")
    }

    /// Says what an error object within a successful reply means.
    pub fn reported(&self, error: &Value) -> LlmError {
        let code = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
        let status = code.and_then(|code| StatusCode::from_u16(code).ok());
        let status =
            status.filter(|status| !status.is_success()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.refused(status, &serde_json::json!({ "error": error }).to_string())
    }
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
fn quote(body: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let message = parsed.as_ref().and_then(|value| {
        [&value["error"]["message"], &value["message"], &value["detail"], &value["error"]]
            .into_iter()
            .find_map(Value::as_str)
    });
    if message.is_none() && looks_like_page(body) {
        return String::new();
    }
    let text: String = message.unwrap_or(body).split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST_QUOTE) {
        _ if text.is_empty() => String::new(),
        Some((at, _)) => format!(": {}…", &text[..at]),
        None => format!(": {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked { url: "http://here/v1/x".into(), model: "m".into(), timeout: Duration::from_secs(9) }
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
