//! Metropolis for edits of one item of many.

use super::{Comparison, Decides, Decision, Gate, GateDoc, Parameter, refused};
use session::GateSettings;

/// The temperature.
const BETA: Parameter = Parameter::real("beta", 0.1);

/// Log-ratios beyond this are as good as certain, and are cut so that nothing overflows.
const CLIP: f64 = 20.0;

/// The gate.
pub(super) struct Qalign;

impl Gate for Qalign {
    fn doc(&self) -> GateDoc {
        GateDoc { name: "qalign", doc: "metropolis, corrected for the plan's length", parameters: &[BETA] }
    }

    fn fault(&self, gate: &GateSettings) -> Option<&'static str> {
        refused(BETA.of(gate) > 0.0, "beta must be above 0.")
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(decide)
    }

    fn has_constant_temperature(&self, _: &GateSettings) -> bool {
        true
    }
}

/// `accept = min(1, exp(Δ / β) · |z| / |z'|)` with the numbers of items before and after: an item is picked out of
/// |z| on the way there and out of |z'| on the way back (QUEST, Faria et al. 2024, arXiv 2406.00049; QAlign, Faria and
/// Smith 2025, arXiv 2504.03790).
fn decide(comparison: &Comparison<'_>) -> Decision {
    let beta = BETA.of(comparison.gate());
    let (before, after) = comparison.items;
    let ratio = comparison.delta() / beta + (before.max(1) as f64).ln() - (after.max(1) as f64).ln();
    let probability = ratio.clamp(-CLIP, CLIP).exp().min(1.0);
    comparison.chance(&format!("QAlign at β {beta:.3}, {before} → {after} items"), probability)
}
