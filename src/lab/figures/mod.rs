//! What a report measures besides right answers: how faithful answers are to plans, contradictions, where right answers
//! are lost, what depends on the seed, the score as a verifier, findings, and how much noise on the score refinement
//! tolerates. Pure functions of rows.
//!
//! Each is a number with how sure it is, or a sentence that says why there is none: missing is not zero. The unit is the
//! problem here too: seeds of a problem are put together first, and only problems are resampled.

mod edits;
mod faithfulness;
mod faults;
mod losses;
mod sources;
mod stability;
mod sweep;
mod verifier;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::{
    edits::{Edits, ProposerTotals},
    faithfulness::Faithfulness,
    faults::FoundFault,
    losses::{Losses, StageCount},
    sources::Sources,
    stability::{PairedAgreement, Stability},
    sweep::{Strength, Sweep, SweepOutcome},
    verifier::VerifierFigures,
};
use super::columns::ResultRow;
use stats::{
    Estimate,
    bootstrap::{bca_mean, estimate},
    intervals::wilson,
    mean,
};

/// Resamples of an interval over problems; tests, which are not optimised, do with fewer.
pub(super) const RESAMPLES: usize = if cfg!(test) { 500 } else { 10_000 };
/// All randomness of a report comes from it, so that a report says the same each time.
pub(super) const SEED: u64 = 1;
/// How sure an interval is.
pub(super) const CONFIDENCE: f64 = 0.95;

/// Something measured, or why it is not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Figure<T = Number> {
    /// It was measured.
    Measured(T),
    /// It was not.
    Missing {
        /// Why, as a sentence.
        why: String,
    },
}

/// A number, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Number {
    /// The point estimate.
    pub value: f64,
    /// Its 95 % interval; absent where there is but one problem, or no bound can be said.
    pub interval: Option<(f64, f64)>,
    /// Problems that it is over.
    pub problems: usize,
}

impl<T> Figure<T> {
    /// Returns what was not measured, for this reason.
    pub fn missing(why: impl Into<String>) -> Self {
        Self::Missing { why: why.into() }
    }

    /// Returns what was measured, or what is missing for this reason.
    pub fn or_missing(measured: Option<T>, why: impl Into<String>) -> Self {
        measured.map_or_else(|| Self::missing(why), Self::Measured)
    }

    /// Returns what was measured; `None` where nothing was.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Measured(measured) => Some(measured),
            Self::Missing { .. } => None,
        }
    }

    /// Returns why it was not measured; `None` where it was.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Measured(_) => None,
            Self::Missing { why } => Some(why),
        }
    }
}

/// Returns `statistic` of `problems` with its BCa interval; `None` where it is no number. Where no resample differs,
/// the interval is `instead`.
fn over<T: Clone>(
    problems: &[T],
    statistic: impl Fn(&[T]) -> f64,
    instead: impl FnOnce(f64) -> Option<(f64, f64)>,
) -> Option<Number> {
    let value = statistic(problems);
    let stand_in = || instead(value).filter(|_| problems.len() > 1);
    let found = estimate(problems, statistic, RESAMPLES, CONFIDENCE, SEED, stand_in);
    let interval = found.map(|Estimate { interval, .. }| interval);
    value.is_finite().then_some(Number { value, interval, problems: problems.len() })
}

/// Returns the mean of shares, one per problem, with its interval: see [`share_interval`]. `None` of nothing.
fn mean_share(shares: &[f64]) -> Option<Number> {
    Some(Number { value: mean(shares)?, interval: share_interval(shares), problems: shares.len() })
}

/// Returns the BCa interval of the mean of shares, one per problem. Where all are the same, no resample differs, and it
/// would have no width; then it is Wilson's, with the problems for a sample \[our own\]. `None` of a single problem.
pub(super) fn share_interval(shares: &[f64]) -> Option<(f64, f64)> {
    let interval = bca_mean(shares, RESAMPLES, CONFIDENCE, SEED)?;
    if interval.1 > interval.0 { Some(interval) } else { stand_in(mean(shares)?, shares.len()) }
}

