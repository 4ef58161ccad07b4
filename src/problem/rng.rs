//! Draws for generated problems: the same numbers on every machine and for ever.
//!
//! The stream is ChaCha8, keyed by a hash of the reference. How numbers are made of it is written down here and not
//! left to `rand`, whose distributions may change from version to version: a problem that was referred to once, in a
//! session or a paper, must stay the same.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The source of chance of one generated problem.
#[derive(Debug, Clone)]
pub struct ProblemRng(ChaCha8Rng);

impl ProblemRng {
    /// Seeds the generator of one problem; those of other families, difficulties and rows are independent of it.
    pub fn of(family: &str, difficulty: u8, row: u64) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("planscope 2026 generated problem");
        hasher.update(&[difficulty]);
        hasher.update(&row.to_le_bytes());
        hasher.update(family.as_bytes());
        Self(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }

    /// Returns a number drawn evenly from 0 to `bound` - 1; 0 where `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        // Numbers past the last whole multiple would favour small remainders; they are drawn again.
        let fair = u64::MAX - u64::MAX % bound;
        loop {
            let drawn = self.0.next_u64();
            if drawn < fair {
                return (drawn % bound) as usize;
            }
        }
    }

    /// Returns a number drawn evenly from `low` to `high`, both included; `low` where they are the wrong way round.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high - low + 1).unwrap_or(0);
        low + self.below(span) as i64
    }

    /// Returns true `percent` times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Brings a list into random order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }

    /// Returns `count` different members of `list`, or all of them, in random order.
    pub fn sample<T: Clone>(&mut self, list: &[T], count: usize) -> Vec<T> {
        let mut all = list.to_vec();
        self.shuffle(&mut all);
        all.truncate(count);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_depend_on_every_part_of_the_reference() {
        let draws = |family, difficulty, row| {
            let mut rng = ProblemRng::of(family, difficulty, row);
            [(); 8].map(|()| rng.below(1000))
        };
        let all = [draws("a", 1, 0), draws("b", 1, 0), draws("a", 2, 0), draws("a", 1, 1)];
        assert_eq!(draws("a", 1, 0), all[0]);
        for (at, one) in all.iter().enumerate() {
            assert!(all[at + 1..].iter().all(|other| one != other));
        }
    }

    #[test]
    fn draws_stay_within_their_bounds_and_reach_them() {
        let mut rng = ProblemRng::of("test", 1, 0);
        let drawn: Vec<i64> = (0..400).map(|_| rng.between(-2, 2)).collect();
        assert!((-2..=2).all(|value| drawn.contains(&value)));
        assert!(drawn.iter().all(|value| (-2..=2).contains(value)));
        assert_eq!((rng.below(0), rng.below(1), rng.between(3, 2)), (0, 0, 3));
        let mut sample = rng.sample(&[1, 2, 3, 4, 5], 3);
        sample.sort_unstable();
        sample.dedup();
        assert_eq!(sample.len(), 3);
    }
}
