//! The interface that all backends have in common.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    error::LlmError,
    types::{ModelInfo, Progress, Reply, Request},
};

/// Something that answers requests with a language model.
///
/// Calls come one at a time. Progress may be coalesced; a full channel drops it. After `cancel` fires a
/// generation returns what it has with [`StopReason::Cancelled`](crate::StopReason::Cancelled) within one decode call, and other work
/// returns [`LlmError::Cancelled`].
#[async_trait::async_trait]
pub trait Backend: Send {
    /// Returns what is known of the model. Loads it if needed.
    ///
    /// # Errors
    /// [`LlmError::Unavailable`] when the model cannot be had.
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError>;

    /// Does what `request` asks for, as one batch.
    ///
    /// # Errors
    /// See [`LlmError`]. After [`LlmError::WorkerDied`] the backend can be used again.
    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError>;

    /// Forgets what is cached, so that the next call costs what it would cost as the first. A server's cache is its
    /// own and stays.
    async fn forget(&mut self) {}
}
