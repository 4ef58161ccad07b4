//! Sudoku of four rows: each row, each column and each quarter holds 1, 2, 3 and 4.
//!
//! A plan fills rows, `S1: row 1 = 1 2 3 4`, or single cells, `S1: r1c2 = 3`. The grid decides everything, so the
//! checker is exact and needs no gold.

mod check;
pub mod grid;
mod make;
mod moves;
mod tokens;

use serde::{Deserialize, Serialize};

use crate::{
    Problem, answers,
    family::{Example, Family, Framing, ItemPattern, TEXT_CHARS, example_plan},
    generate::Generator,
    report::{AnswerVerdict, Outcome, PlanReport},
    tokens::PlanTokens,
};
use grid::Grid;
use plan::{Edit, IdSource, ItemKind, Plan};

/// The family of small sudokus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sudoku;

/// The settings of a sudoku, which say all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SudokuSettings {
    /// Four rows of four: digits that are given, and dots.
    pub grid: [String; 4],
}

impl SudokuSettings {
    /// Returns the problem that these settings say, called `id`.
    pub fn problem(&self, id: &str) -> Problem {
        let rows: Vec<String> = self
            .grid
            .iter()
            .enumerate()
            .map(|(at, row)| format!("row {}: {}", at + 1, spaced(&row.replace('.', "_"))))
            .collect();
        let text = format!(
            "Fill the empty cells, written _, of this grid of 4 rows and 4 columns:\n{}\nEach row, each column and each of \
             the four 2 by 2 quarters must hold each of 1, 2, 3 and 4 once. The given digits stay. The answer is the four \
             rows, such as 1234 3412 2143 4321.",
            rows.join("\n")
        );
        let mut problem = Problem::new(id, "sudoku4", text).with_settings(self);
        let empty = self.grid.concat().matches('.').count();
        problem.title = format!("a 4 by 4 sudoku with {empty} empty cells");
        problem
    }
}

fn spaced(row: &str) -> String {
    row.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

impl Family for Sudoku {
    fn name(&self) -> &'static str {
        "sudoku4"
    }

    fn doc(&self) -> &'static str {
        "4 by 4 sudoku, filled row by row; exact checker"
    }

    fn kinds(&self) -> &'static [ItemKind] {
        &[ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Claim, ItemKind::Step]
    }

    fn check_problem(&self, problem: &Problem) -> Result<(), String> {
        let settings: SudokuSettings = problem.read_settings()?;
        let grid = Grid::parse(&settings.grid).ok_or("the grid is four rows of four: 1 to 4, or a dot")?;
        match grid.solutions(2).len() {
            1 => Ok(()),
            0 => Err("the grid has no solution".to_owned()),
            _ => Err("the grid has several solutions; a sudoku has one".to_owned()),
        }
    }

    fn framing(&self, _problem: &Problem) -> Framing {
        let cells = "[1-4] [1-4] [1-4] [1-4]";
        Framing {
            system: "You plan before you answer. You fill small sudoku grids exactly.".to_owned(),
            how_to_plan: "Write a plan of four steps, S1 to S4, one for each row of the grid from the first to the last: \
                          row NUMBER = four digits. Keep the given digits where they are. No digit may come twice in a \
                          row, in a column or in a 2 by 2 quarter. After <- list the rows above that you compared with."
                .to_owned(),
            how_to_answer: "Write one short sentence for each row of the plan, and after each cite its item in brackets, \
                            such as [S1]. End with one line: The answer is ROW ROW ROW ROW."
                .to_owned(),
            example: example(),
            patterns: vec![ItemPattern::new(ItemKind::Step, format!("row [1-3] = {cells}"))],
            last: Some(ItemPattern::new(ItemKind::Step, format!("row 4 = {cells}"))),
            slots: Vec::new(),
            min_items: 4,
            max_items: 4,
            max_text_chars: TEXT_CHARS,
        }
    }

    fn evaluates_plans(&self) -> bool {
        true
    }

    fn surface(&self) -> &'static str {
        "lines"
    }

    fn statements(&self, _problem: &Problem) -> Option<String> {
        let how = "Write the four rows of the filled grid, one a line, such as: row 1 = 1 2 3 4. Keep the given digits where \
                   they are. No digit may come twice in a row, in a column or in a 2 by 2 quarter.";
        Some(how.to_owned())
    }

    fn derives_links(&self) -> bool {
        true
    }

    fn check_plan(&self, problem: &Problem, plan: &Plan) -> PlanReport {
        check::check(problem, plan)
    }

    /// Returns the four rows after *the answer is*, otherwise the last sixteen digits from 1 to 4 that stand in rows.
    fn read_answer(&self, text: &str) -> Option<String> {
        let text = answers::plain(text);
        let stated = answers::after_mark(&text).and_then(|rest| rows_in(rest, false));
        stated.or_else(|| rows_in(&text, true)).map(|rows| rows.join(" "))
    }

    /// Compares with the grid itself. No gold is needed.
    fn check_answer(&self, problem: &Problem, _plan: &Plan, answer: &str) -> AnswerVerdict {
        let extracted = self.extract_answer(answer);
        let verdict = |outcome, reason| AnswerVerdict { outcome, extracted: extracted.clone(), reason };
        let puzzle =
            problem.read_settings::<SudokuSettings>().ok().and_then(|settings| Grid::parse(&settings.grid));
        let Some(puzzle) = puzzle else { return verdict(Outcome::NoGold, None) };
        let Some(filled) = extracted.as_deref().and_then(Grid::parse_rows) else {
            return verdict(Outcome::Unparsed, None);
        };
        if !filled.keeps(&puzzle) {
            verdict(Outcome::Wrong, Some("a given digit was changed".to_owned()))
        } else if filled.conflicts().is_empty() {
            verdict(Outcome::Correct, None)
        } else {
            verdict(Outcome::Wrong, Some("a digit comes twice in a row, a column or a quarter".to_owned()))
        }
    }

    fn judges_by_rules(&self) -> bool {
        true
    }

    /// Returns the rows that are filled.
    fn values(&self, text: &str) -> Vec<String> {
        rows_in(text, true).map_or_else(Vec::new, |rows| rows.to_vec())
    }

    /// Exchanges two cells of a row or changes one; given cells stay.
    fn moves(&self, problem: &Problem, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
        let settings = problem.read_settings::<SudokuSettings>();
        settings.map(|settings| moves::moves(&settings, plan, ids)).unwrap_or_default()
    }

    fn generator(&self) -> Option<&'static dyn Generator> {
        Some(&make::SudokuGenerator)
    }

    fn tokens(&self) -> Option<&'static dyn PlanTokens> {
        Some(&tokens::SudokuTokens)
    }

    fn control(&self, problem: &Problem) -> Option<String> {
        let settings = problem.read_settings::<SudokuSettings>().ok()?;
        let count = Grid::parse(&settings.grid)?.solutions(2).len();
        Some(if count == 1 {
            "has exactly one solution".to_owned()
        } else {
            "is no proper sudoku".to_owned()
        })
    }
}

