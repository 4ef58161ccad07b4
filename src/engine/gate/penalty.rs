//! Metropolis for a score whose noise is known.

use super::{Meeting, Word};

/// `accept = min(1, exp(Δ / T − σ² / 2T²))`, where σ is the standard deviation of the noise on Δ (Ceperley and
/// Dewing 1999). With that, noise does not warm the walk; where σ is far above T nothing is accepted any more.
pub(super) fn meet(meeting: &Meeting<'_>, t: f64, sigma: f64) -> Word {
    let probability = (meeting.delta() / t - sigma * sigma / (2.0 * t * t)).exp().min(1.0);
    meeting.chance(&format!("Penalty at T {t:.3} for noise {sigma:.3}"), probability)
}
