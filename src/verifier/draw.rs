//! Which samples are scored, and which of them choose thresholds. Samples of the same problem stay together: they
//! are not independent of each other.

use std::collections::BTreeMap;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use engine::seed;
use problem::Sample;

/// Returns the samples in an order drawn by `seed`, at most `limit` of them; samples of one problem stand side by side.
pub fn draw(samples: Vec<Sample>, limit: Option<usize>, seed: u64) -> Vec<Sample> {
    let mut problems: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        problems.entry(sample.problem.text.clone()).or_default().push(sample);
    }
    let mut problems: Vec<Vec<Sample>> = problems.into_values().collect();
    problems.shuffle(&mut rng(seed, "samples"));
    problems.into_iter().flatten().take(limit.unwrap_or(usize::MAX)).collect()
}

/// What belongs together, split in two: what thresholds are chosen on, and what they are tried on.
#[derive(Debug, Clone, PartialEq)]
pub struct Halves<T> {
    /// Thresholds are chosen on these, and nothing is reported of them.
    pub choosing: Vec<T>,
    /// What is reported of thresholds comes from these.
    pub trying: Vec<T>,
}

/// Splits `units` in two at random by `seed`; the half that is tried on gets the odd one.
pub(crate) fn halve<T>(mut units: Vec<T>, seed: u64) -> Halves<T> {
    units.shuffle(&mut rng(seed, "halves"));
    let trying = units.split_off(units.len() / 2);
    Halves { choosing: units, trying }
}

fn rng(seed: u64, label: &str) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed::derive(seed, label, 0, 0))
}
