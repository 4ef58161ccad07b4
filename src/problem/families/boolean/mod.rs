//! Boolean constraints: switches that must be set so that every clause holds.
//!
//! A plan sets each variable, `S2: fan = false`. The clauses decide everything, so the checker is exact and needs no
//! gold. [`walksat`] is the control: a solver without a model, which says what an instance takes.

mod check;
mod make;
mod moves;
mod tokens;
pub mod walksat;

use serde::{Deserialize, Serialize};

use crate::{
    Problem, answers,
    family::{Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan},
    generate::Generator,
    report::{AnswerVerdict, Outcome, PlanReport},
    tokens::PlanTokens,
};
use plan::{Edit, IdSource, ItemKind, Plan};

/// The family of boolean constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boolean;

/// The settings of a boolean problem, which say all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BooleanSettings {
    /// The names of the variables.
    pub names: Vec<String>,
    /// The clauses as in DIMACS: 2 is the second variable, -2 its negation; one of each clause must hold.
    pub clauses: Vec<Vec<i32>>,
}

/// A value for each variable, as far as it is set.
pub type Values = Vec<Option<bool>>;

impl BooleanSettings {
    /// Returns the problem that these settings say, called `id`.
    pub fn problem(&self, id: &str) -> Problem {
        let clauses = self.clauses.iter().zip(1..).map(|(clause, n)| format!("{n}. {}", self.clause(clause)));
        let text = format!(
            "Set each of {} to true or false so that all of these conditions hold; each needs at least one of its parts:\n\
             {}\nThe answer is the list of settings, such as {} = true, {} = false and so on.",
            self.names.join(", "),
            clauses.collect::<Vec<_>>().join("\n"),
            self.names.first().map_or("a", String::as_str),
            self.names.last().map_or("b", String::as_str),
        );
        let mut problem = Problem::new(id, "boolean", text).with_settings(self);
        problem.title = format!("{} conditions on {} switches", self.clauses.len(), self.names.len());
        problem
    }

    /// Returns a clause in words, such as `lamp or not fan`.
    fn clause(&self, clause: &[i32]) -> String {
        let literal = |literal: &i32| {
            let name = self.names.get(variable(*literal)).map_or("?", String::as_str);
            if *literal < 0 { format!("not {name}") } else { name.to_owned() }
        };
        clause.iter().map(literal).collect::<Vec<_>>().join(" or ")
    }

    /// Reads *lamp = true* and *fan is false*, whatever stands between; the last word on a variable counts.
    fn values_in(&self, text: &str) -> Values {
        let mut values = vec![None; self.names.len()];
        for (name, value) in settings_in(text) {
            if let Some(at) = self.names.iter().position(|known| *known == name) {
                values[at] = Some(value);
            }
        }
        values
    }
}

/// Returns the place of a literal's variable.
fn variable(literal: i32) -> usize {
    (literal.unsigned_abs() as usize).wrapping_sub(1)
}

/// Returns whether a clause holds: a variable that is not set makes neither of its literals true.
fn holds(clause: &[i32], values: &[Option<bool>]) -> bool {
    clause.iter().any(|literal| values.get(variable(*literal)).copied().flatten() == Some(*literal > 0))
}

/// Returns the settings that `text` names, in order: a word, then `=`, `:` or *is*, then true or false.
fn settings_in(text: &str) -> Vec<(String, bool)> {
    let lower = text.to_lowercase().replace([':', '='], " is ");
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let setting = |three: &[&str]| match three {
        [name, "is", "true"] => Some(((*name).to_owned(), true)),
        [name, "is", "false"] => Some(((*name).to_owned(), false)),
        _ => None,
    };
    words.windows(3).filter_map(setting).collect()
}

