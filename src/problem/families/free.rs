//! Any text: plans are taken as they are, for nothing in them can be checked.

use crate::{
    Problem, answers,
    family::{Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan},
    report::{AnswerVerdict, PlanReport, Satisfied},
};
use plan::{ItemKind, Plan};

/// The family of free text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Free;

const SENTENCE: &str = r"[A-Za-z0-9][A-Za-z0-9 ,;:'()/%$.+*=-]{2,110}[A-Za-z0-9)%.]";

impl Family for Free {
    fn name(&self) -> &'static str {
        "free"
    }

    fn doc(&self) -> &'static str {
        "any text: plans of constraints, subgoals and steps in words, without a checker"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        ItemKind::ALL
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        if let Some(name) = problem.settings.keys().next() {
            return Err(format!("the family free has no setting called {name}"));
        }
        let goal = problem.oracle().is_some_and(|gold| !gold.goal().is_empty());
        if goal || !problem.visible_goal.is_empty() {
            return Err("a free problem can have a gold answer but no goal".to_owned());
        }
        Ok(())
    }

    fn framing(&self, _problem: &Problem) -> Framing {
        let kinds = [ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Invariant, ItemKind::Step];
        Framing {
            system: "You plan before you answer. You write short, concrete plans.".to_owned(),
            how_to_plan: "Write a plan, one item a line: first what the task demands as constraints, C1, C2 and so on; \
                          then subgoals G1 and steps S1, S2 and so on that meet them. After <- list the items that a \
                          step builds on. Each item says one thing that could be checked. Do not write the answer yet."
                .to_owned(),
            how_to_answer: "Write the answer by following the plan. After each sentence cite the items it satisfies \
                            in brackets, such as [C1] or [S2]."
                .to_owned(),
            example: example(),
            patterns: kinds.map(|kind| ItemPattern::new(kind, SENTENCE)).to_vec(),
            last: None,
            slots: Vec::new(),
            min_items: 1,
            max_items: 16,
            max_text_chars: TEXT_CHARS,
        }
    }

    fn check_plan(&self, _problem: &Problem, plan: &Plan) -> PlanReport {
        let mut report = PlanReport::default();
        for item in plan.items().iter().filter(|item| !item.muted) {
            report.settle(item.id, Satisfied::NotCheckable, None);
        }
        report
    }

    fn read_answer(&self, text: &str) -> Option<String> {
        answers::stated_text(text)
    }

    fn answers_although_cut(&self, reply: &str) -> bool {
        answers::spoken(reply).is_some_and(answers::is_marked)
    }

    fn same_answer(&self, one: &str, other: &str) -> bool {
        answers::compare(one, other) == answers::Equality::Same
    }

    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let gold = problem.oracle().and_then(|gold| gold.answer());
        answers::judge_text(answer, gold)
    }

    fn values(&self, _text: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Returns the lower-case words of a text, citations left out.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    let cited = |word: &&str| !(word.starts_with('[') && word.trim_end_matches(['.', ',']).ends_with(']'));
    text.split_whitespace()
        .filter(cited)
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn example() -> Example {
    Example {
        problem: "Write a notice of two sentences that asks neighbours to keep the bicycle room locked.".to_owned(),
        plan: example_plan(&[
            ("C1", "", "exactly two sentences"),
            ("C2", "", "addressed to the neighbours, in a polite tone"),
            ("S1", "C2", "first sentence: ask to lock the bicycle room after use"),
            ("S2", "C1 S1", "second sentence: give the reason, that bicycles were stolen"),
        ]),
        answer: "Dear neighbours, please lock the bicycle room each time you leave it. [C2 S1]\nTwo bicycles were \
                 stolen last month while the door stood open. [C1 S2]"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gold, report::Outcome};

    #[test]
    fn nothing_is_checkable_and_nothing_is_scored() {
        let report = Free.check_plan(&Problem::new("p", "free", "Write."), &example().plan);
        assert!(report.items.iter().all(|item| item.status == Satisfied::NotCheckable));
        assert_eq!((report.items.len(), report.score(), report.exact_pass), (4, None, None));
    }

    #[test]
    fn answers_compare_as_words() {
        let problem =
            Problem::new("p", "free", "Capital?").with_gold(Gold::new(Some("New Delhi".into()), vec![]));
        let outcome = |text: &str| Free.check_answer(&problem, &Plan::default(), text).outcome;
        assert_eq!(outcome("The answer is: new delhi [S1]."), Outcome::Correct);
        assert_eq!(outcome("Delhi"), Outcome::Wrong);
        assert_eq!(outcome("  "), Outcome::Unparsed);
        let other = |gold: &str, answer: &str| {
            let problem = Problem::new("p", "free", "?").with_gold(Gold::new(Some(gold.into()), vec![]));
            Free.check_answer(&problem, &Plan::default(), answer).outcome == Outcome::Correct
        };
        assert!(other("(B)", "The answer is (B) The limousine.") && other("(B)", "The answer is **B**."));
        assert!(!other("(B)", "The answer is Both.") && !other("(B)", "The answer is (A)."));
        assert!(
            other("x^{2}-1", "The answer is $x^{2} - 1$.") && !other("x^{2}-1", "The answer is $x^{2} + 1$.")
        );
    }
}
