//! The grid: parsing, conflicts, and a solver that counts solutions.

/// A row, a column or a quarter, and which one, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// From the top.
    Row(usize),
    /// From the left.
    Column(usize),
    /// In reading order.
    Quarter(usize),
}

impl Unit {
    /// All twelve.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=4).map(Self::Row).chain((1..=4).map(Self::Column)).chain((1..=4).map(Self::Quarter))
    }

    /// Returns its cells as rows and columns from 0.
    pub fn cells(self) -> [(usize, usize); 4] {
        [0, 1, 2, 3].map(|at| match self {
            Self::Row(row) => (row - 1, at),
            Self::Column(column) => (at, column - 1),
            Self::Quarter(quarter) => ((quarter - 1) / 2 * 2 + at / 2, (quarter - 1) % 2 * 2 + at % 2),
        })
    }

    /// Returns its name in a sentence.
    pub fn name(self) -> String {
        match self {
            Self::Row(n) => format!("row {n}"),
            Self::Column(n) => format!("column {n}"),
            Self::Quarter(n) => {
                format!(
                    "the {} quarter",
                    ["upper left", "upper right", "lower left", "lower right"][(n - 1) % 4]
                )
            }
        }
    }
}

/// A grid; 0 is an empty cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grid(pub [[u8; 4]; 4]);

impl Grid {
    /// Reads four rows of digits from 1 to 4 and dots.
    pub fn parse<S: AsRef<str>>(rows: &[S; 4]) -> Option<Self> {
        let mut grid = Self::default();
        for (row, text) in grid.0.iter_mut().zip(rows) {
            let cells: Vec<u8> = text.as_ref().bytes().collect();
            for (cell, byte) in row.iter_mut().zip(<[u8; 4]>::try_from(cells).ok()?) {
                *cell = match byte {
                    b'1'..=b'4' => byte - b'0',
                    b'.' => 0,
                    _ => return None,
                };
            }
        }
        Some(grid)
    }

    /// Reads four rows with spaces between them.
    pub fn parse_rows(text: &str) -> Option<Self> {
        let rows: Vec<&str> = text.split_whitespace().collect();
        Self::parse(&<[&str; 4]>::try_from(rows).ok()?)
    }

    /// Returns the rows as texts, with dots for empty cells.
    pub fn rows(&self) -> [String; 4] {
        self.0
            .map(|row| row.map(|cell| if cell == 0 { '.' } else { char::from(b'0' + cell) }).iter().collect())
    }

    /// Returns whether all that is given in `puzzle` stands here too.
    pub fn keeps(&self, puzzle: &Self) -> bool {
        let cells = self.0.iter().flatten().zip(puzzle.0.iter().flatten());
        cells.into_iter().all(|(own, given)| *given == 0 || own == given)
    }

    /// Returns whether a unit holds each digit.
    pub fn full(&self, unit: Unit) -> bool {
        (1..=4).all(|digit| unit.cells().iter().any(|&(row, column)| self.0[row][column] == digit))
    }

    /// Returns the units that do not hold each digit.
    pub fn conflicts(&self) -> Vec<Unit> {
        Unit::all().filter(|unit| !self.full(*unit)).collect()
    }

    /// Returns the digits that no unit of a cell forbids.
    fn candidates(&self, row: usize, column: usize) -> Vec<u8> {
        let seen = |digit| {
            Unit::all().any(|unit| {
                let cells = unit.cells();
                cells.contains(&(row, column)) && cells.iter().any(|&(r, c)| self.0[r][c] == digit)
            })
        };
        (1..=4).filter(|digit| !seen(*digit)).collect()
    }

    /// Returns solutions, at most `most` of them.
    pub fn solutions(&self, most: usize) -> Vec<Self> {
        let twice = Unit::all().any(|unit| {
            let digits: Vec<u8> =
                unit.cells().iter().map(|&(r, c)| self.0[r][c]).filter(|d| *d > 0).collect();
            digits.iter().enumerate().any(|(at, digit)| digits[..at].contains(digit))
        });
        let mut found = Vec::new();
        if !twice {
            self.search(most, &mut found);
        }
        found
    }

    fn search(&self, most: usize, found: &mut Vec<Self>) {
        let empty = (0..16).map(|at| (at / 4, at % 4)).find(|&(row, column)| self.0[row][column] == 0);
        let Some((row, column)) = empty else {
            found.push(*self);
            return;
        };
        for digit in self.candidates(row, column) {
            if found.len() >= most {
                return;
            }
            let mut next = *self;
            next.0[row][column] = digit;
            next.search(most, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_288_grids() {
        let all = Grid::default().solutions(1000);
        assert_eq!(all.len(), 288);
        assert!(all.iter().all(|grid| grid.conflicts().is_empty()));
        assert_eq!(Grid::parse_rows(&all[7].rows().join(" ")), Some(all[7]));
    }

    #[test]
    fn units_have_their_cells() {
        assert_eq!(Unit::Quarter(2).cells(), [(0, 2), (0, 3), (1, 2), (1, 3)]);
        assert_eq!(Unit::Quarter(3).name(), "the lower left quarter");
        let grid = Grid::parse(&["1234", "3412", "2143", "4312"]).unwrap();
        assert_eq!(grid.conflicts(), [Unit::Column(3), Unit::Column(4)]);
    }
}
