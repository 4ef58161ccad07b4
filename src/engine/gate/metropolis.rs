//! Takes worse plans too, the colder the less.

use super::{Meeting, Word};

/// `accept = min(1, exp(Δ / T))` (Metropolis et al. 1953) with T = max(0, start − cooling·(iteration − 1)), which
/// above cooling 0 is simulated annealing (Kirkpatrick et al. 1983).
pub(super) fn meet(meeting: &Meeting<'_>, start: f64, cooling: f64) -> Word {
    let t = temperature(start, cooling, meeting.state.iteration);
    meeting.chance(&format!("Metropolis at T {t:.3}"), probability(meeting.delta(), t))
}

/// The temperature in `iteration`, from 1.
pub(super) fn temperature(start: f64, cooling: f64, iteration: u32) -> f64 {
    (start - cooling * f64::from(iteration.saturating_sub(1))).max(0.0)
}

/// Returns min(1, exp(Δ / T)); at T 0 whether Δ is not below 0.
pub(super) fn probability(delta: f64, t: f64) -> f64 {
    if delta >= 0.0 {
        1.0
    } else if t > 0.0 {
        (delta / t).exp()
    } else {
        0.0
    }
}
