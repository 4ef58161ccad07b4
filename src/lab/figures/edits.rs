//! What the oracle says of accepted edits, and what each proposer brought.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Figure, by_problem, ratio};
use crate::columns::ResultRow;
use session::{Payoffs, tokens_per_improvement};

/// Accepted edits, as the oracle sees the plans before and after them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edits {
    /// All that were accepted, whether the oracle knows their plans or not.
    pub accepted: u64,
    /// Those of them whose plans, before and after, are both known to be right or wrong.
    pub known: u64,
    /// Of those known, the share that made a right plan wrong.
    pub worse: Figure,
    /// Of those known, the share that made a wrong plan right.
    pub better: Figure,
}

impl Edits {
    /// Returns what the rows of an arm say.
    pub(crate) fn of(rows: &[&ResultRow]) -> Self {
        let sum = |of: fn(&ResultRow) -> Option<u64>| rows.iter().filter_map(|row| of(row)).sum();
        let share = |of: fn(&ResultRow) -> Option<u64>| {
            let problems = by_problem(rows);
            let pairs: Vec<(u64, u64)> = problems
                .values()
                .map(|rows| {
                    let sum = |of: fn(&ResultRow) -> Option<u64>| rows.iter().filter_map(|row| of(row)).sum();
                    (sum(of), sum(|row| row.edits.edits_known))
                })
                .collect();
            Figure::or_missing(ratio(&pairs), "No accepted edit has plans that the oracle can judge.")
        };
        Self {
            accepted: sum(|row| row.edits.edits_accepted),
            known: sum(|row| row.edits.edits_known),
            worse: share(|row| row.edits.edits_worse),
            better: share(|row| row.edits.edits_better),
        }
    }
}

/// What one proposer brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposerTotals {
    /// As in the registry of proposers.
    pub name: String,
    /// Its proposals.
    pub tried: u64,
    /// Those of them that are new plans, which can be scored.
    pub usable: u64,
    /// Those of them with a higher total than the plan that they change.
    pub improved: u64,
    /// Those that became the incumbent.
    pub accepted: u64,
    /// Tokens drawn for them; absent where those of some proposal are not known.
    pub tokens: Option<u64>,
}

impl ProposerTotals {
    /// Returns those of a run that have proposed something.
    pub(crate) fn all(payoffs: &Payoffs, settings: &session::Settings) -> Vec<Self> {
        let rows = payoffs.table(settings).into_iter().filter(|row| row.payoff.tried > 0);
        rows.map(|row| Self {
            tried: row.payoff.tried.into(),
            usable: row.payoff.usable.into(),
            improved: row.payoff.improved.into(),
            accepted: row.payoff.accepted.into(),
            tokens: row.payoff.known_tokens(),
            name: row.proposer,
        })
        .collect()
    }

    /// Returns what the proposers of an arm brought over all its rows, by name.
    pub(crate) fn summed(rows: &[&ResultRow]) -> Vec<Self> {
        let mut all: BTreeMap<&str, Self> = BTreeMap::new();
        for one in rows.iter().flat_map(|row| &row.edits.proposers) {
            let none =
                || Self { tried: 0, usable: 0, improved: 0, accepted: 0, tokens: Some(0), ..one.clone() };
            let sum = all.entry(&one.name).or_insert_with(none);
            sum.tried += one.tried;
            sum.usable += one.usable;
            sum.improved += one.improved;
            sum.accepted += one.accepted;
            sum.tokens = sum.tokens.zip(one.tokens).map(|(sum, own)| sum + own);
        }
        all.into_values().collect()
    }

    /// Returns the tokens drawn for each plan that improved; `None` without one, or where tokens are not known.
    pub fn tokens_per_improvement(&self) -> Option<f64> {
        tokens_per_improvement(self.tokens, self.improved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    #[test]
    fn edits_are_counted_where_the_oracle_knows_both_plans() {
        let edited = |problem, accepted, known, worse, better| {
            with(row("refine", problem, Some(true)), |row| {
                row.edits.edits_accepted = Some(accepted);
                row.edits.edits_known = Some(known);
                row.edits.edits_worse = Some(worse);
                row.edits.edits_better = Some(better);
            })
        };
        let rows = [edited(0, 4, 4, 1, 2), edited(1, 3, 1, 0, 0), edited(2, 2, 0, 0, 0)];
        let edits = Edits::of(&rows.iter().collect::<Vec<_>>());
        assert_eq!((edits.accepted, edits.known), (9, 5));
        let value = |figure: &Figure| figure.get().map(|number| (number.value, number.problems));
        assert_eq!((value(&edits.worse), value(&edits.better)), (Some((0.2, 2)), Some((0.4, 2))));
        let none = Edits::of(&[&row("direct", 1, Some(true))]);
        assert!(none.worse.why().unwrap().contains("No accepted edit"));
    }

    #[test]
    fn proposers_are_summed_and_unknown_tokens_stay_unknown() {
        let one = |name: &str, improved, tokens| ProposerTotals {
            name: name.into(),
            tried: 4,
            usable: 3,
            improved,
            accepted: 1,
            tokens,
        };
        let brought = |proposers| with(row("refine", 0, None), |row| row.edits.proposers = proposers);
        let rows = [
            brought(vec![one("edit", 2, Some(80)), one("repair", 0, Some(40))]),
            brought(vec![one("edit", 1, Some(40)), one("restore", 1, None)]),
        ];
        let summed = ProposerTotals::summed(&rows.iter().collect::<Vec<_>>());
        let names: Vec<&str> = summed.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["edit", "repair", "restore"]);
        assert_eq!((summed[0].tried, summed[0].tokens_per_improvement()), (8, Some(40.0)));
        assert_eq!((summed[1].tokens_per_improvement(), summed[2].tokens_per_improvement()), (None, None));
    }
}