impl Family for Boolean {
    fn name(&self) -> &'static str {
        "boolean"
    }

    fn doc(&self) -> &'static str {
        "setting switches so that all clauses hold; exact checker, WalkSAT as control"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Claim, ItemKind::Step]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: BooleanSettings = problem.read_settings()?;
        if !(1..=60).contains(&settings.names.len()) || !(1..=400).contains(&settings.clauses.len()) {
            return Err("a boolean problem has 1 to 60 names and 1 to 400 clauses".to_owned());
        }
        let word = |name: &str| {
            let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fine) && name.len() <= 20
        };
        let reserved = ["true", "false", "not", "or", "is"];
        for (at, name) in settings.names.iter().enumerate() {
            if !word(name) || reserved.contains(&name.as_str()) {
                return Err(format!("\"{name}\" is no name of a variable; it is one word in lower case"));
            }
            if settings.names[..at].contains(name) {
                return Err(format!("the variable {name} is named twice"));
            }
        }
        let known = |literal: &i32| variable(*literal) < settings.names.len();
        match settings.clauses.iter().position(|clause| clause.is_empty() || !clause.iter().all(known)) {
            Some(at) => Err(format!("clause {} is empty or names a variable that is not there", at + 1)),
            None => Ok(()),
        }
    }

    fn framing(&self, problem: &Problem) -> Framing {
        let names =
            problem.read_settings::<BooleanSettings>().map(|settings| settings.names).unwrap_or_default();
        let value = "(true|false)";
        // The last variable comes last, so that the plan ends there.
        let (any, last) = match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => (format!("({})", rest.join("|")), Some(last)),
            Some(_) | None => ("[a-z][a-z0-9_]{0,19}".to_owned(), None),
        };
        let slot = |name: &String| ItemPattern::new(ItemKind::Step, format!("{name} = {value}"));
        let slots = names.iter().map(slot).collect();
        let count = names.len().max(1);
        Framing {
            system: "You plan before you answer. You set switches so that all conditions hold.".to_owned(),
            how_to_plan: "Write a plan of steps, S1, S2 and so on, one for each name in the order in which the problem \
                          lists them: name = true or name = false. Look at every condition that a name is part of before \
                          you set it. After <- list the steps above that forced the choice."
                .to_owned(),
            how_to_answer: "Write one short sentence for each step of the plan, and after each cite it in brackets, such \
                            as [S1]. End with one line that lists all settings: The answer is NAME = VALUE, NAME = VALUE, \
                            and so on."
                .to_owned(),
            example: example(),
            patterns: vec![ItemPattern::new(ItemKind::Step, format!("{any} = {value}"))],
            last: last.map(|last| ItemPattern::new(ItemKind::Step, format!("{last} = {value}"))),
            slots,
            min_items: count,
            max_items: count,
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
        let how = "Write one line for each name, in the order in which the problem lists them: name = true or name = false. \
                   Look at every condition that a name is part of before you set it.";
        Some(how.to_owned())
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the settings after *the answer is*, otherwise all of the text, as `fan=true lamp=false` by name.
    fn read_answer(&self, text: &str) -> Option<String> {
        let text = answers::plain(text);
        let stated = answers::after_mark(&text).map(settings_in).filter(|settings| !settings.is_empty());
        let settings = stated.unwrap_or_else(|| settings_in(&text));
        // The last word on a name counts; the order of names says nothing.
        let by_name: std::collections::BTreeMap<String, bool> = settings.into_iter().collect();
        let shown: Vec<String> = by_name.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!shown.is_empty()).then(|| shown.join(" "))
    }

    /// Holds the settings of the answer to the clauses. No gold is needed.
    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.extract_answer(answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let Ok(settings) = problem.read_settings::<BooleanSettings>() else {
            return verdict(Outcome::NoGold, None);
        };
        let Some(values) = extracted.as_deref().map(|text| settings.values_in(text)) else {
            return verdict(Outcome::Unparsed, None);
        };
        let failed = settings.clauses.iter().filter(|clause| !holds(clause, &values)).count();
        match failed {
            0 => verdict(Outcome::Correct, None),
            _ => verdict(
                Outcome::Wrong,
                Some(format!("{failed} of {} conditions fail", settings.clauses.len())),
            ),
        }
    }

    fn judges_by_rules(&self) -> bool {
        true
    }

    /// Returns the settings that the text names.
    fn values(&self, text: &str) -> Vec<String> {
        settings_in(text).into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// Flips a setting, sets what is not set, and removes what is set twice.
    fn moves(&self, problem: &Problem, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
        let settings = problem.read_settings::<BooleanSettings>();
        settings.map(|settings| moves::moves(&settings, plan, ids)).unwrap_or_default()
    }

    fn generator(&self) -> Option<&'static dyn Generator> {
        Some(&make::BooleanGenerator)
    }

    fn tokens(&self) -> Option<&'static dyn PlanTokens> {
        Some(&tokens::BooleanTokens)
    }

    /// Runs WalkSAT; an instance that it does not solve may still be satisfiable.
    fn control(&self, problem: &Problem) -> Option<String> {
        let settings = problem.read_settings::<BooleanSettings>().ok()?;
        let walk = walksat::walk(&settings, &mut crate::rng::ProblemRng::of("walksat", 0, 0));
        let all = settings.clauses.len();
        Some(match walk.values {
            Some(_) => format!("is satisfiable; WalkSAT needed {} flips", walk.flips),
            None => format!(
                "was not solved by WalkSAT in {} flips; at best {} of {all} conditions held",
                walk.flips, walk.best
            ),
        })
    }
}

