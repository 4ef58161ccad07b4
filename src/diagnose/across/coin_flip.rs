//! Whether a score that steers does better than a coin that accepts as often.

use super::{Across, RecordedRun};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, passive::FREE, undecided};
use engine::gate::coin_flip;
use model::Cost;
use session::{Finding, FindingVerdict, Severity};

/// The fewest pairs of runs. \[our own\]
const LEAST: usize = 8;
/// A mean difference whose interval stays below this is none to speak of, in units of the share of checks that pass. \[our own\]
const SMALL: f64 = 0.05;
/// Resamples of the interval.
const RESAMPLES: usize = 10_000;

pub struct CoinFlip;

impl Across for CoinFlip {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "coin_flip",
            doc: "whether runs end with better plans than runs of the same problem and seed whose gate flips a coin",
            cost: FREE,
        }
    }

    fn look(&self, sessions: &[RecordedRun]) -> Finding {
        let differences = differences(sessions);
        let n = differences.len();
        let interval = stats::bootstrap::bca_mean(&differences, RESAMPLES, 0.95, 1);
        let Some((low, high)) = interval.filter(|_| n >= LEAST) else {
            let why = format!(
                "There are {n} pairs of a run and a run with gate.rule=coin_flip of the same problem, model and seed \
                 whose last plans a checker has checked; it takes {LEAST}, and some that differ."
            );
            return undecided(self.doc(), &why, Cost::default());
        };
        let mean = differences.iter().sum::<f64>() / n as f64;
        let (verdict, sentence) = if low > 0.0 {
            let sentence = format!("The score does better than a coin by {mean:.3} of the checks.");
            (FindingVerdict::Clear, sentence)
        } else if high < SMALL {
            let sentence = format!(
                "A coin that accepts does as well as the score: the difference is {mean:.3} of the checks."
            );
            (FindingVerdict::Fault, sentence)
        } else {
            let sentence = format!("{n} pairs do not tell whether the score does better than a coin.");
            (FindingVerdict::Undecided, sentence)
        };
        let mut found = found(self.doc(), verdict, Severity::Error, sentence, Cost::default());
        found.evidence.push(evidence_within(
            "share of checks that the last plan passes, less that under the coin",
            mean,
            (low, high),
        ));
        found.evidence.push(evidence("pairs of runs", n as f64));
        if verdict == FindingVerdict::Fault {
            found.advice = Some(
                "The score does not steer: see random_walk, test the scorers with planscope scorer test, and compare \
                 with best-of-N."
                    .to_owned(),
            );
        }
        found
    }
}

fn flips(session: &RecordedRun) -> bool {
    session.state.settings.gate.rule() == coin_flip::NAME
}

/// The share of checks passed by the plan that is, or would be, answered from.
fn checked(session: &RecordedRun) -> Option<f64> {
    session.state.answer_plan()?.check.as_ref()?.score
}

/// For each problem, model and seed the mean over the runs whose score steers less that over those with a coin. Seeds
/// of one problem are averaged, since only problems are drawn independently.
fn differences(sessions: &[RecordedRun]) -> Vec<f64> {
    let mut problems: Vec<((&str, &str), Vec<f64>)> = Vec::new();
    for session in sessions.iter().filter(|session| !flips(session)) {
        let pair = |other: &&RecordedRun| {
            flips(other)
                && (other.problem(), other.model()) == (session.problem(), session.model())
                && other.state.settings.seed == session.state.settings.seed
        };
        let Some(coin) = sessions.iter().find(pair) else { continue };
        let (Some(own), Some(coin)) = (checked(session), checked(coin)) else { continue };
        let key = (session.problem(), session.model());
        match problems.iter_mut().find(|(known, _)| *known == key) {
            Some((_, own_differences)) => own_differences.push(own - coin),
            None => problems.push((key, vec![own - coin])),
        }
    }
    // With one problem alone, its seeds are all that there is.
    match problems.as_slice() {
        [(_, only)] => only.clone(),
        several => several.iter().map(|(_, d)| d.iter().sum::<f64>() / d.len() as f64).collect(),
    }
}
