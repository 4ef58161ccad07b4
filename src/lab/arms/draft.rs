//! A plan without refinement.

use super::{Arm, ArmDoc, single};
use session::{Mode, Settings};

pub(super) struct DraftArm;

impl Arm for DraftArm {
    fn doc(&self) -> ArmDoc {
        ArmDoc { name: "draft", doc: "a plan and an answer from it, without refinement", oracle: false }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings { mode: Mode::Draft, ..single(base) }
    }
}
