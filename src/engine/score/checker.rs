//! The family's plan checker as a scorer.

use std::fmt;

use super::{Case, Memory, Reading, Scorer, ScorerDoc, Value, verifier::Verifier};
use model::Output;
use plan::Plan;
use problem::Problem;
use session::{CheckFinding, CheckSummary, CheckedItem, Severity};

/// The scorer's name.
pub const NAME: &str = "checker";

/// The scorer.
pub struct Checker;

impl Scorer for Checker {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: NAME,
            doc: "share of the family's plan checks that pass, cut down by every error; never sees the gold answer",
            cost: "no model call",
            weight: 0.5,
            deterministic: true,
            oracle: false,
        }
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Err(
            "It evaluates expressions of the plan language; labelled plans are prose, of which it can check nothing.",
        )
    }

    fn read(&self, case: &Case<'_>, _: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        case.asked.iter().map(|asked| value(asked.view.check.as_ref())).collect()
    }
}

/// What a checker's verdict on a plan is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// The weighted share of the checks that pass, 0 to 1.
    pub share: f64,
    /// Errors that it found.
    pub errors: usize,
    /// Warnings that it gave; unlike errors they do not divide the share.
    pub warnings: usize,
}

impl Worth {
    /// Returns what `check` is worth; `None` where the family has no plan checker.
    pub fn of(check: &CheckSummary) -> Option<Self> {
        let count = |severity| check.findings.iter().filter(|finding| finding.severity == severity).count();
        Some(Self { share: check.score?, errors: count(Severity::Error), warnings: count(Severity::Warning) })
    }

    /// Returns the share of checks passed, divided by 1 + e/2 for e errors: a plan with an error cannot be right as it
    /// is, however many easy checks it passes, and each error fixed must be worth more than a warning. This is the
    /// part `checker` of the score. \[our own measure\]
    pub fn value(&self) -> f64 {
        self.share / self.divisor()
    }

    fn divisor(&self) -> f64 {
        1.0 + self.errors as f64 / 2.0
    }
}

/// How the value comes about: `94 % of the checks pass, divided by 2 for 2 errors: 0.470`.
impl fmt::Display for Worth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { share, errors, warnings } = self;
        let end = |count: &usize| if *count == 1 { "" } else { "s" };
        write!(f, "{:.0} % of the checks pass", share * 100.0)?;
        if *errors > 0 {
            write!(f, ", divided by {} for {errors} error{}", self.divisor(), end(errors))?;
        }
        if *warnings > 0 {
            write!(f, ", with {warnings} warning{}", end(warnings))?;
        }
        write!(f, ": {:.3}", self.value())
    }
}

fn value(check: Option<&CheckSummary>) -> Reading {
    let check = check.ok_or("The checker has not looked yet.")?;
    let worth = Worth::of(check).ok_or("This family has no plan checker.")?;
    let detail = match &check.derived {
        Some(derived) => format!("{worth}; the plan gives {derived}."),
        None => format!("{worth}."),
    };
    Ok(Value::new(worth.value(), detail))
}

/// Has the family's checker look at `plan`, and returns what a session records of it.
pub fn summarize(problem: &Problem, plan: &Plan) -> CheckSummary {
    let report = problem.family().check_plan(problem, plan);
    CheckSummary {
        score: report.score(),
        exact: report.exact_pass,
        findings: report
            .at_least(problem::Severity::Warning)
            .map(|finding| CheckFinding {
                item: finding.item,
                code: finding.code.clone().into_owned(),
                severity: match finding.severity {
                    problem::Severity::Error => Severity::Error,
                    problem::Severity::Warning | problem::Severity::Note => Severity::Warning,
                },
                message: finding.message.clone(),
            })
            .collect(),
        derived: report.derived.clone(),
        items: report
            .items
            .iter()
            .filter_map(|check| {
                let satisfied = match check.status {
                    problem::Satisfied::Satisfied => true,
                    problem::Satisfied::Violated => false,
                    problem::Satisfied::NotCheckable => return None,
                };
                Some(CheckedItem { item: check.item, satisfied, value: check.value.clone() })
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worth(plan: &str) -> f64 {
        let problem = Problem::new("p", "math", "Ann has 3 pens and buys 4 boxes of 5. How many has she?");
        let summary = summarize(&problem, &plan::parse(plan).unwrap());
        value(Some(&summary)).unwrap().value
    }

    #[test]
    fn mending_an_error_is_worth_more_than_mending_a_warning() {
        let plan = |step: &str| {
            worth(&format!(
                "C1: pens = 3\nC2: boxes = 4\nC3: each = 5\n{step}\nS2 <- S1 C1: answer = pens + bought\n"
            ))
        };
        let clean = plan("S1 <- C2 C3: bought = boxes * each");
        let warned = plan("S1 <- C2: bought = boxes * each");
        let broken = plan("S1 <- C2 C3: bought = boxes * eech");
        assert_eq!(clean, 1.0);
        assert!(warned < clean && warned > 0.9, "{warned}");
        assert!(broken < 0.67, "{broken}");
    }

    #[test]
    fn a_family_without_a_checker_has_no_value() {
        let problem = Problem::new("p", "free", "Say something.");
        let summary = summarize(&problem, &plan::parse("S1: speak\n").unwrap());
        assert!(value(Some(&summary)).unwrap_err().contains("no plan checker"));
    }
}
