//! What goes wrong with a hub: in sentences, and whether another try can help.

use std::time::Duration;

use reqwest::{Response, StatusCode};

use super::{
    ModelError,
    catalog::HuggingFace,
    hub::{Hub, STALLED, failed},
};
use crate::{http, openai::proxy};

/// So many tries in a row may bring nothing.
const TRIES: u32 = 4;
/// Nobody is kept waiting for longer than this, whatever the hub asks for.
const LONGEST: Duration = Duration::from_secs(60);

/// Why a request failed.
#[derive(Debug)]
pub(super) enum DownloadFault {
    /// Another try gives the same.
    Final(ModelError),
    /// Nobody answers.
    Away(ModelError),
    /// The connection broke, or the hub is busy and perhaps says for how long.
    Busy { error: ModelError, after: Option<Duration> },
}

impl From<DownloadFault> for ModelError {
    fn from(fault: DownloadFault) -> Self {
        match fault {
            DownloadFault::Final(error) | DownloadFault::Away(error) | DownloadFault::Busy { error, .. } => {
                error
            }
        }
    }
}

impl From<ModelError> for DownloadFault {
    fn from(error: ModelError) -> Self {
        Self::Final(error)
    }
}

/// How often something was tried in vain, and the pause before the next try: twice as long each time.
#[derive(Debug)]
pub(super) struct Tries {
    first: Duration,
    made: u32,
}

impl Tries {
    pub fn new(first: Duration) -> Self {
        Self { first, made: 0 }
    }

    /// What was tried has brought something.
    pub fn forget(&mut self) {
        self.made = 0;
    }

    /// Waits, for as long as is asked if that is longer, and returns for how long; nothing where no more tries are
    /// left, or where more is asked than anybody would wait.
    pub async fn wait(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.made += 1;
        let pause = self.first * 2_u32.pow(self.made - 1);
        let pause = asked.map_or(pause, |asked| asked.max(pause));
        if self.made >= TRIES || pause > LONGEST {
            return None;
        }
        tokio::time::sleep(pause).await;
        Some(pause)
    }
}

impl Hub {
    /// Says why no answer came, or not all of it.
    pub(super) fn unreachable(&self, error: &reqwest::Error) -> DownloadFault {
        let host = error.url().and_then(|url| url.host_str()).unwrap_or(self.host());
        let way = proxy::of(error.url().unwrap_or(&self.endpoint));
        let way = way.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        let cause = http::deepest(error);
        if error.is_connect() {
            return DownloadFault::Away(failed(format!("{host} is out of reach{way} ({cause})")));
        }
        let error = match error.is_timeout() {
            true => failed(format!("no bytes from {host}{way} for {} s", STALLED.as_secs())),
            false => failed(format!("the connection to {host}{way} broke ({cause})")),
        };
        DownloadFault::Busy { error, after: None }
    }

    /// Says what a status other than success means.
    pub(super) fn refused(&self, source: &HuggingFace, answer: &Response) -> DownloadFault {
        let HuggingFace { repo, file, revision } = source;
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let (code, status) = (header("x-error-code").unwrap_or_default(), answer.status());
        let from_hub = answer.url().origin() == self.endpoint.origin();
        let sentence = match (status, code) {
            (_, "GatedRepo") => self.gated(source),
            (_, "RevisionNotFound") => format!("{repo} has no revision {revision}"),
            (_, "RepoNotFound") | (StatusCode::UNAUTHORIZED, _) if self.has_token() => {
                format!(
                    "there is no {repo} that your token may read; check the token and {}",
                    self.page(source)
                )
            }
            (_, "RepoNotFound") | (StatusCode::UNAUTHORIZED, _) => {
                format!(
                    "there is no public {repo}; if it is private, set HF_TOKEN to a token that may read it"
                )
            }
            (StatusCode::NOT_FOUND, _) => format!("{repo} has no file {file}"),
            _ => {
                let host = answer.url().host_str().unwrap_or(self.host());
                let said = header("x-error-message").map_or_else(String::new, |said| format!(": {said}"));
                format!("{host} answers {status}{said}")
            }
        };
        let error = failed(sentence);
        let for_now = match status.as_u16() {
            408 | 429 | 500.. => true,
            // The hub's directions to its storage are valid for a while only; a new try gets new ones.
            403 => !from_hub,
            _ => false,
        };
        if for_now {
            DownloadFault::Busy { error, after: http::retry_after(answer) }
        } else {
            DownloadFault::Final(error)
        }
    }

    fn gated(&self, source: &HuggingFace) -> String {
        let (repo, page) = (&source.repo, self.page(source));
        match self.has_token() {
            true => {
                format!("{repo} is gated, and your token may not read it yet; accept its terms on {page}")
            }
            false => {
                format!("{repo} is gated; accept its terms on {page}, then set HF_TOKEN to a token of yours")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tries_end_and_begin_again_after_a_success() {
        let mut tries = Tries::new(Duration::from_millis(1));
        let all = async |tries: &mut Tries| {
            let mut pauses = Vec::new();
            while let Some(pause) = tries.wait(None).await {
                pauses.push(pause.as_millis());
            }
            pauses
        };
        assert_eq!(all(&mut tries).await, [1, 2, 4]);
        tries.forget();
        assert_eq!(all(&mut tries).await, [1, 2, 4]);
    }

    #[tokio::test]
    async fn a_hub_may_ask_for_more_time_but_not_for_any() {
        let mut tries = Tries::new(Duration::from_millis(1));
        let asked = Duration::from_millis(5);
        assert_eq!(tries.wait(Some(asked)).await, Some(asked));
        assert_eq!(tries.wait(Some(LONGEST * 2)).await, None);
    }
}
