//! The bytes of a file from a hub: the missing ones only, and again where the connection breaks.

use std::time::Duration;

use reqwest::{
    Response, StatusCode,
    header::{self, HeaderValue},
};

use super::{
    ModelError,
    catalog::HuggingFace,
    fault::{DownloadFault, Tries},
    hub::{Hub, ORIGIN, failed},
    part::PartFile,
    progress::{PullPhase, PullProgress, PullStatus},
};

/// A file and what is known of it while it is fetched.
pub(super) struct FileDownload<'a> {
    pub hub: &'a Hub,
    pub source: &'a HuggingFace,
    /// Its size.
    pub bytes: u64,
    /// Where it is shown.
    pub progress: &'a dyn PullProgress,
    /// How long to wait before the second try; longer before further ones.
    pub pause: Duration,
}

impl FileDownload<'_> {
    /// Adds the bytes that are missing to `part`. What was added stays when the connection breaks for good.
    pub async fn run(&self, mut part: PartFile) -> Result<PartFile, ModelError> {
        let (mut tries, mut version) = (Tries::new(self.pause), None);
        loop {
            let before = part.len();
            let (error, after) = match self.fetch_rest(&mut part, &mut version).await {
                Ok(()) => return Ok(part),
                Err(DownloadFault::Final(error)) => return Err(error),
                Err(DownloadFault::Away(error)) => (error, None),
                Err(DownloadFault::Busy { error, after }) => (error, after),
            };
            if part.len() > before {
                tries.forget();
            }
            if tries.wait(after).await.is_none() {
                return Err(error);
            }
            self.progress.note(&format!("{error}; trying again"));
        }
    }

    /// Asks once for what is missing. `version` is the ETag of the bytes that are there.
    async fn fetch_rest(
        &self,
        part: &mut PartFile,
        version: &mut Option<HeaderValue>,
    ) -> Result<(), DownloadFault> {
        // A checksum shows when the file has changed in between. Without one the server must say that it has not.
        let unsure = !part.has_checksum() && version.is_none();
        if part.len() > self.bytes || (part.len() > 0 && unsure) {
            part.restart()?;
        }
        if part.len() == self.bytes {
            return Ok(());
        }
        let mut request = self.hub.download(self.source);
        if part.len() > 0 {
            request = request.header(header::RANGE, format!("bytes={}-", part.len()));
            if let Some(tag) = version.as_ref().filter(|_| !part.has_checksum()) {
                request = request.header(header::IF_RANGE, tag);
            }
        }
        let answer = request.send().await.map_err(|error| self.hub.unreachable(&error))?;
        self.check(&answer, part)?;
        *version = strong_tag(&answer);
        self.append(answer, part).await
    }

    /// Looks whether an answer carries the bytes that are missing. Where it has all of them, the part starts over.
    fn check(&self, answer: &Response, part: &mut PartFile) -> Result<(), DownloadFault> {
        let again = |reason: String| DownloadFault::Busy { error: failed(reason), after: None };
        let host = answer.url().host_str().unwrap_or(self.hub.host());
        match answer.status() {
            StatusCode::OK if part.len() > 0 => {
                self.progress.note(&format!("{host} cannot resume in the middle of a file; starting over"));
                Ok(part.restart()?)
            }
            StatusCode::OK => Ok(()),
            StatusCode::PARTIAL_CONTENT if range_start(answer).unwrap_or(0) == part.len() => Ok(()),
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                let error = again(format!("{host} has no bytes from {} on", part.len()));
                part.restart()?;
                Err(error)
            }
            _ => Err(self.hub.refused(self.source, answer)),
        }
    }

    async fn append(&self, mut answer: Response, part: &mut PartFile) -> Result<(), DownloadFault> {
        let total = self.bytes;
        let show = |done| PullStatus { source: ORIGIN, phase: PullPhase::Downloading, done, total };
        self.progress.update(show(part.len()));
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.hub.unreachable(&error))? {
            if part.len() + chunk.len() as u64 > total {
                part.restart()?;
                return Err(DownloadFault::Final(failed(format!(
                    "more bytes came than the {total} of the file"
                ))));
            }
            part.append(&chunk)?;
            self.progress.update(show(part.len()));
        }
        match part.len() {
            len if len < total => {
                let error = failed(format!("the connection ended after {len} of {total} bytes"));
                Err(DownloadFault::Busy { error, after: None })
            }
            _ => Ok(()),
        }
    }
}

/// Returns where the bytes of a partial answer begin.
fn range_start(answer: &Response) -> Option<u64> {
    let range = answer.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.trim().strip_prefix("bytes")?.trim_start().split('-').next()?.parse().ok()
}

/// Returns the ETag of an answer where it stands for the very bytes.
fn strong_tag(answer: &Response) -> Option<HeaderValue> {
    answer.headers().get(header::ETAG).filter(|tag| tag.as_bytes().starts_with(b"\"")).cloned()
}
