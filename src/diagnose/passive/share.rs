//! Checks that ask how large a share of the proposals has some fault.

use super::{RunCase, trace::TracedProposal};
use crate::{CheckDoc, evidence, evidence_within, found, too_few, undecided};
use model::Cost;
use session::{Finding, FindingVerdict, Severity};
use stats::intervals::wilson;

/// The fewest proposals that a share is judged by: below, one fault more or less would decide. \[our own\]
pub const LEAST: usize = 8;

/// What is counted, and what is made of it.
pub struct CountedShare<'a> {
    /// The documentation of the check that counts.
    pub doc: CheckDoc,
    /// Above this share it is a fault.
    pub limit: f64,
    /// What the proposals do, as the end of a sentence that begins with their number.
    pub what: &'a str,
    /// What can be done about it.
    pub advice: &'a str,
}

impl CountedShare<'_> {
    /// Returns the finding: a fault where the 95 % Wilson interval lies above the limit, clear where the share is
    /// not above it, and undecided between.
    pub fn look(&self, case: &RunCase<'_>, bad: impl Fn(&TracedProposal) -> bool) -> Finding {
        let all: Vec<&TracedProposal> = case.trace.tried().collect();
        let n = all.len();
        if n < LEAST {
            let why = too_few(n, LEAST, "proposals");
            return undecided(self.doc, &why, Cost::default());
        }
        let hit: Vec<&&TracedProposal> = all.iter().filter(|tried| bad(tried)).collect();
        let share = hit.len() as f64 / n as f64;
        let interval = wilson(hit.len(), n, 0.95).unwrap_or((0.0, 1.0));
        let verdict = if interval.0 > self.limit {
            FindingVerdict::Fault
        } else if share <= self.limit {
            FindingVerdict::Clear
        } else {
            FindingVerdict::Undecided
        };
        let count = if hit.is_empty() { "None".to_owned() } else { hit.len().to_string() };
        let unsure = match verdict {
            FindingVerdict::Undecided => ", which may be chance",
            FindingVerdict::Fault | FindingVerdict::Clear => "",
        };
        let sentence = format!("{count} of {n} proposals {}{unsure}.", self.what);
        let mut found = found(self.doc, verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence_within("share of proposals", share, interval));
        found.evidence.push(evidence("limit of the share", self.limit));
        if verdict != FindingVerdict::Clear {
            found.at = hit.first().map(|tried| tried.seq);
            found.advice = Some(self.advice.to_owned());
        }
        found
    }
}
