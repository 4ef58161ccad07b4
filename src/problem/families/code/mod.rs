//! Small Python functions under rules, with tests that are shown and tests that are hidden.
//!
//! A plan has the rules as constraints, invariants, and the function's skeleton as steps, `S2 <- S1: for x in numbers:`.
//! It is checked without running anything. An answer is code: its rules are checked by reading it, its tests by running
//! it in the [sandbox], and what cannot be run is left unjudged. The rows of HumanEval are of this
//! family; their prompt is Python too, so its imports and helpers come before the answer.

mod check;
pub(crate) mod extract;
pub(crate) mod facts;
pub mod judge;
mod make;
mod rules;

use serde::{Deserialize, Serialize};

use crate::{
    Problem, answers,
    family::{AnswerForm, Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan},
    generate::Generator,
    report::{AnswerVerdict, Outcome, PlanReport},
};
use extract::Sought;
use facts::Facts;
use judge::CodeVerdict;
use plan::{ItemKind, Plan};
pub use rules::Rule;

/// The family of Python functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code;

/// The settings of a code problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSettings {
    /// The name of the function that is asked for.
    pub entry_point: String,
    /// The rules that it must keep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The tests that are shown, as Python: `assert f(2) == 4`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<String>,
}

impl CodeSettings {
    /// Returns the problem that these settings and `task`, a sentence or several, say. Hidden tests are for its gold.
    pub fn problem(&self, id: &str, task: &str) -> Problem {
        let mut text = task.to_owned();
        if !self.tests.is_empty() {
            let tests: Vec<&str> = self.tests.iter().map(|test| test.trim_start_matches("assert ")).collect();
            text += &format!("\nExamples:\n{}", tests.join("\n"));
        }
        if !self.rules.is_empty() {
            let rules: Vec<String> = self.rules.iter().map(ToString::to_string).collect();
            text += &format!("\nRules for the function: {}.", rules.join("; "));
        }
        let mut problem = Problem::new(id, "code", text).with_settings(self);
        problem.title = format!("a function {}", self.entry_point);
        problem
    }
}

/// Words, for constraints and invariants.
const WORDS: &str = r"[A-Za-z][A-Za-z0-9 ,:'()/%.+*=<>_-]{2,90}[A-Za-z0-9)%.]";
/// A line of the skeleton: Python, or words in its place.
const LINE: &str = r"[A-Za-z][A-Za-z0-9 ,:'()/%.+*=<>!_{}\[\]-]{1,96}[A-Za-z0-9):}'_\]]";

