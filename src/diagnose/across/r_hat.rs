//! Whether Metropolis runs from different seeds have come to the same range of scores.

use super::{Across, RecordedRun, replicates};
use crate::CheckDoc;
use crate::{evidence, found, passive::FREE, undecided};
use engine::gate;
use model::Cost;
use session::{Finding, FindingVerdict, Severity};
use stats::chains::{memory, split_r_hat};

/// The fewest steps a run, as for a random walk.
const LEAST: usize = 32;
/// Up to this the runs have mixed (Vehtari et al. 2021).
const MIXED: f64 = 1.01;
/// Above this they have not (Gelman and Rubin 1992).
const APART: f64 = 1.1;

pub struct RHat;

impl Across for RHat {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "r_hat",
            doc: "whether Metropolis runs at constant temperature mix: split rank-normalised R-hat over seeds",
            cost: FREE,
        }
    }

    fn look(&self, sessions: &[RecordedRun]) -> Finding {
        let constant = |session: &&RecordedRun| {
            let settings = &session.state.settings.gate;
            gate::find(settings).is_some_and(|gate| gate.has_constant_temperature(settings))
        };
        let groups = replicates(sessions).into_iter().map(|group| -> Vec<Vec<f64>> {
            group.into_iter().filter(constant).map(totals).filter(|totals| totals.len() >= LEAST).collect()
        });
        let Some(chains) = groups.max_by_key(Vec::len).filter(|chains| chains.len() > 1) else {
            let why = format!(
                "It takes 2 sessions that differ only by their seeds, with a Metropolis gate at constant temperature and {LEAST} \
                 scored steps each."
            );
            return undecided(self.doc(), &why, Cost::default());
        };
        let length = chains.iter().map(Vec::len).min().unwrap_or(0);
        // The last steps of each: where the runs ended, not where they began.
        let chains: Vec<Vec<f64>> =
            chains.iter().map(|chain| chain[chain.len() - length..].to_vec()).collect();
        let Some(r_hat) = split_r_hat(&chains) else {
            return undecided(
                self.doc(),
                "The scores never change, so runs cannot be compared.",
                Cost::default(),
            );
        };
        let (n, effective) =
            (chains.len(), chains.iter().filter_map(|chain| memory(chain)).map(|m| m.effective).sum());
        let (verdict, word) = if r_hat > APART {
            (FindingVerdict::Fault, "The runs keep to ranges of scores of their own")
        } else if r_hat <= MIXED {
            (FindingVerdict::Clear, "The runs have come to the same range of scores")
        } else {
            (FindingVerdict::Undecided, "The runs have not yet come to the same range of scores for sure")
        };
        let sentence = format!("{word}: R-hat is {r_hat:.3} over {n} seeds of {length} steps.");
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence("split rank-normalised R-hat", r_hat));
        found.evidence.push(evidence("effective sample size, all runs", effective));
        if verdict != FindingVerdict::Clear {
            let advice = "Let the runs continue, or raise the temperature; do not read one run's level as that of all.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// The totals of the plans that stood, step by step.
fn totals(session: &RecordedRun) -> Vec<f64> {
    session.trace.stretch().iter().filter_map(|step| step.after.total).collect()
}
