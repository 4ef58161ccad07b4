//! A scorer as a verifier of steps: which step is the first wrong one?

use serde::Serialize;

use super::{
    draw::{Halves, halve},
    evaluator::JudgedSample,
    report::{Measurement, Missing, ShareEstimate, by_problem, over_problems},
    whole::{LEAST, LabelledValues, auc, ece},
};
use engine::score::Reading;
use problem::Label;
use stats::rank::process_f1;

/// How well right steps are distinguished from wrong ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepReport {
    /// Right steps with a value: all before the first wrong one.
    pub right: usize,
    /// Wrong steps with a value: the first of each plan. Later ones are not labelled and left out.
    pub wrong: usize,
    /// LabelledValues steps without a value.
    pub missing: Missing,
    /// Area under the ROC curve.
    pub auc: Measurement,
    /// Expected calibration error.
    pub ece: Measurement,
    /// Naming the first wrong step.
    pub first_error: Measurement<FirstError>,
}

/// How well the first wrong step is named: the first whose value is at or below a threshold. The threshold has the
/// highest F1 on one half of the problems; everything else is of the other half.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FirstError {
    /// The threshold; absent where never naming a step would be best.
    pub at: Option<f64>,
    /// a₁: of the plans with a wrong step, those whose first one is named exactly.
    pub wrong: ShareEstimate,
    /// a₂: of the right plans, those in which no step is named.
    pub right: ShareEstimate,
    /// F1 = 2·a₁·a₂/(a₁ + a₂), as ProcessBench has it.
    pub f1: stats::Estimate,
}

/// The values of a plan's steps, in their order, and the first wrong one. A step without a value is never named.
#[derive(Debug, Clone, PartialEq)]
struct StepValues {
    values: Vec<Option<f64>>,
    wrong: Option<usize>,
}

impl StepReport {
    pub(super) fn new(judged: &[JudgedSample], probability: bool, seed: u64) -> Self {
        let problems = by_problem(judged);
        let labelled: LabelledValues =
            problems.iter().map(|samples| samples.iter().flat_map(|one| values(one)).collect()).collect();
        let all = labelled.concat();
        let right = all.iter().filter(|(_, right)| *right).count();
        let walks = problems.iter().map(|samples| samples.iter().filter_map(|one| walk(one)).collect());
        Self {
            right,
            wrong: all.len() - right,
            missing: Missing::among(judged.iter().flat_map(known).map(|(reading, _)| reading)),
            auc: auc(&labelled, seed),
            ece: ece(&labelled, probability, seed),
            first_error: first_error(walks.collect(), seed),
        }
    }
}

/// The labelled steps of a plan, and whether each is right.
fn known(one: &JudgedSample) -> impl Iterator<Item = (&Reading, bool)> {
    let (end, wrong) = match one.label {
        Label::Right | Label::Incomplete => (one.steps.len(), None),
        Label::WrongStep(at) => (at + 1, Some(at)),
    };
    one.steps.iter().take(end).enumerate().map(move |(at, reading)| (reading, Some(at) != wrong))
}

fn values(one: &JudgedSample) -> impl Iterator<Item = (f64, bool)> {
    known(one).filter_map(|(reading, right)| Some((reading.as_ref().ok()?.value, right)))
}

/// Returns the plan's walk; `None` where no step has a value, and for a plan whose steps hold though it misses the
/// goal: nobody can say which of them to name.
fn walk(one: &JudgedSample) -> Option<StepValues> {
    let wrong = match one.label {
        Label::Right => None,
        Label::WrongStep(at) => Some(at),
        Label::Incomplete => return None,
    };
    let values: Vec<Option<f64>> =
        one.steps.iter().map(|reading| reading.as_ref().ok().map(|value| value.value)).collect();
    values.iter().any(Option::is_some).then_some(StepValues { values, wrong })
}

impl StepValues {
    /// Returns whether what is named at this threshold is as labelled.
    fn hit(&self, threshold: f64) -> bool {
        self.values.iter().position(|value| value.is_some_and(|value| value <= threshold)) == self.wrong
    }
}

/// Hits and members of each class.
#[derive(Debug, Clone, Copy, Default)]
struct ClassCounts {
    wrong: (usize, usize),
    right: (usize, usize),
}

impl ClassCounts {
    fn of<'a>(walks: impl Iterator<Item = &'a StepValues>, threshold: f64) -> Self {
        let mut counts = Self::default();
        for walk in walks {
            let class = if walk.wrong.is_some() { &mut counts.wrong } else { &mut counts.right };
            class.0 += usize::from(walk.hit(threshold));
            class.1 += 1;
        }
        counts
    }

    /// F1; not a number where a class is empty.
    fn f1(self) -> f64 {
        let share = |(hits, of): (usize, usize)| hits as f64 / of as f64;
        let (wrong, right) = (share(self.wrong), share(self.right));
        if wrong.is_nan() || right.is_nan() { f64::NAN } else { process_f1(wrong, right) }
    }

    fn too_few(self, least: usize, whose: &str) -> Option<String> {
        let (wrong, right) = (self.wrong.1, self.right.1);
        (wrong.min(right) < least).then(|| {
            format!(
                "{wrong} plans with a wrong step and {right} right ones have values in the half that {whose}; it \
                 takes {least} of each."
            )
        })
    }
}

fn first_error(problems: Vec<Vec<StepValues>>, seed: u64) -> Measurement<FirstError> {
    let Halves { choosing, trying } = halve(problems, seed);
    let threshold = best_threshold(&choosing);
    let chosen = ClassCounts::of(choosing.iter().flatten(), threshold);
    let tried = ClassCounts::of(trying.iter().flatten(), threshold);
    let lacking = chosen.too_few(LEAST / 2, "thresholds are chosen on");
    if let Some(why) = lacking.or_else(|| tried.too_few(LEAST / 2, "is tried on")) {
        return Measurement::lacking(why);
    }
    let share = |(hits, of): (usize, usize)| ShareEstimate::new(hits, of);
    let Some((wrong, right)) = share(tried.wrong).zip(share(tried.right)) else {
        return Measurement::lacking("The half that is tried on has no values.");
    };
    let f1 = |problems: &[Vec<StepValues>]| ClassCounts::of(problems.iter().flatten(), threshold).f1();
    let bounds = || {
        let at = |end: fn((f64, f64)) -> f64| process_f1(end(wrong.interval), end(right.interval));
        Some((at(|interval| interval.0), at(|interval| interval.1)))
    };
    match over_problems(&trying, f1, seed, bounds) {
        Measurement::Measured(f1) => {
            let at = Some(threshold).filter(|threshold| threshold.is_finite());
            Measurement::Measured(FirstError { at, wrong, right, f1 })
        }
        Measurement::NotEnoughData { why } => Measurement::NotEnoughData { why },
        Measurement::NotApplicable { why } => Measurement::NotApplicable { why },
    }
}

/// Returns the threshold with the highest F1, halfway between two values; below all where none has any.
fn best_threshold(problems: &[Vec<StepValues>]) -> f64 {
    let mut values: Vec<f64> =
        problems.iter().flatten().flat_map(|walk| walk.values.iter().flatten().copied()).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let between = values.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
    let mut best = (f64::NEG_INFINITY, 0.0);
    for at in between {
        let f1 = ClassCounts::of(problems.iter().flatten(), at).f1();
        if f1 > best.1 {
            best = (at, f1);
        }
    }
    best.0
}
