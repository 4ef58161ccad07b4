//! A plan without refinement.

use super::{Arm, ArmDoc, single};
use session::{Mode, Settings};

/// The arm.
pub(super) struct Draft;

impl Arm for Draft {
    fn doc(&self) -> ArmDoc {
        ArmDoc { name: "draft", doc: "a plan and an answer from it, without refinement", oracle: false }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings { mode: Mode::Draft, ..single(base) }
    }
}
