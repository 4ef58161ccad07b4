//! How far the parts of a score scatter, as far as a record shows, and what that means for a gain.

use std::collections::{BTreeMap, BTreeSet};

use super::{RunCase, random_walk::Z};
use crate::evidence;
use engine::{scatter, score};
use session::{Evidence, Score, ScorePart};

/// Noise estimated from fewer degrees of freedom is not known well enough. \[our own\]
const LEAST: usize = 3;

/// The noise of one value of a part.
#[derive(Debug, Clone, Copy, PartialEq)]
struct NoiseEstimate {
    /// Its standard deviation.
    value: f64,
    /// The degrees of freedom of the estimate; absent where it is set, or there is none.
    n: Option<usize>,
}

/// The noise of each part of a run's scores; `None` where it is not known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ScoreNoises(BTreeMap<String, Option<NoiseEstimate>>);

impl ScoreNoises {
    /// Returns what the record of `case` shows.
    pub(super) fn of(case: &RunCase<'_>) -> Self {
        let scores = case.trace.first_scores.values();
        let names: BTreeSet<&str> =
            scores.flat_map(|score| &score.parts).map(|part| part.name.as_str()).collect();
        Self(names.into_iter().map(|name| (name.to_owned(), sigma(case, name))).collect())
    }

    /// Returns the difference below which a gain between these two scores is within noise; `None` where the noise of a
    /// part with a weight is not known.
    pub(super) fn limit(&self, before: &Score, after: &Score) -> Option<f64> {
        let valued = |part: &&ScorePart| part.value.is_some() && part.weight > 0.0;
        let compared: Vec<&ScorePart> = after
            .parts
            .iter()
            .filter(valued)
            .filter(|part| before.part(&part.name).is_some_and(|old| old.value.is_some()))
            .collect();
        let weight: f64 = compared.iter().map(|part| part.weight).sum();
        let mut squares = 0.0;
        for part in compared {
            let sigma = self.0.get(&part.name).copied().flatten()?.value;
            // Both scores bring their noise.
            squares += 2.0 * (part.weight * sigma / weight).powi(2);
        }
        Some(Z * squares.sqrt())
    }

    /// Returns the noise of each part that has some, and what it was estimated from.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let known = self.0.iter().filter_map(|(name, sigma)| Some((name, (*sigma)?)));
        let noisy = known.filter(|(_, sigma)| sigma.value > 0.0);
        let label = |name: &str, n: Option<usize>| match n {
            Some(n) => format!("standard deviation of {name}, from {n} degrees of freedom"),
            None => format!("standard deviation of {name}, as set"),
        };
        noisy.map(|(name, sigma)| evidence(&label(name, sigma.n), sigma.value)).collect()
    }

    /// Returns the parts whose noise is not known.
    pub(super) fn unknown(&self) -> Vec<&str> {
        self.0.iter().filter(|(_, sigma)| sigma.is_none()).map(|(name, _)| name.as_str()).collect()
    }
}

/// The largest estimate of a part's noise that the record gives. A part that asks nobody has none but what the settings add.
fn sigma(case: &RunCase<'_>, name: &str) -> Option<NoiseEstimate> {
    let set = case.state.settings.score_noise.get(name).map_or(0.0, |noise| noise.sigma);
    let asks_nobody = score::find(name).is_some_and(|scorer| scorer.purpose().is_none());
    let set = (set > 0.0 || asks_nobody).then_some(NoiseEstimate { value: set, n: None });
    let own = own_errors(case, name).filter(|(_, n)| *n >= LEAST);
    let again = scatter::measured(&case.state.repeats, name, LEAST);
    let measured = own.into_iter().chain(again).map(|(value, n)| NoiseEstimate { value, n: Some(n) });
    measured.chain(set).max_by(|a, b| a.value.total_cmp(&b.value))
}

/// The root mean square of the errors that the scorer itself gives, and how many there are.
fn own_errors(case: &RunCase<'_>, name: &str) -> Option<(f64, usize)> {
    let parts = case.trace.first_scores.values().filter_map(|score| score.part(name));
    let squares: Vec<f64> = parts.filter_map(|part| Some(part.stderr?.powi(2))).collect();
    stats::mean(&squares).map(|mean| (mean.sqrt(), squares.len()))
}
