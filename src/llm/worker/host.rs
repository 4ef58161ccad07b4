//! The parent's side: starts the guest, sends it work, and outlives it.

use std::ffi::OsString;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::frames::Command;
use super::keeper::{Guest, Line, News};
use super::{LlamaOptions, PROGRAM_VARIABLE};
use model::{Backend, LlmError, ModelInfo, Progress, Reply, Request};

/// llama.cpp in a worker process, or one of its lanes.
///
/// The process starts with the first call and is started again after it died. Limitations: calls come one
/// at a time in each lane; the process lives on the tokio runtime of the first call.
pub struct LlamaBackend {
    lane: u32,
    host: Arc<Host>,
}

/// What all lanes have in common.
struct Host {
    options: LlamaOptions,
    program: Option<OsString>,
    /// The guest with its model, once that is loaded.
    guest: Mutex<Option<(Arc<Guest>, ModelInfo)>>,
    /// Held while the model is loaded: whoever else needs it waits for the same.
    loading: tokio::sync::Mutex<()>,
}

impl LlamaBackend {
    /// Returns a backend that will load the model that `options` name; with several lanes, the first of them.
    pub fn new(options: LlamaOptions) -> Self {
        let program = std::env::var_os(PROGRAM_VARIABLE);
        let host = Host { options, program, guest: Mutex::default(), loading: tokio::sync::Mutex::default() };
        Self { lane: 0, host: Arc::new(host) }
    }

    /// Returns the backend with `program` as the worker in place of this program itself; the variable
    /// `PROGRAM_VARIABLE` still wins. To be called before there are other lanes.
    #[must_use]
    pub fn with_program(mut self, program: impl Into<OsString>) -> Self {
        if let Some(host) = Arc::get_mut(&mut self.host) {
            host.program.get_or_insert_with(|| program.into());
        }
        self
    }

    /// Returns all lanes of the same model, as many as the options say.
    pub fn lanes(self) -> Vec<Self> {
        (0..self.host.options.lanes.max(1)).map(|lane| Self { lane, host: self.host.clone() }).collect()
    }

    /// Returns the process id of the worker while one runs.
    pub fn worker_id(&self) -> Option<u32> {
        self.host.loaded().and_then(|(guest, _)| guest.id())
    }

    /// Returns the last lines of the worker's log while one runs.
    pub fn log(&self) -> Vec<String> {
        self.host.loaded().map(|(guest, _)| guest.log()).unwrap_or_default()
    }
}

impl Host {
    fn loaded(&self) -> Option<(Arc<Guest>, ModelInfo)> {
        self.guest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, guest: Option<(Arc<Guest>, ModelInfo)>) {
        *self.guest.lock().unwrap_or_else(PoisonError::into_inner) = guest;
    }

    /// Returns the guest with its model loaded. One that died between two calls is only started again: nothing was lost.
    async fn load(
        &self,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<(Arc<Guest>, ModelInfo), LlmError> {
        let cancelled = || LlmError::Cancelled;
        let _one_at_a_time = cancel.run_until_cancelled(self.loading.lock()).await.ok_or_else(cancelled)?;
        if let Some((guest, info)) = self.loaded().filter(|(guest, _)| guest.runs()) {
            return Ok((guest, info));
        }
        self.keep(None);
        // Owned here until the model is there: a load that fails or is dropped takes the process with it.
        let guest = Guest::start(self.program.clone())?;
        let mut line = guest.load(self.options.clone()).await?;
        loop {
            match cancel.run_until_cancelled(line.next()).await.ok_or_else(cancelled)?? {
                News::Progress(step) => drop(progress.try_send(step)),
                News::Loaded(result) => {
                    let info = result.map_err(LlmError::from)?;
                    self.keep(Some((guest.clone(), info.clone())));
                    return Ok((guest, info));
                }
                News::Done(_) => {}
            }
        }
    }
}

#[async_trait::async_trait]
impl Backend for LlamaBackend {
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        self.host.load(progress, &CancellationToken::new()).await.map(|(_, info)| info)
    }

    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        if cancel.is_cancelled() && !matches!(request, Request::Generate { .. }) {
            return Err(LlmError::Cancelled);
        }
        let (guest, _) = self.host.load(progress, cancel).await?;
        let mut line: Line = guest.call(self.lane, request.clone()).await?;
        let mut asked = false;
        loop {
            let news = tokio::select! {
                news = line.next() => news?,
                () = cancel.cancelled(), if !asked => {
                    asked = true;
                    guest.send(Command::Cancel { id: line.id }).await;
                    continue;
                }
            };
            match news {
                News::Progress(step) => drop(progress.try_send(step)),
                News::Done(result) => return result.map_err(Into::into),
                News::Loaded(_) => {}
            }
        }
    }

    async fn forget(&mut self) {
        if let Some((guest, _)) = self.host.loaded() {
            guest.send(Command::Forget { lane: self.lane }).await;
        }
    }
}
