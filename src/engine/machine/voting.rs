//! Votes of independent drafts.

use super::Machine;
use crate::{
    propose::{How, redraft},
    score,
};
use model::{Completion, Cost};
use plan::{Origin, Plan};
use session::{Event, Mode, PlanView, Recount, Settings, Vote, Votes};

pub(super) struct IndependentDraft {
    /// The plan, where what was written is one.
    pub plan: Option<Plan>,
    /// The surface in which it was written.
    pub surface: &'static str,
    /// The mean log-probability of its tokens in nats, where that is known.
    pub logprob: Option<f64>,
}

/// Whether votes are counted at all.
fn are_counted(settings: &Settings) -> bool {
    let asked = settings.scorers.get(score::votes::NAME) > 0.0 || settings.agree.drafts > 0;
    asked && settings.mode == Mode::Refine
}

/// Returns the mean log-probability of a text's tokens; `None` where one is not known, or there are none.
pub(super) fn mean_logprob(completion: &Completion) -> Option<f64> {
    let known: Option<Vec<f64>> =
        completion.tokens.iter().map(|token| token.logprob.map(f64::from)).collect();
    stats::mean(&known?)
}

impl Machine {
    /// Records the votes of these drafts, and what they make of the plans that were scored before: both sides of the next
    /// comparison are held against the same votes.
    pub(super) fn cast(&mut self, drafts: &[IndependentDraft]) {
        if drafts.is_empty() || !are_counted(&self.state.settings) {
            return;
        }
        let mut next = Votes { cast: self.state.votes.cast.clone(), plans: Vec::new() };
        let before = next.cast.len();
        for draft in drafts {
            let vote = self.vote(&next, draft);
            next.cast.push(vote);
        }
        let recounts = self.recounts(&next);
        self.emit(Event::Voted { votes: next.cast.split_off(before), recounts });
    }

    fn vote(&self, known: &Votes, draft: &IndependentDraft) -> Vote {
        let family = self.problem.family();
        let derived = |plan| family.check_plan(&self.problem, plan).derived;
        let value = draft.plan.as_ref().and_then(derived).map(|derived| family.planned_answer(&derived));
        let same = |value: &String| {
            let earlier = known.cast.iter().filter_map(|vote| vote.value.as_ref());
            earlier.into_iter().find(|earlier| family.same_answer(earlier, value)).unwrap_or(value).clone()
        };
        Vote {
            iteration: self.state.iteration,
            plan: draft.plan.as_ref().map(Plan::hash),
            value: value.as_ref().map(same),
            surface: Some(draft.surface.to_owned()),
            logprob: draft.logprob,
        }
    }

    /// The share of `votes` of each plan that has a score and may be compared again.
    fn recounts(&self, votes: &Votes) -> Vec<Recount> {
        let (state, settings) = (&self.state, &self.state.settings);
        let Some(scorer) = score::find(score::votes::NAME) else { return Vec::new() };
        if scorer.weight(&settings.scorers) <= 0.0 {
            return Vec::new();
        }
        let standing = state.incumbent.iter().chain(&state.best).chain(&state.elite);
        let views = standing.chain(&state.population.members).chain(&state.votes.plans);
        let mut recounts: Vec<Recount> = Vec::new();
        for view in views.filter(|view| view.score.is_some()) {
            let plan = view.plan.hash();
            if recounts.iter().all(|recount| recount.plan != plan) {
                recounts.push(Recount { plan, part: self.count(scorer, votes, view) });
            }
        }
        recounts
    }

    fn count(&self, scorer: &dyn score::Scorer, votes: &Votes, view: &PlanView) -> session::ScorePart {
        let reading = score::votes::reading(self.problem.family(), votes, view.check.as_ref());
        score::part(scorer, &self.state.settings.scorers, reading, Cost::default())
    }

    /// Takes the votes of the redrafts of this iteration. One that repeats a plan votes too, and one
    /// that is no plan votes for nothing.
    pub(super) fn cast_redrafts(&mut self, completions: &[Completion]) {
        let mut written = completions.iter();
        let mut drafts: Vec<IndependentDraft> = Vec::new();
        let base = self.state.base.as_ref().map(|view| &view.plan);
        let own = base.map_or(self.prompter.surface(), |plan| self.prompter.for_plan(plan).surface());
        for (ask, view) in self.asks.iter().zip(&self.state.candidates) {
            let completion = if let How::Written(_) = &ask.how { written.next() } else { None };
            if ask.proposer != redraft::NAME {
                continue;
            }
            let edit = view.candidate.edit.as_ref().zip(base);
            let plan = edit.and_then(|(edit, base)| edit.apply(base, Origin::Refined).ok());
            drafts.push(IndependentDraft {
                plan: plan.map(|(plan, _)| plan),
                surface: redraft::surface(&self.state, own, ask.draw).name(),
                logprob: completion.and_then(mean_logprob),
            });
        }
        self.cast(&drafts);
    }
}
