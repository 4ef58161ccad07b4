//! One long answer.

use super::{Arm, ArmDoc, single};
use session::{ChainSettings, Mode, Settings};

/// Longer than any budget of interest; the model's context still binds.
const LONGEST: u32 = 1 << 20;
/// Continuations that no budget of interest outlasts.
const EXTENSIONS: u32 = 64;

pub(super) struct Long;

impl Arm for Long {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "long",
            doc: "one chain of thought, extended until the budget is spent: budget forcing",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        let chain = ChainSettings { tokens: LONGEST, extend: EXTENSIONS, ..base.chain.clone() };
        Settings { mode: Mode::Direct, chain, ..single(base) }
    }
}
