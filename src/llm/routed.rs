//! One backend in front of several: whoever serves the kind of request answers it.

use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Backend, Cost, LlmError, ModelInfo, Output, Progress, Reply, Request, command};

/// A model for what a model is asked, and commands for what commands are asked.
pub struct Routed {
    model: Box<dyn Backend>,
}

impl Routed {
    /// Returns a backend that passes on to `model` what is for a model.
    pub fn new(model: Box<dyn Backend>) -> Self {
        Self { model }
    }
}

#[async_trait::async_trait]
impl Backend for Routed {
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        self.model.info(progress).await
    }

    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        match request {
            Request::Appraise { command, plans } => {
                let start = Instant::now();
                let appraisals = command::appraise(command, plans, cancel).await?;
                // No model is called, so only time is spent.
                let cost = Cost { wall_ms: start.elapsed().as_secs_f64() * 1e3, ..Cost::default() };
                let batch = u32::try_from(plans.len()).unwrap_or(u32::MAX);
                Ok(Reply { output: Output::Appraised { appraisals }, cost, prompts: Vec::new(), batch })
            }
            Request::Generate { .. }
            | Request::Score { .. }
            | Request::Choose { .. }
            | Request::Contrast { .. } => self.model.call(request, progress, cancel).await,
        }
    }
}
