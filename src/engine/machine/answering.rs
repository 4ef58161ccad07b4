//! The answer, and answers from earlier plans.

use super::Machine;
use crate::{
    engine::answer,
    llm::{Completion, Generation, Prompt, StopReason},
    plan::Plan,
    problem,
    session::{Answer, CheckSummary, Event, Judgement, Outcome, Phase, Purpose},
};

/// The longest plain chain of thought, in tokens.
const DIRECT_TOKENS: u32 = 1024;

/// A plan of an earlier moment that is being answered from.
#[derive(Debug, Clone)]
pub(super) struct SidePlan {
    /// The event at which it stood.
    from: u64,
    plan: Plan,
}

impl Machine {
    pub(super) fn begin_answer(&mut self) {
        let (purpose, generation) = match self.state.answer_plan() {
            None => (Purpose::Direct, self.answering(self.prompter.direct(), None, DIRECT_TOKENS)),
            Some(view) => (Purpose::Answer, self.answer_from(&view.plan)),
        };
        self.generate(purpose, vec![generation]);
    }

    /// What is asked of the model to get an answer from `plan`.
    fn answer_from(&self, plan: &Plan) -> Generation {
        let settings = &self.state.settings;
        let grammar = settings.cite.then(|| answer::grammar(plan, self.problem.family().answer_form()));
        self.answering(self.prompter.answer(plan, settings.cite), grammar, settings.answer_tokens)
    }

    fn answering(&self, prompt: Prompt, grammar: Option<String>, max_tokens: u32) -> Generation {
        let sampling = self.sampling("answer", self.state.settings.answer_temperature);
        Generation { prompt, sampling, grammar, max_tokens, stop: Vec::new() }
    }

    pub(super) fn answered(&mut self, completions: &[Completion]) {
        let Some(completion) = completions.first() else {
            return self.give_up("The model wrote no answer.");
        };
        let view = self.state.answer_plan();
        let plan = view.map(|view| (&view.plan, view.check.as_ref()));
        let (answer, judgement) = self.read_answer(plan, completion);
        self.emit(Event::Answered { answer });
        self.emit(Event::Judged { judgement });
        self.emit(Event::PhaseBegan { phase: Phase::Done, iteration: self.state.iteration });
        self.end(Outcome::Answered);
    }

    /// Decodes an answer from a plan that stood at event `from`; the run goes on as it was.
    pub(super) fn begin_side_answer(&mut self, from: u64, plan: Plan) -> Result<(), String> {
        if self.state.model.is_none() {
            return Err("The model is not ready yet.".into());
        }
        if !self.state.seen.contains_key(&plan.hash()) {
            return Err("This plan never stood in this session, so there is nothing to answer from.".into());
        }
        let generation = self.answer_from(&plan);
        self.side_plan = Some(SidePlan { from, plan });
        self.generate(Purpose::SideAnswer, vec![generation]);
        Ok(())
    }

    pub(super) fn side_answered(&mut self, completions: &[Completion]) {
        let (Some(SidePlan { from, plan }), Some(completion)) = (self.side_plan.take(), completions.first())
        else {
            return self.refuse("The model wrote no answer.");
        };
        let check = crate::engine::score::checker::summarize(&self.problem, &plan);
        let (answer, judgement) = self.read_answer(Some((&plan, Some(&check))), completion);
        self.emit(Event::SideAnswered { from, answer, judgement });
    }

    /// Reads what the model wrote, and has the oracle judge it.
    fn read_answer(
        &self,
        from: Option<(&Plan, Option<&CheckSummary>)>,
        completion: &Completion,
    ) -> (Answer, Judgement) {
        let empty = Plan::default();
        let (plan, check) = from.unwrap_or((&empty, None));
        let text = completion.text.trim().to_owned();
        let bare = answer::without_citations(&text);
        let family = self.problem.family();
        let verdict = family.check_answer(&self.problem, plan, &bare);
        let answer = Answer {
            value: family.extract_answer(&bare),
            cite: self.state.settings.cite && from.is_some(),
            plan: from.map(|(plan, _)| plan.hash()),
            coverage: answer::coverage(plan, &text, check),
            truncated: completion.stop == StopReason::MaxTokens,
            text,
        };
        (answer, judgement(verdict.outcome))
    }
}

fn judgement(outcome: problem::Outcome) -> Judgement {
    match outcome {
        problem::Outcome::Correct => Judgement::Correct,
        problem::Outcome::Wrong => Judgement::Wrong,
        problem::Outcome::NoGold => Judgement::NoGold,
        problem::Outcome::Unparsed => Judgement::Unreadable,
    }
}
