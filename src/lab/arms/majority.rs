//! Self-consistency.

use super::{Arm, ArmDoc, answering};
use session::{AnswerChoice, Mode, Settings};

pub(super) struct Majority;

impl Arm for Majority {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "majority",
            doc: "many answers without a plan; the most frequent value wins: self-consistency",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings { mode: Mode::Direct, ..answering(base, AnswerChoice::Majority) }
    }
}
