//! Keep or kill: how much noise on the score refinement tolerates before it stops beating best-of-N.
//!
//! Known noise is added to the score, s = f + N(0, σ²), and arms that refine are compared with the arm that takes the best
//! of many plans under the same noise. Which arms belong together their settings alone say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::SEED;
use crate::{
    columns::ResultRow,
    contrast::{ArmContrast, LEVEL, POWER},
    experiment::Meter,
    report::marks,
};
use stats::quantile;

/// Arms that refine.
const REFINING: [&str; 2] = ["refine", "restore"];
/// The arm that takes the best of many plans.
const BEST_OF_N: &str = "best-draft";

/// An arm under several strengths of noise, each compared with best-of-N under the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sweep {
    /// As the experiment names it.
    pub model: String,
    /// What the budget is counted in.
    pub meter: Meter,
    /// What its problems have in common; absent where they are all.
    pub part: Option<String>,
    /// Per run, on that meter.
    pub budget: f64,
    /// The arm's name in the registry.
    pub kind: String,
    /// How the noise comes: fresh, frozen, mixed.
    pub noise: String,
    /// The median |Δ| of the totals of one edit, without noise: what σ is measured in. Absent where no cell without
    /// noise shows it.
    pub step: Option<f64>,
    /// One a strength of noise, the weakest first.
    pub points: Vec<Strength>,
    /// Its verdict.
    pub outcome: SweepOutcome,
    /// The same as a sentence.
    pub sentence: String,
}

/// An arm and best-of-N under noise of one strength.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strength {
    /// The standard deviation of the noise on the total.
    pub sigma: f64,
    /// The same in median steps, where the step is known.
    pub steps: Option<f64>,
    /// The arm that refines.
    pub arm: String,
    /// The arm of best-of-N; absent where none has this noise.
    pub best_of_n: Option<String>,
    /// The arm less best-of-N.
    pub contrast: Option<ArmContrast>,
}

/// Where refinement stops beating best-of-N.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SweepOutcome {
    /// The interval of the difference lies above zero up to one strength, and at the next no more.
    Stops {
        /// The last σ up to which it lies above.
        beats: f64,
        /// The first σ at which it does not.
        stops: f64,
        /// Whether it lies below zero there.
        below: bool,
        /// The first larger σ at which it lies above zero again, where there is one.
        again: Option<f64>,
    },
    /// It lies above zero at all strengths.
    Never {
        /// The largest σ.
        sigma: f64,
    },
    /// Already at the weakest noise refinement does not beat best-of-N, and a difference of interest would have been
    /// seen.
    NotEvenAt {
        /// The smallest σ.
        sigma: f64,
        /// Whether the interval lies below zero there.
        below: bool,
    },
    /// There is too little to say anything.
    NotEnough {
        /// What is missing, as a sentence.
        why: String,
    },
}

type ArmCells<'a> = (&'a str, Vec<&'a ResultRow>);

impl Sweep {
    /// Returns the sweeps among the rows of one model, meter, part of the problems and budget: arms that refine and have noise on their score.
    pub(crate) fn all(rows: &[&ResultRow], part: Option<&str>) -> Vec<Self> {
        let mut names: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
        for row in rows.iter().filter(|row| REFINING.contains(&row.run.kind.as_str())) {
            if let (Some(sweep), Some(noise)) = (&row.scores.sweep, &row.scores.noise_kind) {
                names.insert((&row.run.kind, noise, sweep));
            }
        }
        let of = |(kind, noise, sweep)| Self::of(rows, part, kind, noise, sweep);
        names.into_iter().filter_map(of).collect()
    }

