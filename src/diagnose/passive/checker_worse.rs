//! Whether edits are accepted that the checker finds worse.

use super::{FREE, PassiveCheck, RunCase, trace::Accepted};
use crate::{CheckDoc, evidence, found, undecided};
use engine::score::checker::Worth;
use model::Cost;
use session::{Finding, FindingVerdict, PlanView, Severity};

/// Differences below this are due to rounding.
const SAME: f64 = 1e-9;

pub struct CheckerWorse;

impl PassiveCheck for CheckerWorse {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "checker_worse", doc: "accepted edits that the checker finds worse", cost: FREE }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let checked: Vec<(&Accepted, f64)> =
            case.trace.accepted.iter().filter_map(|edit| Some((edit, change(edit)?))).collect();
        if checked.is_empty() {
            let why = "No accepted edit has the checker's word on the plans before and after it.";
            return undecided(self.doc(), why, Cost::default());
        }
        let (all, fell): (usize, Vec<&(&Accepted, f64)>) =
            (checked.len(), checked.iter().filter(|(_, change)| *change < -SAME).collect());
        // A gate that takes lower totals too does so by design.
        let outweighed: Vec<&&(&Accepted, f64)> =
            fell.iter().filter(|(edit, _)| edit.gain().is_none_or(|gain| gain >= 0.0)).collect();
        let (verdict, sentence) = match outweighed.first() {
            Some((first, change)) => (
                FindingVerdict::Fault,
                format!(
                    "{} of {all} accepted edits made the checker's part worse, and other parts outweighed it: {change:+.3} \
                     in iteration {}.",
                    outweighed.len(),
                    first.iteration
                ),
            ),
            None if fell.is_empty() => (
                FindingVerdict::Clear,
                format!("None of {all} accepted edits made the checker's part worse."),
            ),
            None => (
                FindingVerdict::Clear,
                format!(
                    "{} of {all} accepted edits made the checker's part worse, where the gate {} took a lower total.",
                    fell.len(),
                    case.state.settings.gate
                ),
            ),
        };
        let first = outweighed.first().map(|(edit, _)| *edit);
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        found.evidence.push(evidence("accepted edits that were checked", all as f64));
        found.evidence.push(evidence("of these with a lower value of the checker", fell.len() as f64));
        if let Some(first) = first {
            found.at = Some(first.seq);
            found.items = first.edit.as_ref().map(plan::Edit::touches).unwrap_or_default();
            let advice = "Give the checker more weight, and form (structure) or the model's own word less.";
            found.advice = Some(advice.to_owned());
        }
        found
    }
}

/// How much higher the checker values the plan after the edit. Noise that is put on the part is not in it.
fn change(edit: &Accepted) -> Option<f64> {
    let value = |view: &PlanView| Some(Worth::of(view.check.as_ref()?)?.value());
    Some(value(&edit.after)? - value(&edit.before)?)
}