impl Family for Code {
    fn name(&self) -> &'static str {
        "code"
    }

    fn doc(&self) -> &'static str {
        "Python functions under rules, with shown and hidden tests, run in a sandbox"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Invariant, ItemKind::Step]
    }

    fn answer_form(&self) -> AnswerForm {
        AnswerForm::Code
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: CodeSettings = problem.read_settings()?;
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let name = &settings.entry_point;
        if name.is_empty() || name.starts_with(|c: char| c.is_numeric()) || !name.chars().all(word) {
            return Err("entry_point is the name of the function that is asked for".to_owned());
        }
        if settings.tests.len() > 40 {
            return Err("a code problem shows at most 40 tests".to_owned());
        }
        if let Some(test) = settings.tests.iter().find(|test| Facts::of(test).is_err()) {
            return Err(format!(
                "a test is a statement of Python, such as assert {name}(2) == 4; this is none: {test}"
            ));
        }
        let hidden = problem.oracle().map_or(&[][..], |gold| gold.goal());
        let mut facts = Vec::new();
        for test in hidden {
            match Facts::of(test) {
                _ if test.trim().is_empty() => return Err("a hidden test is empty".to_owned()),
                Err(_) => return Err("a hidden test is no Python".to_owned()),
                Ok(one) => facts.push(one),
            }
        }
        match facts.is_empty() || facts.iter().any(|one| one.asserts) {
            true => Ok(()),
            false => {
                Err("the hidden tests assert nothing, so that every function would pass them".to_owned())
            }
        }
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let name =
            problem.read_settings::<CodeSettings>().map_or_else(|_| "f".to_owned(), |it| it.entry_point);
        Framing {
            system: "You plan before you answer. You plan small Python functions, then write them."
                .to_owned(),
            how_to_plan: format!(
                "Write a plan, one item a line: each rule of the task as a constraint, C1, C2 and so on; what holds all \
                 the way through as invariants, I1 and so on; then the skeleton of the function {name} as steps, S1, S2 and \
                 so on, one line of code each. S1 is its def line, and the last step returns the result. After <- list \
                 what a step builds on. Do not write the whole function yet."
            ),
            how_to_answer: format!(
                "Write the whole function {name} in one block of Python, as the plan says. End each line with a comment \
                 that cites the items it carries out in brackets, such as  # [S1]."
            ),
            example: example(),
            patterns: vec![
                ItemPattern::new(ItemKind::Constraint, WORDS),
                ItemPattern::new(ItemKind::Invariant, WORDS),
                ItemPattern::new(ItemKind::Step, LINE),
            ],
            last: None,
            slots: Vec::new(),
            min_items: 2,
            max_items: 24,
            max_text_chars: TEXT_CHARS,
        }
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the code without comments and blank lines.
    fn read_answer(&self, text: &str) -> Option<String> {
        extract::normal_in(text, Sought::default())
    }

    fn answer_to(&self, problem: &Problem, reply: &str) -> Option<String> {
        let settings = problem.read_settings::<CodeSettings>().ok()?;
        extract::normal_in(answers::spoken(reply)?, sought(problem, &settings))
    }

    /// Reads the code, then runs its tests in the sandbox: takes moments, seconds where the code does not end. Where the
    /// sandbox refuses, or the tests cannot tell, the answer is left unjudged.
    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.answer_to(problem, answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let Ok(settings) = problem.read_settings::<CodeSettings>() else {
            return verdict(Outcome::NoGold, None);
        };
        let sought = sought(problem, &settings);
        let said = answers::spoken(answer).and_then(|said| extract::code_in(said, sought));
        let Some(code) = said else { return verdict(Outcome::Unparsed, None) };
        let hidden = problem.oracle().map_or(&[][..], |gold| gold.goal());
        let not_judged = |why: String| verdict(Outcome::NotJudged, Some(why));
        match judge::judge(&settings, sought.task.as_slice(), &code, hidden) {
            Err(refused) => not_judged(refused.to_string()),
            Ok(reported) if reported.is_wrong() => verdict(Outcome::Wrong, reported.reason()),
            Ok(CodeVerdict { undecided: Some(why), .. }) => not_judged(why),
            Ok(_) if hidden.is_empty() => verdict(Outcome::NoGold, None),
            Ok(_) => verdict(Outcome::Correct, None),
        }
    }

    /// Returns the function that the text holds, where it holds a whole one.
    fn values(&self, text: &str) -> Vec<String> {
        self.extract_answer(text).into_iter().collect()
    }

    fn generator(&self) -> Option<&'static dyn Generator> {
        Some(&make::CodeGenerator)
    }
}

/// Returns what an answer is searched for: the function, and the task itself where that is Python which begins it.
fn sought<'a>(problem: &'a Problem, settings: &'a CodeSettings) -> Sought<'a> {
    let begins = |facts: Facts| facts.functions.contains(&settings.entry_point);
    let task = Facts::of(&problem.text).is_ok_and(begins).then_some(problem.text.as_str());
    Sought { name: Some(&settings.entry_point), task }
}

fn example_settings() -> CodeSettings {
    CodeSettings {
        entry_point: "double_evens".to_owned(),
        rules: vec![Rule::NoImports, Rule::Loops(1), Rule::Lines(8)],
        tests: vec![
            "assert double_evens([1, 2, 4]) == [4, 8]".to_owned(),
            "assert double_evens([]) == []".to_owned(),
        ],
    }
}

fn example_problem() -> Problem {
    let task = "Write a Python function double_evens(numbers) that returns the even numbers of a list, each doubled, in \
                their order.";
    example_settings().problem("example", task)
}

