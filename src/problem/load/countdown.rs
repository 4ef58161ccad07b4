//! Countdown as evaluated with Dream (Ye et al. 2025): `{"input": "15,44,79,50", "output": "44-15=29,79-29=50"}`; the
//! last number of the input is the target.

use super::{error::LoadError, fields::Fields, formats::Format, records::Record};
use crate::{Problem, families::countdown::CountdownSettings};

pub(super) const FORMAT: Format = Format {
    name: "countdown",
    doc: "Countdown of Dream: input, output; the last number of the input is the target",
    members: &[&["input"], &["output"]],
    read,
};

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let input = Fields::of(record)?.task("input")?;
    let numbers: Result<Vec<u32>, _> = input.split(',').map(|number| number.trim().parse()).collect();
    match numbers.ok().and_then(|mut numbers| Some((numbers.pop()?, numbers))) {
        // The output is one solution of many; the checker needs none.
        Some((target, numbers)) => Ok(CountdownSettings { numbers, target, all: false }.problem("")),
        None => Err(record.invalid("the input is not a list of whole numbers, such as 15,44,79,50")),
    }
}
