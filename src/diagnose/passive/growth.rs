//! Whether the plan grows without gaining anything.

use super::{FREE, PassiveCheck, RunCase};
use crate::CheckDoc;
use crate::{evidence, found, undecided};
use model::Cost;
use session::{Finding, FindingVerdict, Severity};

/// So much longer than the draft is worth a word. \[our own\]
const LONGER: f64 = 1.5;
/// A gain of the total below this is none. \[our own\]
const GAIN: f64 = 0.02;

pub struct Growth;

impl PassiveCheck for Growth {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "growth", doc: "a plan that grows while its score does not", cost: FREE }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let ends = case.trace.start.zip(case.trace.steps.last().map(|step| step.after));
        let Some((first, last)) = ends else {
            return undecided(self.doc(), "No iteration is over; it takes one to tell.", Cost::default());
        };
        let Some((before, after)) = first.total.zip(last.total) else {
            let why = "The first or the last plan has no score, so what growing brought is unknown.";
            return undecided(self.doc(), why, Cost::default());
        };
        let ratio = |last: usize, first: usize| last as f64 / first.max(1) as f64;
        let longer = ratio(last.items, first.items).max(ratio(last.words, first.words));
        let gain = after - before;
        // Where the score is noisy, two of its standard deviations are no gain either.
        let least = case.trace.sigma().map_or(GAIN, |sigma| GAIN.max(2.0 * sigma));
        let size = format!(
            "from {} items and {} words to {} and {}",
            first.items, first.words, last.items, last.words
        );
        let (verdict, sentence) = if longer < LONGER {
            (FindingVerdict::Clear, format!("The plan went {size}."))
        } else if gain < least {
            (FindingVerdict::Fault, format!("The plan grew {size}, and its score changed by {gain:+.3}."))
        } else {
            (FindingVerdict::Clear, format!("The plan grew {size}, and its score rose by {gain:.3}."))
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence("size against the draft", longer));
        found.evidence.push(evidence("gain of the score", gain));
        found.evidence.push(evidence("least gain that counts", least));
        if verdict == FindingVerdict::Fault {
            let mut grown = case.trace.steps.iter().filter(|step| step.after.words > step.base.words);
            found.at = grown.next().map(|step| step.after.seq);
            let advice = "Lower the weight of edits.insert, raise that of edits.remove, or ask which items matter (fluff).";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}
