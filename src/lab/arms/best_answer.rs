//! Best-of-N over answers.

use super::{Arm, ArmDoc, answering};
use session::{AnswerChoice, Mode, Settings};

pub(super) struct BestAnswer;

impl Arm for BestAnswer {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "best-answer",
            doc: "many answers without a plan; the one the model is most confident in wins: best-of-N",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings { mode: Mode::Direct, ..answering(base, AnswerChoice::Best) }
    }
}
