//! Diagnoses: how refinement fails, measured. One failure mode a file.
//!
//! Every finding comes with its evidence, an interval where there is one, and a third verdict besides fault and
//! clear: not enough data.
//!
//! | part | asks |
//! | --- | --- |
//! | [`passive`] | nobody: it reads the record of one session |
//! | [`across`] | nobody: it reads the records of several sessions |
//! | [`experiment`] | the model, about one plan and its answer |
//! | [`runner`] | the model, about moments that a person asks about |
//!
//! [`recovery`] says how sure means over injections of noise are. [`losses`] asks the gold answer where a run that is over
//! lost it; nothing else here sees gold.

pub mod across;
pub mod experiment;
pub mod losses;
pub mod passive;
pub mod recovery;
pub mod runner;

use model::Cost;
use session::{Evidence, Finding, FindingVerdict, Severity};

/// What a check is, for tables and help.
#[derive(Debug, Clone, Copy)]
pub struct CheckDoc {
    /// Its name in commands and on the screen.
    pub name: &'static str,
    /// One line.
    pub doc: &'static str,
    /// What it costs, in words.
    pub cost: &'static str,
}

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The record of one session.
    Session,
    /// The records of several sessions.
    Sessions,
    /// A plan, and what the model says of it.
    Model,
}

impl Scope {
    /// Returns the words for it in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "a record",
            Self::Sessions => "several records",
            Self::Model => "the model",
        }
    }
}

/// Returns all checks there are, in the order in which they are listed.
pub fn catalogue() -> Vec<(Scope, CheckDoc)> {
    let session = passive::CHECKS.iter().map(|check| (Scope::Session, check.doc()));
    let sessions = across::CHECKS.iter().map(|check| (Scope::Sessions, check.doc()));
    let model = experiment::EXPERIMENTS.iter().map(|experiment| (Scope::Model, experiment.doc()));
    session.chain(sessions).chain(model).collect()
}

/// Returns a finding without evidence yet.
pub(crate) fn found(
    doc: CheckDoc,
    verdict: FindingVerdict,
    severity: Severity,
    sentence: impl Into<String>,
    cost: Cost,
) -> Finding {
    Finding {
        check: doc.name.into(),
        verdict,
        severity,
        sentence: sentence.into(),
        evidence: Vec::new(),
        readings: None,
        cost,
        advice: None,
        at: None,
        items: Vec::new(),
    }
}

/// Returns the finding that there is not enough data, and why.
pub(crate) fn undecided(doc: CheckDoc, why: &str, cost: Cost) -> Finding {
    found(doc, FindingVerdict::Undecided, Severity::Warning, why, cost)
}

/// Returns the sentence that says that a check takes at least `least` of `what` (a plural), of which there are `n`.
pub(crate) fn too_few(n: usize, least: usize, what: &str) -> String {
    let there = match n {
        0 => "there are none".to_owned(),
        1 => "there is 1".to_owned(),
        n => format!("there are {n}"),
    };
    format!("It takes {least} {what} to tell; {there}.")
}

/// Returns a number without an interval.
pub(crate) fn evidence(label: &str, value: f64) -> Evidence {
    Evidence { label: label.into(), value, interval: None }
}

/// Returns a number with its 95 % interval.
pub(crate) fn evidence_within(label: &str, value: f64, interval: (f64, f64)) -> Evidence {
    Evidence { label: label.into(), value, interval: Some(interval) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_checks_have_the_same_name() {
        let mut names: Vec<&str> = catalogue().iter().map(|(_, doc)| doc.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
