//! Looks at no score: the control.

use crate::seed;
use session::{Ruling, State, Verdict};

/// Draws one of the candidates at `open` and accepts it with probability `rate`. Run at the acceptance rate of another
/// run it tells what that run's score is worth.
pub(super) fn flip(state: &State, rate: f64, open: &[u32], mut verdict: Verdict) -> Verdict {
    let settings = &state.settings;
    let pick = seed::draw(settings.seed, "gate pick", state.iteration, 0);
    let picked = open.get((pick * open.len() as f64) as usize).copied();
    if picked != Some(verdict.candidate) {
        let other = picked.map_or_else(String::new, |index| format!(", candidate {}", index + 1));
        verdict.reason = format!("Coin flip: another one was drawn{other}.");
        return verdict;
    }
    let draw = seed::draw(settings.seed, "gate", state.iteration, 0);
    let is_taken = draw < rate;
    verdict.ruling = if is_taken { Ruling::Accept } else { Ruling::Reject };
    let compare = if is_taken { "<" } else { "≥" };
    verdict.reason = format!("Coin flip, no score looked at: drew {draw:.3} {compare} p {rate:.3}.");
    (verdict.probability, verdict.draw) = (Some(rate), Some(draw));
    verdict
}
