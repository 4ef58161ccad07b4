//! The draft and all iterations that are over.

use std::ops::Deref;

use crate::{score::Ruling, state::State};
use serde::Serialize;

/// The result of an iteration; the draft is one too.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Iteration {
    /// Its number; 0 is the draft.
    #[serde(rename = "iteration")]
    pub number: u32,
    /// The event that closed it.
    pub seq: u64,
    /// Edits proposed, controls included.
    pub proposed: usize,
    /// Of those, how many led to a plan that could be scored.
    pub usable: usize,
    /// The gate's most telling decision; absent for the draft.
    pub ruling: Option<Ruling>,
    /// The incumbent's total afterwards.
    pub total: Option<f64>,
    /// The best total so far.
    pub best: Option<f64>,
    /// Whether a person had a hand in it.
    pub human: bool,
    /// The accepted edit in one line.
    pub accepted: Option<String>,
    /// Tokens written since the session began.
    pub generated: u64,
    /// Masked tokens afterwards; absent where no tokens are denoised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked: Option<u32>,
    /// The share of noise that is left in the incumbent, 0 to 1: of masked tokens, or in latents; absent where nothing is
    /// denoised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<f64>,
}

/// The draft and all iterations that are over, in their order.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Iterations {
    iterations: Vec<Iteration>,
}

impl Deref for Iterations {
    type Target = [Iteration];

    fn deref(&self) -> &[Iteration] {
        &self.iterations
    }
}

impl Iterations {
    /// Takes in the point that the last event added to the timeline of `state`, if it did; returns whether it did.
    pub fn receive(&mut self, state: &State) -> bool {
        let Some(point) = state.timeline.get(self.iterations.len()) else { return false };
        let candidates = if point.ruling.is_none() { &[] } else { state.candidates.as_slice() };
        let accepted = candidates
            .iter()
            .find(|view| view.verdict.as_ref().is_some_and(|verdict| verdict.ruling == Ruling::Accept));
        self.iterations.push(Iteration {
            number: point.iteration,
            seq: point.seq,
            proposed: candidates.len(),
            usable: candidates.iter().filter(|view| view.view.is_some()).count(),
            ruling: point.ruling,
            total: point.total,
            best: point.best,
            human: point.human,
            accepted: accepted.map(|view| view.candidate.summary()),
            masked: point.masked,
            noise: point.noise,
            generated: state.total_cost().generated,
        });
        true
    }
}
