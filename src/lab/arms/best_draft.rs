//! Best-of-N over plans.

use super::{Arm, ArmDoc, redrafting, single};
use engine::gate::greedy;
use session::Settings;

pub(super) struct BestDraft;

impl Arm for BestDraft {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "best-draft",
            doc: "many independent plans; the same scorers pick the best: best-of-N",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings { gate: greedy::with_sideways(0), ..redrafting(&single(base)) }
    }
}
