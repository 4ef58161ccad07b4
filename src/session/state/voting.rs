//! Votes of independent drafts, and what they make of scores.

use super::{PlanView, State};
use crate::{
    score::Score,
    votes::{Recount, Vote},
};
use plan::{Origin, PlanHash};

impl State {
    /// Takes in votes, and what they make of plans that were scored before.
    pub(super) fn vote(&mut self, votes: &[Vote], recounts: &[Recount]) {
        for hash in votes.iter().filter_map(|vote| vote.plan) {
            let is_new = self.votes.plans.iter().all(|view| view.plan.hash() != hash);
            if let Some(view) = is_new.then(|| self.written(hash)).flatten() {
                self.votes.plans.push(view);
            }
        }
        self.votes.cast.extend_from_slice(votes);
        let known = [&mut self.incumbent, &mut self.best].into_iter().flatten();
        let known = known.chain(&mut self.elite).chain(&mut self.population.members);
        for view in known.chain(&mut self.votes.plans) {
            let hash = view.plan.hash();
            let recount = recounts.iter().find(|recount| recount.plan == hash);
            if let Some((recount, score)) = recount.zip(view.score.as_mut()) {
                *score = recounted(score, recount);
            }
        }
        self.elite.sort_by(|a, b| b.total().partial_cmp(&a.total()).unwrap_or(std::cmp::Ordering::Equal));
        self.refresh_best();
    }

    /// The plan with this hash that was just written: the draft, or one that a candidate leads to. A candidate that repeats
    /// a plan is not evaluated again, but its vote counts.
    fn written(&self, hash: PlanHash) -> Option<PlanView> {
        if let Some(incumbent) = self.incumbent.as_ref().filter(|view| view.plan.hash() == hash) {
            return Some(incumbent.clone());
        }
        let candidate = self.candidates.iter().find(|view| view.candidate.hash == Some(hash))?;
        if let Some(view) = &candidate.view {
            return Some(view.clone());
        }
        let (plan, _) =
            candidate.candidate.edit.as_ref()?.apply(&self.base.as_ref()?.plan, Origin::Refined).ok()?;
        Some(PlanView { plan, since: self.iteration, ..PlanView::default() })
    }

    /// Keeps what is newly known of a plan with the votes, where it is one that voted.
    pub(super) fn note_voter(&mut self, view: &PlanView) {
        let hash = view.plan.hash();
        if let Some(known) = self.votes.plans.iter_mut().find(|known| known.plan.hash() == hash) {
            *known = view.clone();
        }
    }
}

/// `score` with the part that counts votes in place of the one that it had.
fn recounted(score: &Score, recount: &Recount) -> Score {
    let part = &recount.part;
    let mut parts = score.parts.clone();
    match parts.iter_mut().find(|known| known.name == part.name) {
        Some(known) => *known = part.clone(),
        None => parts.push(part.clone()),
    }
    Score::from_parts(parts)
}
