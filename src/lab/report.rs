//! The summary of an experiment's rows: arms side by side at each budget.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    columns::ResultRow,
    contrast::{ArmContrast, Marks},
    experiment::Meter,
    figures::{
        self, CONFIDENCE, Edits, Faithfulness, Figure, FoundFault, Losses, ProposerTotals, SEED, Sources,
        Stability, Sweep, VerifierFigures,
    },
    pool::Pool,
};
use stats::{intervals::wilson, mean, paired::holm};

/// A report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The hash of all settings of the experiment; absent where that was not noted.
    pub settings: Option<String>,
    /// One section a model, meter, part of the problems and budget.
    pub sections: Vec<ReportSection>,
    /// Arms under known noise on their score: one a model, meter, budget, arm and kind of noise.
    pub sweeps: Vec<Sweep>,
    /// Budgets that problems share: one a model, part of the problems and size.
    pub pools: Vec<Pool>,
}

/// Which problems stand together in a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// All.
    #[default]
    Nothing,
    /// Those of one family.
    Family,
    /// Those of one family that were made equally hard.
    Dial,
}

impl By {
    /// Returns what the problems of a row's section have in common.
    pub(super) fn part(self, row: &ResultRow) -> Option<String> {
        match (self, &row.run.dial) {
            (Self::Nothing, _) => None,
            (Self::Dial, Some(dial)) => Some(format!("{}:{dial}", row.run.family)),
            (Self::Family, _) | (Self::Dial, None) => Some(row.run.family.clone()),
        }
    }
}

/// Arms at one budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportSection {
    /// As the experiment names it.
    pub model: String,
    /// What the budget is counted in.
    pub meter: Meter,
    /// What its problems have in common; absent where they are all.
    pub part: Option<String>,
    /// Per run, on that meter.
    pub budget: f64,
    /// The arm that the others are compared with.
    pub baseline: String,
    /// One line an arm, the baseline first.
    pub arms: Vec<ArmLine>,
}

/// One arm at one budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmLine {
    /// Its name.
    pub arm: String,
    /// Whether anything that steered it saw gold.
    pub oracle: bool,
    /// How many have a result, failed ones included.
    pub cells: usize,
    /// Cells that failed.
    pub failed: usize,
    /// Cells whose results were read from the records of longer runs.
    pub read: usize,
    /// Right answers.
    #[serde(flatten)]
    pub solved: Solved,
    /// Means over cells.
    pub spent: MeanSpending,
    /// Its comparison with the baseline; absent for the baseline.
    pub contrast: Option<ArmContrast>,
    /// The same as a sentence.
    pub verdict: Option<String>,
    /// Its other figures.
    #[serde(flatten)]
    pub figures: ArmFigures,
}

/// What the runs of an arm show besides right answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmFigures {
    /// Who worked the answers out.
    pub sources: Sources,
    /// Where right answers are lost.
    pub losses: Losses,
    /// What accepted edits did, by the oracle.
    pub edits: Edits,
    /// What each proposer brought.
    pub proposers: Vec<ProposerTotals>,
    /// Whether answers keep to their plans.
    pub faithfulness: Faithfulness,
    /// The share of pairs of items that contradict each other, where the scorer `contradiction` has a weight.
    pub contradiction: Figure,
    /// Whether what comes out depends on the seed.
    pub stability: Stability,
    /// How well the plan's score separates right answers from wrong ones.
    pub verifier: VerifierFigures,
    /// What passive checks find wrong.
    pub faults: Vec<FoundFault>,
}

/// Means of all meters.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct MeanSpending {
    /// Spent over budget, on the budget's meter.
    pub share: f64,
    /// The most of it that a cell spent.
    pub most: f64,
    /// Tokens drawn.
    pub generated: f64,
    /// Positions evaluated.
    pub fresh: f64,
    /// Positions taken from the cache.
    pub cached: f64,
    /// Requests to the model.
    pub calls: f64,
    /// Floating-point operations, of the cells where they are known.
    pub flops: Option<f64>,
    /// Seconds in the model.
    pub wall_s: f64,
}

impl MeanSpending {
    fn of(rows: &[&ResultRow]) -> Self {
        let of = |meter: fn(&ResultRow) -> f64| {
            mean(&rows.iter().map(|row| meter(row)).collect::<Vec<_>>()).unwrap_or(0.0)
        };
        Self {
            share: of(|row| row.spent.share),
            most: rows.iter().map(|row| row.spent.share).fold(0.0, f64::max),
            generated: of(|row| row.spent.generated as f64),
            fresh: of(|row| row.spent.fresh as f64),
            cached: of(|row| row.spent.cached as f64),
            calls: of(|row| row.spent.calls as f64),
            flops: mean(&rows.iter().filter_map(|row| row.spent.flops).collect::<Vec<_>>()),
            wall_s: of(|row| row.spent.wall_s),
        }
    }
}

