//! Reaching a target from numbers: Countdown, and Game of 24 as the case that must use all four of them.
//!
//! A step joins two numbers, `S1: 44 - 15 = 29`, and its result may be used like a given one, once. The last step
//! arrives at the target. The statement decides everything, so the checker is exact and needs no gold.

mod check;
mod make;
mod moves;
mod solve;
mod tokens;

use serde::{Deserialize, Serialize};

use crate::{
    Problem, answers,
    expr::{self, Expr},
    family::{Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan},
    generate::Generator,
    report::{AnswerVerdict, Outcome, PlanReport},
    tokens::PlanTokens,
};
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Plan};

/// The family of Countdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countdown;

/// The settings of a Countdown problem, which say all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountdownSettings {
    /// The numbers to be joined.
    pub numbers: Vec<u32>,
    /// The value that they must give.
    pub target: u32,
    /// Whether every number must be used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

impl CountdownSettings {
    /// Returns the problem that these settings say, called `id`.
    pub fn problem(&self, id: &str) -> Problem {
        let list = self.list();
        let text = if self.all {
            format!(
                "Use each of the numbers {list} exactly once, with + - * / and parentheses, to make {}. The answer is \
                 one expression of these numbers.",
                self.target
            )
        } else {
            format!(
                "Use the numbers {list}, each at most once, with + - * / and parentheses, to make {}. The answer is one \
                 expression of these numbers.",
                self.target
            )
        };
        let mut problem = Problem::new(id, "countdown", text).with_settings(self);
        problem.title = format!("{} from {list}", self.target);
        problem
    }

    fn list(&self) -> String {
        let numbers: Vec<String> = self.numbers.iter().map(u32::to_string).collect();
        match numbers.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            Some(_) | None => numbers.join(""),
        }
    }
}

