//! A small model that was trained to write plans as latents, to read them out again, and to find those of a problem.
//!
//! Its three roles differ in what its places see: see `planscope train latent`. Latents are vectors in place of tokens.

use std::time::Instant;

use denoise::{LatentShape, LatentTokens, LatentUse, latent_vectors, most_probable, normalised};

use super::engine::{OnProgress, decode_error, failed};
use super::ffi::{self, BatchRow, Context};
use super::filler::{no_context, probabilities};
use super::load::LoadedModel;
use super::{CANCEL, WholeCalls, refused};
use crate::gguf::ModelShape;
use crate::planner::{PlannerHeader, PlannerKind};
use crate::worker::ModelTask;
use model::{Cost, LatentPlan, LatentRow, LlmError, ModelInfo, Output, PromptUse, Reply, Request};

/// The context of such a model. It holds one row at a time.
pub(super) struct Finder<'m> {
    context: Context<'m>,
    pub(super) info: ModelInfo,
    header: PlannerHeader,
    latents: LatentShape,
    shape: ModelShape,
    /// What the present call has cost.
    cost: Cost,
}

impl<'m> Finder<'m> {
    /// Sets up the context.
    pub(super) fn new(loaded: &'m LoadedModel) -> Result<Self, LlmError> {
        let header = PlannerHeader::of(&loaded.header)?;
        header.check_kind(PlannerKind::Latent)?;
        let latents = header.latents.ok_or_else(|| decode_error(0))?;
        let shape = loaded.header.shape();
        if usize::try_from(shape.width).is_ok_and(|width| width < latents.width()) {
            return Err(refused(
                "the weights of llm.planner have vectors that are too small for their latents",
                "train them again with this version",
            ));
        }
        let longest = header.problem_places.max(header.plan_places) + latents.slots;
        let longest = u32::try_from(longest).unwrap_or(u32::MAX);
        let options = ffi::ContextOptions {
            sequences: 1,
            batch: longest,
            rows: longest,
            task: ModelTask::Find,
            ..loaded.context
        };
        let context = Context::new(&loaded.model, options).ok_or_else(no_context)?;
        Ok(Self { context, info: loaded.info.clone(), header, latents, shape, cost: Cost::default() })
    }

    fn answer(&mut self, row: &LatentRow) -> Result<LatentPlan, LlmError> {
        match row {
            LatentRow::Encode { plan } => {
                let z = self.encode(plan)?;
                let tokens = self.decode(&z, plan.len())?;
                Ok(LatentPlan { z, tokens })
            }
            LatentRow::Expect { problem, z, expected, time, guidance, places } => {
                let none = vec![0.0; self.latents.numbers()];
                let before = if expected.is_empty() { &none } else { expected };
                if z.len() != none.len() || before.len() != none.len() {
                    return Err(refused(
                        "the record has latents of another shape than the weights of llm.planner",
                        "use the weights that it was recorded with",
                    ));
                }
                let given: Vec<Option<u8>> = problem.iter().copied().map(Some).collect();
                let mut found = self.expect(&given, z, before, *time)?;
                if *guidance != 0.0 {
                    let without = self.expect(&vec![None; self.header.problem_places], z, before, *time)?;
                    for (with, without) in found.iter_mut().zip(without) {
                        *with += guidance * (*with - without);
                    }
                }
                let tokens = self.decode(&found, *places)?;
                Ok(LatentPlan { z: found, tokens })
            }
        }
    }

    /// Returns the latents of a plan: what the model says at queries after it.
    fn encode(&mut self, plan: &[u8]) -> Result<Vec<f32>, LlmError> {
        let plan: Vec<Option<u8>> = plan.iter().copied().map(Some).collect();
        let mut tokens = self.header.plan_tokens(&plan)?;
        let first = tokens.len();
        let queries = self.numbering().queries;
        tokens.extend((queries..queries + self.latents.slots).map(|query| query as i32));
        self.restart(false)?;
        self.tokens(&tokens, 0, |at| at >= first)?;
        self.cost.flops += self.shape.bidirectional_flops(tokens.len() as u64);
        Ok(normalised(self.latents, &self.numbers(first)?))
    }

    /// Returns the latents that the model expects where it knows noisy ones.
    fn expect(
        &mut self,
        problem: &[Option<u8>],
        z: &[f32],
        before: &[f32],
        time: f32,
    ) -> Result<Vec<f32>, LlmError> {
        let problem = self.header.problem_tokens(problem)?;
        let vectors = self.vectors(z, before, (LatentUse::Denoise, time));
        self.restart(false)?;
        // The problem's places do not see the latents, so they come first, on their own.
        self.tokens(&problem, 0, |at| at + 1 == problem.len())?;
        self.context.decode_vectors(&vectors, problem.len()).map_err(failed)?;
        self.count(vectors.len());
        self.cost.flops += self.shape.bidirectional_flops((problem.len() + vectors.len()) as u64);
        self.numbers(0)
    }

