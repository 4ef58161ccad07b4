//! Word problems whose plan is arithmetic over named quantities.
//!
//! A plan states givens as constraints (`C1: boxes = 20`) and computes in steps (`S1 <- C1 C2: total =
//! boxes * pens_per_box`); the last step defines `answer`. Steps are evaluated exactly, as rationals.

mod body;
mod check;

use crate::{
    Problem, answers,
    family::{Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan},
    numbers,
    report::{AnswerVerdict, PlanReport},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// The family of word problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Math;

/// The name that the last step defines.
pub const ANSWER: &str = "answer";

/// Whether every number of the text must appear in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Givens {
    /// A number that the plan does not take up is probably forgotten.
    AllMatter,
    /// Some are there to distract.
    SomeMatter,
}

/// Checks an arithmetic plan from the text of `problem`; a help for families whose plans are arithmetic too.
pub(crate) fn check_plan(problem: &Problem, plan: &Plan, givens: Givens) -> PlanReport {
    check::check(problem, plan, givens)
}

const NAME_REST: &str = "[a-z0-9_]";
const NUMBER: &str = r"[0-9]{1,9}(\.[0-9]{1,4})?%?";

impl Family for Math {
    fn name(&self) -> &'static str {
        "math"
    }

    fn doc(&self) -> &'static str {
        "word problems: givens, then arithmetic steps over named quantities, evaluated exactly"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Invariant, ItemKind::Step]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        if let Some(name) = problem.settings.keys().next() {
            return Err(format!("the family {} has no setting called {name}", problem.family));
        }
        let goal = problem.oracle().is_some_and(|gold| !gold.goal().is_empty());
        if goal || !problem.visible_goal.is_empty() {
            return Err(format!("a {} problem has a gold answer, not a goal", problem.family));
        }
        match problem.oracle().and_then(|gold| gold.answer()) {
            Some(gold) if answers::number(gold).is_none() => {
                let family = &problem.family;
                Err(format!(
                    "the gold answer of a {family} problem must be a number, such as 42, 1,250.50 or 1/3"
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn framing(&self, _problem: &Problem) -> Framing {
        let operand = format!("([a-z]{NAME_REST}{{0,30}}|{NUMBER})");
        let term = format!(r"({operand}|\({operand}( [-+*/] {operand}){{1,3}}\))");
        let expression = format!("{term}( [-+*/] {term}){{0,5}}");
        let name = name_except(ANSWER);
        // A model that has begun to compute in a constraint must be able to finish: the checker says that it
        // belongs into a step, and an edit can repair it. Forced to stop at a number, it would state a wrong one.
        let given = format!("{name} = {expression}");
        Framing {
            system: "You plan before you answer. You write short, exact plans for word problems.".to_owned(),
            how_to_plan: "Write a plan, one item a line. First state each number of the problem that matters as a \
                          constraint, C1, C2 and so on: name = number. Then compute in steps, S1, S2 and so on: \
                          name = expression, using only names defined above, numbers, + - * / and parentheses. After \
                          <- list the items a step uses. Give every quantity its own name, say what is left or more \
                          in the name, and do one thing a step. The last step is: answer = expression."
                .to_owned(),
            how_to_answer: "Write the answer: one sentence for each step of the plan, with its numbers put in. After each \
                            sentence cite the items it comes from in brackets, such as [S1]. End with one line: The \
                            answer is NUMBER."
                .to_owned(),
            example: example(),
            patterns: vec![
                ItemPattern::new(ItemKind::Constraint, given),
                ItemPattern::new(ItemKind::Step, format!("{name} = {expression}")),
            ],
            last: Some(ItemPattern::new(ItemKind::Step, format!("{ANSWER} = {expression}"))),
            slots: Vec::new(),
            min_items: 1,
            max_items: 20,
            max_text_chars: TEXT_CHARS,
        }
    }

    fn evaluates_plans(&self) -> bool {
        true
    }

    fn surface(&self) -> &'static str {
        "code"
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn links(&self, _problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
        check::links(items)
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check_plan(problem, plan, Givens::AllMatter)
    }

    fn read_answer(&self, text: &str) -> Option<String> {
        answers::stated_number(text)
    }

    fn answers_although_cut(&self, reply: &str) -> bool {
        answers::spoken(reply).is_some_and(answers::is_marked)
    }

    fn same_answer(&self, one: &str, other: &str) -> bool {
        answers::compare(one, other) == answers::Equality::Same
    }

    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let gold = problem.oracle().and_then(|gold| gold.answer());
        answers::judge_number(answer, gold)
    }

    fn values(&self, text: &str) -> Vec<String> {
        numbers::mentions(text).iter().map(|mention| numbers::show(&mention.value)).collect()
    }
}

/// Returns a regular expression for all names but `word`, so that a grammar can keep that one for the end.
fn name_except(word: &str) -> String {
    let mut choices = vec![format!("{word}{NAME_REST}{{1,12}}")];
    for (at, letter) in word.char_indices() {
        let others: String = ('a'..='z').filter(|c| *c != letter).collect();
        let also = if at == 0 { "" } else { "0-9_" };
        let end = format!("{}[{others}{also}]{NAME_REST}{{0,24}}", &word[..at]);
        choices.push(end);
        if at > 0 {
            choices.push(word[..at].to_owned());
        }
    }
    format!("({})", choices.join("|"))
}

fn example() -> Example {
    Example {
        problem: "A baker fills 4 trays with 12 rolls each. His family eats 9 of the rolls, and he sells the others \
                  for $2 each. The trays cost him $15. How many dollars does he keep after paying for the trays?"
            .to_owned(),
        plan: example_plan(&[
            ("C1", "", "trays = 4"),
            ("C2", "", "rolls_per_tray = 12"),
            ("C3", "", "rolls_eaten = 9"),
            ("C4", "", "price_per_roll = 2"),
            ("C5", "", "cost_of_trays = 15"),
            ("S1", "C1 C2", "rolls = trays * rolls_per_tray"),
            ("S2", "S1 C3", "rolls_sold = rolls - rolls_eaten"),
            ("S3", "S2 C4", "income = rolls_sold * price_per_roll"),
            ("S4", "S3 C5", "answer = income - cost_of_trays"),
        ]),
        answer: "He bakes 4 * 12 = 48 rolls. [C1 C2 S1]\nHe sells 48 - 9 = 39 of them. [C3 S2]\nHe takes 39 * 2 = 78 \
                 dollars. [C4 S3]\nAfter the trays he keeps 78 - 15 = 63 dollars. [C5 S4]\nThe answer is 63. [S4]"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gold, report::Outcome};

    #[test]
    fn answers_are_extracted_as_people_write_them() {
        let get = |text: &str| Math.extract_answer(text).unwrap_or_default();
        assert_eq!(get("It is 12 * 3 = 36 [S2].\nThe answer is **$1,036.50** [S3]."), "1036.5");
        assert_eq!(get("#### 42"), "42");
        assert_eq!(get("So we get 5, then 7 [S2]"), "7");
        assert_eq!(get("The answer is: 3 + 4 = 7 apples, of 12."), "7");
        assert_eq!(get("The answer is 84 of 120. Check: 84 = 84"), "84");
        assert_eq!(get("The answer is:\n\n\\$-18."), "-18");
        assert_eq!(get("So 84 is the answer."), "84");
        assert_eq!(get("Final answer: \\boxed{15%}"), "15");
        assert_eq!(Math.extract_answer("no idea [S1]"), None);
    }

    #[test]
    fn answers_compare_as_numbers() {
        let problem = Problem::new("p", "math", "?").with_gold(Gold::new(Some("1,000.50".into()), vec![]));
        let outcome = |text: &str| Math.check_answer(&problem, &Plan::default(), text).outcome;
        assert_eq!(outcome("The answer is $1000.5"), Outcome::Correct);
        assert_eq!(outcome("The answer is 1000"), Outcome::Wrong);
        assert_eq!(outcome("none"), Outcome::Unparsed);
        let verdict = Math.check_answer(&problem.public_view(), &Plan::default(), "3");
        assert_eq!((verdict.outcome, verdict.extracted.as_deref()), (Outcome::NoGold, Some("3")));
    }

    #[test]
    fn the_grammar_keeps_the_answer_for_the_last_line() {
        let name = regex::Regex::new(&format!("^{}$", name_except("answer"))).unwrap();
        for fine in ["a", "an", "ant", "answe", "answers", "answer_b", "b", "total_2", "anzwer", "a1", "x"] {
            assert!(name.is_match(fine), "{fine}");
        }
        for wrong in ["answer", "", "2a", "A", "_x"] {
            assert!(!name.is_match(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_example_is_right() {
        let example = example();
        let problem = Problem::new("example", "math", &*example.problem);
        let report = Math.check_plan(&problem, &example.plan);
        assert_eq!(report.findings, []);
        assert_eq!(report.derived.as_deref(), Some("63"));
        assert_eq!(report.score(), Some(1.0));
        assert_eq!(Math.extract_answer(&example.answer).as_deref(), Some("63"));
    }
}