impl Family for Countdown {
    fn name(&self) -> &'static str {
        "countdown"
    }

    fn doc(&self) -> &'static str {
        "reaching a target from numbers with + - * /, each at most once; Game of 24 uses all four"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Step]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: CountdownSettings = problem.read_settings()?;
        if !(2..=8).contains(&settings.numbers.len()) {
            return Err("a countdown problem has two to eight numbers".to_owned());
        }
        if settings.numbers.iter().chain([&settings.target]).any(|number| *number > 100_000) {
            return Err("the numbers and the target of a countdown problem are at most 100000".to_owned());
        }
        Ok(())
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let settings = problem.read_settings::<CountdownSettings>().ok();
        let (count, all) = settings.as_ref().map_or((4, false), |s| (s.numbers.len(), s.all));
        let number = r"-?[0-9]{1,7}(/[0-9]{1,5})?";
        let step = format!("{number} [-+*/] {number} = ");
        let all_used = if all { " Use every number." } else { "" };
        Framing {
            system: "You plan before you answer. You combine numbers step by step and calculate exactly."
                .to_owned(),
            how_to_plan: format!(
                "Write a plan of steps, S1, S2 and so on, one a line: number operator number = result, with the right \
                 result. Each number of the problem is used at most once, and so is each result of an earlier step; no \
                 other number may be used.{all_used} After <- list the steps whose results a step uses. The last step \
                 results in the target."
            ),
            how_to_answer: "Write one sentence for each step of the plan, and after each cite the step in brackets, such \
                            as [S1]. End with one line that joins the steps into one expression of the numbers of the \
                            problem: The answer is EXPRESSION."
                .to_owned(),
            example: example(all),
            patterns: vec![ItemPattern::new(ItemKind::Step, format!("{step}{number}"))],
            last: settings.map(|s| ItemPattern::new(ItemKind::Step, format!("{step}{}", s.target))),
            slots: Vec::new(),
            min_items: if all { count - 1 } else { 1 },
            max_items: count - 1,
            max_text_chars: TEXT_CHARS,
        }
    }

    fn evaluates_plans(&self) -> bool {
        true
    }

    fn surface(&self) -> &'static str {
        "lines"
    }

    fn statements(&self, problem: &Problem) -> Option<String> {
        let all = problem.read_settings::<CountdownSettings>().is_ok_and(|settings| settings.all);
        let all = if all { " Use every number." } else { "" };
        Some(format!(
            "Write one equation a line, such as 10 * 3 = 30. Each equation joins two numbers of the problem or results of \
             earlier lines, each used at most once.{all} The last line results in the target."
        ))
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn links(&self, problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
        check::links(problem, items)
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the expression after *the answer is*, or the last one of the text that computes, in a normal form.
    fn read_answer(&self, text: &str) -> Option<String> {
        let text = answers::plain(text);
        let stated = answers::after_mark(&text).and_then(expression);
        stated.or_else(|| text.lines().rev().find_map(last_computed)).map(|expr| expr.to_string())
    }

    /// Compares with the problem itself: the numbers used and the value. No gold is needed.
    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.extract_answer(answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let Ok(settings) = problem.read_settings::<CountdownSettings>() else {
            return verdict(Outcome::NoGold, None);
        };
        match extracted.as_deref().and_then(expression) {
            None => verdict(Outcome::Unparsed, None),
            Some(expr) => match check::solves(&settings, &expr) {
                Ok(()) => verdict(Outcome::Correct, None),
                Err(why) => verdict(Outcome::Wrong, Some(why)),
            },
        }
    }

    fn judges_by_rules(&self) -> bool {
        true
    }

    /// Returns the expressions that compute, as answers state them.
    fn values(&self, text: &str) -> Vec<String> {
        text.lines().filter_map(last_computed).map(|expr| expr.to_string()).collect()
    }

    /// Changes an operator or an operand, and what follows from it; adds or removes a last step.
    fn moves(&self, problem: &Problem, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
        let settings = problem.read_settings::<CountdownSettings>();
        settings.map(|settings| moves::moves(&settings, plan, ids)).unwrap_or_default()
    }

    fn generator(&self) -> Option<&'static dyn Generator> {
        Some(&make::CountdownGenerator)
    }

    fn tokens(&self) -> Option<&'static dyn PlanTokens> {
        Some(&tokens::CountdownTokens)
    }

    fn control(&self, problem: &Problem) -> Option<String> {
        let settings = problem.read_settings::<CountdownSettings>().ok()?;
        Some(match solve::search(&settings) {
            (Some(_), tried) => format!("can be solved (combinations that a search tried: {tried})"),
            (None, tried) if tried >= solve::MOST => format!("not solved within {tried} combinations"),
            (None, tried) => format!("cannot be solved: none of {tried} combinations reaches the target"),
        })
    }
}

/// Reads the expression at the start of `text`, after a colon perhaps.
fn expression(text: &str) -> Option<Expr> {
    let text = text.trim_start_matches([':', ' ', '\n', '\t']);
    let line = text.lines().next()?.trim();
    let line = &line[..line.len().min(expr::MAX_LENGTH)];
    expr::parse_prefix(line).ok().map(|(expr, _)| expr).filter(|expr| expr.names().is_empty())
}

/// Returns the last expression of a line that computes: what stands before the last equals sign, or all of it.
fn last_computed(line: &str) -> Option<Expr> {
    let left = line.rsplit_once('=').map_or(line, |(left, _)| left);
    let left = left.rsplit_once('=').map_or(left, |(_, left)| left).trim().trim_end_matches('.');
    let computes = |expr: &Expr| expr.computes() && expr.names().is_empty();
    // Words may stand before it: the longest end that is an expression counts.
    let starts =
        left.char_indices().filter(|(_, c)| c.is_ascii_digit() || matches!(c, '(' | '-')).map(|(at, _)| at);
    let starts = starts.filter(|at| !left[..*at].ends_with(|c: char| c.is_ascii_digit() || c == '.'));
    let near = starts.skip_while(|at| left.len() - at > expr::MAX_LENGTH);
    near.take(MOST_STARTS).find_map(|at| expr::parse(&left[at..]).ok().filter(computes))
}

