//! What a strict budget leaves for the next call, and when it ends refinement.

use super::Machine;
use crate::{
    engine::budget::{self, Purse},
    llm::{Cost, Generation},
    session::{Mode, Purpose},
};

/// What a prompt adds to the problem, the plan apart, in tokens. \[our own guess\]
const INSTRUCTION: u64 = 100;
/// The length of a plan's line, in tokens. \[our own guess\]
const LINE: u64 = 16;
/// The length of an edit, in tokens; what is written is cut to what is left in any case. \[our own guess\]
const EDIT: u64 = 24;

impl Machine {
    /// Cuts `most` tokens for each of some texts down to what a strict budget leaves beside the answer.
    pub(super) fn within_budget(&self, most: u32, texts: usize) -> u32 {
        let Some(purse) = Purse::of(&self.state) else { return most };
        let room = purse.tokens(0, &self.kept(&purse)) / texts.max(1) as u64;
        u32::try_from(room).unwrap_or(u32::MAX).clamp(1, most)
    }

    /// Cuts the thinking before each text down to what a strict budget leaves beside the texts, which come first.
    pub(super) fn bound_thinking(&self, purpose: Purpose, generations: &mut [Generation]) {
        let Some(purse) = Purse::of(&self.state).filter(|_| purpose.counts()) else { return };
        let kept = match purpose {
            Purpose::Answer | Purpose::Direct => Cost { calls: 0, ..self.checks(&purse) },
            Purpose::Draft
            | Purpose::Propose
            | Purpose::Critique
            | Purpose::SelfCheck
            | Purpose::Likelihood
            | Purpose::Rollouts
            | Purpose::Contradiction
            | Purpose::Reward
            | Purpose::Command
            | Purpose::Verify
            | Purpose::Rescore
            | Purpose::SideAnswer
            | Purpose::Shadow
            | Purpose::Diagnose => self.kept(&purse),
        };
        let texts: u64 = generations.iter().map(|generation| u64::from(generation.max_tokens)).sum();
        let room = purse.tokens(0, &kept).saturating_sub(texts) / generations.len().max(1) as u64;
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        generations.iter_mut().for_each(|generation| generation.thinking = generation.thinking.min(room));
    }

    /// Returns why the budget allows no other iteration, in words. A strict one may allow one of fewer proposals.
    pub(super) fn budget_ends(&self) -> Option<String> {
        let all = self.state.settings.proposals.max(1);
        let least = if Purse::of(&self.state).is_some() { 1 } else { all };
        self.round_ends(least)
    }

    /// How many proposals a strict budget allows in the next iteration, one at least; all where it is not strict.
    pub(super) fn proposals_allowed(&self) -> usize {
        let all = self.state.settings.proposals;
        let allowed = (1..=all).rev().find(|proposals| self.round_ends(*proposals).is_none());
        let strict = Purse::of(&self.state).is_some();
        if strict { allowed.unwrap_or(1) as usize } else { all as usize }
    }

    /// Returns why the budget does not allow an iteration of so many proposals. Tokens are drawn for each of them;
    /// all else that an iteration costs is counted in full.
    fn round_ends(&self, proposals: u32) -> Option<String> {
        let state = &self.state;
        let (mut round, kept) = match Purse::of(state) {
            None => (state.dearest_round, Cost::default()),
            Some(purse) if state.dearest_round.calls > 0 => (state.dearest_round, self.kept(&purse)),
            Some(purse) => (self.first_round(&purse), self.kept(&purse)),
        };
        let all = u64::from(state.settings.proposals.max(1));
        round.generated = (round.generated * u64::from(proposals)).div_ceil(all);
        budget::exhausted(&state.settings.budget, &state.run_cost(), &round, &kept)
    }

    /// What a strict budget keeps for the answer, though never more than half of it all.
    fn kept(&self, purse: &Purse) -> Cost {
        if self.state.settings.mode == Mode::Direct {
            return Cost::default();
        }
        let settings = &self.state.settings;
        let longest = u64::from(settings.answer_tokens) + u64::from(settings.thinking.tokens);
        let tokens = longest.min(purse.half());
        Cost { calls: 1, ..purse.forecast(self.plan_tokens() + INSTRUCTION, tokens) }
    }

    /// What the first iteration will cost, before there was one to go by: lines for proposals that write lines, and
    /// as much as the draft for those that write plans; each candidate is read once for its score.
    fn first_round(&self, purse: &Purse) -> Cost {
        let settings = &self.state.settings;
        let draft = self.state.cost.get(&Purpose::Draft).map_or(0, |cost| cost.generated);
        let proposers = &settings.proposers;
        let plans = proposers.redraft > 0.0 || proposers.restore > 0.0;
        let each = if plans { draft } else { EDIT };
        let proposals = u64::from(settings.proposals.max(1));
        purse.forecast(INSTRUCTION + self.plan_tokens() * (1 + proposals), each * proposals)
    }

    fn plan_tokens(&self) -> u64 {
        self.state.incumbent.as_ref().map_or(0, |view| LINE * view.plan.len() as u64)
    }
}
