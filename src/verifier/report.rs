//! What comparing the values with the labels gives: numbers with 95 % intervals, or why there are none.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{evaluator::JudgedSample, steps::StepReport, whole::WholePlanReport};
use engine::score::{Reading, Verifier};
use model::Cost;
use problem::Label;
use stats::{Estimate, bootstrap::estimate, intervals::wilson};

/// Resamples of the bootstrap; tests, which are not optimised, do with fewer.
const RESAMPLES: usize = if cfg!(test) { 500 } else { 10_000 };
const CONFIDENCE: f64 = 0.95;

/// Something measured, or why it is not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Measurement<T = Estimate> {
    /// It was measured.
    Measured(T),
    /// Too few values to say anything.
    NotEnoughData {
        /// What is missing, as a sentence.
        why: String,
    },
    /// It makes no sense for this scorer.
    NotApplicable {
        /// Why, as a sentence.
        why: String,
    },
}

impl<T> Measurement<T> {
    pub(super) fn lacking(why: impl Into<String>) -> Self {
        Self::NotEnoughData { why: why.into() }
    }

    /// Returns what was measured.
    pub fn measured(&self) -> Option<&T> {
        match self {
            Self::Measured(value) => Some(value),
            Self::NotEnoughData { .. } | Self::NotApplicable { .. } => None,
        }
    }
}

/// A share of several, with Wilson's interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShareEstimate {
    /// How many.
    pub hits: usize,
    /// Of how many.
    pub of: usize,
    /// The 95 % interval.
    pub interval: (f64, f64),
}

impl ShareEstimate {
    /// Returns a share; `None` of nothing.
    pub fn new(hits: usize, of: usize) -> Option<Self> {
        Some(Self { hits, of, interval: wilson(hits, of, CONFIDENCE)? })
    }

    /// Returns it as a number from 0 to 1.
    pub fn value(&self) -> f64 {
        self.hits as f64 / self.of as f64
    }
}

/// What has no value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Missing {
    /// How many.
    pub count: usize,
    /// The most frequent reason; absent where none is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Missing {
    pub(super) fn among<'a>(readings: impl Iterator<Item = &'a Reading>) -> Self {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for why in readings.filter_map(|reading| reading.as_ref().err()) {
            *reasons.entry(why).or_default() += 1;
        }
        let count = reasons.values().sum();
        let why = reasons.into_iter().max_by_key(|(_, count)| *count).map(|(why, _)| why.to_owned());
        Self { count, why }
    }
}

/// How well one scorer does as a verifier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifierReport {
    /// By its name in the registry.
    pub scorer: String,
    /// Samples that were scored.
    pub samples: usize,
    /// Different problems among them: what is resampled and split, since samples of one problem depend on each other.
    pub problems: usize,
    /// Plans that are right.
    pub right: usize,
    /// Plans with a wrong step.
    pub wrong_step: usize,
    /// Plans whose steps hold, but that do not reach the goal.
    pub incomplete: usize,
    /// The scorer as a verifier of whole plans.
    pub plans: WholePlanReport,
    /// As a verifier of steps; absent where it judges none.
    pub steps: Option<StepReport>,
    /// What asking cost.
    pub cost: Cost,
}

impl VerifierReport {
    /// Sums up what `scorer` said. `seed` draws the halves and the resamples.
    pub fn new(scorer: &str, verifier: Verifier, judged: &[JudgedSample], seed: u64) -> Self {
        let count = |wanted: fn(Label) -> bool| judged.iter().filter(|one| wanted(one.label)).count();
        let mut cost = Cost::default();
        judged.iter().for_each(|one| cost += one.cost);
        Self {
            scorer: scorer.to_owned(),
            samples: judged.len(),
            problems: by_problem(judged).len(),
            right: count(Label::is_right),
            wrong_step: count(|label| matches!(label, Label::WrongStep(_))),
            incomplete: count(|label| label == Label::Incomplete),
            plans: WholePlanReport::new(judged, verifier.probability, seed),
            steps: verifier.steps.map(|_| StepReport::new(judged, verifier.probability, seed)),
            cost,
        }
    }
}

/// Returns the samples of each problem.
pub(super) fn by_problem(judged: &[JudgedSample]) -> Vec<Vec<&JudgedSample>> {
    let mut problems: BTreeMap<&str, Vec<&JudgedSample>> = BTreeMap::new();
    for one in judged {
        problems.entry(&one.problem).or_default().push(one);
    }
    problems.into_values().collect()
}

/// Returns the BCa bootstrap interval of `statistic` over problems. Where no resample differs, as with the best or the
/// worst possible value, that would be an interval without width; then it is `instead`.
pub(super) fn over_problems<T: Clone>(
    problems: &[T],
    statistic: impl Fn(&[T]) -> f64,
    seed: u64,
    instead: impl FnOnce() -> Option<(f64, f64)>,
) -> Measurement {
    match estimate(problems, statistic, RESAMPLES, CONFIDENCE, seed, instead) {
        Some(estimate) => Measurement::Measured(estimate),
        None => Measurement::lacking("Resampling the problems gives no interval."),
    }
}

/// Says how an area under the ROC curve stands to that of a coin.
pub fn against_chance(auc: &Estimate) -> &'static str {
    const COIN: f64 = 0.5;
    if auc.interval.0 > COIN {
        "better than a coin"
    } else if auc.interval.1 < COIN {
        "worse than a coin: high values rather mean wrong"
    } else {
        "not shown to differ from a coin"
    }
}
