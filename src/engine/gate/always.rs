//! Accepts every step: what the model does is what happens.

use super::{Decides, Decision, Gate, GateDoc, Round};

/// The gate's name.
pub const NAME: &str = "always";

/// The gate.
pub(super) struct Always;

impl Gate for Always {
    fn doc(&self) -> GateDoc {
        GateDoc {
            name: NAME,
            doc: "accepts the first candidate: a denoiser without a score",
            parameters: &[],
        }
    }

    fn decides(&self) -> Decides {
        Decides::Blindly(first)
    }

    fn compares_only_totals(&self) -> bool {
        false
    }
}

fn first(round: &Round<'_>, candidate: u32) -> Decision {
    match round.open.first() {
        Some(first) if *first == candidate => Decision::plain(true, "Always: scores ignored.".into()),
        Some(first) => Decision::plain(false, format!("Always: candidate {} came first.", first + 1)),
        None => Decision::plain(false, "Always: there is no candidate.".into()),
    }
}
