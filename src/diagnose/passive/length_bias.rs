//! Whether the score pays for words.

use super::{FREE, PassiveCheck, RunCase, trace::TracedStep};
use crate::CheckDoc;
use crate::{evidence_within, found, too_few, undecided};
use model::Cost;
use session::{Finding, FindingVerdict, Severity};
use stats::rank::spearman;

/// Fewer proposals that change the length tell nothing. \[our own\]
const LEAST: usize = 16;
/// A rank correlation surely above this is a score of length. \[our own\]
const LIMIT: f64 = 0.5;

pub struct LengthBias;

impl PassiveCheck for LengthBias {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "length_bias", doc: "a score that rises with the length of the plan", cost: FREE }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let pairs: Vec<(f64, f64)> = case.trace.steps.iter().flat_map(changes).collect();
        let n = pairs.len();
        if n < LEAST {
            let why = too_few(n, LEAST, "scored proposals that make the plan longer or shorter");
            return undecided(self.doc(), &why, Cost::default());
        }
        let Some(rho) = spearman(&pairs) else {
            let why = "All proposals change the length, or the total, by the same.";
            return undecided(self.doc(), why, Cost::default());
        };
        let (low, high) = rho.interval;
        let verdict = if low > LIMIT {
            FindingVerdict::Fault
        } else if high > LIMIT && rho.value > LIMIT {
            FindingVerdict::Undecided
        } else {
            FindingVerdict::Clear
        };
        let rises = if verdict == FindingVerdict::Fault { "rises" } else { "moves" };
        let sentence = format!(
            "Over {n} proposals that change the plan's length, the total {rises} with it by a rank correlation of {:.2}.",
            rho.value
        );
        let mut found = found(self.doc(), verdict, Severity::Error, sentence, Cost::default());
        found.evidence.push(evidence_within("correlation of words and total", rho.value, rho.interval));
        if verdict == FindingVerdict::Fault {
            let grown = case.trace.steps.iter().find(|step| step.after.words > step.base.words);
            found.at = grown.map(|step| step.after.seq);
            let advice = "Give weight to a scorer that does not pay for words, and hold any against labelled plans first \
                          (planscope scorer test).";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// By how many words, and by how much of the total, scored proposals differ from the plan that they change.
fn changes(step: &TracedStep) -> impl Iterator<Item = (f64, f64)> {
    let base = step.base;
    step.tried.iter().filter_map(move |tried| {
        let words = tried.words? as f64 - base.words as f64;
        Some((words, tried.total? - base.total?)).filter(|_| words != 0.0)
    })
}
