//! BIG-Bench Hard (Suzgun et al. 2022): a document with `examples` of `{"input": …, "target": …}`; and rows of that shape,
//! as GSM-Hard has them.

use super::{error::LoadError, fields::Fields, formats::Format, records::Record};
use crate::{Gold, Problem, answers};

pub(super) const FORMAT: Format = Format {
    name: "bbh",
    doc: "BIG-Bench Hard: examples of input and target",
    members: &[&["input"], &["target"]],
    read,
};

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row = Fields::of(record)?;
    let input = row.task("input")?;
    let target = row.answer(&["target"])?.ok_or_else(|| record.invalid("it has no target"))?;
    // Numbers are compared as such, whatever they count; choices and words as words.
    let family = if answers::number(&target).is_some() { "math" } else { "free" };
    Ok(Problem::new("", family, input).with_gold(Gold::new(Some(target), Vec::new())))
}
