//! Looks at no score: the control.

use super::{Field, Word};
use crate::seed;

/// Draws one of the candidates that are open and accepts it with probability `rate`. Run at the acceptance rate of another
/// run it tells what that run's score is worth.
pub(super) fn flip(field: &Field<'_>, candidate: u32, rate: f64) -> Word {
    let (seed, iteration) = (field.state.settings.seed, field.state.iteration);
    let pick = seed::draw(seed, "gate pick", iteration, 0);
    let picked = field.open.get((pick * field.open.len() as f64) as usize).copied();
    if picked != Some(candidate) {
        let other = picked.map_or_else(String::new, |index| format!(", candidate {}", index + 1));
        return Word::plain(false, format!("Coin flip: another one was drawn{other}."));
    }
    let draw = seed::draw(seed, "gate", iteration, 0);
    let is_taken = draw < rate;
    let compare = if is_taken { "<" } else { "≥" };
    let reason = format!("Coin flip, no score looked at: drew {draw:.3} {compare} p {rate:.3}.");
    Word { chance: Some((rate, draw)), ..Word::plain(is_taken, reason) }
}
