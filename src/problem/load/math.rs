//! MATH (Hendrycks et al. 2021): `{"problem": …, "solution": "… \\boxed{\\frac{1}{2}}"}`, with `level` and `answer` perhaps;
//! and rows with `problem` and `answer` alone, as AIME, AMC and NuminaMath have them.

use super::{
    error::LoadError,
    fields::{ANSWERS, Fields},
    formats::Format,
    records::Record,
};
use crate::{Gold, Problem, answers};

pub(super) const FORMAT: Format = Format {
    name: "math",
    doc: "MATH: problem, solution with \\boxed{…}; or problem and answer, as AIME and AMC have them",
    members: &[&["problem"], &["solution", "answer", "final_answer", "expected_answer"]],
    read,
};

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row = Fields::of(record)?;
    let task = row.task("problem")?;
    let mut problem = match row.answer(&ANSWERS)? {
        Some(answer) => posed(record, task, Some(&answer))?,
        None => posed(record, task, answers::boxed(&row.text("solution")?.unwrap_or_default()))?,
    };
    problem.difficulty = row.level("level");
    Ok(problem)
}

/// Makes a problem of a task and the text of its answer.
pub(super) fn posed(record: &Record<'_>, task: String, gold: Option<&str>) -> Result<Problem, LoadError> {
    let gold = gold.map(str::trim).filter(|gold| !gold.is_empty());
    let gold = gold
        .ok_or_else(|| record.invalid("there is no answer, and the solution has no \\boxed{…} with one"))?;
    // Plans of arithmetic evaluate to numbers; other answers are left to plans in words.
    let family = if answers::number(gold).is_some() { "math" } else { "free" };
    Ok(Problem::new("", family, task).with_gold(Gold::new(Some(gold.to_owned()), Vec::new())))
}
