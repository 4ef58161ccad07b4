//! One backend in front of several: whoever serves the kind of request answers it.

use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Backend, Cost, LlmError, ModelInfo, Output, Progress, Reply, Request, command, no_head};

/// A model for what a model is asked, another with a classification head for what that is asked, and commands for what
/// commands are asked.
pub struct Routed {
    model: Box<dyn Backend>,
    ranker: Option<Box<dyn Backend>>,
}

impl Routed {
    /// Returns a backend that passes on to `model` what is for a model.
    pub fn new(model: Box<dyn Backend>) -> Self {
        Self { model, ranker: None }
    }

    /// Has `ranker` answer what is for a model with a classification head.
    #[must_use]
    pub fn with_ranker(mut self, ranker: Box<dyn Backend>) -> Self {
        self.ranker = Some(ranker);
        self
    }
}

#[async_trait::async_trait]
impl Backend for Routed {
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        let mut info = self.model.info(progress).await?;
        if let Some(ranker) = &mut self.ranker {
            let other = ranker.info(progress).await?;
            let kind = other.quantization.as_ref().map_or_else(String::new, |kind| format!(" {kind}"));
            info.notes.push(format!("items are valued by {}{kind}: {}", other.name, other.notes.join("; ")));
        }
        Ok(info)
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
            Request::Rank { .. } => match &mut self.ranker {
                Some(ranker) => ranker.call(request, progress, cancel).await,
                None => Err(no_head("This run")),
            },
            Request::Generate { .. }
            | Request::Score { .. }
            | Request::Choose { .. }
            | Request::Contrast { .. } => self.model.call(request, progress, cancel).await,
        }
    }
}
