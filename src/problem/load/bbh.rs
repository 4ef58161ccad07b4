//! BIG-Bench Hard (Suzgun et al. 2022): a document with `examples` of `{"input": …, "target": …}`.

use serde::Deserialize;

use super::{LoadError, formats::Format, records::Record};
use crate::problem::{Gold, Problem, answers};

pub(super) const FORMAT: Format = Format {
    name: "bbh",
    doc: "BIG-Bench Hard: examples of input and target",
    members: &["input", "target"],
    read,
};

#[derive(Deserialize)]
struct Row {
    input: String,
    target: String,
}

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row: Row = record.read()?;
    // Numbers are compared as such, whatever they count; choices and words as words.
    let family = if answers::number(&row.target).is_some() { "math" } else { "free" };
    Ok(Problem::new("", family, row.input).with_gold(Gold::new(Some(row.target), Vec::new())))
}
