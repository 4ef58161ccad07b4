//! One plan, worked out by the family's evaluator.

use super::{Arm, ArmDoc, single};
use session::{AnswerSettings, Mode, Settings, StyleChoice};

pub(super) struct Program;

impl Arm for Program {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "program",
            doc: "a plan whose result the family's evaluator computes: no refinement, and no answer by the model",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        let settings = single(base);
        let answers = AnswerSettings { style: StyleChoice::Evaluated, ..settings.answers };
        Settings { mode: Mode::Draft, answers, ..settings }
    }
}
