//! One answer.

use super::{Arm, ArmDoc, single};
use session::{Mode, Settings};

pub(super) struct Direct;

impl Arm for Direct {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "direct",
            doc: "one answer by a plain chain of thought, without a plan",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings { mode: Mode::Direct, ..single(base) }
    }
}
