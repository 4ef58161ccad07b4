//! Accepts what a person accepted, and nothing else.

use super::{Decides, Decision, Gate, GateDoc};

/// The gate: the run pauses before each decision.
pub struct Manual;

impl Gate for Manual {
    fn doc(&self) -> GateDoc {
        GateDoc { name: "manual", doc: "accepts what you accept; only on the screen", parameters: &[] }
    }

    fn decides(&self) -> Decides {
        Decides::Blindly(|_, _| Decision::plain(false, "Manual: nobody accepted it.".to_owned()))
    }

    fn compares_only_totals(&self) -> bool {
        false
    }

    fn waits_for_person(&self) -> bool {
        true
    }
}