impl Report {
    /// Summarises `rows`. Arms are compared with `baseline`, or with the first by name where a budget lacks
    /// it. p-values are corrected over the arms of each section.
    pub fn of(rows: &[ResultRow], baseline: &str, by: By) -> Self {
        let mut sections: BTreeMap<(String, Meter, Option<String>, u64), Vec<&ResultRow>> = BTreeMap::new();
        for row in rows {
            // Budgets are above 0, where the bits of numbers are in their order.
            let key = (row.run.model.clone(), row.run.meter, by.part(row), row.run.budget.to_bits());
            sections.entry(key).or_default().push(row);
        }
        let mut report = Self { settings: None, sections: Vec::new(), sweeps: Vec::new(), pools: Vec::new() };
        for ((model, meter, part, budget), rows) in sections {
            report.sweeps.extend(Sweep::all(&rows, part.as_deref()));
            let arms = ArmLine::all(&rows, baseline);
            let baseline = arms.first().map(|line| line.arm.clone()).unwrap_or_default();
            report.sections.push(ReportSection {
                model,
                meter,
                part,
                budget: f64::from_bits(budget),
                baseline,
                arms,
            });
        }
        report
    }

    /// Returns the report with the hash of the experiment's settings.
    #[must_use]
    pub fn with_settings(self, settings: Option<String>) -> Self {
        Self { settings, ..self }
    }

    /// Returns the report with what the arms make of pools of `values` generated tokens per problem.
    #[must_use]
    pub fn with_pools(self, rows: &[ResultRow], baseline: &str, by: By, values: &[f64]) -> Self {
        Self { pools: Pool::all(rows, baseline, by, values), ..self }
    }
}

/// Right answers, and how sure their share is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Solved {
    /// Cells that were judged.
    pub judged: usize,
    /// Of those, the right ones.
    pub right: usize,
    /// The share of right answers, a mean over problems.
    pub share: Option<f64>,
    /// Its 95 % interval: Wilson's where each problem has one seed or all are solved equally often, and otherwise BCa
    /// over problems.
    pub interval: Option<(f64, f64)>,
}

impl Solved {
    pub(super) fn of(marks: &Marks) -> Self {
        let shares: Vec<f64> = marks
            .values()
            .filter_map(|seeds| mean(&seeds.values().map(|right| f64::from(*right)).collect::<Vec<_>>()))
            .collect();
        let judged: usize = marks.values().map(BTreeMap::len).sum();
        let right = marks.values().flat_map(BTreeMap::values).filter(|right| **right).count();
        let single = marks.values().all(|seeds| seeds.len() <= 1);
        let interval =
            if single { wilson(right, judged, CONFIDENCE) } else { figures::share_interval(&shares) };
        Self { judged, right, share: mean(&shares), interval }
    }
}

impl ArmLine {
    /// Returns the arms of a section, the baseline first.
    fn all(rows: &[&ResultRow], baseline: &str) -> Vec<Self> {
        let mut by_arm: BTreeMap<&str, Vec<&ResultRow>> = BTreeMap::new();
        rows.iter().for_each(|row| by_arm.entry(&row.run.arm).or_default().push(row));
        let first = by_arm.keys().next().copied().unwrap_or_default();
        let baseline = if by_arm.contains_key(baseline) { baseline } else { first }.to_owned();
        let others = by_arm.get(baseline.as_str()).cloned().unwrap_or_default();
        let against = marks(&others);
        let line = |(arm, rows): (&str, &Vec<&ResultRow>)| {
            let own = marks(rows);
            let contrast = (arm != baseline).then(|| ArmContrast::of(&own, &against, SEED));
            Self::of(arm, rows, &own, contrast, &others)
        };
        let mut arms: Vec<Self> = by_arm.iter().map(|(arm, rows)| line((arm, rows))).collect();
        arms.sort_by_key(|line| line.arm != baseline);
        let compared = arms.iter_mut().map(|line| (&*line.arm, &mut line.contrast, &mut line.verdict));
        correct(compared.collect(), &baseline);
        arms
    }

    /// The line of an arm; `others` are the rows of the baseline.
    fn of(
        arm: &str,
        rows: &[&ResultRow],
        marks: &Marks,
        contrast: Option<ArmContrast>,
        others: &[&ResultRow],
    ) -> Self {
        Self {
            arm: arm.to_owned(),
            oracle: rows.iter().any(|row| row.run.oracle),
            cells: rows.len(),
            failed: rows.iter().filter(|row| row.record.failure.is_some()).count(),
            read: rows.iter().filter(|row| row.record.read_from.is_some()).count(),
            solved: Solved::of(marks),
            spent: MeanSpending::of(rows),
            contrast,
            verdict: None,
            figures: ArmFigures::of(rows, others),
        }
    }
}

impl ArmFigures {
    /// The figures of `rows`; `others` are the rows of the baseline.
    fn of(rows: &[&ResultRow], others: &[&ResultRow]) -> Self {
        Self {
            sources: Sources::of(rows),
            losses: Losses::of(rows),
            edits: Edits::of(rows),
            proposers: ProposerTotals::summed(rows),
            faithfulness: Faithfulness::of(rows),
            contradiction: figures::contradiction(rows),
            stability: Stability::of(rows, others),
            verifier: VerifierFigures::of(rows),
            faults: FoundFault::of(rows),
        }
    }
}