    /// Reads a plan out of latents, the most probable token each time.
    fn decode(&mut self, z: &[f32], places: usize) -> Result<Vec<(u8, f32)>, LlmError> {
        let vectors = self.vectors(z, &vec![0.0; z.len()], (LatentUse::Decode, 0.0));
        self.restart(true)?;
        self.context.decode_vectors(&vectors, 0).map_err(failed)?;
        self.count(vectors.len());
        let (mut row, mut plan) = (vectors.len() - 1, Vec::new());
        for at in 0..places.min(self.header.plan_places) {
            let logits = self.context.logits(row).ok_or_else(|| decode_error(0))?;
            let known = probabilities(&logits[..self.header.vocabulary.len()])?;
            let token = most_probable(&known).unwrap_or_default();
            plan.push((token, known[usize::from(token)]));
            if at + 1 < places {
                self.tokens(&[token.into()], vectors.len() + at, |_| true)?;
                row = 0;
            }
        }
        self.cost.flops += self.shape.evaluation_flops(0, (vectors.len() + plan.len()) as u64);
        Ok(plan)
    }

    /// Returns the numbers of its tokens beyond the vocabulary; the mask follows that.
    fn numbering(&self) -> LatentTokens {
        LatentTokens::of(self.header.vocabulary.len() + 1, self.latents)
    }

    fn vectors(&self, z: &[f32], before: &[f32], purpose: (LatentUse, f32)) -> Vec<Vec<f32>> {
        let width = usize::try_from(self.shape.width).unwrap_or(0);
        latent_vectors(self.latents, z, before, purpose, width)
    }

    /// Begins another sequence.
    fn restart(&mut self, causal: bool) -> Result<(), LlmError> {
        if CANCEL.is_set() {
            return Err(LlmError::Cancelled);
        }
        self.context.clear();
        self.context.set_causal(causal);
        Ok(())
    }

    /// Evaluates tokens at the positions from `first` on.
    fn tokens(
        &mut self,
        tokens: &[i32],
        first: usize,
        logits: impl Fn(usize) -> bool,
    ) -> Result<(), LlmError> {
        let row = |(at, token): (usize, &i32)| BatchRow {
            token: *token,
            position: first + at,
            slot: 0,
            logits: logits(at),
        };
        let rows: Vec<BatchRow> = tokens.iter().enumerate().map(row).collect();
        self.context.decode(&rows).map_err(failed)?;
        self.cost.fresh += rows.len() as u64;
        let wanted = rows.iter().filter(|row| row.logits).count() as u64;
        self.cost.logits += wanted;
        self.cost.flops += self.shape.logits_flops(wanted);
        Ok(())
    }

    /// Counts vectors, which all have logits.
    fn count(&mut self, vectors: usize) {
        let vectors = vectors as u64;
        self.cost.fresh += vectors;
        self.cost.logits += vectors;
        self.cost.flops += self.shape.logits_flops(vectors);
    }

    /// Returns the numbers of all slots, of the rows from `first` on of the last batch.
    fn numbers(&self, first: usize) -> Result<Vec<f32>, LlmError> {
        let from = self.numbering().numbers;
        let mut numbers = Vec::new();
        for slot in 0..self.latents.slots {
            let logits = self.context.logits(first + slot).ok_or_else(|| decode_error(0))?;
            numbers.extend(logits.get(from..from + self.latents.size).ok_or_else(|| decode_error(0))?);
        }
        Ok(numbers)
    }
}

impl WholeCalls for Finder<'_> {
    fn call(&mut self, request: &Request, _: OnProgress) -> Result<Reply, LlmError> {
        let Request::Latents { family, vocabulary, rows } = request else {
            return Err(refused("a model of latents only finds plans", "ask another model"));
        };
        let start = Instant::now();
        self.header.check(family, vocabulary)?;
        self.cost = Cost { calls: 1, ..Cost::default() };
        let mut prompts = Vec::new();
        let mut plans = Vec::new();
        for row in rows {
            let before = self.cost.fresh;
            plans.push(self.answer(row)?);
            let tokens = u32::try_from(self.cost.fresh - before).unwrap_or(u32::MAX);
            prompts.push(PromptUse { tokens, cached: 0 });
        }
        self.cost.wall_ms = start.elapsed().as_secs_f64() * 1e3;
        Ok(Reply { output: Output::Found { plans }, cost: self.cost, prompts, batch: 1, notes: Vec::new() })
    }

    /// Nothing is cached.
    fn clear(&mut self) {}
}
