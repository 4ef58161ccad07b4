//! A model with a classification head: how probable is it that what is written so far is right?

use std::time::Instant;

use llama_cpp_2::model::LlamaModel;

use super::chat::Chat;
use super::engine::{OnProgress, failed};
use super::ffi::{self, BatchRow, Context};
use super::load::{LoadedModel, ROWS};
use super::refused;
use super::{CANCEL, WholeCalls};
use crate::gguf::{self, ModelShape};
use crate::worker::{LlamaOptions, ModelTask};
use model::{Cost, LlmError, ModelInfo, Output, Progress, Prompt, PromptUse, Reply, Request};

/// Words for the class that means right, in lower case.
const RIGHT: [&str; 9] = ["yes", "true", "right", "correct", "positive", "good", "1", "+", "label_1"];

/// The context of such a model. One sequence: each prompt continues from the prefix that it shares with the one before. Pieces are
/// small, since logits of all their tokens are computed as well.
pub(super) struct Ranker<'m> {
    model: &'m LlamaModel,
    context: Context<'m>,
    chat: Chat,
    pub(super) info: ModelInfo,
    /// How many classes there are, and which of them means right.
    classes: usize,
    right: usize,
    /// What the sequence holds.
    tokens: Vec<i32>,
    limit: usize,
    shape: ModelShape,
}

impl<'m> Ranker<'m> {
    /// Sets up the context.
    pub(super) fn new(loaded: &'m LoadedModel, options: &LlamaOptions) -> Result<Self, LlmError> {
        let context =
            ffi::ContextOptions { sequences: 1, batch: ROWS, task: ModelTask::Rank, ..loaded.context };
        let unavailable = || {
            let reasons = ffi::complaints(3).join("; ");
            gguf::no_head(&options.path, &format!("llama.cpp cannot set up a context for it: {reasons}"))
        };
        let labels = ffi::class_labels(&loaded.model);
        let right = labels.iter().position(|label| RIGHT.contains(&label.to_lowercase().as_str()));
        let right = right.ok_or_else(|| {
            gguf::no_head(
                &options.path,
                &format!("none of its classes, {}, means right", labels.join(" and ")),
            )
        })?;
        let chat = Chat::new(loaded, options)?;
        let mut info = ModelInfo { sequences: Some(1), ..loaded.info.clone() };
        info.notes.extend(chat.note());
        info.notes.push(format!("of its classes, {}, {} means right", labels.join(" and "), labels[right]));
        Ok(Self {
            model: &loaded.model,
            context: Context::new(&loaded.model, context).ok_or_else(unavailable)?,
            chat,
            info,
            classes: labels.len(),
            right,
            tokens: Vec::new(),
            limit: loaded.context.ctx as usize,
            shape: loaded.header.shape(),
        })
    }
}

impl WholeCalls for Ranker<'_> {
    fn call(&mut self, request: &Request, progress: OnProgress) -> Result<Reply, LlmError> {
        let start = Instant::now();
        let prompts = match request {
            Request::Rank { prompts, by: _ } => prompts,
            Request::Generate { .. }
            | Request::Score { .. }
            | Request::Choose { .. }
            | Request::Contrast { .. }
            | Request::Fill { .. }
            | Request::Latents { .. }
            | Request::Appraise { .. } => {
                return Err(refused(
                    "a model with a classification head only values texts",
                    "ask another model",
                ));
            }
        };
        let mut cost = Cost { calls: 1, ..Cost::default() };
        let (mut probabilities, mut uses) = (Vec::new(), Vec::new());
        for (done, prompt) in (1..).zip(prompts) {
            let (probability, used) = self.rank(prompt, &mut cost)?;
            probabilities.push(probability);
            uses.push(used);
            progress(Progress::Prefill { done, total: prompts.len() as u32 });
        }
        cost.wall_ms = start.elapsed().as_secs_f64() * 1e3;
        Ok(Reply {
            output: Output::Ranked { probabilities },
            cost,
            prompts: uses,
            batch: 1,
            notes: Vec::new(),
        })
    }

    fn clear(&mut self) {
        self.context.clear();
        self.tokens.clear();
    }
}

impl Ranker<'_> {
    fn rank(&mut self, prompt: &Prompt, cost: &mut Cost) -> Result<(f32, PromptUse), LlmError> {
        let tokens = self.chat.tokens(self.model, prompt)?;
        if tokens.is_empty() || tokens.len() > self.limit {
            let (tokens, limit) = (tokens.len() as u32, self.limit as u32);
            return Err(LlmError::TooLong { tokens, limit, reserve: 0 });
        }
        // The head reads the state of the last token, so that one is always evaluated.
        let common = self.tokens.iter().zip(&tokens).take_while(|(a, b)| a == b).count();
        let mut kept = common.min(tokens.len() - 1);
        if !self.context.trim(0, kept) {
            self.context.clear();
            kept = 0;
        }
        self.tokens.truncate(kept);
        for piece in tokens[kept..].chunks(ROWS as usize) {
            if CANCEL.is_set() {
                return Err(LlmError::Cancelled);
            }
            let start = self.tokens.len();
            let row = |(at, token): (usize, &i32)| BatchRow {
                token: *token,
                position: start + at,
                slot: 0,
                logits: true,
            };
            let rows: Vec<BatchRow> = piece.iter().enumerate().map(row).collect();
            if let Err(error) = self.context.decode(&rows) {
                // What is cached is not known any more.
                self.clear();
                return Err(failed(error));
            }
            self.tokens.extend_from_slice(piece);
        }
        cost.fresh += (tokens.len() - kept) as u64;
        cost.cached += kept as u64;
        cost.flops += self.shape.evaluation_flops(kept as u64, tokens.len() as u64);
        let classes = self.context.pooled(self.classes).and_then(|classes| classes.get(self.right).copied());
        let probability = classes.filter(|value| (0.0..=1.0).contains(value));
        let used = PromptUse { tokens: tokens.len() as u32, cached: kept as u32 };
        probability.map(|probability| (probability, used)).ok_or_else(|| {
            refused("the classification head gave no probability", "use another process reward model")
        })
    }
}
