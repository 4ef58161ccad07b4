//! Whether proposals change nothing.

use super::{Case, Check, FREE, share::Share};
use crate::CheckDoc;
use session::{CandidateStatus, Finding};

/// More than one in ten wasted is worth a word. \[our own\]
const LIMIT: f64 = 0.1;

/// The check.
pub struct NoOp;

impl Check for NoOp {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "no_op", doc: "proposals that leave the plan as it is", cost: FREE }
    }

    fn look(&self, case: &Case<'_>) -> Finding {
        let share = Share {
            doc: self.doc(),
            limit: LIMIT,
            what: "would leave the plan as it is",
            advice: "Raise propose_temperature, or give weight to proposers that cannot repeat a line, such as restore.",
        };
        share.look(case, |tried| tried.status == CandidateStatus::NoOp)
    }
}
