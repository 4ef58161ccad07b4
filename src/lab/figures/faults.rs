//! What passive checks find wrong with the runs of an arm.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::columns::ResultRow;

/// A check of `planscope diagnose` that finds a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundFault {
    /// As in `docs/diagnoses.md`.
    pub name: String,
    /// Cells in which it does.
    pub cells: usize,
}

impl FoundFault {
    /// Returns the faults of an arm's cells, by name.
    pub(crate) fn of(rows: &[&ResultRow]) -> Vec<Self> {
        let mut cells: BTreeMap<&str, usize> = BTreeMap::new();
        let names = rows.iter().flat_map(|row| row.refinement.fault_names.split(','));
        names.filter(|name| !name.is_empty()).for_each(|name| *cells.entry(name).or_default() += 1);
        cells.into_iter().map(|(name, cells)| Self { name: name.to_owned(), cells }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    #[test]
    fn each_check_is_counted_once_a_cell() {
        let with = |names: &str, problem| {
            with(row("refine", problem, None), |row| row.refinement.fault_names = names.into())
        };
        let rows = [with("growth,no_op", 1), with("no_op", 2), with("", 3)];
        let found = FoundFault::of(&rows.iter().collect::<Vec<_>>());
        let found: Vec<(&str, usize)> =
            found.iter().map(|fault| (fault.name.as_str(), fault.cells)).collect();
        assert_eq!(found, [("growth", 1), ("no_op", 2)]);
    }
}