fn example() -> Example {
    let words = ["pump", "valve", "alarm"].map(str::to_owned).to_vec();
    let settings =
        BooleanSettings { names: words, clauses: vec![vec![1, 3], vec![-1, -2], vec![2], vec![-3, 2]] };
    Example {
        problem: settings.problem("example").text,
        plan: example_plan(&[
            ("S1", "", "pump = false"),
            ("S2", "S1", "valve = true"),
            ("S3", "S1", "alarm = true"),
        ]),
        answer: "Condition 2 keeps pump off, for valve is on. [S1]\nCondition 3 demands valve. [S2]\nCondition 1 demands \
                 alarm, for pump is off. [S3]\nThe answer is pump = false, valve = true, alarm = true. [S3]"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> BooleanSettings {
        let names = ["pump", "valve", "alarm"].map(str::to_owned).to_vec();
        BooleanSettings { names, clauses: vec![vec![1, 3], vec![-1, -2], vec![2], vec![-3, 2]] }
    }

    #[test]
    fn the_example_is_right() {
        let (example, problem) = (example(), settings().problem("p"));
        assert_eq!(example.problem, problem.text);
        let report = Boolean.check_plan(&problem, &example.plan);
        assert_eq!((report.findings.as_slice(), report.exact_pass), (&[][..], Some(true)));
        let verdict = Boolean.check_answer(&problem, &example.plan, &example.answer);
        assert_eq!(
            (verdict.outcome, verdict.extracted),
            (Outcome::Correct, Some("alarm=true pump=false valve=true".to_owned()))
        );
    }

    #[test]
    fn answers_are_read_as_models_write_them() {
        let problem = settings().problem("p");
        let outcome = |text: &str| Boolean.check_answer(&problem, &Plan::default(), text).outcome;
        assert_eq!(outcome("- **Pump**: False\n- valve: True\n- alarm is true"), Outcome::Correct);
        assert_eq!(outcome("The answer is pump = true, valve = true, alarm = true."), Outcome::Wrong);
        assert_eq!(outcome("The answer is pump = false, valve = true"), Outcome::Wrong);
        assert_eq!(outcome("I do not know."), Outcome::Unparsed);
    }

    #[test]
    fn problems_that_make_no_sense_are_refused() {
        let refused = |change: &dyn Fn(&mut BooleanSettings)| {
            let mut changed = settings();
            change(&mut changed);
            Boolean.check_problem(&changed.problem("p")).unwrap_err()
        };
        assert!(refused(&|s| s.clauses[0] = vec![4]).contains("clause 1"));
        assert!(refused(&|s| s.clauses[1] = vec![0]).contains("clause 2"));
        assert!(refused(&|s| s.clauses[1].clear()).contains("clause 2"));
        assert!(refused(&|s| s.names[0] = "valve".to_owned()).contains("named twice"));
        assert!(refused(&|s| s.names[0] = "true".to_owned()).contains("no name"));
        assert!(refused(&|s| s.clauses[0] = vec![i32::MIN]).contains("clause 1"));
    }
}