    fn of(rows: &[&ResultRow], part: Option<&str>, kind: &str, noise: &str, sweep: &str) -> Option<Self> {
        let first = rows.first()?;
        // What has no noise belongs to every kind of it.
        let noised = |row: &ResultRow| row.scores.noise_kind.as_deref().is_none_or(|own| own == noise);
        let refining = arms(rows, |row| row.scores.sweep.as_deref() == Some(sweep) && noised(row));
        let others = arms(rows, |row| row.run.kind == BEST_OF_N && noised(row));
        let step = step(&refining);
        let points: Vec<Strength> = refining
            .iter()
            .map(|(bits, (arm, own))| {
                let other = others.get(bits);
                let sigma = f64::from_bits(*bits);
                Strength {
                    sigma,
                    steps: step.map(|step| sigma / step),
                    arm: (*arm).to_owned(),
                    best_of_n: other.map(|(name, _)| (*name).to_owned()),
                    contrast: other.map(|(_, other)| ArmContrast::of(&marks(own), &marks(other), SEED)),
                }
            })
            .collect();
        let outcome = outcome(&points);
        let sentence = sentence(kind, noise, &points, &outcome);
        let (model, meter, budget) = (first.run.model.clone(), first.run.meter, first.run.budget);
        let (part, kind, noise) = (part.map(str::to_owned), kind.to_owned(), noise.to_owned());
        Some(Self { model, meter, part, budget, kind, noise, step, points, outcome, sentence })
    }
}

/// The arms whose rows `keep` wants, by the bits of σ, which for numbers from 0 on are in their order. Of several arms
/// under the same noise the first by name.
fn arms<'a>(rows: &[&'a ResultRow], keep: impl Fn(&ResultRow) -> bool) -> BTreeMap<u64, ArmCells<'a>> {
    let mut arms: BTreeMap<(u64, &str), Vec<&ResultRow>> = BTreeMap::new();
    for row in rows.iter().filter(|row| keep(row)) {
        if let Some(sigma) = row.scores.noise_sigma {
            arms.entry((sigma.to_bits(), &row.run.arm)).or_default().push(row);
        }
    }
    let mut first = BTreeMap::new();
    for ((sigma, arm), rows) in arms {
        first.entry(sigma).or_insert((arm, rows));
    }
    first
}

/// The median over cells without noise of their median steps; `None` where there is none, or where most edits leave the
/// score as it is.
fn step(arms: &BTreeMap<u64, ArmCells<'_>>) -> Option<f64> {
    let (_, clean) = arms.get(&0.0_f64.to_bits())?;
    let steps: Vec<f64> = clean.iter().filter_map(|row| row.scores.step).collect();
    quantile(&steps, 0.5).filter(|step| *step > 0.0)
}

/// A strength at which both were judged on the same problems, with the interval of the difference.
fn compared(points: &[Strength]) -> Vec<(&Strength, &ArmContrast, (f64, f64))> {
    let both = points.iter().filter_map(|point| {
        let contrast = point.contrast.as_ref()?;
        Some((point, contrast, contrast.interval?))
    });
    both.collect()
}

fn outcome(points: &[Strength]) -> SweepOutcome {
    let compared = compared(points);
    let [(weakest, contrast, (low, high)), ..] = compared[..] else {
        let why = "no strength of noise has both refinement and best-of-N judged on two problems or more";
        return SweepOutcome::NotEnough { why: why.to_owned() };
    };
    if compared.len() < 2 {
        let why = "only one strength of noise has both refinement and best-of-N; it takes two";
        return SweepOutcome::NotEnough { why: why.to_owned() };
    }
    let beats = low > 0.0 && contrast.p.is_some_and(|p| p < LEVEL);
    if !beats {
        let (sigma, below) = (weakest.sigma, high < 0.0 && contrast.p.is_some_and(|p| p < LEVEL));
        if below || contrast.power.is_some_and(|power| power >= POWER) {
            return SweepOutcome::NotEvenAt { sigma, below };
        }
        let needed = contrast.needed.map_or_else(String::new, |needed| {
            format!("; a difference of 10 points needs about {needed} problems")
        });
        let why =
            format!("at the weakest noise, σ = {sigma}, {} problems do not tell{needed}", contrast.problems);
        return SweepOutcome::NotEnough { why };
    }
    let stops = compared.iter().position(|(_, _, (low, _))| *low <= 0.0);
    match stops {
        Some(at) => SweepOutcome::Stops {
            beats: compared[at - 1].0.sigma,
            stops: compared[at].0.sigma,
            below: compared[at].2.1 < 0.0,
            again: compared[at..].iter().find(|(_, _, (low, _))| *low > 0.0).map(|(later, ..)| later.sigma),
        },
        None => SweepOutcome::Never { sigma: compared[compared.len() - 1].0.sigma },
    }
}

