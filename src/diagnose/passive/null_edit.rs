//! What scorers and gate make of no change at all.

use super::{FREE, PassiveCheck, RunCase, trace::differences};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, undecided};
use model::Cost;
use session::{Event, Finding, FindingVerdict, Severity, Verdict};
use stats::{
    intervals::{deviation, wilson},
    quantile,
};

/// Fewer controls leave the noise uncertain by more than a factor of two.
const LEAST: usize = 6;
/// Noise above this share of a step drowns it. \[our own simulation\]
const LIMIT: f64 = 0.5;

pub struct NullEdit;

impl PassiveCheck for NullEdit {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "null_edit",
            doc: "noise of the score as large as what edits change, by scoring the same plan again during the run",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let controls = controls(case);
        let gains: Vec<f64> =
            controls.iter().filter_map(|(_, verdict)| Some(verdict.after? - verdict.before?)).collect();
        let steps: Vec<f64> = differences(&case.trace.steps).into_iter().map(f64::abs).collect();
        let step = quantile(&steps, 0.5).filter(|step| *step > 0.0);
        let Some((step, ((low, high), at))) =
            step.zip(deviation(&gains, 0.95).zip(controls.first())).filter(|_| gains.len() >= LEAST)
        else {
            let why = format!(
                "The incumbent was scored again {} times during the run; it takes {LEAST}, and proposals that \
                 change the score.",
                gains.len()
            );
            let mut found = undecided(self.doc(), &why, Cost::default());
            found.advice =
                Some("Set null_every to the number of iterations between two controls.".to_owned());
            return found;
        };
        // Both scores of a pair bring their noise.
        let scale = step * std::f64::consts::SQRT_2;
        let (low, high) = (low / scale, high / scale);
        let sigma = (gains.iter().map(|gain| gain * gain).sum::<f64>() / gains.len() as f64).sqrt();
        let share = sigma / scale;
        let (verdict, word) = if low > LIMIT {
            (FindingVerdict::Fault, "Scores scatter too much for what edits change")
        } else if high <= LIMIT {
            (FindingVerdict::Clear, "Scores scatter little compared with what edits change")
        } else {
            (
                FindingVerdict::Undecided,
                "How much scores scatter compared with what edits change is not known well enough",
            )
        };
        let sentence = format!("{word}: the noise of one score is {share:.2} of a median step.");
        let mut found = found(self.doc(), verdict, Severity::Error, sentence, Cost::default());
        found.evidence.push(evidence_within("noise of one score, in median steps", share, (low, high)));
        found.evidence.push(evidence("standard error of one score", sigma / std::f64::consts::SQRT_2));
        found.evidence.push(evidence("median step of a proposal", step));
        found.evidence.extend(false_accepts(&controls));
        if verdict != FindingVerdict::Clear {
            found.at = Some(at.0);
            found.advice = Some(
                "Average more scores; at twice a step and above, take the best of many drafts rather than refine."
                    .to_owned(),
            );
        }
        found
    }
}

/// The gate's words on controls, each with its event.
fn controls<'a>(case: &RunCase<'a>) -> Vec<(u64, &'a Verdict)> {
    let verdicts = case.records.iter().filter_map(|record| {
        let Event::Decided { verdicts } = &record.event else { return None };
        Some((record.seq, verdicts))
    });
    let each = verdicts.flat_map(|(seq, verdicts)| verdicts.iter().map(move |verdict| (seq, verdict)));
    each.filter(|(_, verdict)| verdict.control.is_some()).collect()
}

/// How often the gate would have taken the same plan for a better one. Gates that take equals do so by design.
fn false_accepts(controls: &[(u64, &Verdict)]) -> Option<session::Evidence> {
    let taken = controls.iter().filter(|(_, verdict)| verdict.control == Some(true)).count();
    let within = wilson(taken, controls.len(), 0.95)?;
    let share = taken as f64 / controls.len() as f64;
    Some(evidence_within("share of controls that the gate would take", share, within))
}
