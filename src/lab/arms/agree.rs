//! Two plans, and a chain of thought where they differ.

use super::{Arm, ArmDoc, redrafting, single};
use engine::gate::greedy;
use session::{AgreeSettings, Settings, TieBreak};

pub(super) struct Agree;

impl Arm for Agree {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "agree",
            doc: "two independent plans; where they reach different values, one chain of thought decides",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        let agree = match base.agree {
            AgreeSettings { drafts: 0, .. } => AgreeSettings { drafts: 2, of: 2, ask: TieBreak::Chain },
            set => set,
        };
        Settings { agree, gate: greedy::with_sideways(0), ..redrafting(&single(base)) }
    }
}
