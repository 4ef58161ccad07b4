//! Best-of-N over plans.

use super::{Arm, ArmDoc, redrafting, single};
use engine::gate::greedy;
use session::Settings;

pub(super) struct BestDraft;

impl Arm for BestDraft {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "best-draft",
            doc: "many plans that do not look at each other, of which the best by the same scorers: best-of-N",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings { gate: greedy::with_sideways(0), ..redrafting(&single(base)) }
    }
}
