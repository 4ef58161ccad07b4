//! A model from Hugging Face, or from whatever `HF_ENDPOINT` names: where its file is, how large, and its checksum.

use std::time::Duration;

use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{self, HeaderValue},
    redirect,
};

use super::{
    ModelError,
    catalog::HuggingFace,
    fault::{DownloadFault, Tries},
    token,
};
use crate::http;

/// The source's name as shown to users.
pub(super) const ORIGIN: &str = "Hugging Face";
const ENDPOINT: &str = "https://huggingface.co";

/// An unreachable network must not keep anybody waiting; the next source is tried.
const FIRST_ANSWER: Duration = Duration::from_secs(10);
/// A connection without a byte for this long is dead.
pub(super) const STALLED: Duration = Duration::from_secs(60);
/// As many as browsers follow is far more than a hub needs.
const REDIRECTS: usize = 10;

/// What the hub says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HubFile {
    /// Its size.
    pub bytes: u64,
    /// Its checksum; absent for files kept outside large-file storage.
    pub sha256: Option<String>,
}

/// A hub and how it is asked.
pub(super) struct Hub {
    /// Follows redirects anywhere. The token stays with the hub: reqwest takes it out for other hosts.
    anywhere: Client,
    /// Follows redirects within the hub only, since the one that leads away says what the hub knows of the file.
    within: Client,
    pub(super) endpoint: Url,
    token: Option<HeaderValue>,
}

pub(super) fn failed(reason: impl Into<String>) -> ModelError {
    ModelError::Source { origin: ORIGIN.into(), reason: reason.into() }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

impl Hub {
    /// Returns the hub at `endpoint`, or the one of the environment.
    pub fn open(endpoint: Option<&str>) -> Result<Self, ModelError> {
        let on = |value: String| matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on");
        if variable("HF_HUB_OFFLINE").is_some_and(on) {
            return Err(failed("HF_HUB_OFFLINE is set"));
        }
        let endpoint = endpoint.map(str::to_owned).or_else(|| variable("HF_ENDPOINT"));
        let endpoint = endpoint.as_deref().map_or(ENDPOINT, str::trim);
        let no_address =
            |reason: &str| failed(format!("HF_ENDPOINT is \"{endpoint}\", no address ({reason})"));
        let endpoint = Url::parse(endpoint).map_err(|error| no_address(&error.to_string()))?;
        if !matches!(endpoint.scheme(), "http" | "https") {
            return Err(no_address("it does not start with http:// or https://"));
        }
        let client = |policy| {
            let agent = concat!("planscope/", env!("CARGO_PKG_VERSION"));
            let client = http::client(&endpoint).user_agent(agent).read_timeout(STALLED).redirect(policy);
            client.build().map_err(|error| failed(http::deepest(&error)))
        };
        let within = redirect::Policy::custom(|attempt| match attempt.previous() {
            before if before.len() > REDIRECTS => attempt.error("too many redirects"),
            [.., last] if last.origin() == attempt.url().origin() => attempt.follow(),
            _ => attempt.stop(),
        });
        Ok(Self {
            anywhere: client(redirect::Policy::limited(REDIRECTS))?,
            within: client(within)?,
            token: token::find(variable).map_err(failed)?,
            endpoint,
        })
    }

    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Returns where a repository is, for people.
    pub fn page(&self, source: &HuggingFace) -> String {
        let mut endpoint = self.endpoint.clone();
        // A name and a password are for the hub only. An address with http or https takes both.
        let _ = (endpoint.set_username(""), endpoint.set_password(None));
        format!("{}/{}", endpoint.as_str().trim_end_matches('/'), source.repo)
    }

    fn address(&self, source: &HuggingFace) -> Url {
        let mut url = self.endpoint.clone();
        // An address with http or https always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(source.repo.split('/')).push("resolve").push(&source.revision);
            path.extend(source.file.split('/'));
        }
        url
    }

    fn request(&self, client: &Client, method: Method, source: &HuggingFace) -> RequestBuilder {
        let request =
            client.request(method, self.address(source)).header(header::ACCEPT_ENCODING, "identity");
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, token),
            None => request,
        }
    }

    /// Returns a request for the bytes of a file.
    pub fn download(&self, source: &HuggingFace) -> RequestBuilder {
        self.request(&self.anywhere, Method::GET, source)
    }

    /// Asks for a file's size and checksum; again after `pause` where the hub is only busy.
    pub async fn look_up(&self, source: &HuggingFace, pause: Duration) -> Result<HubFile, ModelError> {
        let mut tries = Tries::new(pause);
        let late = |_| {
            DownloadFault::Away(failed(format!(
                "no answer from {} within {} s",
                self.host(),
                FIRST_ANSWER.as_secs()
            )))
        };
        loop {
            let answer = tokio::time::timeout(FIRST_ANSWER, self.ask(source)).await.map_err(late);
            let (error, after) = match answer.flatten() {
                Ok(file) => return Ok(file),
                Err(DownloadFault::Busy { error, after }) => (error, after),
                // A new try would cost a time-out where there is no network; the next source is tried.
                Err(DownloadFault::Away(error) | DownloadFault::Final(error)) => return Err(error),
            };
            if tries.wait(after).await.is_none() {
                return Err(error);
            }
        }
    }

    async fn ask(&self, source: &HuggingFace) -> Result<HubFile, DownloadFault> {
        let head = |client| self.request(client, Method::HEAD, source).send();
        let mut answer = head(&self.within).await.map_err(|error| self.unreachable(&error))?;
        // A mirror may send elsewhere without a word about the file; then what is there answers.
        if answer.status().is_redirection() && linked_size(&answer).is_none() {
            answer = head(&self.anywhere).await.map_err(|error| self.unreachable(&error))?;
        }
        let status = answer.status();
        if !status.is_success() && !status.is_redirection() {
            return Err(self.refused(source, &answer));
        }
        let own_size =
            || number(&answer, header::CONTENT_LENGTH.as_str()).filter(|_| status == StatusCode::OK);
        let bytes = linked_size(&answer).or_else(own_size).ok_or_else(|| {
            DownloadFault::Final(failed(format!("{} does not say how large {} is", self.host(), source.file)))
        })?;
        let sha256 = ["x-linked-etag", "etag"].into_iter().find_map(|name| checksum(&answer, name));
        Ok(HubFile { bytes, sha256 })
    }

    pub(super) fn host(&self) -> &str {
        self.endpoint.host_str().unwrap_or("the hub")
    }
}

fn number(answer: &Response, name: &str) -> Option<u64> {
    answer.headers().get(name)?.to_str().ok()?.trim().parse().ok()
}

fn linked_size(answer: &Response) -> Option<u64> {
    number(answer, "x-linked-size")
}

/// Reads the sha256 in a header. The hub's ETag is one for files in large-file storage and a git hash for others.
fn checksum(answer: &Response, name: &str) -> Option<String> {
    let tag = answer.headers().get(name)?.to_str().ok()?.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    let is_sha256 = tag.len() == 64 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sha256.then(|| tag.to_ascii_lowercase())
}