/// Returns Wilson's interval of a share of `problems`, which stands in where resampling them shows no difference.
fn stand_in(share: f64, problems: usize) -> Option<(f64, f64)> {
    wilson((share * problems as f64).round() as usize, problems, CONFIDENCE)
}

/// Returns Σ hits / Σ of over problems, whose pairs these are; `None` where there is nothing to hit.
fn ratio(problems: &[(u64, u64)]) -> Option<Number> {
    let problems: Vec<(u64, u64)> = problems.iter().copied().filter(|(_, of)| *of > 0).collect();
    let share = |problems: &[(u64, u64)]| {
        let (hits, of) = problems.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        hits as f64 / of as f64
    };
    over(&problems, share, |value| stand_in(value, problems.len()))
}

/// Returns the rows of each problem.
fn by_problem<'a>(rows: &[&'a ResultRow]) -> BTreeMap<&'a str, Vec<&'a ResultRow>> {
    let mut problems: BTreeMap<&str, Vec<&ResultRow>> = BTreeMap::new();
    rows.iter().for_each(|row| problems.entry(row.key()).or_default().push(row));
    problems
}

/// Returns 1 less the scorer `contradiction`, the share of pairs of items that the model finds contradicting: a mean
/// over problems, not corrected for the model's errors in telling.
pub(super) fn contradiction(rows: &[&ResultRow]) -> Figure {
    let rate = |rows: &Vec<&ResultRow>| {
        mean(&rows.iter().filter_map(|row| Some(1.0 - row.refinement.contradiction?)).collect::<Vec<f64>>())
    };
    let rates: Vec<f64> = by_problem(rows).values().filter_map(rate).collect();
    let why = if rows.iter().any(|row| row.plan.plan_items.is_some()) {
        "The scorer contradiction has no weight here, or gave no value."
    } else {
        "There is no plan."
    };
    Figure::or_missing(mean_share(&rates), why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    #[test]
    fn shares_that_are_all_the_same_are_not_sure() {
        let same = mean_share(&[1.0; 5]).unwrap();
        assert_eq!((same.value, same.interval), (1.0, wilson(5, 5, 0.95)));
        let differing = mean_share(&[1.0, 0.0, 0.5, 1.0, 1.0]).unwrap();
        let (low, high) = differing.interval.unwrap();
        assert!(low < differing.value && differing.value < high);
        assert_eq!(mean_share(&[0.5]).unwrap().interval, None, "one problem says nothing of others");
        assert_eq!(mean_share(&[]), None);
    }

    #[test]
    fn a_ratio_is_over_what_there_is_to_hit() {
        let found = ratio(&[(1, 2), (0, 0), (3, 4)]).unwrap();
        assert_eq!((found.value, found.problems), (4.0 / 6.0, 2));
        assert_eq!(ratio(&[(0, 0)]), None);
    }

    #[test]
    fn contradictions_are_counted_where_they_were_scored() {
        let rows = [row("a", 1, None), row("a", 2, None), row("a", 3, None)];
        let all: Vec<&ResultRow> = rows.iter().collect();
        assert!(contradiction(&all).why().unwrap().contains("no weight"));
        let scored = [0.9, 0.7].map(Some).into_iter().chain([None]).zip(rows.clone());
        let scored: Vec<ResultRow> =
            scored.map(|(value, row)| with(row, |row| row.refinement.contradiction = value)).collect();
        let found = contradiction(&scored.iter().collect::<Vec<_>>());
        let number = found.get().unwrap();
        assert!((number.value - 0.2).abs() < 1e-12 && number.problems == 2, "{number:?}");
        let bare = with(row("a", 1, None), |row| row.plan.plan_items = None);
        assert_eq!(contradiction(&[&bare]).why(), Some("There is no plan."));
    }
}
