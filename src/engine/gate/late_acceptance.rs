//! Accepts what would have been good enough some iterations ago.

use super::{Comparison, Decides, Decision, Gate, GateDoc, Parameter, refused};
use session::GateSettings;

/// How many iterations back, from 1.
const LENGTH: Parameter = Parameter::count("length", 5);

/// The gate.
pub(super) struct LateAcceptance;

impl Gate for LateAcceptance {
    fn doc(&self) -> GateDoc {
        GateDoc {
            name: "late_acceptance",
            doc: "accepts what is as good as some iterations ago",
            parameters: &[LENGTH],
        }
    }

    fn fault(&self, gate: &GateSettings) -> Option<&'static str> {
        refused(LENGTH.count_of(gate) > 0, "The length must be at least 1.")
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(decide)
    }

    fn compares_only_totals(&self) -> bool {
        false
    }
}

/// `accept = s' ≥ s or s' ≥ s_{k−L}`, with the score that stood L iterations ago, or that of the first plan (Burke and
/// Bykov 2017).
fn decide(comparison: &Comparison<'_>) -> Decision {
    let at = comparison.state.iteration.saturating_sub(LENGTH.count_of(comparison.gate()));
    let earlier = comparison.state.timeline.get(at as usize).and_then(|point| point.total);
    let bar = earlier.map_or(comparison.before, |earlier| earlier.min(comparison.before));
    let accept = comparison.after >= bar;
    let word = if accept { "reaches" } else { "stays below" };
    let then = earlier.map_or("not known".to_owned(), |earlier| format!("{earlier:.3}"));
    let since = if at == 0 { "of the first plan".to_owned() } else { format!("after iteration {at}") };
    Decision::plain(
        accept,
        format!("Late acceptance: {} {word} the lower of that and {then} {since}.", comparison.numbers()),
    )
}
