//! Whether the score can tell plans apart at all.

use std::collections::BTreeMap;

use super::{FREE, PassiveCheck, RunCase, trace::differences};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, too_few, undecided};
use model::Cost;
use session::{Event, Evidence, Finding, FindingVerdict, Severity};
use stats::intervals::wilson;

/// The fewest scored proposals that a share is judged by. \[our own\]
const LEAST: usize = 8;
/// Totals nearer than this are the same number, computed in another order.
const SAME: f64 = 1e-9;
/// Where most proposals tie with the plan that they change, the score decides little. \[our own\]
const LIMIT: f64 = 0.5;

pub struct SaturatedScore;

impl PassiveCheck for SaturatedScore {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "saturated_score",
            doc: "a score that gives proposals the very total of the plan that they change",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let gains = differences(&case.trace.steps);
        let n = gains.len();
        if n < LEAST {
            let why = too_few(n, LEAST, "scored proposals");
            return undecided(self.doc(), &why, Cost::default());
        }
        let ties = gains.iter().filter(|gain| gain.abs() < SAME).count();
        let share = ties as f64 / n as f64;
        let within = wilson(ties, n, 0.95).unwrap_or((0.0, 1.0));
        let verdict = if within.0 > LIMIT {
            FindingVerdict::Fault
        } else if share <= LIMIT {
            FindingVerdict::Clear
        } else {
            FindingVerdict::Undecided
        };
        let sentence =
            format!("{ties} of {n} scored proposals have the very total of the plan that they change.");
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence_within("share of ties", share, within));
        let top = case.state.best.as_ref().and_then(|view| view.total());
        found.evidence.extend(top.map(|top| evidence("best total (1 is the most)", top)));
        found.evidence.extend(parts(case));
        if verdict != FindingVerdict::Clear {
            let tied = |total: Option<f64>, base: Option<f64>| {
                total.zip(base).is_some_and(|(total, base)| (total - base).abs() < SAME)
            };
            let steps = case.trace.steps.iter();
            let mut tied =
                steps.filter(|step| step.tried.iter().any(|tried| tied(tried.total, step.base.total)));
            found.at = tied.next().map(|step| step.after.seq);
            let advice = "Give weight to a scorer that distinguishes these plans; if the score is at its top, end sooner.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// How many different values each part of the score took.
fn parts(case: &RunCase<'_>) -> Vec<Evidence> {
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for record in case.records {
        let Event::Scored { score, .. } = &record.event else { continue };
        for part in &score.parts {
            values.entry(&part.name).or_default().extend(part.value);
        }
    }
    let different = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.dedup_by(|a, b| (*a - *b).abs() < SAME);
        values.len() as f64
    };
    let rows = values.into_iter();
    rows.map(|(name, values)| evidence(&format!("different values of {name}"), different(values))).collect()
}
