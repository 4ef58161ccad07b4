//! All randomness of a run, derived from its one seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Returns the seed for one use: what it is for, the iteration, and a counter within it.
///
/// Uses are independent of each other, so that one more proposal does not shift every later draw.
pub fn derive(session: u64, label: &str, iteration: u32, index: u32) -> u64 {
    let mut hasher = blake3::Hasher::new_derive_key("planscope 2026 seed of one use");
    hasher.update(&session.to_le_bytes());
    hasher.update(&iteration.to_le_bytes());
    hasher.update(&index.to_le_bytes());
    hasher.update(label.as_bytes());
    let mut short = [0; 8];
    short.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(short)
}

/// Returns a number drawn evenly from 0..1 for one use.
pub fn draw(session: u64, label: &str, iteration: u32, index: u32) -> f64 {
    ChaCha8Rng::seed_from_u64(derive(session, label, iteration, index)).random()
}

/// Returns a number drawn evenly from 0..1 for one place, counted from 0, of one use.
pub fn draw_at(session: u64, label: &str, iteration: u32, place: usize) -> f64 {
    draw(session, label, iteration, u32::try_from(place).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_differ_and_repeat() {
        let all = [
            derive(1, "a", 0, 0),
            derive(2, "a", 0, 0),
            derive(1, "b", 0, 0),
            derive(1, "a", 1, 0),
            derive(1, "a", 0, 1),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b));
        }
        assert_eq!(derive(7, "x", 3, 2), derive(7, "x", 3, 2));
        assert!((0.0..1.0).contains(&draw(7, "x", 3, 2)));
    }
}
