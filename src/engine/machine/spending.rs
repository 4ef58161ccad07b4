//! What a strict budget leaves for the next call, and when it ends refinement.

use super::Machine;
use crate::{
    budget::{self, RemainingBudget},
    propose,
};
use model::{Cost, Generation};
use session::{Mode, Purpose};

/// What a prompt adds to the problem, the plan apart, in tokens. \[our own guess\]
const INSTRUCTION: u64 = 100;
/// The length of a plan's line, in tokens. \[our own guess\]
const LINE: u64 = 16;
/// The length of an edit, in tokens; what is written is cut to what is left in any case. \[our own guess\]
const EDIT: u64 = 24;

impl Machine {
    /// Cuts `most` tokens for each of some texts down to what a strict budget leaves after the answer.
    pub(super) fn within_budget(&self, most: u32, texts: usize) -> u32 {
        let Some(remaining) = RemainingBudget::of(&self.state) else { return most };
        let room = remaining.tokens(0, &self.kept(&remaining)) / texts.max(1) as u64;
        u32::try_from(room).unwrap_or(u32::MAX).clamp(1, most)
    }

    /// Cuts thinking and texts together down to what a strict budget leaves.
    pub(super) fn bound_thinking(&self, purpose: Purpose, generations: &mut [Generation]) {
        let Some(remaining) = RemainingBudget::of(&self.state).filter(|_| purpose.counts()) else { return };
        let kept = match purpose {
            Purpose::Answer | Purpose::Direct => Cost { calls: 0, ..self.checks(&remaining) },
            Purpose::Draft
            | Purpose::TieBreak
            | Purpose::Propose
            | Purpose::Critique
            | Purpose::Score(_)
            | Purpose::Verify
            | Purpose::Rescore
            | Purpose::SideAnswer
            | Purpose::Shadow
            | Purpose::Diagnose => self.kept(&remaining),
        };
        let room = remaining.tokens(0, &kept) / generations.len().max(1) as u64;
        generations.iter_mut().for_each(|generation| share(generation, room));
    }

    /// Returns why the budget allows no other iteration, in words. A strict one may allow one of fewer proposals.
    pub(super) fn budget_ends(&self) -> Option<String> {
        let all = self.state.settings.proposals.max(1);
        let least = if RemainingBudget::of(&self.state).is_some() { 1 } else { all };
        self.round_ends(least)
    }

    /// How many proposals a strict budget allows in the next iteration, one at least; all where it is not strict.
    pub(super) fn proposals_allowed(&self) -> usize {
        let all = self.state.settings.proposals;
        let allowed = (1..=all).rev().find(|proposals| self.round_ends(*proposals).is_none());
        let strict = RemainingBudget::of(&self.state).is_some();
        if strict { allowed.unwrap_or(1) as usize } else { all as usize }
    }

    /// Returns why the budget does not allow an iteration of so many proposals. Tokens are drawn for each of them;
    /// all else that an iteration costs is counted in full.
    fn round_ends(&self, proposals: u32) -> Option<String> {
        let state = &self.state;
        let (mut round, kept) = match RemainingBudget::of(state) {
            None => (state.calls.costliest_round, Cost::default()),
            Some(remaining) if state.calls.costliest_round.calls > 0 => {
                (state.calls.costliest_round, self.kept(&remaining))
            }
            Some(remaining) => (self.first_round(&remaining), self.kept(&remaining)),
        };
        let all = u64::from(state.settings.proposals.max(1));
        round.generated = (round.generated * u64::from(proposals)).div_ceil(all);
        budget::exhausted(&state.settings.budget, &state.run_cost(), &round, &kept)
    }

    /// What a strict budget keeps for the answer, though never more than half of it all.
    fn kept(&self, remaining: &RemainingBudget) -> Cost {
        if self.state.settings.mode == Mode::Direct || self.answer_is_evaluated() {
            return Cost::default();
        }
        let settings = &self.state.settings;
        let longest = u64::from(settings.answer_tokens) + u64::from(settings.thinking.tokens);
        let tokens = longest.min(remaining.half());
        Cost { calls: 1, ..remaining.forecast(self.plan_tokens() + INSTRUCTION, tokens) }
    }

    /// What the first iteration will cost, before there was one to go by: lines for proposals that write lines, and
    /// as much as the draft for those that write plans; each candidate is read once for its score.
    fn first_round(&self, remaining: &RemainingBudget) -> Cost {
        let settings = &self.state.settings;
        let draft = self.state.calls.cost.get(&Purpose::Draft).map_or(0, |cost| cost.generated);
        let plans = propose::active(settings).any(|proposer| proposer.writes_plans());
        let each = if plans { draft } else { EDIT };
        let proposals = u64::from(settings.proposals.max(1));
        remaining.forecast(INSTRUCTION + self.plan_tokens() * (1 + proposals), each * proposals)
    }

    fn plan_tokens(&self) -> u64 {
        self.state.incumbent.as_ref().map_or(0, |view| LINE * view.plan.len() as u64)
    }
}

/// Shares `room` tokens between a text and the thinking before it: the text may have half of them, and what either does
/// not want is the other's.
pub(super) fn share(generation: &mut Generation, room: u64) {
    if generation.thinking == 0 {
        return;
    }
    let room = u32::try_from(room).unwrap_or(u32::MAX);
    let text = generation.max_tokens.min(room / 2);
    generation.thinking = generation.thinking.min(room - text);
    generation.max_tokens = generation.max_tokens.min(room - generation.thinking).max(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Prompt, Sampling};

    #[test]
    fn a_text_and_its_thinking_share_what_is_left() {
        let shared = |thinking, max_tokens, room| {
            let (prompt, sampling) = (Prompt::default(), Sampling::GREEDY);
            let mut generation = Generation {
                prompt,
                sampling,
                grammar: None,
                max_tokens,
                thinking,
                stop: Vec::new(),
                distinct_from: None,
            };
            share(&mut generation, room);
            (generation.thinking, generation.max_tokens)
        };
        assert_eq!(shared(100, 400, 1000), (100, 400), "there is room for both");
        assert_eq!(shared(1000, 1000, 600), (300, 300), "half each");
        assert_eq!(shared(1000, 100, 600), (500, 100), "a short text leaves the rest");
        assert_eq!(shared(100, 1000, 600), (100, 500), "so does a short thought");
        assert_eq!(shared(0, 1000, 600), (0, 1000), "without thinking the text's own limit holds");
        assert_eq!(shared(9, 9, 0), (0, 1));
    }
}
