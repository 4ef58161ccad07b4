//! Two arms on the same problems: how far apart, how sure, and the verdict as a sentence. Pure functions.
//!
//! The unit is the problem: seeds of one problem are averaged first, and only problems are resampled.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::figures::RESAMPLES;
use stats::{
    bootstrap::bca_mean,
    intervals::wilson,
    mean,
    paired::{mcnemar, mcnemar_exact_power, mcnemar_exact_problems},
};

/// Draws of a sign-flip test: the smallest p is one over this.
const FLIPS: usize = 20_000;
/// The level at which differences count, after Holm's correction.
pub const LEVEL: f64 = 0.05;
/// The difference that an experiment is asked to be able to see, as a share of the problems. \[our own\]
pub(crate) const OF_INTEREST: f64 = 0.1;
/// The power with which it must be able to see it, for "no difference seen" to say anything.
pub(super) const POWER: f64 = 0.8;

/// Right or wrong, by problem and seed; what was not judged is not in it.
pub type Marks = BTreeMap<String, BTreeMap<u64, bool>>;

/// How an arm compares with the baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmContrast {
    /// Problems on which both were judged on the same seeds.
    pub problems: usize,
    /// The mean over problems of the difference in the share of right answers.
    pub difference: Option<f64>,
    /// Its 95 % interval: BCa bootstrap over problems. Where all problems differ alike, no resample differs, and the
    /// difference stands between Wilson's bounds of what none of so many problems shows \[our own\].
    pub interval: Option<(f64, f64)>,
    /// Problems that only this arm solves more often, and those that only the baseline does.
    pub discordant: (usize, usize),
    /// Two-sided: McNemar's exact test where each problem has one seed, and otherwise a test of random signs over
    /// problems, of which McNemar's is the exact form for differences of one. Absent where the two never differ.
    pub p: Option<f64>,
    /// The same after Holm's correction over all arms of the comparison.
    pub holm: Option<f64>,
    /// The power with which McNemar's exact test would see a difference of 10 points, at the share of problems that came
    /// out differently.
    pub power: Option<f64>,
    /// How many problems would see it with 80 % power.
    pub needed: Option<usize>,
}

/// The verdict of a contrast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContrastVerdict {
    /// The arm solves more.
    Better,
    /// The arm solves fewer.
    Worse,
    /// A difference of interest would have been seen, and was not.
    NoDifference,
    /// Too few problems to say anything.
    NotEnough,
}

impl ContrastVerdict {
    /// Returns the words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NoDifference => "no difference seen",
            Self::NotEnough => "not enough data",
        }
    }
}

impl ArmContrast {
    /// Compares `arm` with `baseline` on the problems and seeds that both were judged on.
    pub fn of(arm: &Marks, baseline: &Marks, seed: u64) -> Self {
        let mut single = true;
        let mut differences = Vec::new();
        for (problem, marks) in arm {
            let Some(others) = baseline.get(problem) else { continue };
            let pairs: Vec<f64> = marks
                .iter()
                .filter_map(|(seed, right)| Some(f64::from(*right) - f64::from(*others.get(seed)?)))
                .collect();
            single &= pairs.len() <= 1;
            differences.extend(mean(&pairs));
        }
        let count = |keep: fn(&f64) -> bool| differences.iter().filter(|difference| keep(difference)).count();
        let (for_arm, for_baseline) = (count(|d| *d > 0.0), count(|d| *d < 0.0));
        let p = if single {
            mcnemar(for_arm as u64, for_baseline as u64)
        } else {
            random_signs(&differences, FLIPS, seed)
        };
        let problems = differences.len();
        let share = (for_arm + for_baseline) as f64 / problems.max(1) as f64;
        // With no problem that came out differently the share is not known to be 0: take the smallest that the
        // difference of interest needs.
        let share = share.max(OF_INTEREST);
        Self {
            problems,
            difference: mean(&differences),
            interval: interval(&differences, seed),
            discordant: (for_arm, for_baseline),
            p,
            holm: None,
            power: mcnemar_exact_power(problems, share, OF_INTEREST),
            needed: mcnemar_exact_problems(share, OF_INTEREST),
        }
    }