/// An arm, its comparison with the baseline, and the sentence for that.
pub(super) type ComparedArm<'a> = (&'a str, &'a mut Option<ArmContrast>, &'a mut Option<String>);

/// Corrects the p-values of arms that are compared with `baseline` together, and states the verdict on each.
pub(super) fn correct(arms: Vec<ComparedArm<'_>>, baseline: &str) {
    let known: Vec<f64> = arms.iter().filter_map(|(_, contrast, _)| contrast.as_ref()?.p).collect();
    let mut corrected = holm(&known).into_iter();
    for (arm, contrast, verdict) in arms {
        if let Some(contrast) = contrast {
            contrast.holm = contrast.p.and_then(|_| corrected.next());
            *verdict = Some(contrast.sentence(arm, baseline));
        }
    }
}

/// Returns the hash of the settings in words, which comes before any result; `None` where it was not noted.
pub fn frozen(report: &Report) -> Option<String> {
    report.settings.as_ref().map(|hash| format!("settings: blake3 {hash} (settings.json)"))
}

/// Names a model and the part of the problems that it was given.
pub fn subject(model: &str, part: Option<&str>) -> String {
    part.map_or_else(|| model.to_owned(), |part| format!("{model}, {part}"))
}

pub(super) fn marks(rows: &[&ResultRow]) -> Marks {
    let mut marks = Marks::new();
    for row in rows {
        if let Some(right) = row.answer.right {
            marks.entry(row.key().to_owned()).or_default().insert(row.run.seed, right);
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    #[test]
    fn arms_stand_side_by_side_with_the_baseline_first() {
        let mut rows = Vec::new();
        for problem in 0..12 {
            rows.push(row("direct", problem, Some(problem >= 8)));
            rows.push(row("refine", problem, Some(true)));
            rows.push(row("draft", problem, (problem > 0).then_some(false)));
        }
        let report = Report::of(&rows, "direct", By::Nothing);
        assert_eq!(report.sections.len(), 1);
        let section = &report.sections[0];
        let names: Vec<&str> = section.arms.iter().map(|line| line.arm.as_str()).collect();
        assert_eq!(names, ["direct", "draft", "refine"]);
        let [direct, draft, refine] = &section.arms[..] else { panic!() };
        assert_eq!((direct.solved.right, direct.solved.judged, direct.contrast.is_none()), (4, 12, true));
        assert_eq!(direct.solved.interval, wilson(4, 12, 0.95));
        assert_eq!(
            (draft.solved.right, draft.solved.judged, draft.cells),
            (0, 11, 12),
            "not judged is not wrong"
        );
        let contrast = refine.contrast.as_ref().unwrap();
        let p = [contrast.p.unwrap(), draft.contrast.as_ref().unwrap().p.unwrap()];
        assert!((contrast.holm.unwrap() - 2.0 * p[0]).abs() < 1e-12, "two arms are compared");
        assert!(refine.verdict.as_ref().unwrap().starts_with("refine is better than direct"));
        assert_eq!(Report::of(&rows, "direct", By::Nothing), report);
    }

    #[test]
    fn a_budget_without_the_baseline_takes_another() {
        let rows = [row("draft", 0, Some(true)), row("refine", 0, Some(true))];
        assert_eq!(Report::of(&rows, "direct", By::Nothing).sections[0].baseline, "draft");
        assert!(Report::of(&[], "direct", By::Nothing).sections.is_empty());
    }

    #[test]
    fn parts_are_compared_each_by_itself() {
        let of = |family: &str, dial: Option<&str>, right: bool| -> Vec<ResultRow> {
            let pair = |n| [row("direct", n, Some(!right)), row("refine", n, Some(right))];
            let placed = |row| {
                with(row, |row| {
                    row.run.family = family.into();
                    row.run.dial = dial.map(str::to_owned);
                })
            };
            (0..8).flat_map(pair).map(placed).collect()
        };
        let rows =
            [of("chain", Some("1"), true), of("chain", Some("2"), false), of("math", None, true)].concat();
        let parts = |by| {
            let refine = |section: &ReportSection| {
                (section.part.clone(), section.arms[1].solved.right, section.arms[1].solved.judged)
            };
            Report::of(&rows, "direct", by).sections.iter().map(refine).collect::<Vec<_>>()
        };
        let part = |name: &str| Some(name.to_owned());
        // Problems of the tests are named by number alone, so that those of two dials are the same ones.
        assert_eq!(parts(By::Nothing), [(None, 8, 8)]);
        assert_eq!(parts(By::Dial), [(part("chain:1"), 8, 8), (part("chain:2"), 0, 8), (part("math"), 8, 8)]);
        assert_eq!(parts(By::Family).len(), 2);
    }
}
