//! Where right answers are lost: how far cells come, and at which stage the others fail.

use serde::Serialize;

use super::{by_problem, ratio};
use crate::columns::ResultRow;
use stats::intervals::wilson;

/// How many cells do something, of those in which all stages are known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageCount {
    /// What they do, in a few words.
    pub name: &'static str,
    /// How many do it.
    pub cells: usize,
    /// Of how many.
    pub of: usize,
    /// The 95 % interval of the share: Wilson's where each problem has one such cell, and otherwise BCa over problems.
    pub interval: Option<(f64, f64)>,
}

/// How far the cells of an arm come. *Oracle*.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Losses {
    /// Cells in which every stage is known.
    pub known: usize,
    /// Cells in which some stage is not available; they are in no count.
    pub unknown: usize,
    /// Each stage, in its order: cells that come through it.
    pub stages: [StageCount; 4],
    /// How cells end: each is in one of these counts.
    pub ends: [StageCount; 5],
}

/// Whether a cell in which all is known is counted.
type StageFilter = fn(&ResultRow) -> bool;

const STAGES: [(&str, StageFilter); 4] = [
    ("draft right", |row| row.plan.draft_right == Some(true)),
    ("a plan seen right", |row| row.plan.seen_right == Some(true)),
    ("plan kept right", |row| row.plan.plan_right == Some(true)),
    ("answer right", |row| row.answer.right == Some(true)),
];

const ENDS: [(&str, StageFilter); 5] = [
    ("right", |row| row.answer.right == Some(true) && row.plan.plan_right == Some(true)),
    ("right from a wrong plan", |row| row.answer.right == Some(true) && row.plan.plan_right == Some(false)),
    ("lost in answering", |row| row.plan.loss.as_deref() == Some("answering")),
    ("lost in choosing", |row| row.plan.loss.as_deref() == Some("choosing")),
    ("lost in drawing", |row| row.plan.loss.as_deref() == Some("drawing")),
];

impl Losses {
    /// Returns what the rows of an arm say.
    pub(crate) fn of(rows: &[&ResultRow]) -> Self {
        let known: Vec<&ResultRow> = rows.iter().copied().filter(|row| is_known(row)).collect();
        let count = |(name, counts): (&'static str, StageFilter)| StageCount::of(name, &known, counts);
        Self {
            known: known.len(),
            unknown: rows.len() - known.len(),
            stages: STAGES.map(count),
            ends: ENDS.map(count),
        }
    }
}

fn is_known(row: &ResultRow) -> bool {
    [row.plan.draft_right, row.plan.seen_right, row.plan.plan_right, row.answer.right]
        .iter()
        .all(Option::is_some)
}

impl StageCount {
    fn of(name: &'static str, known: &[&ResultRow], counts: StageFilter) -> Self {
        let problems = by_problem(known);
        let hits = |rows: &Vec<&ResultRow>| rows.iter().filter(|row| counts(row)).count();
        let pairs: Vec<(u64, u64)> =
            problems.values().map(|rows| (hits(rows) as u64, rows.len() as u64)).collect();
        let cells = problems.values().map(hits).sum();
        let interval = if pairs.iter().all(|(_, of)| *of == 1) {
            wilson(cells, known.len(), super::CONFIDENCE)
        } else {
            ratio(&pairs).and_then(|number| number.interval)
        };
        Self { name, cells, of: known.len(), interval }
    }

    /// Returns the share; `None` of no cells.
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| self.cells as f64 / self.of as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};
    use diagnose::losses::Stages;

    fn cell(problem: u32, stages: [Option<bool>; 4]) -> ResultRow {
        let [draft, seen, kept, answer] = stages;
        let loss = Stages::new(draft, seen, kept, answer).loss.map(|loss| loss.name().to_owned());
        let row = row("refine", problem, answer);
        with(row, |row| {
            row.plan.draft_right = draft;
            row.plan.seen_right = seen;
            row.plan.plan_right = kept;
            row.plan.loss = loss;
        })
    }

    fn of(rows: &[ResultRow]) -> Losses {
        Losses::of(&rows.iter().collect::<Vec<_>>())
    }

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    #[test]
    fn each_known_cell_ends_in_one_way_and_others_in_none() {
        let rows = [
            cell(0, [YES, YES, YES, YES]),
            cell(1, [NO, YES, YES, NO]),
            cell(2, [NO, YES, NO, NO]),
            cell(3, [NO, YES, NO, NO]),
            cell(4, [NO, NO, NO, NO]),
            cell(5, [NO, NO, NO, YES]),
            cell(6, [NO, None, NO, NO]),
            cell(7, [None, None, None, YES]),
        ];
        let found = of(&rows);
        assert_eq!((found.known, found.unknown), (6, 2));
        assert_eq!(found.stages.each_ref().map(|count| count.cells), [1, 4, 2, 2]);
        assert_eq!(found.ends.each_ref().map(|count| count.cells), [1, 1, 1, 2, 1]);
        assert_eq!(found.ends.iter().map(|count| count.cells).sum::<usize>(), found.known);
        assert_eq!(found.stages[1].interval, wilson(4, 6, 0.95));
    }

    #[test]
    fn seeds_of_a_problem_do_not_count_as_so_many_problems() {
        let rows: Vec<ResultRow> = (0..24)
            .map(|at| {
                with(cell(at % 6, [NO, YES, Some(at % 6 < 3), Some(at % 6 < 3)]), |row| {
                    row.run.seed = u64::from(at / 6)
                })
            })
            .collect();
        let found = of(&rows);
        let (low, high) = found.stages[2].interval.unwrap();
        let naive = wilson(12, 24, 0.95).unwrap();
        assert!(high - low > naive.1 - naive.0, "{low} {high}");
    }

    #[test]
    fn nothing_known_has_no_share() {
        let found = of(&[row("direct", 1, Some(true))]);
        assert_eq!((found.known, found.unknown), (0, 1));
        assert!(found.ends.iter().all(|count| count.share().is_none() && count.interval.is_none()));
    }
}