/// A strength in words, with the steps that it is.
fn strength(points: &[Strength], sigma: f64) -> String {
    let steps = points.iter().find(|point| point.sigma == sigma).and_then(|point| point.steps);
    match steps.filter(|_| sigma > 0.0) {
        Some(steps) => format!("σ = {sigma:.3} ({steps:.2} median steps)"),
        None => format!("σ = {sigma:.3}"),
    }
}

fn sentence(kind: &str, noise: &str, points: &[Strength], outcome: &SweepOutcome) -> String {
    let at = |sigma: &f64| strength(points, *sigma);
    let holds = |below: &bool| if *below { "lies below zero" } else { "includes zero" };
    match outcome {
        SweepOutcome::Stops { beats, stops, below, again } => {
            let until =
                if *beats > 0.0 { format!("up to {}", at(beats)) } else { "without noise".to_owned() };
            let again = again.map_or_else(String::new, |again| {
                format!(" At {} it lies above zero again.", strength(points, again))
            });
            format!(
                "Under {noise} noise {kind} beats {BEST_OF_N} {until}; at {} the interval of the difference first {}.{}{again}",
                at(stops),
                holds(below),
                if *below { String::new() } else { weakness(points, *stops) }
            )
        }
        SweepOutcome::Never { sigma } => {
            format!("Under {noise} noise {kind} beats {BEST_OF_N} at every strength, up to {}.", at(sigma))
        }
        SweepOutcome::NotEvenAt { sigma, below } => format!(
            "Under {noise} noise {kind} does not beat {BEST_OF_N} even at {}: the interval of the difference {}.",
            at(sigma),
            holds(below)
        ),
        SweepOutcome::NotEnough { why } => {
            format!("Not enough data to say at which {noise} noise {kind} stops beating {BEST_OF_N}: {why}.")
        }
    }
}

