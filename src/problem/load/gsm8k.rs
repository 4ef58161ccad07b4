//! GSM8K (Cobbe et al. 2021): `{"question": …, "answer": "… #### 42"}`, and other rows with a question and an answer: a
//! number or a formula.

use super::{
    error::LoadError,
    fields::{ANSWERS, Fields},
    formats::Format,
    math,
    records::Record,
};
use crate::{Gold, Problem, answers};

pub(super) const FORMAT: Format = Format {
    name: "gsm8k",
    doc: "GSM8K: question, answer with #### and a number; or the answer alone",
    members: &[&["question"]],
    read,
};

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row = Fields::of(record)?;
    let question = row.task("question")?;
    let answer = row.answer(&ANSWERS)?.ok_or_else(|| record.invalid("it has no answer to compare with"))?;
    // The worked solution before the mark is gold too, and is dropped here.
    let gold = answer.rsplit_once("####").map_or(answer.as_str(), |(_, gold)| gold).trim();
    if answers::number(gold).is_some() {
        return Ok(Problem::new("", "math", question).with_gold(Gold::new(Some(gold.to_owned()), Vec::new())));
    }
    let formula = gold.contains(['\\', '$']) && !gold.contains('\n') && !answer.contains("####");
    if formula {
        return math::posed(record, question, Some(gold));
    }
    Err(record.invalid(
        "the answer does not end with #### and a number, and it is neither a number nor a formula; rows of our own can \
         have other answers: family, text and gold",
    ))
}
