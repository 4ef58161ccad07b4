//! Whether proposals change nothing.

use super::{FREE, PassiveCheck, RunCase, share::CountedShare};
use crate::CheckDoc;
use session::{CandidateStatus, Finding};

/// More than one in ten wasted is worth a word. \[our own\]
const LIMIT: f64 = 0.1;

pub struct NoOp;

impl PassiveCheck for NoOp {
    fn doc(&self) -> CheckDoc {
        CheckDoc { name: "no_op", doc: "proposals that leave the plan as it is", cost: FREE }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let share = CountedShare {
            doc: self.doc(),
            limit: LIMIT,
            what: "would leave the plan as it is",
            advice: "Raise propose_temperature, or give weight to proposers that cannot repeat a line, such as restore.",
        };
        share.look(case, |tried| tried.status == CandidateStatus::NoOp)
    }
}
