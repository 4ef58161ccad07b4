//! How what was answered is read: the evaluator's answer, and what a model wrote.

use super::{
    answer::{self, Citing},
    decoding::{self, Decoding},
    prompt::Prompter,
};
use model::{Completion, StopReason};
use plan::Plan;
use problem::Problem;
use session::{Answer, CheckSummary, Settings};

/// Reads the answers of a run.
#[derive(Clone, Copy)]
pub struct AnswerReader<'a> {
    problem: &'a Problem,
    settings: &'a Settings,
    prompter: &'a Prompter,
}

impl<'a> AnswerReader<'a> {
    /// Returns what reads answers to the problem of `prompter` under `settings`.
    pub fn new(settings: &'a Settings, prompter: &'a Prompter) -> Self {
        Self { problem: prompter.problem(), settings, prompter }
    }

    /// Returns the evaluator's answer from `plan`, which costs no token; `None` where a model is asked.
    pub fn computed(&self, plan: &Plan) -> Option<Completion> {
        let text = self.decoding(plan).answer()?;
        Some(Completion { text, tokens: Vec::new(), stop: StopReason::EndOfTurn, thinking: None })
    }

    /// Returns how an answer from `plan` cites; nothing is a citation where the run has none, or the answer no plan.
    pub(crate) fn citing<'p>(&self, plan: Option<&'p Plan>) -> Citing<'p> {
        Citing::new(plan.filter(|_| self.settings.cite.is_on()), self.problem.family().answer_form())
    }

    /// Returns the value of a text that answers, from `plan` where it has one, and the text to be judged.
    pub(crate) fn text(&self, completion: &Completion, plan: Option<&Plan>) -> (Option<String>, String) {
        let family = self.problem.family();
        let bare = self.citing(plan).without(completion.text.trim());
        let text = answer::readable(family, bare, completion.stop == StopReason::MaxTokens);
        (family.answer_to(self.problem, &text), text)
    }

    /// Returns the answer that `completion` is, decoded `from` a plan and what the checker says of it, and the text to be
    /// judged. The oracle's part is left to do: it may run code.
    pub fn answer(
        &self,
        from: Option<(&Plan, Option<&CheckSummary>)>,
        completion: &Completion,
    ) -> (Answer, String) {
        let empty = Plan::default();
        let (plan, check) = from.unwrap_or((&empty, None));
        let text = completion.text.trim().to_owned();
        let citing = self.citing(from.map(|(plan, _)| plan));
        let (value, judged) = self.text(completion, from.map(|(plan, _)| plan));
        let decoding = from.map(|(plan, _)| self.decoding(plan));
        let source = |decoding: &Decoding<'_>| decoding.source(self.problem.family(), value.as_deref()?);
        let asked_to_cite =
            self.settings.cite.is_on() && !decoding::is_evaluated(self.settings, self.problem);
        let answer = Answer {
            style: decoding.as_ref().map(Decoding::style),
            evaluated: decoding.as_ref().and_then(source),
            value,
            cite: asked_to_cite && from.is_some(),
            plan: from.map(|(plan, _)| plan.hash()),
            coverage: answer::coverage(plan, &citing.citations(&text), check),
            truncated: completion.stop == StopReason::MaxTokens,
            text,
            unsupported: false,
            poll: None,
            extended: 0,
        };
        (answer, judged)
    }

    fn decoding<'p>(&self, plan: &'p Plan) -> Decoding<'p> {
        Decoding::of(self.settings, self.prompter, plan)
    }
}
