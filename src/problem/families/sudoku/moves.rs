//! Changes of cells.

use super::{SudokuSettings, check::cells, grid::Grid, spaced};
use crate::family::{movable, says};
use plan::{Edit, IdSource, Item, ItemKind, Plan};

/// Returns the edits that exchange two cells of a row or change one cell; a cell that is given can only become what is given. A
/// row that is filled twice becomes a row that is not filled.
pub(super) fn moves(settings: &SudokuSettings, plan: &Plan, _: &IdSource) -> Vec<Edit> {
    let Some(puzzle) = Grid::parse(&settings.grid) else { return Vec::new() };
    let mut moves = Vec::new();
    let mut filled: Vec<usize> = Vec::new();
    for (_, item) in movable(plan, ItemKind::Step) {
        let Some(places) = cells(&item.text) else { continue };
        let &[(row, ..), ..] = places.as_slice() else { continue };
        let Ok(digits) = <[u8; 4]>::try_from(places.iter().map(|(.., digit)| *digit).collect::<Vec<_>>())
        else {
            moves.extend(single(item, &puzzle, places[0]));
            continue;
        };
        if filled.contains(&row) {
            let free = (0..4).filter(|row| !filled.contains(row));
            moves.extend(free.map(|row| says(item, text(row, digits))));
        }
        filled.push(row);
        moves.extend(rows(&puzzle.0[row], digits).into_iter().map(|digits| says(item, text(row, digits))));
    }
    moves
}

/// Returns the rows that differ from `digits` by one change.
fn rows(given: &[u8; 4], digits: [u8; 4]) -> Vec<[u8; 4]> {
    let mut rows = Vec::new();
    for at in 0..4 {
        let possible =
            (1..=4).filter(|digit| *digit != digits[at] && (given[at] == 0 || *digit == given[at]));
        rows.extend(possible.map(|digit| {
            let mut row = digits;
            row[at] = digit;
            row
        }));
        for other in (at + 1..4).filter(|other| given[at] == 0 && given[*other] == 0) {
            let mut row = digits;
            row.swap(at, other);
            rows.extend((row != digits).then_some(row));
        }
    }
    rows
}

fn single(item: &Item, puzzle: &Grid, (row, column, digit): (usize, usize, u8)) -> Vec<Edit> {
    let given = puzzle.0[row][column];
    let possible = (1..=4).filter(|other| *other != digit && (given == 0 || *other == given));
    possible.map(|digit| says(item, format!("r{}c{} = {digit}", row + 1, column + 1))).collect()
}

fn text(row: usize, digits: [u8; 4]) -> String {
    let digits: String = digits.iter().map(u8::to_string).collect();
    format!("row {} = {}", row + 1, spaced(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{after, plan};

    #[test]
    fn cells_change_and_change_places_but_given_ones_stay() {
        let settings = SudokuSettings { grid: ["12.4", ".4.2", "2.43", "4.2."].map(str::to_owned) };
        let moved = |text: &str| {
            let plan = plan(text);
            after(&plan, &moves(&settings, &plan, &IdSource::of(&plan)))
        };
        assert_eq!(
            moved("S1: row 1 = 1 2 4 4"),
            ["S1: row 1 = 1 2 1 4", "S1: row 1 = 1 2 2 4", "S1: row 1 = 1 2 3 4"]
        );
        assert_eq!(moved("S1: row 1 = 1 3 3 4")[0], "S1: row 1 = 1 2 3 4", "what is given comes back");
        let second = moved("S1: row 2 = 3 4 1 2");
        assert_eq!(second.len(), 7, "{second:?}");
        assert!(second.contains(&"S1: row 2 = 1 4 3 2".to_owned()), "{second:?}");
        assert!(
            moved("S1: row 1 = 1 2 3 4\nS2: row 1 = 1 2 3 4")
                .contains(&"S1: row 1 = 1 2 3 4\nS2: row 2 = 1 2 3 4".to_owned())
        );
        assert_eq!(moved("S1: r1c3 = 3").len(), 3);
        assert_eq!(moved("S1: r1c1 = 3"), ["S1: r1c1 = 1"]);
    }
}
