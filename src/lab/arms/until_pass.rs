//! Re-prompting until the checker passes.

use super::{Arm, ArmDoc, redrafting, single};
use engine::gate::greedy;
use engine::score::checker;
use session::{Settings, Weights};

pub(super) struct UntilPass;

impl Arm for UntilPass {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "until-pass",
            doc: "new plans until the checker passes one; it alone scores",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        let scorers = Weights::of([(checker::NAME, 1.0)]);
        // One at a time: proposals next to a plan that passes would be wasted.
        Settings {
            scorers,
            until_clean: true,
            proposals: 1,
            gate: greedy::with_sideways(0),
            ..redrafting(&single(base))
        }
    }
}
