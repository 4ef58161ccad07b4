//! Game of 24 as in Tree of Thoughts (Yao et al. 2023): a table with the column `Puzzles`, such as `1 1 4 6`.

use super::{error::LoadError, fields::Fields, formats::Format, records::Record};
use crate::{Problem, families::countdown::CountdownSettings};

pub(super) const FORMAT: Format = Format {
    name: "game24",
    doc: "Game of 24: a table with the column Puzzles",
    members: &[&["puzzles"]],
    read,
};

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let puzzle = Fields::of(record)?.task("puzzles")?;
    let numbers: Result<Vec<u32>, _> = puzzle.split_whitespace().map(str::parse).collect();
    match numbers {
        Ok(numbers) if !numbers.is_empty() => {
            Ok(CountdownSettings { numbers, target: 24, all: true }.problem(""))
        }
        Ok(_) | Err(_) => Err(record.invalid("the puzzle is not a list of whole numbers, such as 1 1 4 6")),
    }
}
