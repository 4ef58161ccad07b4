//! Whether what comes out depends on the seed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Figure, Number, by_problem, mean_share, over};
use crate::columns::ResultRow;
use stats::{
    agreement::{fleiss, pairwise},
    intervals::wilson,
    mean,
    prevalence::within_problem_variance,
};

/// The fewest seeds of a problem for a variance, as for the check `stability` of `planscope diagnose`.
const LEAST: usize = 5;

/// How far seeds of the same problem agree.
///
/// An answer that cannot be read agrees with none. Cells whose calls failed are left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stability {
    /// The most seeds that a problem has.
    pub seeds: usize,
    /// The share of problems whose seeds all give the same answer.
    pub all_agree: Figure,
    /// How often two seeds of a problem give the same answer, a mean over problems.
    pub pairwise: Figure,
    /// Fleiss' kappa of being right: agreement beyond that of seeds that are right as often, whatever the problem.
    pub kappa: Figure,
    /// The variance of being right within problems, S/(S−1) · mean p(1−p), p being the share of seeds that are right.
    pub variance: Figure,
    /// Pairwise agreement compared with the baseline's, among problems that both solve on equally many seeds: what agrees
    /// more only because more is right is not more stable.
    pub equal: Figure<PairedAgreement>,
}

/// Pairwise agreement of two arms, on problems that both solve on equally many seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedAgreement {
    /// The arm's.
    pub arm: f64,
    /// The baseline's.
    pub baseline: f64,
    /// How many such problems there are.
    pub problems: usize,
}

/// The runs of one problem.
#[derive(Debug, Clone, PartialEq, Default)]
struct ProblemRuns {
    /// How many give each answer; each one that cannot be read stands for itself.
    answers: Vec<usize>,
    /// How many are right and wrong.
    marks: [usize; 2],
}

impl ProblemRuns {
    fn of(rows: &[&ResultRow]) -> Self {
        let mut answers: BTreeMap<String, usize> = BTreeMap::new();
        let (mut unread, mut marks) = (0, [0, 0]);
        let family =
            rows.first().and_then(|row| problem::family(&row.run.family)).unwrap_or(&problem::free::Free);
        let stated =
            problem::spelled_alike(family, rows.iter().map(|row| row.answer.answer.clone()).collect());
        for (row, answer) in rows.iter().zip(stated) {
            match answer {
                Some(answer) => *answers.entry(answer).or_default() += 1,
                None => unread += usize::from(row.answer.right.is_some()),
            }
            if let Some(right) = row.answer.right {
                marks[usize::from(!right)] += 1;
            }
        }
        let unread = std::iter::repeat_n(1, unread);
        Self { answers: answers.into_values().chain(unread).collect(), marks }
    }

    fn count(&self) -> usize {
        self.answers.iter().sum()
    }

    /// S/(S−1) · p(1−p) of being right.
    fn variance(&self) -> Option<f64> {
        let [right, wrong] = self.marks;
        within_problem_variance(&[right], right + wrong).filter(|_| right + wrong >= LEAST)
    }
}

impl Stability {
    /// Returns what the rows of an arm say, compared with those of the baseline.
    pub(crate) fn of(rows: &[&ResultRow], baseline: &[&ResultRow]) -> Self {
        let runs = runs(rows);
        let seeds = runs.values().map(ProblemRuns::count).max().unwrap_or(0);
        let several: Vec<&ProblemRuns> = runs.values().filter(|runs| runs.count() > 1).collect();
        let needs = |least: usize| match seeds {
            0 => "There is no answer.".to_owned(),
            1 => format!("It needs {} seeds a problem; there is one.", words(least)),
            _ => format!("It needs {} seeds a problem; there are {seeds} at most.", words(least)),
        };
        let agreeing: Vec<f64> = several.iter().filter_map(|runs| pairwise(&runs.answers)).collect();
        let variances: Vec<f64> = runs.values().filter_map(ProblemRuns::variance).collect();
        let variance = over(&variances, |values| mean(values).unwrap_or(f64::NAN), |_| None);
        let alone = several.is_empty();
        Self {
            seeds,
            all_agree: Figure::or_missing(all_agree(&several), needs(2)),
            pairwise: Figure::or_missing(mean_share(&agreeing), needs(2)),
            kappa: if alone { Figure::missing(needs(2)) } else { kappa(&several) },
            variance: Figure::or_missing(variance, needs(LEAST)),
            equal: if alone { Figure::missing(needs(2)) } else { equal(&runs, baseline) },
        }
    }
}

fn words(seeds: usize) -> &'static str {
    if seeds == LEAST { "five" } else { "two" }
}

fn runs<'a>(rows: &[&'a ResultRow]) -> BTreeMap<&'a str, ProblemRuns> {
    by_problem(rows).into_iter().map(|(problem, rows)| (problem, ProblemRuns::of(&rows))).collect()
}