/// Returns four rows of four digits: the first ones of `text`, or the `last` ones. Digits of one row stand together, or
/// with single signs between them.
fn rows_in(text: &str, last: bool) -> Option<[String; 4]> {
    let digits = |row: &str| row.len() == 4 && row.chars().all(|digit| ('1'..='4').contains(&digit));
    let mut rows: Vec<String> = Vec::new();
    let (mut row, mut gap) = (String::new(), 0);
    // A sign at the end closes a row that stands there.
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() {
            row.push(c);
            gap = 0;
            continue;
        }
        gap += 1;
        if digits(&row) {
            rows.push(std::mem::take(&mut row));
        } else if gap > 3 || !matches!(c, ' ' | ',' | '|') || row.len() > 4 {
            row.clear();
        }
    }
    let start = if last { rows.len().checked_sub(4)? } else { 0 };
    <[String; 4]>::try_from(rows.get(start..start + 4)?.to_vec()).ok()
}

fn example() -> Example {
    let settings = SudokuSettings { grid: ["12.4", ".4.2", "2.43", "4.2."].map(str::to_owned) };
    Example {
        problem: settings.problem("example").text,
        plan: example_plan(&[
            ("S1", "", "row 1 = 1 2 3 4"),
            ("S2", "S1", "row 2 = 3 4 1 2"),
            ("S3", "S1 S2", "row 3 = 2 1 4 3"),
            ("S4", "S1 S2 S3", "row 4 = 4 3 2 1"),
        ]),
        answer: "The first row lacks a 3. [S1]\nThe second row lacks 3 and 1. [S2]\nThe third row lacks a 1. [S3]\nThe \
                 fourth row lacks 3 and 1. [S4]\nThe answer is 1234 3412 2143 4321. [S4]"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn puzzle() -> Problem {
        SudokuSettings { grid: ["12.4", ".4.2", "2.43", "4.2."].map(str::to_owned) }.problem("p")
    }

    #[test]
    fn the_example_is_right() {
        let example = example();
        assert_eq!(example.problem, puzzle().text);
        assert_eq!(Sudoku.check_problem(&puzzle()), Ok(()));
        let report = Sudoku.check_plan(&puzzle(), &example.plan);
        assert_eq!((report.findings.as_slice(), report.exact_pass), (&[][..], Some(true)));
        let verdict = Sudoku.check_answer(&puzzle(), &example.plan, &example.answer);
        assert_eq!((verdict.outcome, verdict.extracted), (Outcome::Correct, report.derived));
    }

    #[test]
    fn answers_are_read_as_models_write_them() {
        let outcome = |text: &str| Sudoku.check_answer(&puzzle(), &Plan::default(), text).outcome;
        for good in [
            "The answer is 1234 3412 2143 4321.",
            "The answer is:\n1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1",
            "The answer is [[1,2,3,4],[3,4,1,2],[2,1,4,3],[4,3,2,1]].",
            "| 1 | 2 | 3 | 4 |\n1, 2, 3, 4\n3, 4, 1, 2\n2, 1, 4, 3\n4, 3, 2, 1",
            "row 1: 1 2 3 4\nrow 2: 3 4 1 2\nrow 3: 2 1 4 3\nrow 4: 4 3 2 1\n",
        ] {
            assert_eq!(outcome(good), Outcome::Correct, "{good}");
        }
        assert_eq!(outcome("The answer is 1234 3421 2143 4312."), Outcome::Wrong);
        assert_eq!(outcome("The answer is 2134 3412 1243 4321."), Outcome::Wrong);
        assert_eq!(outcome("The answer is 1234."), Outcome::Unparsed);
        assert_eq!(outcome("12345 67 890"), Outcome::Unparsed);
    }

    #[test]
    fn grids_without_exactly_one_solution_are_refused() {
        let refused = |grid: [&str; 4]| {
            Sudoku.check_problem(&SudokuSettings { grid: grid.map(str::to_owned) }.problem("p")).unwrap_err()
        };
        assert!(refused(["....", "....", "....", "...."]).contains("several solutions"));
        assert!(refused(["11..", "....", "....", "...."]).contains("no solution"));
        assert!(refused(["1234", "5...", "....", "...."]).contains("four rows of four"));
        assert!(refused(["1", "", "", "é"]).contains("four rows of four"));
    }
}
