//! Refinement by mask-and-restore.

use super::{Arm, ArmDoc, refining, single};
use engine::propose::restore;
use session::{Remask, RestoreSettings, Settings, Weights};

pub(super) struct RestoreArm;

impl Arm for RestoreArm {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "restore",
            doc: "refinement by mask-and-restore: lines are masked and rewritten from all the others",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        let proposers = Weights::of([(restore::NAME, 1.0)]);
        // The other strategies would spread the noise over iterations that the budget cuts off.
        let restore = RestoreSettings { strategy: Remask::Cap, ..base.restore };
        Settings { proposers, restore, ..refining(&single(base)) }
    }
}
