//! Sudokus as tokens: the sixteen cells of the problem, and those of the plan.

use denoise::{LineForm, LinePart};
use plan::ItemKind;

use super::SudokuSettings;
use crate::{
    Problem,
    tokens::{PlanTokens, TokenForm},
};

pub(super) struct SudokuTokens;

impl PlanTokens for SudokuTokens {
    fn vocabulary(&self) -> &'static [&'static str] {
        &["", "1", "2", "3", "4"]
    }

    fn form(&self, problem: &Problem) -> Result<TokenForm, String> {
        let settings: SudokuSettings = problem.read_settings()?;
        let tokens: &dyn PlanTokens = self;
        let mut cells = Vec::new();
        for cell in settings.grid.concat().replace('.', " ").chars() {
            cells.extend(tokens.read(cell.to_string().trim(), 1)?);
        }
        Ok(TokenForm { problem: cells, lines: (1..=4).map(row).collect() })
    }
}

/// `row 2 = 1 2 3 4`
fn row(number: usize) -> LineForm {
    let mut pieces = vec![LinePart::Words(format!("row {number} = ")), LinePart::Open(1)];
    for _ in 1..4 {
        pieces.extend([LinePart::Words(" ".into()), LinePart::Open(1)]);
    }
    LineForm { kind: ItemKind::Step, pieces }
}
