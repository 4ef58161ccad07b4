//! A budget that the problems of an experiment share: what is saved on one is spent on others. Pure functions of rows.
//!
//! No model is asked for it: a pool is computed from runs that were made with a cap for each problem.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    anytime::AnswerMoment,
    columns::ResultRow,
    contrast::{ArmContrast, Marks},
    experiment::Meter,
    figures::SEED,
    report::{By, Solved, correct, subject},
};
use engine::budget::si;

/// What arms make of a pool of generated tokens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pool {
    /// As the experiment names it.
    pub model: String,
    /// What its problems have in common; absent where they are all.
    pub part: Option<String>,
    /// The size of the pool, in generated tokens per problem.
    pub value: f64,
    /// The arm that the others are compared with.
    pub baseline: String,
    /// One line an arm, the baseline first.
    pub arms: Vec<PoolLine>,
}

/// One arm and a pool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolLine {
    /// Its name.
    pub arm: String,
    /// Whether anything that steered it saw gold.
    pub oracle: bool,
    /// Right answers.
    #[serde(flatten)]
    pub solved: Solved,
    /// Whether its runs end together or each at a cap.
    pub shares: Shares,
    /// Generated tokens, a mean over problems.
    pub mean: f64,
    /// What it spent beyond the pool, as a share of it.
    pub overrun: f64,
    /// Its comparison with the baseline; absent for the baseline.
    pub contrast: Option<ArmContrast>,
    /// The same as a sentence.
    pub verdict: Option<String>,
}

/// How an arm shares a pool among its problems.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Shares {
    /// All runs advance side by side; those that end leave what they save to the others, and when the pool is spent, all are
    /// stopped, at this many generated tokens each (a mean over seeds).
    Level {
        /// Where they are stopped; absent where all ended by themselves.
        tokens: Option<f64>,
        /// The cap of the runs that it is computed from.
        cap: f64,
    },
    /// Runs that cannot be stopped early: those with the largest cap whose mean is within the pool, or with the smallest one
    /// of all where none is.
    Cap {
        /// The cap of those runs, in generated tokens.
        cap: f64,
    },
}

/// The result of one run within a pool.
struct PoolRun<'a> {
    row: &'a ResultRow,
    generated: u64,
    right: Option<bool>,
}

impl Pool {
    /// Returns what the arms among `rows` make of pools of each of `values` generated tokens per problem.
    pub(super) fn all(rows: &[ResultRow], baseline: &str, by: By, values: &[f64]) -> Vec<Self> {
        let mut parts: BTreeMap<(&str, Option<String>), Vec<&ResultRow>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.run.meter == Meter::Generated) {
            parts.entry((&row.run.model, by.part(row))).or_default().push(row);
        }
        let pools = parts.into_iter().flat_map(|((model, part), rows)| {
            let of = move |value: &f64| Self::of(model, part.clone(), &rows, baseline, *value);
            values.iter().map(of).collect::<Vec<_>>()
        });
        pools.collect()
    }

    fn of(model: &str, part: Option<String>, rows: &[&ResultRow], baseline: &str, value: f64) -> Self {
        let mut by_arm: BTreeMap<&str, Vec<&ResultRow>> = BTreeMap::new();
        rows.iter().for_each(|row| by_arm.entry(&row.run.arm).or_default().push(row));
        let first = by_arm.keys().next().copied().unwrap_or_default();
        let baseline = if by_arm.contains_key(baseline) { baseline } else { first }.to_owned();
        let shared: BTreeMap<&str, (Shares, Vec<PoolRun<'_>>)> =
            by_arm.into_iter().map(|(arm, rows)| (arm, share(&rows, value))).collect();
        let against = shared.get(baseline.as_str()).map(|(_, spent)| marks(spent)).unwrap_or_default();
        let line = |(arm, (shares, spent)): (&&str, &(Shares, Vec<PoolRun<'_>>))| {
            let own = marks(spent);
            let total: u64 = spent.iter().map(|one| one.generated).sum();
            let mean = total as f64 / spent.len().max(1) as f64;
            PoolLine {
                arm: (*arm).to_owned(),
                oracle: spent.iter().any(|one| one.row.run.oracle),
                solved: Solved::of(&own),
                shares: *shares,
                mean,
                overrun: (mean / value - 1.0).max(0.0),
                contrast: (**arm != baseline).then(|| ArmContrast::of(&own, &against, SEED)),
                verdict: None,
            }
        };
        let mut arms: Vec<PoolLine> = shared.iter().map(line).collect();
        arms.sort_by_key(|line| line.arm != baseline);
        let compared = arms.iter_mut().map(|line| (&*line.arm, &mut line.contrast, &mut line.verdict));
        correct(compared.collect(), &baseline);
        Self { model: model.to_owned(), part, value, baseline, arms }
    }
}

fn marks(spent: &[PoolRun<'_>]) -> Marks {
    let mut marks = Marks::new();
    for one in spent {
        if let Some(right) = one.right {
            marks.entry(one.row.key().to_owned()).or_default().insert(one.row.run.seed, right);
        }
    }
    marks
}

/// Shares a pool of `value` tokens per problem among the runs of an arm. What is decided here rests on what runs cost, never on
/// their results.
fn share<'a>(rows: &[&'a ResultRow], value: f64) -> (Shares, Vec<PoolRun<'a>>) {
    let mut caps: BTreeMap<u64, Vec<&ResultRow>> = BTreeMap::new();
    // Budgets are above 0, where the bits of numbers are in their order.
    rows.iter().for_each(|row| caps.entry(row.run.budget.to_bits()).or_default().push(row));
    let cap = |bits: &u64| f64::from_bits(*bits);
    if let Some((largest, rows)) = caps.last_key_value()
        && rows.iter().any(|row| row.record.moments.is_some())
        && rows.iter().all(|row| row.record.moments.is_some() || row.record.failure.is_some())
    {
        let (tokens, spent) = stopped(rows, value);
        return (Shares::Level { tokens, cap: cap(largest) }, spent);
    }
    let within = |rows: &&Vec<&ResultRow>| {
        let total: u64 = rows.iter().map(|row| row.spent.generated).sum();
        total as f64 <= value * rows.len() as f64
    };
    let taken = caps.iter().rfind(|(_, rows)| within(rows)).or_else(|| caps.first_key_value());
    let whole =
        |row: &&'a ResultRow| PoolRun { row, generated: row.spent.generated, right: row.answer.right };
    let spent = taken.map(|(_, rows)| rows.iter().map(whole).collect()).unwrap_or_default();
    (Shares::Cap { cap: taken.map_or(0.0, |(bits, _)| cap(bits)) }, spent)
}