/// Places of a line at which an expression is looked for.
const MOST_STARTS: usize = 100;

fn example(all: bool) -> Example {
    if all {
        return Example {
            problem: CountdownSettings { numbers: vec![3, 10, 7, 4], target: 24, all }.problem("example").text,
            plan: example_plan(&[
                ("S1", "", "10 - 4 = 6"),
                ("S2", "", "7 - 3 = 4"),
                ("S3", "S1 S2", "6 * 4 = 24"),
            ]),
            answer: "10 minus 4 is 6. [S1]\n7 minus 3 is 4. [S2]\n6 times 4 is 24. [S3]\nThe answer is (10 - 4) * \
                     (7 - 3). [S3]"
                .to_owned(),
        };
    }
    Example {
        problem: CountdownSettings { numbers: vec![3, 10, 7, 2], target: 37, all }.problem("example").text,
        plan: example_plan(&[("S1", "", "10 * 3 = 30"), ("S2", "S1", "30 + 7 = 37")]),
        answer: "10 times 3 is 30. [S1]\n30 plus 7 is 37. [S2]\nThe answer is 10 * 3 + 7. [S2]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Satisfied;

    #[test]
    fn answers_are_read_as_models_write_them() {
        let get = |text: &str| Countdown.extract_answer(text).unwrap_or_default();
        assert_eq!(get("44 - 15 = 29\nThe answer is: **79 - (44 - 15)** = 50."), "79 - (44 - 15)");
        assert_eq!(get("The answer is \\(10 \\times 3 + 7\\)."), "10 * 3 + 7");
        assert_eq!(get("So 10 * 3 = 30, then 30 + 7 = 37"), "30 + 7");
        assert_eq!(get("First (1 + 2) * 3 = 9."), "(1 + 2) * 3");
        assert_eq!(get("The answer is 24."), "24");
        assert_eq!(Countdown.extract_answer("I cannot say."), None);
        assert_eq!(Countdown.extract_answer(&"(".repeat(100_000)), None);
    }

    #[test]
    fn answers_are_judged_by_numbers_and_value() {
        let judge = |numbers: &[u32], target, all, answer: &str| {
            let problem = CountdownSettings { numbers: numbers.to_vec(), target, all }.problem("p");
            Countdown.check_answer(&problem, &Plan::default(), answer).outcome
        };
        assert_eq!(judge(&[44, 79, 50, 15], 50, false, "The answer is 79 - (44 - 15)"), Outcome::Correct);
        assert_eq!(judge(&[44, 79, 50, 15], 50, false, "The answer is 79 - (44 - 15) + 0"), Outcome::Wrong);
        assert_eq!(judge(&[3, 3, 8, 8], 24, true, "The answer is 8 / (3 - 8 / 3)."), Outcome::Correct);
        assert_eq!(judge(&[3, 3, 8, 8], 24, true, "The answer is 8 * 3"), Outcome::Wrong);
        assert_eq!(judge(&[3, 8], 24, false, "The answer is 24"), Outcome::Wrong);
        assert_eq!(judge(&[3, 8], 24, false, "none"), Outcome::Unparsed);
    }

    #[test]
    fn the_examples_are_right() {
        for (numbers, target, all) in [(vec![3, 10, 7, 2], 37, false), (vec![3, 10, 7, 4], 24, true)] {
            let (example, problem) =
                (example(all), CountdownSettings { numbers, target, all }.problem("example"));
            let report = Countdown.check_plan(&problem, &example.plan);
            assert_eq!((report.findings.as_slice(), report.exact_pass), (&[][..], Some(true)));
            assert!(report.items.iter().all(|item| item.status == Satisfied::Satisfied));
            let verdict =
                Countdown.check_answer(&problem, &example.plan, &example.answer.replace(". [S", " ."));
            assert_eq!(verdict.outcome, Outcome::Correct, "{verdict:?}");
            assert_eq!(verdict.extracted, report.derived);
        }
    }
}
