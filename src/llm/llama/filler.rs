//! A small model that was trained to fill the masked tokens of plans: all places see each other, in one forward pass.

use std::time::Instant;

use super::choose::normaliser;
use super::engine::{OnProgress, decode_error, failed};
use super::ffi::{self, BatchRow, Context};
use super::load::LoadedModel;
use super::{CANCEL, WholeCalls, refused};
use crate::gguf::ModelShape;
use crate::planner::{PlannerHeader, PlannerKind};
use crate::worker::ModelTask;
use model::{Cost, FillRow, LlmError, ModelInfo, Output, PromptUse, Reply, Request};

/// The context of such a model. It holds one row at a time: llama.cpp wants a sequence whose places see each other in one piece.
pub(super) struct Filler<'m> {
    context: Context<'m>,
    pub(super) info: ModelInfo,
    header: PlannerHeader,
    shape: ModelShape,
}

impl<'m> Filler<'m> {
    /// Sets up the context.
    pub(super) fn new(loaded: &'m LoadedModel) -> Result<Self, LlmError> {
        let header = PlannerHeader::of(&loaded.header)?;
        header.check_kind(PlannerKind::Masked)?;
        let width = u32::try_from(header.width()).unwrap_or(u32::MAX);
        let options = ffi::ContextOptions {
            sequences: 1,
            batch: width,
            rows: width,
            task: ModelTask::Fill,
            ..loaded.context
        };
        let context = Context::new(&loaded.model, options).ok_or_else(no_context)?;
        Ok(Self { context, info: loaded.info.clone(), header, shape: loaded.header.shape() })
    }

    /// Returns a distribution for each place of the plan.
    fn fill(&mut self, row: &FillRow) -> Result<Vec<Vec<f32>>, LlmError> {
        if CANCEL.is_set() {
            return Err(LlmError::Cancelled);
        }
        let (tokens, plan) = (self.header.tokens(row)?, self.header.problem_places);
        let wanted = plan..plan + row.plan.len();
        let batch: Vec<BatchRow> = tokens
            .iter()
            .enumerate()
            .map(|(position, token)| BatchRow {
                token: *token,
                position,
                slot: 0,
                logits: wanted.contains(&position),
            })
            .collect();
        self.context.clear();
        self.context.decode(&batch).map_err(failed)?;
        let place = |at: usize| {
            let logits = self.context.logits(at).ok_or_else(|| decode_error(0))?;
            probabilities(&logits[..self.header.vocabulary.len()])
        };
        wanted.map(place).collect()
    }
}

impl WholeCalls for Filler<'_> {
    fn call(&mut self, request: &Request, _: OnProgress) -> Result<Reply, LlmError> {
        let Request::Fill { family, vocabulary, rows, doubts } = request else {
            return Err(refused("a model of plan tokens only fills plans", "ask another model"));
        };
        let start = Instant::now();
        self.header.check(family, vocabulary)?;
        if *doubts {
            self.header.check_doubts()?;
        }
        let mut cost = Cost { calls: 1, ..Cost::default() };
        let (mut distributions, mut prompts) = (Vec::new(), Vec::new());
        for row in rows {
            distributions.push(self.fill(row)?);
            let width = self.header.width() as u64;
            cost.fresh += width;
            cost.logits += row.plan.len() as u64;
            cost.flops +=
                self.shape.bidirectional_flops(width) + self.shape.logits_flops(row.plan.len() as u64);
            prompts.push(PromptUse { tokens: u32::try_from(width).unwrap_or(u32::MAX), cached: 0 });
        }
        cost.wall_ms = start.elapsed().as_secs_f64() * 1e3;
        Ok(Reply { output: Output::Filled { distributions }, cost, prompts, batch: 1, notes: Vec::new() })
    }

    /// Nothing is cached.
    fn clear(&mut self) {}
}

pub(super) fn no_context() -> LlmError {
    LlmError::Unavailable {
        message: format!("llama.cpp cannot set up a context: {}", ffi::complaints(3).join("; ")),
        hint: "use the weights that come with the program".into(),
    }
}

pub(super) fn probabilities(logits: &[f32]) -> Result<Vec<f32>, LlmError> {
    let whole = normaliser(logits)?;
    Ok(logits.iter().map(|logit| (logit - whole).exp()).collect())
}
