//! Random edits: the control that any proposer must beat.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc};
use plan::{Edit, NoiseKind, NoiseSpec};

/// Kinds of noise that leave a plan readable, and so could pass for an edit.
const KINDS: [NoiseKind; 5] = [
    NoiseKind::Shuffle,
    NoiseKind::Drop,
    NoiseKind::Duplicate,
    NoiseKind::SwapText,
    NoiseKind::JitterNumbers,
];
/// How often a draw that hits nothing is drawn again.
const TRIES: u64 = 8;

/// The proposer.
pub struct Random;

impl Proposer for Random {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: "random",
            doc: "changes an item or two at random: the control",
            cost: "no model call",
            weight: 0.0,
        }
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let kind = *draw.one_of("random kind", &KINDS)?;
        let strength = (1.5 / case.plan.len().max(1) as f64).min(1.0);
        let spec = |seed| NoiseSpec::new(kind, strength, seed);
        let edit = (0..TRIES)
            .map(|time| plan::noise(case.plan, &case.state.ids, &spec(draw.seed.wrapping_add(time))))
            .find(|edit| !edit.is_noop(case.plan))?;
        Some(Ask::new(self.doc().name, "random", draw, How::Made(edit)))
    }

    fn read(&self, _: &Case<'_>, _: &Ask, _: &str) -> Result<Edit, String> {
        Err("Nothing is written for a random edit.".into())
    }
}
