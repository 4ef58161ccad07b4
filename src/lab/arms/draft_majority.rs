//! Self-consistency over answers from one plan.

use super::{Arm, ArmDoc, answering};
use session::{AnswerChoice, Mode, Settings};

pub(super) struct DraftMajority;

impl Arm for DraftMajority {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "draft-majority",
            doc: "a plan and many answers from it; the most frequent value wins",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings { mode: Mode::Draft, ..answering(base, AnswerChoice::Majority) }
    }
}
