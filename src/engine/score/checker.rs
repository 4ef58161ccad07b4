//! The family's plan checker as a scorer.

use super::{ScorerDoc, missing};
use crate::{
    llm::Cost,
    plan::Plan,
    problem::{self, Problem},
    session::{CheckFinding, CheckSummary, CheckedItem, ScorePart, Severity},
};

/// What it is.
pub const DOC: ScorerDoc = ScorerDoc {
    name: "checker",
    doc: "share of the family's plan checks that pass; never sees the gold answer",
    cost: "no model call",
    deterministic: true,
};

/// Returns the share of checks passed.
pub fn part(check: Option<&CheckSummary>, weight: f64) -> ScorePart {
    let Some(check) = check else { return missing(DOC.name, weight, "The checker has not looked yet.") };
    let Some(value) = check.score else {
        return missing(DOC.name, weight, "This family has no plan checker.");
    };
    let count = |severity| check.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let detail = match &check.derived {
        Some(derived) => format!("{errors} errors, {warnings} warnings; the plan gives {derived}."),
        None => format!("{errors} errors, {warnings} warnings."),
    };
    ScorePart {
        name: DOC.name.into(),
        value: Some(value),
        weight,
        stderr: None,
        cost: Cost::default(),
        detail,
    }
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
