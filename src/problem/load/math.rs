//! MATH (Hendrycks et al. 2021): `{"problem": …, "solution": "… \\boxed{\\frac{1}{2}}"}`, with `level` and `answer` perhaps.

use serde::Deserialize;

use super::{LoadError, formats::Format, records::Record};
use crate::problem::{Gold, Problem, answers};

pub(super) const FORMAT: Format = Format {
    name: "math",
    doc: "MATH: problem, solution with \\boxed{…}",
    members: &["problem", "solution"],
    read,
};

#[derive(Deserialize)]
struct Row {
    problem: String,
    solution: String,
    answer: Option<String>,
    level: Option<String>,
}

fn read(record: &Record<'_>) -> Result<Problem, LoadError> {
    let row: Row = record.read()?;
    let gold = row.answer.as_deref().or_else(|| answers::boxed(&row.solution));
    let gold = gold.map(str::trim).filter(|gold| !gold.is_empty());
    let gold = gold.ok_or_else(|| record.invalid("the solution has no \\boxed{…} with the answer"))?;
    // Plans of arithmetic come to numbers; other answers are left to plans in words.
    let family = if answers::number(gold).is_some() { "math" } else { "free" };
    let mut problem =
        Problem::new("", family, row.problem).with_gold(Gold::new(Some(gold.to_owned()), Vec::new()));
    problem.difficulty = row.level.and_then(|level| level.strip_prefix("Level ")?.parse().ok());
    problem.difficulty = problem.difficulty.filter(|level| (1..=5).contains(level));
    Ok(problem)
}
