//! IFEval (Zhou et al. 2023): a prompt, the ids of its instructions and what each takes.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{error::LoadError, formats::Format, records::Record};
use crate::{
    Problem,
    families::ifeval::{IfEvalSettings, Instruction},
};

pub(super) const FORMAT: Format = Format {
    name: "ifeval",
    doc: "IFEval: prompt, instruction_id_list, kwargs",
    members: &[&["prompt"], &["instruction_id_list"], &["kwargs"]],
    read,
};

#[derive(Deserialize)]
struct IfEvalRow {
    prompt: String,
    instruction_id_list: Vec<String>,
    kwargs: Vec<Map<String, Value>>,
}

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row: IfEvalRow = record.read()?;
    if row.instruction_id_list.len() != row.kwargs.len() {
        return Err(record.invalid("there are not as many kwargs as instructions"));
    }
    let instructions = row.instruction_id_list.into_iter().zip(row.kwargs).map(|(id, mut kwargs)| {
        // Some copies of the data set list all arguments for each instruction, most of them null.
        kwargs.retain(|_, value| !value.is_null());
        Instruction { id, kwargs }
    });
    let settings = IfEvalSettings { instructions: instructions.collect() };
    Ok(Problem::new("", "ifeval", row.prompt).with_settings(&settings))
}