fn example() -> Example {
    Example {
        problem: example_problem().text,
        plan: example_plan(&[
            ("C1", "", "no imports"),
            ("C2", "", "at most 1 loop"),
            ("C3", "", "at most 8 lines"),
            ("I1", "", "result holds the doubled even numbers seen so far"),
            ("S1", "", "def double_evens(numbers):"),
            ("S2", "S1", "result = []"),
            ("S3", "S2 C2", "for x in numbers:"),
            ("S4", "S3", "if x % 2 == 0:"),
            ("S5", "S4 I1", "result.append(x * 2)"),
            ("S6", "S5", "return result"),
        ]),
        answer: "```python\ndef double_evens(numbers):  # [S1 C1]\n    result = []  # [S2]\n    for x in numbers:  # [S3 C2]\n        if x \
                 % 2 == 0:  # [S4]\n            result.append(x * 2)  # [S5 I1]\n    return result  # [S6 C3]\n```"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gold, report::Severity};

    #[test]
    fn the_example_is_sound_and_its_code_is_read() {
        let example = example();
        let report = Code.check_plan(&example_problem(), &example.plan);
        assert_eq!(report.at_least(Severity::Note).collect::<Vec<_>>(), [] as [&_; 0]);
        assert_eq!(report.score(), Some(1.0));
        let code = Code.extract_answer(&example.answer).unwrap();
        assert!(code.starts_with("def double_evens(numbers):\n    result = []\n") && !code.contains('#'));
        assert_eq!(Code.values(&example.answer), [code]);
        assert_eq!(Code.values("double_evens([1, 2]) == [4]"), [""; 0]);
    }

    #[test]
    fn what_needs_no_running_is_judged_without() {
        let problem = example_problem().with_gold(Gold::new(None, Vec::new()));
        let judge = |answer: &str| Code.check_answer(&problem, &Plan::default(), answer);
        assert_eq!(judge("I do not know.").outcome, Outcome::Unparsed);
        let wrong = judge("```python\ndef other(x):\n    return x\n```");
        assert_eq!(wrong.outcome, Outcome::Wrong);
        assert_eq!(wrong.reason.unwrap(), "it defines no function double_evens");
        let wrong = judge("```python\ndef double_evens(:\n```");
        assert!(wrong.reason.unwrap().starts_with("it is no Python: line 1"));
    }

    #[test]
    fn problems_that_make_no_sense_are_refused() {
        let refused = |change: &dyn Fn(&mut CodeSettings)| {
            let mut settings = example_settings();
            change(&mut settings);
            Code.check_problem(&settings.problem("p", "Do it.")).unwrap_err()
        };
        assert!(refused(&|it| it.entry_point = "f()".to_owned()).contains("name of the function"));
        assert!(refused(&|it| it.tests.push("assert f(".to_owned())).contains("a test is a statement"));
        let hidden = example_problem().with_gold(Gold::new(None, vec!["assert (".to_owned()]));
        let why = Code.check_problem(&hidden).unwrap_err();
        assert!(why.contains("hidden test") && !why.contains("assert ("));
        for nothing in ["double_evens([1, 2])", "def check(candidate):\n    candidate([1]) == []", " "] {
            let hidden = example_problem().with_gold(Gold::new(None, vec![nothing.to_owned()]));
            let why = Code.check_problem(&hidden).unwrap_err();
            assert!(why.contains("assert nothing") || why.contains("is empty"), "{why}");
        }
        for something in
            ["if double_evens([2]) != [4]:\n    raise ValueError", "import unittest\ncase.assertEqual(1, 1)"]
        {
            let hidden = example_problem().with_gold(Gold::new(None, vec![something.to_owned()]));
            assert_eq!(Code.check_problem(&hidden), Ok(()));
        }
        let mut problem = example_problem();
        problem.settings.insert("rules".to_owned(), serde_json::json!(["no magic"]));
        assert!(Code.check_problem(&problem).unwrap_err().contains("there is no rule no magic"));
    }

    #[test]
    fn a_task_that_is_python_comes_before_the_answer() {
        let settings = CodeSettings { entry_point: "f".to_owned(), rules: Vec::new(), tests: Vec::new() };
        let text = "from typing import List\n\ndef f(x: List[int]):\n    \"\"\" Do it. \"\"\"\n";
        assert_eq!(sought(&Problem::new("p", "code", text), &settings).task, Some(text));
        assert_eq!(sought(&Problem::new("p", "code", "Write f."), &settings).task, None);
    }
}
