//! Candidates: from proposal to verdict.

use super::{
    State,
    views::{Alternative, CandidateView, PlanView, RejectedEdit},
};
use crate::{
    candidate::{Candidate, CandidateStatus},
    population::Turn,
    score::{Ruling, Verdict},
};
use plan::{Origin, Plan};

impl State {
    pub(super) fn propose(&mut self, candidates: &[Candidate]) {
        let Some(incumbent) = self.incumbent.clone() else { return };
        self.base = Some(incumbent.clone());
        if let Some(now) = &mut self.denoising {
            now.base = now.canvas.clone();
        }
        self.candidates.clear();
        self.proposals.payoffs.proposed(candidates);
        for candidate in candidates {
            let view = self.candidate_plan(candidate, &incumbent.plan, Origin::Refined);
            if let Some(drawn) = &candidate.drawn {
                self.proposals.drawn.push_back_mut(drawn.clone());
            }
            self.candidates.push(CandidateView {
                candidate: candidate.clone(),
                view,
                verdict: None,
                ruled: None,
                edited: false,
            });
        }
    }

    /// Returns the plan that `candidate` makes of `base`, where it is a new one, and takes note of it.
    fn candidate_plan(&mut self, candidate: &Candidate, base: &Plan, origin: Origin) -> Option<PlanView> {
        let plan = match (&candidate.status, &candidate.edit) {
            (CandidateStatus::Ready, Some(edit)) => edit.apply(base, origin).ok()?.0,
            (CandidateStatus::Control, _) => base.clone(),
            (
                CandidateStatus::Ready
                | CandidateStatus::NoOp
                | CandidateStatus::Duplicate { .. }
                | CandidateStatus::Invalid { .. },
                _,
            ) => return None,
        };
        self.see(&plan, self.iteration);
        Some(PlanView { plan, since: self.iteration, ..PlanView::default() })
    }

    /// A person's word on a candidate. There is one acceptance at most.
    pub(super) fn rule(&mut self, candidate: u32, accept: bool) {
        for view in &mut self.candidates {
            if view.candidate.index == candidate {
                view.ruled = Some(accept);
            } else if accept && view.ruled == Some(true) {
                view.ruled = None;
            }
        }
        self.human_touch = true;
    }

    pub(super) fn edit_candidate(&mut self, candidate: &Candidate) {
        let at = candidate.index as usize;
        let Some(base) = self.base.clone() else { return };
        self.forget(at);
        self.proposals.payoffs.edited(candidate.index);
        let view = self.candidate_plan(candidate, &base.plan, Origin::Human);
        if let Some(place) = self.candidates.get_mut(at) {
            *place = CandidateView {
                candidate: candidate.clone(),
                view,
                verdict: None,
                ruled: None,
                edited: true,
            };
        }
        self.human_touch = true;
    }

    /// Passes the turn on to another plan of the population.
    pub(super) fn turn(&mut self, turn: &Turn) {
        let Some(incumbent) = &self.incumbent else { return };
        let finished = self.finished_iterations();
        let next = self.population.turn(turn, incumbent, finished);
        self.doubt(&next.plan);
        self.age(&next.plan);
        self.incumbent = Some(next);
    }

    /// Lets candidates that nobody decided on fall away, as if they had never been proposed.
    pub(super) fn drop_undecided(&mut self) {
        if self.deciding() {
            (0..self.candidates.len()).for_each(|at| self.forget(at));
            self.candidates.clear();
        }
    }

    /// Forgets the plan of the candidate at `at`, where it came up first, so that it may come again.
    fn forget(&mut self, at: usize) {
        // A control is the incumbent, which came up by itself.
        let proposed = |view: &&CandidateView| view.candidate.status != CandidateStatus::Control;
        let candidate = self.candidates.get(at).filter(proposed);
        let Some(view) = candidate.and_then(|candidate| candidate.view.as_ref()) else { return };
        let hash = view.plan.hash();
        if self.proposals.seen.get(&hash) == Some(&self.iteration) {
            self.proposals.seen.remove_mut(&hash);
        }
    }

    pub(super) fn decide(&mut self, verdicts: &[Verdict], seq: u64) {
        let mut ruling = Ruling::Invalid;
        self.proposals.payoffs.decided(verdicts);
        for view in self.candidates.clone() {
            if let (Some(plan), None | Some(true)) = (&view.view, view.ruled) {
                self.elect(plan);
            }
            self.learn(&view);
        }
        for verdict in verdicts {
            let Some(view) = self.candidates.get_mut(verdict.candidate as usize) else { continue };
            view.verdict = Some(verdict.clone());
            self.proposals.rulings.count(verdict.ruling);
            ruling = more_telling(ruling, verdict.ruling);
            if let (Ruling::Indecisive, Some(plan)) = (verdict.ruling, &view.view) {
                self.proposals.alternatives.push_back_mut(Alternative {
                    iteration: self.iteration,
                    candidate: verdict.candidate,
                    summary: view.candidate.summary(),
                    plan: plan.plan.clone(),
                    total: plan.total(),
                    reason: verdict.reason.clone(),
                });
            }
            if verdict.ruling == Ruling::Accept {
                self.sideways = if verdict.is_sideways() { self.sideways + 1 } else { 0 };
                let taken = view.view.clone();
                let (confidence, canvas) = (view.candidate.confidence.clone(), view.candidate.canvas.clone());
                if let Some(view) = &taken {
                    self.doubt(&view.plan);
                    self.confidence.extend(confidence);
                    self.age(&view.plan);
                    self.ids.observe_plan(&view.plan);
                }
                if let (Some(now), Some(canvas)) = (&mut self.denoising, canvas) {
                    now.take(canvas, seq, self.iteration);
                }
                self.incumbent = taken;
            } else if !matches!(view.candidate.status, CandidateStatus::Control | CandidateStatus::NoOp) {
                self.proposals.rejected.push_back_mut(RejectedEdit {
                    iteration: self.iteration,
                    summary: view.candidate.summary(),
                    reason: verdict.reason.clone(),
                });
            }
        }
        self.refresh_best();
        self.calls.costliest_round =
            self.calls.costliest_round.max(self.run_cost().since(self.calls.round_start));
        self.push_point(self.iteration, seq, Some(ruling));
    }
}

impl State {
    /// Takes in how the score of a control differs from the one that the same plan had.
    fn learn(&mut self, view: &CandidateView) {
        let again = view.view.as_ref().and_then(|view| view.score.as_ref());
        let first = self.incumbent.as_ref().and_then(|view| view.score.as_ref());
        if let (CandidateStatus::Control, Some((first, again))) = (&view.candidate.status, first.zip(again)) {
            self.repeats.controlled(first, again);
        }
    }
}

/// Of two rulings of one iteration, the one that the timeline shows.
fn more_telling(a: Ruling, b: Ruling) -> Ruling {
    let rank = |ruling: Ruling| match ruling {
        Ruling::Invalid => 0,
        Ruling::Indecisive => 1,
        Ruling::Reject => 2,
        Ruling::Accept => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}
