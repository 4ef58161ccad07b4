//! One backend in front of several: whoever serves the kind of request answers it.

use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::command;
use model::{Backend, Cost, LlmError, ModelInfo, Output, Progress, RankBy, Reply, Request, no_head};

/// What a model that says it in its next token says of right and of wrong.
const SIGNS: [&str; 2] = ["+", "-"];

/// Makes probabilities of + against - out of the reply to a choice between the two.
fn ranked(reply: Reply) -> Reply {
    let Output::Chosen { logprobs } = &reply.output else { return reply };
    let probability = |logprobs: &Vec<f32>| match logprobs[..] {
        [right, wrong] => 1.0 / (1.0 + (wrong - right).exp()),
        _ => f32::NAN,
    };
    Reply { output: Output::Ranked { probabilities: logprobs.iter().map(probability).collect() }, ..reply }
}

/// A model for texts, others that were trained to tell right from wrong or to fill plan tokens for that, and commands for what
/// commands are asked.
pub struct Routed {
    model: Box<dyn Backend>,
    ranker: Option<Box<dyn Backend>>,
    planner: Option<Box<dyn Backend>>,
}

impl Routed {
    /// Returns a backend that passes on to `model` what is for a model.
    pub fn new(model: Box<dyn Backend>) -> Self {
        Self { model, ranker: None, planner: None }
    }

    /// Has `ranker` answer what is for a model that was trained to tell right from wrong.
    #[must_use]
    pub fn with_ranker(mut self, ranker: Box<dyn Backend>) -> Self {
        self.ranker = Some(ranker);
        self
    }

    /// Has `planner` fill the tokens of plans; without it the model is asked.
    #[must_use]
    pub fn with_planner(mut self, planner: Box<dyn Backend>) -> Self {
        self.planner = Some(planner);
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
                Ok(Reply {
                    output: Output::Appraised { appraisals },
                    cost,
                    prompts: Vec::new(),
                    batch,
                    notes: Vec::new(),
                })
            }
            Request::Rank { prompts, by } => {
                let ranker = self.ranker.as_mut().ok_or_else(|| no_head("This run"))?;
                match by {
                    RankBy::Head => ranker.call(request, progress, cancel).await,
                    RankBy::Signs => {
                        let options = SIGNS.map(str::to_owned).to_vec();
                        let choose = Request::Choose { prompts: prompts.clone(), options };
                        ranker.call(&choose, progress, cancel).await.map(ranked)
                    }
                }
            }
            Request::Fill { .. } | Request::Latents { .. } => {
                let planner = self.planner.as_mut().unwrap_or(&mut self.model);
                planner.call(request, progress, cancel).await
            }
            Request::Generate { .. }
            | Request::Score { .. }
            | Request::Choose { .. }
            | Request::Contrast { .. } => self.model.call(request, progress, cancel).await,
        }
    }

    async fn forget(&mut self) {
        self.model.forget().await;
        if let Some(ranker) = &mut self.ranker {
            ranker.forget().await;
        }
        if let Some(planner) = &mut self.planner {
            planner.forget().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Prompt, ScriptedBackend, scripted::ReplyScript};

    fn script(text: &str) -> Box<dyn Backend> {
        Box::new(ScriptedBackend::new(toml::from_str::<ReplyScript>(text).unwrap()))
    }

    #[tokio::test]
    async fn signs_become_probabilities_and_only_the_second_model_is_asked() {
        let says = "[[reply]]\nlogprobs = [-0.5, -0.5]\n[[reply]]\nlogprobs = [-0.1, -3.1]\n";
        let mut routed = Routed::new(script("")).with_ranker(script(says));
        let prompts = vec![Prompt::chat("", "one"), Prompt::chat("", "two")];
        let (progress, _keep) = mpsc::channel(8);
        let request = Request::Rank { prompts, by: RankBy::Signs };
        let reply = routed.call(&request, &progress, &CancellationToken::new()).await.unwrap();
        let Output::Ranked { probabilities } = reply.output else { panic!("{:?}", reply.output) };
        assert!((probabilities[0] - 0.5).abs() < 1e-6 && (probabilities[1] - 0.952_574).abs() < 1e-4);
        let alone = Routed::new(script("")).call(&request, &progress, &CancellationToken::new()).await;
        assert!(matches!(alone, Err(LlmError::Refused { .. })), "{alone:?}");
    }
}
