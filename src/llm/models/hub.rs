//! A model from Hugging Face, or from whatever `HF_ENDPOINT` names.

use std::time::Duration;

use futures::StreamExt;
use hf_hub::{HFClient, HFError, repository::RepoTreeEntry};

use super::{ModelError, catalog::HuggingFace, part::PartFile};

/// The source's name as shown to users.
pub(super) const ORIGIN: &str = "Hugging Face";

/// An unreachable network must not keep anybody waiting; the next source is tried.
const FIRST_ANSWER: Duration = Duration::from_secs(10);
/// A connection without a byte for this long is dead.
const STALLED: Duration = Duration::from_secs(60);

/// What the hub says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HubFile {
    /// Its size.
    pub bytes: u64,
    /// Its checksum; absent for files kept outside large-file storage.
    pub sha256: Option<String>,
}

fn failed(reason: impl Into<String>) -> ModelError {
    ModelError::Source { origin: ORIGIN.into(), reason: reason.into() }
}

/// Says an error of the client in a sentence, the cause at the bottom included.
fn reason(error: &HFError) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let (top, bottom) = (error.to_string(), deepest.to_string());
    if let HFError::Request { url, .. } = error {
        let host = url.as_deref().and_then(|url| url.split('/').nth(2)).unwrap_or("the hub");
        return format!("{host} is out of reach ({bottom})");
    }
    if top.contains(&bottom) { top } else { format!("{top} ({bottom})") }
}

/// Returns a client for `endpoint`, or for the one of the environment.
pub(super) fn client(endpoint: Option<&str>) -> Result<HFClient, ModelError> {
    if std::env::var("HF_HUB_OFFLINE").is_ok_and(|value| matches!(value.as_str(), "1" | "true" | "TRUE")) {
        return Err(failed("HF_HUB_OFFLINE is set"));
    }
    // Retries are for flaky connections, and each costs a time-out where there is none.
    let mut builder = HFClient::builder().cache_enabled(false).retry_max_attempts(1);
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint(endpoint);
    }
    builder.build().map_err(|error| failed(reason(&error)))
}

/// Asks for a file's size and checksum.
pub(super) async fn look_up(client: &HFClient, source: &HuggingFace) -> Result<HubFile, ModelError> {
    let (owner, name) = hf_hub::split_id(&source.repo);
    let repo = client.model(owner, name);
    let question =
        repo.get_paths_info().paths(vec![source.file.clone()]).revision(source.revision.clone()).send();
    let entries = tokio::time::timeout(FIRST_ANSWER, question)
        .await
        .map_err(|_| failed(format!("no answer within {} s", FIRST_ANSWER.as_secs())))?
        .map_err(|error| failed(reason(&error)))?;
    entries
        .into_iter()
        .find_map(|entry| match entry {
            RepoTreeEntry::File { path, size, lfs, .. } if path == source.file => {
                Some(HubFile { bytes: size, sha256: lfs.and_then(|lfs| lfs.sha256.or(None)) })
            }
            RepoTreeEntry::File { .. } | RepoTreeEntry::Directory { .. } => None,
        })
        .ok_or_else(|| failed(format!("{} has no file {}", source.repo, source.file)))
}

/// Adds the bytes that are missing to `part`; `step` is told how many are there. What was added stays when
/// the connection breaks.
pub(super) async fn fetch(
    client: &HFClient,
    source: &HuggingFace,
    bytes: u64,
    mut part: PartFile,
    step: impl Fn(u64),
) -> Result<PartFile, ModelError> {
    if part.len() >= bytes {
        return Ok(part);
    }
    let (owner, name) = hf_hub::split_id(&source.repo);
    let repo = client.model(owner, name);
    let rest = (part.len() > 0).then_some(part.len()..bytes);
    let request = repo
        .download_file_stream()
        .filename(source.file.clone())
        .revision(source.revision.clone())
        .maybe_range(rest)
        .send();
    let stalled = || failed(format!("no bytes for {} s", STALLED.as_secs()));
    let (_, mut stream) = tokio::time::timeout(STALLED, request)
        .await
        .map_err(|_| stalled())?
        .map_err(|error| failed(reason(&error)))?;
    while let Some(chunk) = tokio::time::timeout(STALLED, stream.next()).await.map_err(|_| stalled())? {
        part.append(&chunk.map_err(|error| failed(reason(&error)))?)?;
        step(part.len());
        if part.len() > bytes {
            break;
        }
    }
    match part.len() {
        len if len < bytes => Err(failed(format!("the connection ended after {len} of {bytes} bytes"))),
        _ => Ok(part),
    }
}
