//! List programs: a pipeline of small operations that turns each input list into its output.
//!
//! A plan is the pipeline, `S1: filter(x > 3)`, `S2 <- S1: sort`. Some examples are shown, others are gold, so the checker
//! can refute a plan and never prove it: what passes the shown examples may still be wrong.

mod check;
mod make;
pub mod program;

use serde::{Deserialize, Serialize};

use crate::{
    Problem, answers,
    family::{Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan, in_a_row},
    generate::Generator,
    report::{AnswerVerdict, Outcome, PlanReport},
};
use plan::{Item, ItemId, ItemKind, Plan};
use program::{Op, run, show};

/// The family of list programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lists;

/// An input and the output that belongs to it.
pub type Pair = (Vec<i64>, Vec<i64>);

/// The settings of a list problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListsSettings {
    /// The examples that are shown.
    pub examples: Vec<Pair>,
    /// How many operations there may be.
    pub max_ops: usize,
    /// Operations that must not be used, by their first word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbid: Vec<String>,
}

impl ListsSettings {
    /// Returns the problem that these settings say, called `id`. Hidden examples are for its gold.
    pub fn problem(&self, id: &str) -> Problem {
        let examples: Vec<String> =
            self.examples.iter().map(|(from, to)| format!("{} becomes {}", show(from), show(to))).collect();
        let forbidden = match self.forbid.as_slice() {
            [] => String::new(),
            names => format!(" The operation {} must not be used.", names.join(" or ")),
        };
        let text = format!(
            "Find a program that turns each list into the other:\n{}\nA program is a list of operations that are done one \
             after the other: map(x + 2), map(x - 2) and map(x * 2) change each number; filter(x > 2), filter(x < 2), \
             filter(even) and filter(odd) keep some; sort (upwards), reverse, and unique (which drops repeats); take(2) \
             keeps the first two, drop(2) all but the first two; with any number in the place of 2. At most {} operations \
             may be used.{forbidden} The program must be right for other lists too. The answer is the list of operations.",
            examples.join("\n"),
            self.max_ops
        );
        let mut problem = Problem::new(id, "lists", text).with_settings(self);
        problem.title = format!("a list program of at most {} operations", self.max_ops);
        problem
    }

    /// Returns which limit a program breaks, as a clause.
    fn broken_limit(&self, ops: &[Op]) -> Option<String> {
        if ops.len() > self.max_ops {
            return Some(format!("{} operations are used where {} are allowed", ops.len(), self.max_ops));
        }
        let forbidden = ops.iter().find(|op| self.forbid.iter().any(|name| name == op.name()));
        forbidden.map(|op| format!("{} is used, which is not allowed", op.name()))
    }
}

/// Writes an example as gold keeps it: `3 1 2 -> 1 2 3`.
pub(crate) fn write_pair((from, to): &Pair) -> String {
    let line = |list: &[i64]| list.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
    format!("{} -> {}", line(from), line(to))
}

/// Reads an example as gold keeps it.
fn read_pair(text: &str) -> Option<Pair> {
    let (from, to) = text.split_once("->")?;
    let list =
        |text: &str| text.split_whitespace().map(|number| number.parse().ok()).collect::<Option<Vec<i64>>>();
    Some((list(from)?, list(to)?))
}

