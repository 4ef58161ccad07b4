//! One model for several runs.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    backend::Backend,
    error::LlmError,
    types::{ModelInfo, Progress, Reply, Request},
};

/// A backend that several runs have in common: the model is loaded once, and calls come one at a time.
#[derive(Clone)]
pub struct Shared {
    inner: Arc<Mutex<Box<dyn Backend>>>,
}

impl Shared {
    /// Shares `backend`.
    pub fn new(backend: Box<dyn Backend>) -> Self {
        Self { inner: Arc::new(Mutex::new(backend)) }
    }
}

#[async_trait::async_trait]
impl Backend for Shared {
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        self.inner.lock().await.info(progress).await
    }

    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        self.inner.lock().await.call(request, progress, cancel).await
    }

    async fn forget(&mut self) {
        self.inner.lock().await.forget().await;
    }
}
