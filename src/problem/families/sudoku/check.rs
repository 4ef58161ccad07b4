//! The exact checker of sudoku plans.

use super::{
    SudokuSettings,
    grid::{Grid, Unit},
};
use crate::{
    Problem,
    report::{PlanReport, Satisfied, Severity},
};
use plan::{Item, ItemId, ItemKind, Plan};

/// Kinds of checks and their weights.
const CHECKS: &[(&str, f64)] =
    &[("syntax", 2.0), ("given", 3.0), ("filled", 3.0), ("twice", 1.0), ("unit", 5.0)];

/// Checks `plan` from the grid alone.
pub(super) fn check(problem: &Problem, plan: &Plan) -> PlanReport {
    let puzzle =
        problem.read_settings::<SudokuSettings>().ok().and_then(|settings| Grid::parse(&settings.grid));
    let Some(puzzle) = puzzle else { return PlanReport::default() };
    let mut checker =
        SudokuChecker { report: PlanReport::with_checks(CHECKS), puzzle, grid: puzzle, by: [[None; 4]; 4] };
    for item in plan.items().iter().filter(|item| !item.muted) {
        let step = item.id.kind == ItemKind::Step;
        if step {
            checker.step(item);
        }
        let status = if step { Satisfied::Satisfied } else { Satisfied::NotCheckable };
        checker.report.settle(item.id, status, None);
    }
    checker.finish()
}

struct SudokuChecker {
    report: PlanReport,
    puzzle: Grid,
    grid: Grid,
    /// Which item filled each cell.
    by: [[Option<ItemId>; 4]; 4],
}

/// Reads `row 2 = 1 2 3 4` or `r2c3 = 4` as cells with their digits, places from 0.
pub(super) fn cells(text: &str) -> Option<Vec<(usize, usize, u8)>> {
    let (left, right) = text.split_once('=')?;
    let digits: Vec<u8> =
        right.chars().filter(|c| !" ,|".contains(*c)).map(|c| u8::try_from(c).unwrap_or(0)).collect();
    if !digits.iter().all(|digit| (b'1'..=b'4').contains(digit)) {
        return None;
    }
    let place = |text: &str| text.trim().parse().ok().filter(|n| (1..=4).contains(n)).map(|n: usize| n - 1);
    if let Some(row) = left.trim().strip_prefix("row") {
        let row = place(row)?;
        return (digits.len() == 4)
            .then(|| (0..4).map(|column| (row, column, digits[column] - b'0')).collect());
    }
    let (row, column) = left.trim().strip_prefix('r')?.split_once('c')?;
    let &[digit] = digits.as_slice() else { return None };
    Some(vec![(place(row)?, place(column)?, digit - b'0')])
}

impl SudokuChecker {
    fn step(&mut self, item: &Item) {
        let id = item.id;
        let Some(cells) = cells(&item.text) else {
            let message = format!("{id} is not of the form row 2 = 1 2 3 4, with digits from 1 to 4.");
            return self.report.fail(id, "syntax", Severity::Error, message);
        };
        self.report.count("syntax", true);
        let mut again = false;
        for (row, column, digit) in cells {
            let given = self.puzzle.0[row][column];
            if given > 0 {
                self.report.count("given", given == digit);
                if given != digit {
                    let place = format!("row {}, column {}", row + 1, column + 1);
                    let message = format!("{id} puts {digit} into {place}, where {given} is given.");
                    self.report.find(id, "given", Severity::Error, message);
                    continue;
                }
            }
            again |= self.by[row][column].is_some();
            self.by[row][column] = Some(id);
            self.grid.0[row][column] = digit;
        }
        self.report.count("twice", !again);
        if again {
            let message = format!("{id} fills cells that an item above it has filled; fill each row once.");
            self.report.find(id, "twice", Severity::Error, message);
        }
    }

