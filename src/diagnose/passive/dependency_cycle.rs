//! Whether proposals would make items depend on each other in a cycle.

use super::{FREE, PassiveCheck, RunCase, share::CountedShare};
use crate::CheckDoc;
use session::Finding;

/// The prompt says which items a line may build on, so hardly any should. \[our own\]
const LIMIT: f64 = 0.03;

pub struct DependencyCycle;

impl PassiveCheck for DependencyCycle {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "dependency_cycle",
            doc: "proposals that would make items depend on each other in a cycle",
            cost: FREE,
        }
    }

    fn look(&self, case: &RunCase<'_>) -> Finding {
        let share = CountedShare {
            doc: self.doc(),
            limit: LIMIT,
            what: "would make items depend on each other in a cycle",
            advice: "Lower the weight of edits.depend, or give weight to the proposer sort; the model may be too small to follow dependencies.",
        };
        share.look(case, |tried| tried.closes_cycle)
    }
}
