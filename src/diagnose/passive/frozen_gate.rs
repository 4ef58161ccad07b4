//! Whether the gate lets nothing through.

use super::{FREE, PassiveCheck, RunCase, trace::differences};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, too_few, undecided};
use engine::gate;
use model::Cost;
use session::{Finding, FindingVerdict, Ruling, Severity};
use stats::intervals::wilson;

/// After so many decisions without one acceptance the rate is below a third at 95 % (Wilson). \[our own\]
const LEAST: usize = 8;

pub struct FrozenGate;

impl PassiveCheck for FrozenGate {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "frozen_gate",
            doc: "a gate that accepts nothing, so that nothing is refined",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let met: Vec<_> = case.trace.steps.iter().filter(|step| !step.totals().is_empty()).collect();
        let (n, accepted) = (met.len(), met.iter().filter(|step| step.accepted()).count());
        if accepted == 0 && n < LEAST {
            let why = too_few(n, LEAST, "iterations in which the gate saw scored proposals");
            return undecided(self.doc(), &why, Cost::default());
        }
        let gains = differences(&case.trace.steps);
        let best = gains.iter().copied().reduce(f64::max);
        let unclear = case.trace.tried().filter(|tried| tried.ruling == Some(Ruling::Indecisive)).count();
        let (verdict, sentence) = if accepted > 0 {
            (FindingVerdict::Clear, format!("The gate accepted a proposal in {accepted} of {n} iterations."))
        } else {
            let gain = best.map_or(String::new(), |best| format!("; the best differed by {best:+.4}"));
            let gate = &case.state.settings.gate;
            (
                FindingVerdict::Fault,
                format!("The gate accepted nothing in {n} iterations{gain}; the gate is {gate}."),
            )
        };
        let mut found = found(self.doc(), verdict, Severity::Warning, sentence, Cost::default());
        if let Some(within) = wilson(accepted, n, 0.95) {
            found.evidence.push(evidence_within(
                "share of iterations that accept",
                accepted as f64 / n as f64,
                within,
            ));
        }
        found.evidence.extend(best.map(|best| evidence("largest gain of a proposal", best)));
        found.evidence.push(evidence("proposals on which the numbers did not tell", unclear as f64));
        if verdict == FindingVerdict::Fault {
            found.at = met.first().map(|step| step.after.seq);
            let weighs_noise = gate::find(&case.state.settings.gate).is_some_and(|gate| gate.weighs_noise());
            let advice = if weighs_noise && unclear > 0 {
                "See the alternatives that are kept (adopt); or average more wordings, take weight from the noisy part, or \
                 use other proposers."
            } else if unclear > 0 {
                "See why scores are missing: without them nothing can be accepted."
            } else {
                "If the plan is not right yet: other proposers, a smaller margin, or a gate with a temperature."
            };
            found.advice = Some(advice.to_owned());
        }
        found
    }
}