impl Family for Lists {
    fn name(&self) -> &'static str {
        "lists"
    }

    fn doc(&self) -> &'static str {
        "programs of small list operations from examples, under limits; hidden examples are gold"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Invariant, ItemKind::Step]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: ListsSettings = problem.read_settings()?;
        if settings.examples.is_empty() || !(1..=12).contains(&settings.max_ops) {
            return Err("a list problem shows at least one example and allows 1 to 12 operations".to_owned());
        }
        let long = |pair: &Pair| pair.0.len() > 100 || pair.1.len() > 100;
        if settings.examples.len() > 20 || settings.examples.iter().any(long) {
            return Err("a list problem shows at most 20 examples, of at most 100 numbers each".to_owned());
        }
        if let Some(name) = settings.forbid.iter().find(|name| !program::NAMES.contains(&name.as_str())) {
            return Err(format!(
                "there is no operation {name}; the operations are {}",
                program::NAMES.join(", ")
            ));
        }
        let hidden = problem.oracle().map_or(&[][..], |gold| gold.goal());
        match hidden.iter().find(|text| read_pair(text).is_none()) {
            Some(_) => Err("a hidden example is written 3 1 2 -> 1 2 3".to_owned()),
            None => Ok(()),
        }
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let most = problem.read_settings::<ListsSettings>().map_or(6, |settings| settings.max_ops);
        Framing {
            system: "You plan before you answer. You find short list programs from examples.".to_owned(),
            how_to_plan: "Write a plan of steps, S1, S2 and so on, one operation a line, in the order in which they are \
                          done. Look at what is lost, what changes and what moves from each list to the other. After <- \
                          list the step before."
                .to_owned(),
            how_to_answer: "Write one short sentence for each step of the plan, and after each cite it in brackets, such \
                            as [S1]. End with one line that lists all operations in their order: The answer is OPERATION, \
                            OPERATION, and so on."
                .to_owned(),
            example: example(),
            patterns: vec![ItemPattern::new(ItemKind::Step, program::PATTERN)],
            last: None,
            slots: Vec::new(),
            min_items: 1,
            max_items: most,
            max_text_chars: TEXT_CHARS,
        }
    }

    fn evaluates_plans(&self) -> bool {
        true
    }

    fn surface(&self) -> &'static str {
        "lines"
    }

    fn statements(&self, _problem: &Problem) -> Option<String> {
        let how = "Write the program, one operation a line, in the order in which they are done. Look at what is lost, what \
                   changes and what moves from each list to the other.";
        Some(how.to_owned())
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn links(&self, _problem: &Problem, items: &[Item]) -> Vec<Vec<ItemId>> {
        in_a_row(ItemKind::Step, items)
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the operations after *the answer is*, otherwise all of the text.
    fn read_answer(&self, text: &str) -> Option<String> {
        let text = answers::plain(text);
        let stated = answers::after_mark(&text).map(program::ops_in).filter(|ops| !ops.is_empty());
        let ops = stated.unwrap_or_else(|| program::ops_in(&text));
        let shown: Vec<String> = ops.iter().map(Op::to_string).collect();
        (!shown.is_empty()).then(|| shown.join(", "))
    }

    /// Runs the answer's program on the shown and the hidden examples.
    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.extract_answer(answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let Ok(settings) = problem.read_settings::<ListsSettings>() else {
            return verdict(Outcome::NoGold, None);
        };
        let Some(ops) = extracted.as_deref().map(program::ops_in) else {
            return verdict(Outcome::Unparsed, None);
        };
        if let Some(why) = settings.broken_limit(&ops) {
            return verdict(Outcome::Wrong, Some(why));
        }
        let failed =
            |pairs: &[Pair]| pairs.iter().filter(|(from, to)| run(&ops, from).as_ref() != Ok(to)).count();
        let shown = failed(&settings.examples);
        if shown > 0 {
            let all = settings.examples.len();
            return verdict(
                Outcome::Wrong,
                Some(format!("it is wrong for {shown} of the {all} examples shown")),
            );
        }
        let hidden: Vec<Pair> = problem
            .oracle()
            .map_or(&[][..], |gold| gold.goal())
            .iter()
            .filter_map(|text| read_pair(text))
            .collect();
        match failed(&hidden) {
            _ if hidden.is_empty() => verdict(Outcome::NoGold, None),
            0 => verdict(Outcome::Correct, None),
            wrong => {
                let why = format!(
                    "it is right for the examples shown, and wrong for {wrong} of {} hidden ones",
                    hidden.len()
                );
                verdict(Outcome::Wrong, Some(why))
            }
        }
    }

    /// Returns the operations that the text names.
    fn values(&self, text: &str) -> Vec<String> {
        program::ops_in(text).iter().map(Op::to_string).collect()
    }

    fn generator(&self) -> Option<&'static dyn Generator> {
        Some(&make::ListsGenerator)
    }
}

fn example_settings() -> ListsSettings {
    let examples = [
        (vec![5, 2, 9, 4], vec![8, 10, 18]),
        (vec![1, 7, 3], vec![6, 14]),
        (vec![8, 6, 1, 11], vec![12, 16, 22]),
    ];
    ListsSettings { examples: examples.to_vec(), max_ops: 4, forbid: vec!["drop".to_owned()] }
}

fn example() -> Example {
    Example {
        problem: example_settings().problem("example").text,
        plan: example_plan(&[("S1", "", "filter(x > 2)"), ("S2", "S1", "sort"), ("S3", "S2", "map(x * 2)")]),
        answer: "Numbers up to 2 are lost. [S1]\nThe rest comes in rising order. [S2]\nEach number is doubled. [S3]\nThe \
                 answer is filter(x > 2), sort, map(x * 2). [S3]"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gold;

    fn problem() -> Problem {
        example_settings().problem("p").with_gold(Gold::new(None, vec!["2 3 1 -> 6".to_owned()]))
    }

    #[test]
    fn the_example_is_right() {
        let example = example();
        let report = Lists.check_plan(&problem(), &example.plan);
        assert_eq!((report.findings.as_slice(), report.exact_pass), (&[][..], None));
        let verdict = Lists.check_answer(&problem(), &example.plan, &example.answer);
        assert_eq!((verdict.outcome, verdict.extracted), (Outcome::Correct, report.derived));
    }

    #[test]
    fn hidden_examples_are_the_oracles_and_limits_hold() {
        let judge = |answer: &str| Lists.check_answer(&problem(), &Plan::default(), answer);
        let lucky = judge("The answer is filter(x > 2), sort, map(x * 2), take(3)");
        assert_eq!(lucky.outcome, Outcome::Correct, "take(3) makes no difference on these lists");
        let wrong = judge("The answer is sort, filter(x > 2), map(x * 2), filter(x > 6), take(4)");
        assert!(wrong.reason.unwrap().contains("5 operations"));
        let wrong = judge("The answer is `filter(x > 2)`, `sort`, `map(x * 2)`, `drop(0)`.");
        assert!(wrong.reason.unwrap().contains("drop is used"));
        assert_eq!(judge("The answer is sort").outcome, Outcome::Wrong);
        assert_eq!(judge("no idea").outcome, Outcome::Unparsed);
        let public = problem().public_view();
        let answer = "The answer is filter(x > 2), sort, map(x * 2)";
        assert_eq!(Lists.check_answer(&public, &Plan::default(), answer).outcome, Outcome::NoGold);
    }

    #[test]
    fn problems_that_make_no_sense_are_refused() {
        let mut settings = example_settings();
        settings.forbid = vec!["shuffle".to_owned()];
        assert!(Lists.check_problem(&settings.problem("p")).unwrap_err().contains("no operation shuffle"));
        let hidden = example_settings().problem("p").with_gold(Gold::new(None, vec!["1 2".to_owned()]));
        assert!(Lists.check_problem(&hidden).unwrap_err().contains("a hidden example is written"));
        settings.examples.clear();
        assert!(Lists.check_problem(&settings.problem("p")).unwrap_err().contains("at least one example"));
    }
}
