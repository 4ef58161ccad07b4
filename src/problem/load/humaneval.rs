//! HumanEval (Chen et al. 2021): a function to be completed, and hidden tests.

use serde::Deserialize;

use super::{error::LoadError, formats::Format, records::Record};
use crate::{Gold, Problem};

pub(super) const FORMAT: Format = Format {
    name: "humaneval",
    doc: "HumanEval: task_id, prompt, entry_point, test",
    members: &[&["task_id"], &["prompt"], &["entry_point"], &["test"]],
    read,
};

#[derive(Deserialize)]
struct HumanEvalRow {
    prompt: String,
    entry_point: String,
    test: String,
}

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row: HumanEvalRow = record.read()?;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    if row.entry_point.is_empty() || !row.entry_point.chars().all(word) {
        return Err(record.invalid("the entry point is no name of a function"));
    }
    // The canonical solution is gold too, and is dropped here.
    let mut problem = Problem::new("", "code", row.prompt).with_gold(Gold::new(None, vec![row.test]));
    problem.title = row.entry_point.chars().take(50).collect();
    problem.settings.insert("entry_point".to_owned(), row.entry_point.into());
    Ok(problem)
}