/// Says where an interval may include zero because there are too few problems.
fn weakness(points: &[Strength], sigma: f64) -> String {
    let point = points.iter().find(|point| point.sigma == sigma);
    let power = point.and_then(|point| point.contrast.as_ref()?.power).filter(|power| *power < POWER);
    power.map_or_else(String::new, |power| {
        format!(" There a difference of 10 points would be seen with {:.0} % power only.", 100.0 * power)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    const PROBLEMS: u32 = 60;

    /// Cells of both arms under one noise; of 60 problems refinement alone solves `more`, best-of-N alone `fewer`.
    fn under(sigma: f64, kind: &str, more: u32, fewer: u32) -> Vec<ResultRow> {
        let noise_kind = (sigma > 0.0).then(|| kind.to_owned());
        let cell = |arm: &str, problem, right| {
            with(row(arm, problem, Some(right)), |row| {
                row.run.arm = format!("{arm} {sigma} {kind}");
                row.run.kind = arm.into();
                row.scores.noise_sigma = Some(sigma);
                row.scores.noise_kind = noise_kind.clone();
                row.scores.sweep = Some(if arm == "refine" { "a" } else { "b" }.to_owned());
                row.scores.step = Some(0.05);
            })
        };
        (0..PROBLEMS)
            .flat_map(|problem| {
                let only_refine = problem < more;
                let only_best = !only_refine && problem < more + fewer;
                let both = problem % 2 == 0 && !only_refine && !only_best;
                [cell("refine", problem, only_refine || both), cell("best-draft", problem, only_best || both)]
            })
            .collect()
    }

    fn sweeps(rows: &[ResultRow]) -> Vec<Sweep> {
        Sweep::all(&rows.iter().collect::<Vec<_>>(), None)
    }

    #[test]
    fn it_says_at_which_noise_refinement_stops_winning() {
        let rows =
            [under(0.0, "fresh", 20, 2), under(0.05, "fresh", 15, 2), under(0.1, "fresh", 6, 6)].concat();
        let [sweep] = &sweeps(&rows)[..] else { panic!() };
        assert_eq!(sweep.outcome, SweepOutcome::Stops { beats: 0.05, stops: 0.1, below: false, again: None });
        let steps: Vec<f64> = sweep.points.iter().map(|point| point.steps.unwrap()).collect();
        assert_eq!((sweep.step, steps), (Some(0.05), vec![0.0, 1.0, 2.0]));
        let expected = "Under fresh noise refine beats best-draft up to σ = 0.050 (1.00 median steps); at σ = 0.100 \
                        (2.00 median steps) the interval of the difference first includes zero.";
        assert!(sweep.sentence.starts_with(expected), "{}", sweep.sentence);
        assert!(sweep.sentence.contains("power only"), "60 problems are few: {}", sweep.sentence);
    }

    #[test]
    fn what_passes_below_zero_and_what_never_does() {
        let worse = [under(0.0, "fresh", 20, 2), under(0.1, "fresh", 2, 20)].concat();
        let [sweep] = &sweeps(&worse)[..] else { panic!() };
        assert_eq!(sweep.outcome, SweepOutcome::Stops { beats: 0.0, stops: 0.1, below: true, again: None });
        let expected = "refine beats best-draft without noise; at σ = 0.100 (2.00 median steps) the interval of the \
                        difference first lies below zero.";
        assert!(sweep.sentence.ends_with(expected), "{}", sweep.sentence);
        let back = [under(0.0, "fresh", 20, 2), under(0.1, "fresh", 6, 6), under(0.2, "fresh", 20, 2)];
        let again = sweeps(&back.concat());
        assert!(again[0].sentence.ends_with("At σ = 0.200 (4.00 median steps) it lies above zero again."));
        let never = [under(0.0, "fresh", 20, 2), under(0.1, "fresh", 20, 2)].concat();
        assert_eq!(sweeps(&never)[0].outcome, SweepOutcome::Never { sigma: 0.1 });
        let already = [under(0.0, "fresh", 2, 20), under(0.1, "fresh", 2, 20)].concat();
        assert_eq!(sweeps(&already)[0].outcome, SweepOutcome::NotEvenAt { sigma: 0.0, below: true });
    }

    #[test]
    fn too_little_is_not_enough() {
        let few = [under(0.0, "fresh", 3, 2), under(0.1, "fresh", 2, 2)].concat();
        let SweepOutcome::NotEnough { why } = &sweeps(&few)[0].outcome else { panic!() };
        assert!(why.contains("60 problems do not tell; a difference of 10 points needs about"), "{why}");
        let one = under(0.1, "fresh", 20, 2);
        assert!(sweeps(&one)[0].sentence.contains("only one strength of noise has both"));
        let alone: Vec<ResultRow> =
            under(0.1, "fresh", 20, 2).into_iter().filter(|row| row.run.kind == "refine").collect();
        let [sweep] = &sweeps(&alone)[..] else { panic!() };
        assert_eq!((sweep.points[0].best_of_n.as_deref(), sweep.points[0].contrast.as_ref()), (None, None));
        assert!(sweep.sentence.starts_with("Not enough data to say"));
        assert_eq!(sweep.step, None, "no cell without noise shows the step");
    }

    #[test]
    fn each_kind_of_noise_is_a_sweep_and_none_belongs_to_both() {
        assert!(sweeps(&under(0.0, "fresh", 20, 2)).is_empty(), "without noise there is nothing to sweep");
        let rows = [under(0.0, "", 20, 2), under(0.1, "fresh", 9, 9), under(0.1, "frozen", 15, 2)].concat();
        let found = sweeps(&rows);
        let kinds: Vec<(&str, usize)> =
            found.iter().map(|sweep| (sweep.noise.as_str(), sweep.points.len())).collect();
        assert_eq!(kinds, [("fresh", 2), ("frozen", 2)]);
        assert_eq!(found[1].outcome, SweepOutcome::Never { sigma: 0.1 });
    }
}