    fn finish(mut self) -> PlanReport {
        for unit in Unit::all() {
            self.unit(unit);
        }
        let empty: Vec<String> = (0..16)
            .filter(|at| self.grid.0[at / 4][at % 4] == 0)
            .map(|at| format!("row {}, column {}", at / 4 + 1, at % 4 + 1))
            .collect();
        for at in 0..16 {
            if self.puzzle.0[at / 4][at % 4] == 0 {
                self.report.count("filled", self.grid.0[at / 4][at % 4] > 0);
            }
        }
        if let Some(first) = empty.first() {
            let message = format!("{} cells stay empty, the first in {first}.", empty.len());
            self.report.find(None, "filled", Severity::Error, message);
        } else {
            self.report.derived = Some(self.grid.rows().join(" "));
        }
        self.report.exact_pass = Some(!self.report.has_error());
        self.report
    }

    /// Checks that no digit comes twice in a unit; the item that put it there last is to blame.
    fn unit(&mut self, unit: Unit) {
        self.report.count("unit", self.grid.full(unit));
        let cells = unit.cells();
        for (place, &(row, column)) in cells.iter().enumerate() {
            let digit = self.grid.0[row][column];
            let first = cells[..place].iter().find(|&&(r, c)| digit > 0 && self.grid.0[r][c] == digit);
            let Some(&(r, c)) = first else { continue };
            let (own, other) = (self.by[row][column], self.by[r][c]);
            // Of two items the later one is named; what is given cannot be to blame.
            let given = |row: usize, column: usize| self.puzzle.0[row][column] > 0;
            let blamed = if given(row, column) { other.or(own) } else { own.or(other) };
            let who = blamed.map_or_else(|| "The grid".to_owned(), |id| id.to_string());
            let missing: Vec<String> = (1..=4)
                .filter(|digit| cells.iter().all(|&(r, c)| self.grid.0[r][c] != *digit))
                .map(|digit| digit.to_string())
                .collect();
            let message = format!(
                "{who} makes {digit} come twice in {}, where {} is missing.",
                unit.name(),
                missing.join(" and ")
            );
            self.report.find(blamed, "unit", Severity::Error, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    const GOOD: &str = "S1: row 1 = 1 2 3 4\nS2: row 2 = 3 4 1 2\nS3: row 3 = 2 1 4 3\nS4: row 4 = 4 3 2 1";

    fn messages(lines: &str) -> Vec<String> {
        let settings = SudokuSettings { grid: ["12.4", ".4.2", "2.43", "4.2."].map(str::to_owned) };
        let report = check(&settings.problem("p"), &plan(lines));
        assert_eq!(report.exact_pass, Some(report.findings.is_empty()));
        report.findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        assert_eq!(messages(GOOD), [""; 0]);
        assert_eq!(
            messages(
                &GOOD
                    .replace("S1: row 1 = 1 2 3 4", "S1: r1c3 = 3")
                    .replace("S4: row 4 = 4 3 2 1", "S4: row 4 = 4 3 2 2")
            )[0],
            "S4 makes 2 come twice in row 4, where 1 is missing."
        );
        let found = messages(&GOOD.replace("3 4 1 2", "4 3 1 2"));
        assert_eq!(found[0], "S2 puts 3 into row 2, column 2, where 4 is given.");
        assert!(found[1].starts_with("S2 makes 4 come twice in row 2"), "{found:?}");
        assert_eq!(
            messages(&GOOD.replace("row 4 =", "row 3 ="))[0],
            "S4 puts 4 into row 3, column 1, where 2 is given."
        );
        assert_eq!(
            messages("S1: row 1 = 1 2 3 4").last().unwrap(),
            "5 cells stay empty, the first in row 2, column 1."
        );
        assert!(messages("S1: row 5 = 1 2 3 4")[0].contains("is not of the form"));
        assert!(messages("S1: row 1 = 1 2 é 4")[0].contains("is not of the form"));
    }
}
