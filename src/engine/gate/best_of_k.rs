//! Always continues from the best proposal.

use super::{Decides, Decision, Gate, GateDoc};

/// The gate: the best of K proposals takes the incumbent's place, better or not: the comma selection of evolution
/// strategies (Schwefel 1975). The best plan so far is kept apart, as under every gate.
pub(super) struct BestOfK;

impl Gate for BestOfK {
    fn doc(&self) -> GateDoc {
        GateDoc { name: "best_of_k", doc: "the best proposal always takes over", parameters: &[] }
    }

    fn decides(&self) -> Decides {
        Decides::ByScores(|comparison| {
            Decision::plain(true, format!("Best of K: {} whatever stood before.", comparison.numbers()))
        })
    }
}
