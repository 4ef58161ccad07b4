//! Whether proposals try to make items depend on each other in a circle.

use super::{Case, Check, FREE, share::Share};
use crate::CheckDoc;
use session::Finding;

/// The prompt says which items a line may build on, so hardly any should. \[our own\]
const LIMIT: f64 = 0.03;

/// The check.
pub struct DependencyCycle;

impl Check for DependencyCycle {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "dependency_cycle",
            doc: "proposals that would make items depend on each other in a circle",
            cost: FREE,
        }
    }

    fn look(&self, case: &Case<'_>) -> Finding {
        let share = Share {
            doc: self.doc(),
            limit: LIMIT,
            what: "would make items depend on each other in a circle",
            advice: "Lower the weight of edits.depend, or give weight to the proposer sort; the model may be too small to follow dependencies.",
        };
        share.look(case, |tried| tried.circle)
    }
}
