//! Random edits: the control that any proposer must beat.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc};
use crate::seed;
use plan::{Edit, NoiseKind, NoiseSpec, Origin};

/// Kinds of noise that leave a plan readable, and so could pass for an edit.
const KINDS: [NoiseKind; 5] = [
    NoiseKind::Shuffle,
    NoiseKind::Drop,
    NoiseKind::Duplicate,
    NoiseKind::SwapText,
    NoiseKind::JitterNumbers,
];
/// How often a draw that hits nothing, or leads to a plan seen before, is drawn again.
const TRIES: u32 = 8;

/// The proposer. In a family that knows moves it draws one of them, so that with a gate that looks at exact checks alone the run is
/// a local search without a model; in others it draws noise.
pub struct Random;

impl Proposer for Random {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: "random",
            doc: "changes an item or two at random, by a move of the family such as another value where it has some: the \
                  control",
            cost: "no model call",
            weight: 0.0,
        }
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let edit = family_move(case, draw).or_else(|| noise(case, draw))?;
        Some(Ask::new(self.doc().name, "random", draw, How::Made(edit)))
    }

    fn read(&self, _: &Case<'_>, _: &Ask, _: &str) -> Result<Edit, String> {
        Err("Nothing is written for a random edit.".into())
    }
}

/// Draws one of the family's moves evenly, rather one that leads to a plan that was not seen. `None` where it has none.
fn family_move(case: &Case<'_>, draw: Draw) -> Option<Edit> {
    let problem = case.prompter.problem();
    let mut moves = problem.family().moves(problem, case.plan, &case.state.ids);
    let is_new = |edit: &Edit| {
        let next = edit.apply(case.plan, Origin::Refined);
        next.is_ok_and(|(next, _)| !case.state.proposals.seen.contains_key(&next.hash()))
    };
    let count = moves.len() as f64;
    let place = |time: u32| (seed::draw(draw.seed, "move", 0, time) * count) as usize;
    let new = (0..TRIES).map(place).find(|at| moves.get(*at).is_some_and(is_new));
    let at = new.unwrap_or_else(|| place(0));
    (at < moves.len()).then(|| moves.swap_remove(at))
}

fn noise(case: &Case<'_>, draw: Draw) -> Option<Edit> {
    let kind = *draw.one_of("random kind", &KINDS)?;
    let strength = (1.5 / case.plan.len().max(1) as f64).min(1.0);
    let spec = |seed| NoiseSpec::new(kind, strength, seed);
    (0..TRIES)
        .map(|time| plan::noise(case.plan, &case.state.ids, &spec(draw.seed.wrapping_add(time.into()))))
        .find(|edit| !edit.is_noop(case.plan))
}
