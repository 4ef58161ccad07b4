//! How well the plan's score separates right answers from wrong ones.

use serde::Serialize;

use super::{Figure, by_problem, over};
use crate::columns::ResultRow;
use stats::{intervals::wilson, rank};

/// The fewest right and the fewest wrong answers for an area, as for `planscope scorer test`. \[our own\]
const LEAST: usize = 10;

/// The score of the plan that was answered from, as a verifier of the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifierFigures {
    /// Right answers whose plan has a score.
    pub right: usize,
    /// Wrong ones.
    pub wrong: usize,
    /// The area under the ROC curve: how often the plan of a right answer has a higher score than that of a wrong one.
    pub auc: Figure,
}

impl VerifierFigures {
    /// Returns what the rows of an arm say. Cells that were not judged, or whose plan has no score, count neither way.
    pub(crate) fn of(rows: &[&ResultRow]) -> Self {
        let scored = |rows: &Vec<&ResultRow>| -> Vec<(f64, bool)> {
            rows.iter().filter_map(|row| Some((row.scores.score?, row.answer.right?))).collect()
        };
        let problems: Vec<Vec<(f64, bool)>> = by_problem(rows).values().map(scored).collect();
        let problems: Vec<Vec<(f64, bool)>> =
            problems.into_iter().filter(|scores| !scores.is_empty()).collect();
        let right = problems.iter().flatten().filter(|(_, right)| *right).count();
        let wrong = problems.iter().map(Vec::len).sum::<usize>() - right;
        Self { right, wrong, auc: auc(&problems, right, wrong) }
    }
}

/// Where scores separate without a fault, the bounds are Wilson's of as many hits as the smaller class has members
/// \[our own\].
fn auc(problems: &[Vec<(f64, bool)>], right: usize, wrong: usize) -> Figure {
    if right + wrong == 0 {
        return Figure::missing("No plan has a score, or no answer was judged.");
    }
    let least = right.min(wrong);
    if least < LEAST {
        return Figure::missing(format!(
            "Not enough data: {right} right and {wrong} wrong answers have a score; it takes {LEAST} of each."
        ));
    }
    let area =
        |problems: &[Vec<(f64, bool)>]| rank::auc(&problems.concat()).map_or(f64::NAN, |auc| auc.value);
    let instead = |area: f64| match area {
        1.0 => wilson(least, least, super::CONFIDENCE),
        0.0 => wilson(0, least, super::CONFIDENCE),
        _ => None,
    };
    Figure::or_missing(over(problems, area, instead), "The scores give no area.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    fn scored(score: impl Fn(u32) -> f64, right: impl Fn(u32) -> bool, cells: u32) -> Vec<ResultRow> {
        let cell = |problem| {
            with(row("refine", problem, Some(right(problem))), |row| row.scores.score = Some(score(problem)))
        };
        (0..cells).map(cell).collect()
    }

    fn of(rows: &[ResultRow]) -> VerifierFigures {
        VerifierFigures::of(&rows.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_score_that_tells_has_an_area_above_a_half() {
        let rows = scored(|at| f64::from(at % 7) + f64::from(at % 2), |at| at % 2 == 1, 60);
        let found = of(&rows);
        assert_eq!((found.right, found.wrong), (30, 30));
        let area = found.auc.get().unwrap();
        let (low, high) = area.interval.unwrap();
        assert!(0.5 < area.value && low < area.value && area.value < high && area.problems == 60, "{area:?}");
        let perfect = of(&scored(|at| f64::from(at % 2), |at| at % 2 == 1, 40));
        let area = perfect.auc.get().unwrap();
        assert_eq!((area.value, area.interval), (1.0, wilson(20, 20, 0.95)));
    }

    #[test]
    fn one_class_alone_is_not_enough_data() {
        let why = of(&scored(f64::from, |_| true, 40)).auc;
        assert!(why.why().unwrap().starts_with("Not enough data: 40 right and 0 wrong"), "{why:?}");
        let bare: Vec<ResultRow> = (0..40).map(|at| row("direct", at, Some(at % 2 == 0))).collect();
        assert!(of(&bare).auc.why().unwrap().contains("No plan has a score"));
    }
}
