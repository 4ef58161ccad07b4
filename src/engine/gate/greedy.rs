//! Accepts what is better.

use super::{Comparison, Decides, Decision, Gate, GateDoc, sideways};
use session::{GateSettings, GateValue};

/// The gate's name.
const NAME: &str = "greedy";

/// The gate.
pub(super) struct Greedy;

/// Returns the gate with at most so many equal totals accepted in a row.
pub fn with_sideways(most: u32) -> GateSettings {
    let equals = (most > 0).then_some((sideways::SIDEWAYS.name, GateValue::Count(most)));
    GateSettings::new(NAME, equals)
}

impl Gate for Greedy {
    fn doc(&self) -> GateDoc {
        GateDoc {
            name: NAME,
            doc: "accepts what is better, and at most so many equals in a row",
            parameters: &[sideways::SIDEWAYS],
        }
    }

    fn accepts_no_loss(&self, _: &GateSettings) -> bool {
        true
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(decide)
    }
}

/// `accept = Δ > 0`, or Δ = 0 a few times in a row.
fn decide(comparison: &Comparison<'_>) -> Decision {
    if let Some(decision) = sideways::step(comparison, "Greedy") {
        return decision;
    }
    let accept = comparison.delta() > 0.0;
    Decision::plain(
        accept,
        format!("Greedy: {} is {}.", comparison.numbers(), if accept { "higher" } else { "not higher" }),
    )
}