    /// Returns the verdict.
    pub fn verdict(&self) -> ContrastVerdict {
        match (self.difference, self.holm.or(self.p)) {
            (Some(difference), Some(p)) if p < LEVEL && difference > 0.0 => ContrastVerdict::Better,
            (Some(difference), Some(p)) if p < LEVEL && difference < 0.0 => ContrastVerdict::Worse,
            _ if self.power.is_some_and(|power| power >= POWER) => ContrastVerdict::NoDifference,
            _ => ContrastVerdict::NotEnough,
        }
    }

    /// Returns the verdict as a sentence with its numbers.
    pub fn sentence(&self, arm: &str, baseline: &str) -> String {
        let n = self.problems;
        let points = self.difference.map(|difference| format!("{:+.1} points", 100.0 * difference));
        let points = points.unwrap_or_else(|| "no pairs".to_owned());
        let within = self.interval.map_or_else(String::new, |(low, high)| {
            format!(", 95 % {:+.1} to {:+.1}", 100.0 * low, 100.0 * high)
        });
        let p = match self.holm.or(self.p) {
            Some(p) if p < 0.000_5 => ", p < 0.001 after Holm".to_owned(),
            Some(p) => format!(", p = {p:.3} after Holm"),
            None => String::new(),
        };
        let numbers = format!("{points}{within}{p}, n = {n}");
        match self.verdict() {
            ContrastVerdict::Better => format!("{arm} is better than {baseline}: {numbers}."),
            ContrastVerdict::Worse => format!("{arm} is worse than {baseline}: {numbers}."),
            ContrastVerdict::NoDifference => {
                format!("No difference seen between {arm} and {baseline} at this n: {numbers}.")
            }
            ContrastVerdict::NotEnough => {
                let needed = self.needed.map_or_else(String::new, |needed| {
                    format!("; a difference of 10 points needs about {needed} problems")
                });
                format!("Not enough data to compare {arm} with {baseline}: {numbers}{needed}.")
            }
        }
    }
}

/// The interval of the mean of `differences`, one per problem; `None` of fewer than two.
fn interval(differences: &[f64], seed: u64) -> Option<(f64, f64)> {
    let (low, high) = bca_mean(differences, RESAMPLES, 0.95, seed)?;
    if high > low {
        return Some((low, high));
    }
    // To what share of the problems one that differs may still belong.
    let unseen = wilson(0, differences.len(), 0.95)?.1;
    Some(((low - unseen).max(-1.0), (high + unseen).min(1.0)))
}

