//! Ending refinement as soon as independent drafts agree, and a chain of thought where they do not.

use super::{Machine, answering::Writing};
use crate::{
    propose::{Ask, Case, Draw, find, redraft},
    seed,
};
use model::{Completion, Reply};
use plan::PlanHash;
use session::{PlanView, Purpose, RefinementStop, TieBreak};

impl Machine {
    /// Whether agreement of drafts is looked for at all. A plan that a person made is not given up for a draft.
    fn looks_for_agreement(&self) -> bool {
        self.state.settings.agree.drafts > 0 && !self.state.is_by_hand()
    }

    /// Returns that as many drafts as are wanted reach the same value; `None` where they do not.
    pub(super) fn agreed(&self) -> Option<RefinementStop> {
        let wanted = self.state.settings.agree.drafts as usize;
        let tally = self.state.votes.tally();
        let row = tally.into_iter().find(|row| self.looks_for_agreement() && row.voters >= wanted)?;
        Some(RefinementStop::Agreed {
            plan: self.best_voter(&row.value)?,
            voters: u32::try_from(row.voters).unwrap_or(u32::MAX),
            drafts: u32::try_from(self.state.votes.cast.len()).unwrap_or(u32::MAX),
            value: row.value,
        })
    }

    /// Of the plans that voted for `value`, the one with the highest total, and of equals the first.
    fn best_voter(&self, value: &str) -> Option<PlanHash> {
        let votes = &self.state.votes;
        let voted = |hash: PlanHash| {
            let own = votes.cast.iter().find(|vote| vote.plan == Some(hash));
            own.and_then(|vote| vote.value.as_deref()) == Some(value)
        };
        let total = |view: &PlanView| view.total().unwrap_or(f64::NEG_INFINITY);
        let voters = votes.plans.iter().rev().filter(|view| voted(view.plan.hash()));
        voters.max_by(|a, b| total(a).total_cmp(&total(b))).map(|view| view.plan.hash())
    }

    /// Whether the next proposal is one more independent draft, since there are not yet as many as are allowed.
    pub(super) fn gathers_drafts(&self) -> bool {
        self.looks_for_agreement()
            && self.state.votes.cast.len() < self.state.settings.agree.allowed() as usize
    }

    /// The one proposal of an iteration that gathers drafts; `None` where the incumbent has something that another
    /// draft would lose.
    pub(super) fn one_more_draft(&self, case: &Case<'_>) -> Option<Ask> {
        let seed = seed::derive(self.state.settings.seed, "propose", self.state.iteration, 0);
        find(redraft::NAME)?.propose(case, Draw { index: 0, seed })
    }

    /// Whether a chain of thought is to decide between drafts that differ, since no more of them may be written.
    pub(super) fn has_a_tie_to_break(&self) -> bool {
        let settings = &self.state.settings;
        let over = self.state.finished_iterations() >= settings.iterations;
        let asks = settings.agree.ask == TieBreak::Chain;
        asks && self.looks_for_agreement() && (over || !self.gathers_drafts()) && self.budget_ends().is_none()
    }

    pub(super) fn begin_tie_break(&mut self) {
        let chain = self.answering(self.prompter.direct(), None, self.state.settings.chain.tokens);
        let max_tokens = self.within_budget(chain.max_tokens, 1);
        self.generate(Purpose::TieBreak, vec![model::Generation { max_tokens, ..chain }]);
    }

    /// Takes what the chain of thought says: the plan that reaches its value is answered from, and where none does the
    /// chain is the answer.
    pub(super) fn tie_broken(&mut self, completions: &[Completion], reply: &Reply) {
        let Some(chain) = completions.first() else { return self.give_up("The model wrote no answer.") };
        let family = self.problem.family();
        let (value, _) = self.reader().text(chain, None);
        let same = |stated: &String| {
            let reached = self.state.votes.cast.iter().filter_map(|vote| vote.value.as_ref());
            reached.into_iter().find(|reached| family.same_answer(reached, stated)).cloned()
        };
        let plan = value.as_ref().and_then(same).and_then(|value| self.best_voter(&value));
        self.end_refinement(RefinementStop::TieBroken { value, plan });
        if self.state.no_plan_supports_the_answer() {
            let prompt = reply.prompts.first().map_or(0, |prompt| prompt.tokens);
            let written = vec![(chain.clone(), self.answer_sampling(0).seed)];
            self.answers.writing = Writing { written, prompt, ..Writing::default() };
        }
    }
}