fn all_agree(several: &[&ProblemRuns]) -> Option<Number> {
    let n = several.len();
    let agree = several.iter().filter(|runs| runs.answers.len() == 1).count();
    (n > 0).then(|| Number { value: agree as f64 / n as f64, interval: wilson(agree, n, 0.95), problems: n })
}

fn kappa(several: &[&ProblemRuns]) -> Figure {
    let marks: Vec<[usize; 2]> =
        several.iter().map(|runs| runs.marks).filter(|marks| marks.iter().sum::<usize>() > 1).collect();
    if marks.is_empty() {
        return Figure::missing("No problem was judged on two seeds.");
    }
    let found = over(&marks, |marks| fleiss(marks).unwrap_or(f64::NAN), |_| None);
    Figure::or_missing(found, "All answers are right, or all are wrong, so that chance would agree as well.")
}

fn equal(runs: &BTreeMap<&str, ProblemRuns>, baseline: &[&ResultRow]) -> Figure<PairedAgreement> {
    let others = self::runs(baseline);
    let pairs: Vec<(f64, f64)> = runs
        .iter()
        .filter_map(|(problem, runs)| {
            let other = others.get(problem).filter(|other| other.marks == runs.marks)?;
            Some((pairwise(&runs.answers)?, pairwise(&other.answers)?))
        })
        .collect();
    let (arm, other): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let alongside = mean(&arm).zip(mean(&other));
    let alongside = alongside.map(|(arm, baseline)| PairedAgreement { arm, baseline, problems: pairs.len() });
    Figure::or_missing(
        alongside,
        "There is no problem that both arms solve on equally many of several seeds.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    fn cell(problem: u32, seed: u64, answer: &str, right: bool) -> ResultRow {
        let answer = (!answer.is_empty()).then(|| answer.to_owned());
        with(row("refine", problem, Some(right)), |row| {
            row.run.seed = seed;
            row.answer.answer = answer;
        })
    }

    fn of(rows: &[ResultRow], baseline: &[ResultRow]) -> Stability {
        Stability::of(&rows.iter().collect::<Vec<_>>(), &baseline.iter().collect::<Vec<_>>())
    }

    #[test]
    fn seeds_that_give_the_same_answer_agree() {
        let rows = [
            [cell(0, 1, "7", true), cell(0, 2, "7", true), cell(0, 3, "7", true)],
            [cell(1, 1, "7", true), cell(1, 2, "7", true), cell(1, 3, "8", false)],
            [cell(2, 1, "", false), cell(2, 2, "", false), cell(2, 3, "5", false)],
        ]
        .concat();
        let found = of(&rows, &rows);
        assert_eq!(found.seeds, 3);
        let agree = found.all_agree.get().unwrap();
        assert_eq!((agree.value, agree.interval), (1.0 / 3.0, wilson(1, 3, 0.95)));
        let pairs = found.pairwise.get().unwrap();
        assert!(
            (pairs.value - (1.0 + 1.0 / 3.0 + 0.0) / 3.0).abs() < 1e-12,
            "what cannot be read agrees with none"
        );
        let kappa = found.kappa.get().unwrap().value;
        assert!((kappa - fleiss(&[[3, 0], [2, 1], [0, 3]]).unwrap()).abs() < 1e-12);
        assert!(found.variance.why().unwrap().contains("needs five seeds a problem; there are 3"));
    }

    #[test]
    fn one_seed_says_nothing_and_says_so() {
        let rows = [cell(0, 1, "7", true), cell(1, 1, "7", true)];
        let found = of(&rows, &rows);
        assert_eq!(found.all_agree.why(), Some("It needs two seeds a problem; there is one."));
        assert_eq!(found.pairwise.why(), found.kappa.why());
        let failed = with(row("refine", 0, None), |row| row.answer.answer = None);
        assert_eq!(of(&[failed], &[]).all_agree.why(), Some("There is no answer."));
    }

    #[test]
    fn all_right_leaves_nothing_to_agree_on_beyond_chance() {
        let rows = [cell(0, 1, "7", true), cell(0, 2, "7", true)];
        assert!(of(&rows, &rows).kappa.why().unwrap().contains("chance would agree"));
    }

    #[test]
    fn agreement_is_compared_where_both_are_equally_right() {
        let seeds = |problem, answers: [&str; 5], right| -> Vec<ResultRow> {
            (0..).zip(answers).map(|(seed, answer)| cell(problem, seed, answer, right)).collect()
        };
        let steady = seeds(0, ["7"; 5], true);
        let only_arm = seeds(2, ["1"; 5], true);
        let arm = [steady.clone(), seeds(1, ["1", "1", "1", "1", "2"], false), only_arm].concat();
        let other = seeds(2, ["2"; 5], false);
        let baseline = [steady, seeds(1, ["1", "2", "3", "4", "5"], false), other].concat();
        let found = of(&arm, &baseline);
        assert_eq!(found.variance.get().unwrap().value, 0.0, "each problem is always right, or never");
        let equal = found.equal.get().unwrap();
        assert_eq!((equal.problems, equal.arm, equal.baseline), (2, 0.8, 0.5));
    }
}
