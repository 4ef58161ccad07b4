//! Accepts what is better by a margin.

use super::{Comparison, Decides, Decision, Gate, GateDoc, Parameter};
use session::GateSettings;

/// The least gain.
const MARGIN: Parameter = Parameter::real("margin", 0.02);

/// The gate.
pub(super) struct Threshold;

impl Gate for Threshold {
    fn doc(&self) -> GateDoc {
        GateDoc { name: "threshold", doc: "accepts what is better by a margin", parameters: &[MARGIN] }
    }

    fn accepts_no_loss(&self, gate: &GateSettings) -> bool {
        MARGIN.of(gate) >= 0.0
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(decide)
    }
}

/// `accept = Δ ≥ margin`.
fn decide(comparison: &Comparison<'_>) -> Decision {
    let margin = MARGIN.of(comparison.gate());
    let accept = comparison.delta() >= margin;
    let word = if accept { "reaches" } else { "stays below" };
    Decision::plain(accept, format!("Threshold: {} {word} the margin {margin:+.3}.", comparison.numbers()))
}
