//! HTTP clients, built alike for servers and for downloads.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{ClientBuilder, Response, Url, header};

use super::openai::proxy;

/// A server that is there accepts a connection well within this.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);

/// Returns a builder of clients that ask `url`. No proxy is asked for addresses of this machine.
pub(crate) fn client(url: &Url) -> ClientBuilder {
    // An error means that there is already a provider, which is all that is needed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().connect_timeout(CONNECT);
    if proxy::is_loopback(url) { client.no_proxy() } else { client }
}

/// Returns the innermost cause of an error: of a failed request, what the system said.
pub(crate) fn deepest(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Returns how long the server asks to be left alone, in seconds or until a date.
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    let asked = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = asked.parse() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = jiff::fmt::rfc2822::parse(asked).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(Timestamp::now())).unwrap_or_default())
}
