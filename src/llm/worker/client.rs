//! The client, in the parent: starts the worker process, sends it work, and outlives it.

use std::ffi::OsString;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::frames::WorkerCommand;
use super::process::{CallSubscription, WorkerEvent, WorkerProcess};
use super::{LlamaOptions, PROGRAM_VARIABLE};
use model::{Backend, LlmError, ModelInfo, Progress, Reply, Request};

/// llama.cpp in a worker process, or one of its streams.
///
/// The process starts with the first call and is started again after it died. Limitations: calls come one
/// at a time in each stream; the process lives on the tokio runtime of the first call.
pub struct LlamaBackend {
    stream: u32,
    shared: Arc<SharedWorker>,
}

/// The worker process that all streams share.
struct SharedWorker {
    options: LlamaOptions,
    program: Option<OsString>,
    /// The process with its model, once that is loaded.
    process: Mutex<Option<(Arc<WorkerProcess>, ModelInfo)>>,
    /// Held while the model is loaded: whoever else needs it waits for the same.
    loading: tokio::sync::Mutex<()>,
}

impl LlamaBackend {
    /// Returns a backend that will load the model that `options` name; with several streams, the first of them.
    pub fn new(options: LlamaOptions) -> Self {
        let program = std::env::var_os(PROGRAM_VARIABLE);
        let shared = SharedWorker {
            options,
            program,
            process: Mutex::default(),
            loading: tokio::sync::Mutex::default(),
        };
        Self { stream: 0, shared: Arc::new(shared) }
    }

    /// Returns the backend with `program` as the worker in place of this program itself; the variable
    /// `PROGRAM_VARIABLE` still wins. To be called before there are other streams.
    #[must_use]
    pub fn with_program(mut self, program: impl Into<OsString>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.program.get_or_insert_with(|| program.into());
        }
        self
    }

    /// Returns all streams of the same model, as many as the options say.
    pub fn streams(self) -> Vec<Self> {
        (0..self.shared.options.streams.max(1))
            .map(|stream| Self { stream, shared: self.shared.clone() })
            .collect()
    }

    /// Returns the process id of the worker while one runs.
    pub fn worker_id(&self) -> Option<u32> {
        self.shared.loaded().and_then(|(process, _)| process.id())
    }

    /// Returns the last lines of the worker's log while one runs.
    pub fn log(&self) -> Vec<String> {
        self.shared.loaded().map(|(process, _)| process.log()).unwrap_or_default()
    }
}

impl SharedWorker {
    fn loaded(&self) -> Option<(Arc<WorkerProcess>, ModelInfo)> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, process: Option<(Arc<WorkerProcess>, ModelInfo)>) {
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
    }

    /// Returns the process with its model loaded. One that died between two calls is only started again: nothing was lost.
    async fn load(
        &self,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<(Arc<WorkerProcess>, ModelInfo), LlmError> {
        let cancelled = || LlmError::Cancelled;
        let _one_at_a_time = cancel.run_until_cancelled(self.loading.lock()).await.ok_or_else(cancelled)?;
        if let Some((process, info)) = self.loaded().filter(|(process, _)| process.runs()) {
            return Ok((process, info));
        }
        self.keep(None);
        // Owned here until the model is there: a load that fails or is dropped takes the process with it.
        let process = WorkerProcess::start(self.program.clone())?;
        let mut subscription = process.load(self.options.clone()).await?;
        loop {
            match cancel.run_until_cancelled(subscription.next()).await.ok_or_else(cancelled)?? {
                WorkerEvent::Progress(step) => drop(progress.try_send(step)),
                WorkerEvent::Loaded(result) => {
                    let info = result.map_err(LlmError::from)?;
                    self.keep(Some((process.clone(), info.clone())));
                    return Ok((process, info));
                }
                WorkerEvent::Done(_) => {}
            }
        }
    }
}

#[async_trait::async_trait]
impl Backend for LlamaBackend {
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        self.shared.load(progress, &CancellationToken::new()).await.map(|(_, info)| info)
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
        let (process, _) = self.shared.load(progress, cancel).await?;
        let mut subscription: CallSubscription = process.call(self.stream, request.clone()).await?;
        let mut asked = false;
        loop {
            let event = tokio::select! {
                event = subscription.next() => event?,
                () = cancel.cancelled(), if !asked => {
                    asked = true;
                    process.send(WorkerCommand::Cancel { id: subscription.id }).await;
                    continue;
                }
            };
            match event {
                WorkerEvent::Progress(step) => drop(progress.try_send(step)),
                WorkerEvent::Done(result) => return result.map_err(Into::into),
                WorkerEvent::Loaded(_) => {}
            }
        }
    }

    async fn forget(&mut self) {
        if let Some((process, _)) = self.shared.loaded() {
            process.send(WorkerCommand::Forget { stream: self.stream }).await;
        }
    }
}
