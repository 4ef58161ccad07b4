//! Refinement by the throw of a coin.

use super::{Arm, ArmDoc, refining, single};
use engine::gate::coin_flip;
use session::{Settings, Weights};

pub(super) struct CoinFlipArm;

impl Arm for CoinFlipArm {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "coin-flip",
            doc: "refinement that accepts as often as another arm did, regardless of the score: the control for the scorers",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        // No score at all: it would choose among the plans at the end.
        let scorers = Weights::none();
        Settings { scorers, gate: coin_flip::at(0.5), ..refining(&single(base)) }
    }

    fn follows(&self) -> bool {
        true
    }
}