/// Stops runs that advance side by side when their pool is spent: each seed has a pool of its own.
fn stopped<'a>(rows: &[&'a ResultRow], value: f64) -> (Option<f64>, Vec<PoolRun<'a>>) {
    let mut seeds: BTreeMap<u64, Vec<&'a ResultRow>> = BTreeMap::new();
    rows.iter().for_each(|row| seeds.entry(row.run.seed).or_default().push(row));
    let (mut levels, mut spent) = (Vec::new(), Vec::new());
    for rows in seeds.values() {
        let totals = rows.iter().map(|row| row.spent.generated).collect();
        let level = level(totals, value * rows.len() as f64);
        levels.extend(level.map(|level| level as f64));
        spent.extend(rows.iter().map(|row| at(row, level.unwrap_or(u64::MAX))));
    }
    (stats::mean(&levels), spent)
}

/// Returns at how many tokens runs of these lengths have together spent `pool`; `None` where they all end before.
fn level(mut totals: Vec<u64>, pool: f64) -> Option<u64> {
    totals.sort_unstable();
    let (mut left, mut running) = (pool, totals.len() as f64);
    for total in totals {
        if total as f64 * running > left {
            return Some((left / running) as u64);
        }
        left -= total as f64;
        running -= 1.0;
    }
    None
}

/// The result of a run that is stopped once it has drawn `level` tokens.
fn at(row: &ResultRow, level: u64) -> PoolRun<'_> {
    if row.spent.generated <= level {
        return PoolRun { row, generated: row.spent.generated, right: row.answer.right };
    }
    let moments: &[AnswerMoment] = row.record.moments.as_deref().unwrap_or_default();
    let stood = moments.iter().rfind(|moment| moment.generated <= level);
    // Without an answer it is not right, where answers can be judged at all.
    let right = stood.map_or_else(|| row.answer.right.map(|_| false), |moment| moment.right);
    PoolRun { row, generated: level, right }
}

/// Numbers of an arm and a pool, as they are shown.
pub struct PoolWords {
    /// Right answers of those judged.
    pub right: String,
    /// Tokens per problem.
    pub mean: String,
    /// Where runs were stopped.
    pub stopped: String,
    /// What was spent beyond the pool.
    pub overrun: String,
}

impl PoolWords {
    /// Returns those of `line`.
    pub fn of(line: &PoolLine) -> Self {
        let stopped = match line.shares {
            Shares::Level { tokens: Some(tokens), .. } => {
                format!("{} of {}", si(tokens.round()), si(cap(line)))
            }
            Shares::Level { tokens: None, .. } => "nowhere".to_owned(),
            Shares::Cap { .. } => format!("cap {}", si(cap(line))),
        };
        Self {
            right: format!("{} of {}", line.solved.right, line.solved.judged),
            mean: si(line.mean.round()),
            stopped,
            overrun: if line.overrun > 0.0 {
                format!("{:.1} %", 100.0 * line.overrun)
            } else {
                "none".to_owned()
            },
        }
    }
}

const fn cap(line: &PoolLine) -> f64 {
    match line.shares {
        Shares::Level { cap, .. } | Shares::Cap { cap } => cap,
    }
}

