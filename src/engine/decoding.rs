//! How an answer is decoded from a plan: what settings, family and plan decide together.

use super::{answer, grounded, prompt::Prompter};
use model::Prompt;
use plan::{ItemId, Plan, Style, print};
use problem::{AnswerForm, Evaluation, Family, Problem};
use session::{AnswerStyle, Cite, Mode, Settings, StyleChoice};

/// How an answer is decoded from one plan.
#[derive(Debug, Clone)]
pub struct Decoding<'p> {
    plan: &'p Plan,
    form: AnswerForm,
    /// Whether a model is asked for the result in one line, and not for sentences.
    short: bool,
    /// Whether the evaluator answers, so that no model is asked.
    evaluated: bool,
    cite: Cite,
    /// What the evaluator computes of the plan; absent where it has no result.
    evaluation: Option<Evaluation>,
    /// Whether the prompt shows that.
    shows: bool,
}

impl<'p> Decoding<'p> {
    /// Returns how an answer from `plan` to the problem of `prompter` is decoded.
    pub fn of(settings: &Settings, prompter: &Prompter, plan: &'p Plan) -> Self {
        let problem = prompter.problem();
        let evaluation = Evaluation::of(problem, plan);
        let exact = evaluation.is_some();
        let short = match settings.answers.style {
            StyleChoice::Auto | StyleChoice::Evaluated => exact,
            StyleChoice::Short => true,
            StyleChoice::Explained => false,
        };
        let has_result = prompter.framing().result().is_some();
        Self {
            plan,
            form: problem.family().answer_form(),
            short: short && has_result,
            evaluated: is_evaluated(settings, problem),
            cite: settings.cite,
            evaluation,
            shows: settings.answers.values,
        }
    }

    /// Returns the style of the answer.
    pub fn style(&self) -> AnswerStyle {
        match (self.evaluated, self.short) {
            (true, _) => AnswerStyle::Evaluated,
            (false, true) => AnswerStyle::Short,
            (false, false) => AnswerStyle::Explained,
        }
    }

    /// Returns the evaluator's answer, empty where the plan has no result; `None` where a model is asked.
    pub fn answer(&self) -> Option<String> {
        self.evaluated.then(|| self.evaluation.as_ref().map(Evaluation::answer).unwrap_or_default())
    }

    /// Returns the plan as the prompt shows it: with the values of its items, where they are shown.
    pub fn shown(&self) -> Plan {
        match self.evaluated() {
            Some(evaluation) => evaluation.worked_out(self.plan),
            None => self.plan.clone(),
        }
    }

    /// Asks for the answer.
    pub fn prompt(&self, prompter: &Prompter) -> Prompt {
        self.prompt_from(prompter, Some(&print(&self.shown(), Style::Bare)))
    }

    /// Asks for the answer in the same words, whatever stands in the plan's place; `None` for no plan.
    pub fn prompt_from(&self, prompter: &Prompter, plan: Option<&str>) -> Prompt {
        if !self.short {
            return prompter.explained(plan, self.evaluated().is_some());
        }
        prompter.short(plan, &self.sources())
    }

    /// The items that the result comes from: the last one where it is one number, and otherwise all that are shown.
    fn sources(&self) -> Vec<ItemId> {
        let all: Vec<ItemId> =
            self.plan.items().iter().filter(|item| !item.muted).map(|item| item.id).collect();
        let has_parts = self.evaluation.as_ref().is_some_and(|evaluation| !evaluation.is_number());
        if has_parts { all } else { all.last().copied().into_iter().collect() }
    }

    /// Returns the grammar of the answer; `None` where it does not cite. A model copies one number of the plan as it stands,
    /// but leaves parts of a longer result out, so a short answer states such a result as the evaluator computed it.
    pub fn grammar(&self) -> Option<String> {
        let stated = self.evaluated().filter(|evaluation| self.short && !evaluation.is_number());
        if let Some(evaluation) = stated.filter(|_| self.cite.is_on()) {
            return Some(answer::stated_grammar(self.plan, &evaluation.answer()));
        }
        let numeric = self.evaluation.as_ref().filter(|evaluation| evaluation.is_numeric());
        match (self.cite, numeric) {
            (Cite::Off, _) => None,
            (Cite::Values, Some(evaluation)) => Some(grounded::grammar(self.plan, evaluation, self.short)),
            (Cite::Values | Cite::Items, _) if self.short => Some(answer::short_grammar(self.plan)),
            (Cite::Values | Cite::Items, _) => Some(answer::grammar(self.plan, self.form)),
        }
    }

    /// Returns what ends the answer: its line, where no grammar does.
    pub fn stop(&self) -> Vec<String> {
        match self.cite {
            Cite::Off if self.short => vec!["\n".to_owned()],
            Cite::Off | Cite::Items | Cite::Values => Vec::new(),
        }
    }

    /// Returns the item in which the evaluator computed `answer`, where the evaluator answered or the prompt showed that
    /// value to the model.
    pub fn source(&self, family: &dyn Family, answer: &str) -> Option<ItemId> {
        let evaluation = if self.evaluated { self.evaluation.as_ref() } else { self.evaluated() };
        evaluation?.source(family, self.plan, answer)
    }

    fn evaluated(&self) -> Option<&Evaluation> {
        self.evaluation.as_ref().filter(|_| self.shows)
    }
}

/// Returns whether a run under `settings` has its answer from the evaluator of the problem's family, at no tokens.
pub fn is_evaluated(settings: &Settings, problem: &Problem) -> bool {
    let plans = match settings.mode {
        Mode::Refine | Mode::Draft => true,
        Mode::Direct => false,
    };
    plans && settings.answers.style == StyleChoice::Evaluated && problem.family().evaluates_plans()
}
