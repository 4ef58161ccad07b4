//! Whether answers keep to their plans.

use serde::Serialize;

use super::{Figure, by_problem, ratio};
use crate::columns::ResultRow;

/// How answers deal with the items of their plans. Shares are over all items of an arm's answers.
///
/// *Cited* says that the answer names an item, not that the item had any effect on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Faithfulness {
    /// Answers from plans.
    pub answers: usize,
    /// Satisfied items among those that can be checked.
    pub satisfied: Figure,
    /// Satisfied items among the cited ones that can be checked.
    pub satisfied_cited: Figure,
    /// Wrong answers among those whose plans give the right value: what was lost in answering.
    pub lost: Figure,
    /// Items among all that the answer does not cite.
    pub uncited: Figure,
    /// Citations of items that the plan does not have, over all answers; absent where none was asked to cite.
    pub dangling: Option<u64>,
}

impl Faithfulness {
    /// Returns what the rows of an arm say.
    pub(crate) fn of(rows: &[&ResultRow]) -> Self {
        let answers = rows.iter().filter(|row| row.coverage.items_checked.is_some()).count();
        let cites = rows.iter().any(|row| row.coverage.items_cited.is_some());
        let share = |hits: fn(&ResultRow) -> Option<(u64, u64)>, why: &str| {
            let of_problem = |rows: &Vec<&ResultRow>| {
                rows.iter()
                    .filter_map(|row| hits(row))
                    .fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1))
            };
            let pairs: Vec<(u64, u64)> = by_problem(rows).values().map(of_problem).collect();
            let why = match (answers, cites) {
                (0, _) => "No answer was written from a plan.",
                (_, false) if why.contains("cited") => "Answers were not asked to cite.",
                (_, _) => why,
            };
            Figure::or_missing(ratio(&pairs), why)
        };
        let dangling: Vec<u64> = rows.iter().filter_map(|row| row.coverage.citations_dangling).collect();
        Self {
            answers,
            satisfied: share(
                |row| Some((row.coverage.items_satisfied?, row.coverage.items_checked?)),
                "The checker can evaluate no item.",
            ),
            satisfied_cited: share(
                |row| Some((row.coverage.satisfied_cited?, row.coverage.checked_cited?)),
                "The checker can evaluate no cited item.",
            ),
            lost: share(
                |row| match (row.plan.plan_right, row.answer.right) {
                    (Some(true), Some(right)) => Some((u64::from(!right), 1)),
                    (Some(_) | None, _) => None,
                },
                "No plan reaches the right value.",
            ),
            uncited: share(
                |row| {
                    row.plan
                        .plan_items
                        .zip(row.coverage.items_cited)
                        .map(|(all, cited)| (all.saturating_sub(cited), all))
                },
                "There is no item that could be cited.",
            ),
            dangling: (!dangling.is_empty()).then(|| dangling.iter().sum()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    #[test]
    fn items_are_counted_over_answers() {
        let cells: Vec<ResultRow> = (0..6)
            .map(|problem| {
                with(row("refine", problem, Some(problem > 1)), |row| {
                    row.plan.plan_items = Some(4);
                    row.coverage.items_cited = Some(2);
                    row.coverage.items_checked = Some(3);
                    row.coverage.items_satisfied = Some(2);
                    row.coverage.checked_cited = Some(2);
                    row.coverage.satisfied_cited = Some(if problem < 3 { 2 } else { 1 });
                    row.coverage.citations_dangling = Some(0);
                    row.plan.plan_right = Some(problem > 0);
                })
            })
            .collect();
        let found = Faithfulness::of(&cells.iter().collect::<Vec<_>>());
        let value = |figure: &Figure| figure.get().unwrap().value;
        assert_eq!((found.answers, found.dangling), (6, Some(0)));
        assert!((value(&found.satisfied) - 2.0 / 3.0).abs() < 1e-12);
        assert!((value(&found.satisfied_cited) - 0.75).abs() < 1e-12);
        assert!((value(&found.uncited) - 0.5).abs() < 1e-12);
        assert!((value(&found.lost) - 0.2).abs() < 1e-12, "of five right plans one is answered wrongly");
    }

    #[test]
    fn what_there_is_no_plan_for_is_missing_and_says_why() {
        let direct = row("direct", 1, Some(true));
        let found = Faithfulness::of(&[&direct]);
        assert_eq!(found.satisfied.why(), Some("No answer was written from a plan."));
        assert_eq!((found.answers, found.dangling), (0, None));
        let silent = with(direct, |row| {
            row.coverage.items_checked = Some(0);
            row.coverage.items_satisfied = Some(0);
        });
        let found = Faithfulness::of(&[&silent]);
        assert_eq!(found.satisfied.why(), Some("The checker can evaluate no item."));
        assert_eq!(found.lost.why(), Some("No plan reaches the right value."));
        assert_eq!(found.satisfied_cited.why(), Some("Answers were not asked to cite."));
        assert_eq!(found.uncited.why(), Some("Answers were not asked to cite."));
    }
}