/// Returns the name of a pool.
pub fn pool_heading(pool: &Pool) -> String {
    let subject = subject(&pool.model, pool.part.as_deref());
    format!("{subject}, a pool of {} generated tokens per problem", si(pool.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    fn run(arm: &str, problem: u32, generated: u64, moments: &[(u64, bool)]) -> ResultRow {
        let right = moments.last().map(|(_, right)| *right);
        let moment = |&(generated, right): &(u64, bool)| AnswerMoment { generated, right: Some(right) };
        let moments = Some(moments.iter().map(moment).collect());
        with(row(arm, problem, right), |row| {
            row.spent.generated = generated;
            row.run.budget = 900.0;
            row.record.moments = moments;
        })
    }

    #[test]
    fn runs_that_end_early_leave_what_they_save_to_the_others() {
        assert_eq!(level(vec![100, 900, 100, 900], 1200.0), Some(500));
        assert_eq!(
            level(vec![100, 900, 500, 900], 2000.0),
            Some(700),
            "two of 700, and what the others took"
        );
        assert_eq!(level(vec![100, 200], 300.0), None, "all end by themselves");
        assert_eq!(level(vec![400, 400], 300.0), Some(150));
        assert_eq!(level(vec![], 0.0), None);
    }

    #[test]
    fn a_stopped_run_has_the_answer_that_stood() {
        let rows = [
            run("refine", 0, 100, &[(60, true)]),
            run("refine", 1, 900, &[(60, false), (450, true)]),
            run("refine", 2, 100, &[(60, false)]),
            run("refine", 3, 900, &[(60, true), (450, true), (800, false)]),
        ];
        let pools = Pool::all(&rows, "refine", By::Nothing, &[300.0, 100.0, 1000.0]);
        let found = |at: usize| (&pools[at].arms[0].solved, pools[at].arms[0].mean, pools[at].arms[0].shares);
        let (solved, mean, shares) = found(0);
        assert_eq!((solved.right, solved.judged, mean), (3, 4, 300.0));
        assert_eq!(shares, Shares::Level { tokens: Some(500.0), cap: 900.0 });
        assert_eq!((found(1).0.right, found(1).1), (2, 100.0));
        let (solved, mean, shares) = found(2);
        assert_eq!((solved.right, mean), (2, 500.0), "the runs as they were");
        assert_eq!(shares, Shares::Level { tokens: None, cap: 900.0 });
        assert!(pools.iter().all(|pool| pool.arms[0].overrun == 0.0));
    }

    #[test]
    fn a_run_without_an_answer_by_then_is_not_right() {
        let rows = [run("refine", 0, 900, &[(400, true)]), run("refine", 1, 900, &[(100, true)])];
        let pool = &Pool::all(&rows, "refine", By::Nothing, &[300.0])[0];
        assert_eq!((pool.arms[0].solved.right, pool.arms[0].solved.judged), (1, 2));
        let unjudged = with(run("refine", 0, 900, &[]), |row| row.answer.right = None);
        assert_eq!(at(&unjudged, 300).right, None, "where nobody can judge, it is not wrong");
    }

    #[test]
    fn runs_that_cannot_be_stopped_have_the_largest_cap_within_the_pool() {
        let capped = |cap: f64, generated, right| {
            let one = |problem| {
                with(row("direct", problem, Some(right)), |row| {
                    row.spent.generated = generated;
                    row.run.budget = cap;
                })
            };
            [one(0), one(1)]
        };
        let rows = [capped(300.0, 200, false), capped(900.0, 290, true)].concat();
        let of = |value| {
            let pool = Pool::all(&rows, "direct", By::Nothing, &[value]).remove(0);
            let line = pool.arms[0].clone();
            (line.shares, line.solved.right, line.mean, line.overrun)
        };
        assert_eq!(of(300.0), (Shares::Cap { cap: 900.0 }, 2, 290.0, 0.0));
        assert_eq!(of(250.0), (Shares::Cap { cap: 300.0 }, 0, 200.0, 0.0));
        assert_eq!(of(100.0), (Shares::Cap { cap: 300.0 }, 0, 200.0, 1.0), "twice the pool was spent");
    }

    #[test]
    fn each_seed_has_a_pool_and_arms_are_compared_on_their_problems() {
        let mut rows = Vec::new();
        for problem in 0..12 {
            for seed in [1, 2] {
                rows.push(with(run("refine", problem, 900, &[(60, true)]), |row| row.run.seed = seed));
                rows.push(with(run("direct", problem, 200, &[(200, problem < 3)]), |row| {
                    row.run.seed = seed
                }));
            }
        }
        rows.push(with(run("refine", 0, 1, &[(1, false)]), |row| row.run.meter = Meter::Fresh));
        let pool = &Pool::all(&rows, "direct", By::Family, &[300.0])[0];
        assert_eq!((pool.part.as_deref(), pool.baseline.as_str()), (Some("math"), "direct"));
        let refine = &pool.arms[1];
        assert_eq!((refine.solved.right, refine.mean), (24, 300.0));
        assert_eq!(refine.contrast.as_ref().unwrap().problems, 12);
        assert!(refine.verdict.as_ref().unwrap().starts_with("refine is better than direct"));
    }
}
