//! A scorer as a verifier of whole plans.

use serde::Serialize;

use super::{
    draw::{Halves, halve},
    evaluator::JudgedSample,
    report::{Measurement, Missing, ShareEstimate, by_problem, over_problems},
};
use stats::{intervals::wilson, rank};

/// The fewest right and the fewest wrong ones for an area, and half as many for a threshold, in each half. \[our own\]
pub(super) const LEAST: usize = 10;

/// Values with whether they belong to something right, a list a problem.
pub(super) type LabelledValues = Vec<Vec<(f64, bool)>>;

/// How well right plans are distinguished from wrong ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WholePlanReport {
    /// Right plans with a value.
    pub right: usize,
    /// Wrong plans with a value.
    pub wrong: usize,
    /// Plans without one. They count neither way.
    pub missing: Missing,
    /// Area under the ROC curve: how often a right plan has a higher value than a wrong one.
    pub auc: Measurement,
    /// Expected calibration error. It is biased upwards where values are few.
    pub ece: Measurement,
    /// A threshold between right and wrong.
    pub cut: Measurement<ThresholdCut>,
}

/// A threshold with the highest Youden's J on one half of the problems, and what it classifies correctly in the other half.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThresholdCut {
    /// Above it a plan counts as right.
    pub at: f64,
    /// Right plans above it.
    pub right_kept: ShareEstimate,
    /// Wrong plans at or below it.
    pub wrong_caught: ShareEstimate,
}

impl WholePlanReport {
    pub(super) fn new(judged: &[JudgedSample], probability: bool, seed: u64) -> Self {
        let value = |one: &&JudgedSample| Some((one.whole.as_ref().ok()?.value, one.label.is_right()));
        let problems: LabelledValues =
            by_problem(judged).iter().map(|samples| samples.iter().filter_map(value).collect()).collect();
        let all: Vec<(f64, bool)> = problems.concat();
        let right = all.iter().filter(|(_, right)| *right).count();
        Self {
            right,
            wrong: all.len() - right,
            missing: Missing::among(judged.iter().map(|one| &one.whole)),
            auc: auc(&problems, seed),
            ece: ece(&problems, probability, seed),
            cut: cut(problems, seed),
        }
    }
}

/// Returns how many are right and how many are wrong.
fn classes(problems: &LabelledValues) -> (usize, usize) {
    let right = problems.iter().flatten().filter(|(_, right)| *right).count();
    (right, problems.iter().map(Vec::len).sum::<usize>() - right)
}

/// Returns a sentence where there are fewer than `least` right or wrong ones with a value.
fn too_few(problems: &LabelledValues, least: usize, whose: &str) -> Option<String> {
    let (right, wrong) = classes(problems);
    (right.min(wrong) < least).then(|| {
        format!("{right} right and {wrong} wrong ones have a value{whose}; it takes {least} of each.")
    })
}

/// AUC over problems. Where values separate without a fault, the bounds are Wilson's of as many hits as the smaller class
/// has members \[our own\].
pub(super) fn auc(problems: &LabelledValues, seed: u64) -> Measurement {
    if let Some(why) = too_few(problems, LEAST, "") {
        return Measurement::lacking(why);
    }
    let area =
        |problems: &[Vec<(f64, bool)>]| rank::auc(&problems.concat()).map_or(f64::NAN, |auc| auc.value);
    let (right, wrong) = classes(problems);
    let least = right.min(wrong);
    let instead = || match area(problems) {
        1.0 => wilson(least, least, 0.95),
        0.0 => wilson(0, least, 0.95),
        _ => None,
    };
    over_problems(problems, area, seed, instead)
}

pub(super) fn ece(problems: &LabelledValues, probability: bool, seed: u64) -> Measurement {
    if !probability {
        return Measurement::NotApplicable {
            why: "Its value is not meant as a probability of being right.".into(),
        };
    }
    let (right, wrong) = classes(problems);
    if right + wrong < 2 * LEAST {
        return Measurement::lacking(format!("{} have a value; it takes {}.", right + wrong, 2 * LEAST));
    }
    let error = |problems: &[Vec<(f64, bool)>]| rank::ece(&problems.concat()).unwrap_or(f64::NAN);
    over_problems(problems, error, seed, || None)
}

fn cut(problems: LabelledValues, seed: u64) -> Measurement<ThresholdCut> {
    let Halves { choosing, trying } = halve(problems, seed);
    let lacking = too_few(&choosing, LEAST / 2, " in the half that thresholds are chosen on");
    if let Some(why) = lacking.or_else(|| too_few(&trying, LEAST / 2, " in the half that is tried on")) {
        return Measurement::lacking(why);
    }
    let Some(threshold) = rank::best_threshold(&choosing.concat()) else {
        return Measurement::lacking("All values are the same.");
    };
    let (right, wrong) = classes(&trying);
    let above = |class: bool| {
        trying.iter().flatten().filter(|(value, right)| *right == class && *value > threshold.at).count()
    };
    let shares = ShareEstimate::new(above(true), right).zip(ShareEstimate::new(wrong - above(false), wrong));
    match shares {
        Some((right_kept, wrong_caught)) => {
            Measurement::Measured(ThresholdCut { at: threshold.at, right_kept, wrong_caught })
        }
        None => Measurement::lacking("The half that is tried on has no values."),
    }
}