/// Returns the two-sided p of the test that flips the sign of each difference at random (Fisher 1935), by `draws` seeded
/// draws, the observed one counted among them. `None` where all differences are 0.
fn random_signs(differences: &[f64], draws: usize, seed: u64) -> Option<f64> {
    let differing: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    if differing.is_empty() {
        return None;
    }
    let observed = differing.iter().sum::<f64>().abs();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let extreme = (0..draws)
        .filter(|_| {
            let sum: f64 =
                differing.iter().map(|difference| if rng.random() { *difference } else { -difference }).sum();
            // Sums of the same values in other orders differ in their last bits.
            sum.abs() >= observed - 1e-9
        })
        .count();
    Some((extreme + 1) as f64 / (draws + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(rows: &[&[bool]]) -> Marks {
        let seeds = |row: &[bool]| (0..).zip(row.iter().copied()).collect();
        rows.iter().enumerate().map(|(at, row)| (format!("p{at}"), seeds(row))).collect()
    }

    fn single(rights: &[bool]) -> Marks {
        marks(&rights.iter().map(std::slice::from_ref).collect::<Vec<_>>())
    }

    #[test]
    fn one_seed_a_problem_is_mcnemar() {
        let arm = single(&[true; 12]);
        let baseline =
            single(&[false, false, false, false, false, false, false, false, true, true, true, true]);
        let contrast = ArmContrast::of(&arm, &baseline, 1);
        assert_eq!((contrast.problems, contrast.discordant), (12, (8, 0)));
        assert!((contrast.p.unwrap() - 2.0 / 256.0).abs() < 1e-12);
        assert!((contrast.difference.unwrap() - 8.0 / 12.0).abs() < 1e-12);
        let (low, high) = contrast.interval.unwrap();
        assert!(0.2 < low && low < 8.0 / 12.0 && high < 1.0, "{low} {high}");
        assert_eq!(contrast.verdict(), ContrastVerdict::Better);
        assert_eq!(ArmContrast::of(&baseline, &arm, 1).verdict(), ContrastVerdict::Worse);
        assert!(contrast.sentence("a", "b").starts_with("a is better than b: +66.7 points"));
    }

    #[test]
    fn random_signs_of_ones_agree_with_mcnemar() {
        let differences: Vec<f64> = [vec![1.0; 9], vec![-1.0; 3], vec![0.0; 8]].concat();
        let p = random_signs(&differences, 100_000, 3).unwrap();
        assert!((p - mcnemar(9, 3).unwrap()).abs() < 0.005, "{p}");
        assert_eq!(random_signs(&[0.0, 0.0], 10, 1), None);
    }

    #[test]
    fn seeds_of_a_problem_count_as_one() {
        let arm = marks(&[&[true, true, false], &[true, true, true]]);
        let baseline = marks(&[&[false, true, false], &[true, true, true]]);
        let contrast = ArmContrast::of(&arm, &baseline, 1);
        assert_eq!((contrast.problems, contrast.discordant), (2, (1, 0)));
        assert!((contrast.difference.unwrap() - 1.0 / 6.0).abs() < 1e-12);
        assert_eq!(contrast.verdict(), ContrastVerdict::NotEnough);
    }

    #[test]
    fn only_what_both_were_judged_on_is_compared() {
        let mut arm = single(&[true, true, true]);
        arm.remove("p1");
        let contrast = ArmContrast::of(&arm, &single(&[true, false, true]), 1);
        assert_eq!((contrast.problems, contrast.p), (2, None));
        let nothing = ArmContrast::of(&Marks::new(), &Marks::new(), 1);
        assert_eq!((nothing.difference, nothing.verdict()), (None, ContrastVerdict::NotEnough));
        assert!(nothing.sentence("a", "b").contains("no pairs"));
    }

    #[test]
    fn not_to_differ_on_a_few_problems_is_not_to_be_sure() {
        let all = single(&[true; 10]);
        let (low, high) = ArmContrast::of(&all, &all, 1).interval.unwrap();
        assert!((high - wilson(0, 10, 0.95).unwrap().1).abs() < 1e-12 && low == -high, "{low} {high}");
        let none = single(&[false; 10]);
        let (low, high) = ArmContrast::of(&all, &none, 1).interval.unwrap();
        assert!(0.5 < low && low < 1.0 && high == 1.0, "{low} {high}");
    }

    #[test]
    fn nothing_seen_among_many_is_no_difference() {
        let half: Vec<bool> = (0..300).map(|at| at % 2 == 0).collect();
        let other: Vec<bool> = (0..300).map(|at| at % 2 == 0 || at % 30 == 1).collect();
        let other: Vec<bool> = other.iter().enumerate().map(|(at, right)| *right && at % 30 != 2).collect();
        let contrast = ArmContrast::of(&single(&half), &single(&other), 1);
        assert_eq!(contrast.discordant, (10, 10));
        assert_eq!(contrast.verdict(), ContrastVerdict::NoDifference);
        let few = ArmContrast::of(&single(&half[..20]), &single(&half[..20]), 1);
        assert_eq!(few.verdict(), ContrastVerdict::NotEnough, "not to differ on a few says little");
    }
}
