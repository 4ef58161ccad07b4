//! Generated sudokus: a full grid from which digits are taken as long as one solution is left.

use super::{SudokuSettings, grid::Grid, spaced};
use crate::{
    family::example_plan,
    generate::{Generated, Generator},
    rng::ProblemRng,
};

pub(super) struct SudokuGenerator;

impl Generator for SudokuGenerator {
    fn dial(&self) -> [&'static str; 5] {
        ["4 empty cells", "5 empty cells", "7 empty cells", "9 empty cells", "11 empty cells"]
    }

    fn make(&self, difficulty: u8, rng: &mut ProblemRng) -> Generated {
        let wanted = [4, 5, 7, 9, 11][usize::from(difficulty.clamp(1, 5)) - 1];
        loop {
            // Each first row has as many completions, so all grids are drawn evenly.
            let mut first = [1, 2, 3, 4];
            rng.shuffle(&mut first);
            let completions = Grid([first, [0; 4], [0; 4], [0; 4]]).solutions(usize::MAX);
            let full = completions[rng.below(completions.len())];
            let mut grid = full;
            let mut empty = 0;
            for at in rng.sample(&(0..16).collect::<Vec<usize>>(), 16) {
                if empty == wanted {
                    break;
                }
                let mut next = grid;
                next.0[at / 4][at % 4] = 0;
                if next.solutions(2).len() == 1 {
                    grid = next;
                    empty += 1;
                }
            }
            // A row that is given whole would make its step needless.
            if empty == wanted && grid.rows().iter().all(|row| row.contains('.')) {
                return finish(&grid, &full);
            }
        }
    }
}

fn finish(grid: &Grid, full: &Grid) -> Generated {
    let rows = full.rows().map(|row| spaced(&row));
    let texts: Vec<String> = rows.iter().zip(1..).map(|(row, n)| format!("row {n} = {row}")).collect();
    let lines: Vec<(&str, &str, &str)> = ["S1", "S2", "S3", "S4"]
        .into_iter()
        .zip(["", "S1", "S1 S2", "S1 S2 S3"])
        .zip(&texts)
        .map(|((id, deps), text)| (id, deps, text.as_str()))
        .collect();
    Generated {
        problem: SudokuSettings { grid: grid.rows() }.problem(""),
        solution: example_plan(&lines),
        answer: format!("The answer is {}.", full.rows().join(" ")),
    }
}
