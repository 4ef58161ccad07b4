//! Refinement.

use super::{Arm, ArmDoc, refining, single};
use session::Settings;

pub(super) struct Refine;

impl Arm for Refine {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "refine",
            doc: "refinement with the experiment's own proposers, scorers and gate",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        refining(&single(base))
    }
}
