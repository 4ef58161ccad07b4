//! GSM8K (Cobbe et al. 2021): `{"question": …, "answer": "… #### 42"}`.

use serde::Deserialize;

use super::{LoadError, formats::Format, records::Record};
use crate::problem::{Gold, Problem, answers};

pub(super) const FORMAT: Format = Format {
    name: "gsm8k",
    doc: "GSM8K: question, answer with #### and a number",
    members: &["question"],
    read,
};

#[derive(Deserialize)]
struct Row {
    question: String,
    answer: String,
}

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row: Row = record.read()?;
    // The worked solution before the mark is gold too, and is dropped here.
    let gold = row.answer.rsplit_once("####").map_or(row.answer.as_str(), |(_, gold)| gold).trim();
    if answers::number(gold).is_none() {
        return Err(record.invalid("the answer does not end with #### and a number"));
    }
    Ok(Problem::new("", "math", row.question).with_gold(Gold::new(Some(gold.to_owned()), Vec::new())))
}
