//! A scorer as a verifier of whole plans.

use serde::Serialize;

use super::{
    draw::{Halves, halve},
    examiner::Judged,
    report::{Figure, Missing, Share, by_problem, over_problems},
};
use stats::{intervals::wilson, rank};

/// The fewest right and the fewest wrong ones for an area, and half as many for a threshold, in each half. \[our own\]
pub(super) const LEAST: usize = 10;

/// Values with whether they belong to something right, a list a problem.
pub(super) type Labelled = Vec<Vec<(f64, bool)>>;

/// How well right plans are distinguished from wrong ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanReport {
    /// Right plans with a value.
    pub right: usize,
    /// Wrong plans with a value.
    pub wrong: usize,
    /// Plans without one. They count neither way.
    pub missing: Missing,
    /// Area under the ROC curve: how often a right plan has a higher value than a wrong one.
    pub auc: Figure,
    /// Expected calibration error. It is biased upwards where values are few.
    pub ece: Figure,
    /// A threshold between right and wrong.
    pub cut: Figure<Cut>,
}

/// A threshold with the highest Youden's J on one half of the problems, and what it classifies correctly in the other half.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cut {
    /// Above it a plan counts as right.
    pub at: f64,
    /// Right plans above it.
    pub right_kept: Share,
    /// Wrong plans at or below it.
    pub wrong_caught: Share,
}

impl PlanReport {
    pub(super) fn new(judged: &[Judged], probability: bool, seed: u64) -> Self {
        let value = |one: &&Judged| Some((one.whole.as_ref().ok()?.value, one.label.is_right()));
        let problems: Labelled =
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
fn classes(problems: &Labelled) -> (usize, usize) {
    let right = problems.iter().flatten().filter(|(_, right)| *right).count();
    (right, problems.iter().map(Vec::len).sum::<usize>() - right)
}

/// Returns a sentence where there are fewer than `least` right or wrong ones with a value.
fn too_few(problems: &Labelled, least: usize, whose: &str) -> Option<String> {
    let (right, wrong) = classes(problems);
    (right.min(wrong) < least).then(|| {
        format!("{right} right and {wrong} wrong ones have a value{whose}; it takes {least} of each.")
    })
}

/// AUC over problems. Where values separate without a fault, the bounds are Wilson's of as many hits as the smaller class
/// has members \[our own\].
pub(super) fn auc(problems: &Labelled, seed: u64) -> Figure {
    if let Some(why) = too_few(problems, LEAST, "") {
        return Figure::lacking(why);
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

pub(super) fn ece(problems: &Labelled, probability: bool, seed: u64) -> Figure {
    if !probability {
        return Figure::NotApplicable {
            why: "Its value is not meant as a probability of being right.".into(),
        };
    }
    let (right, wrong) = classes(problems);
    if right + wrong < 2 * LEAST {
        return Figure::lacking(format!("{} have a value; it takes {}.", right + wrong, 2 * LEAST));
    }
    let error = |problems: &[Vec<(f64, bool)>]| rank::ece(&problems.concat()).unwrap_or(f64::NAN);
    over_problems(problems, error, seed, || None)
}

fn cut(problems: Labelled, seed: u64) -> Figure<Cut> {
    let Halves { choosing, trying } = halve(problems, seed);
    let lacking = too_few(&choosing, LEAST / 2, " in the half that thresholds are chosen on");
    if let Some(why) = lacking.or_else(|| too_few(&trying, LEAST / 2, " in the half that is tried on")) {
        return Figure::lacking(why);
    }
    let Some(threshold) = rank::best_threshold(&choosing.concat()) else {
        return Figure::lacking("All values are the same.");
    };
    let (right, wrong) = classes(&trying);
    let above = |class: bool| {
        trying.iter().flatten().filter(|(value, right)| *right == class && *value > threshold.at).count()
    };
    let shares = Share::new(above(true), right).zip(Share::new(wrong - above(false), wrong));
    match shares {
        Some((right_kept, wrong_caught)) => {
            Figure::Measured(Cut { at: threshold.at, right_kept, wrong_caught })
        }
        None => Figure::lacking("The half that is tried on has no values."),
    }
}
