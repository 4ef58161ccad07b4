//! Our own form of problems: a TOML file of one or several, and rows with the same fields.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{LoadError, checked, records::Record};
use crate::problem::{FAMILIES, Gold, Problem, family};

/// A problem as files write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Option<String>,
    title: Option<String>,
    family: String,
    text: String,
    gold: Option<WrittenGold>,
    #[serde(default)]
    goal: Vec<String>,
    #[serde(default)]
    visible_goal: bool,
    difficulty: Option<u8>,
    #[serde(default)]
    settings: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a gold answer is a text or a number")]
enum WrittenGold {
    Text(String),
    Whole(i64),
    Decimal(f64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenList {
    problem: Vec<Written>,
}

/// Reads a TOML file of one problem or of several.
pub(super) fn read_toml(path: &str, text: &str) -> Result<Vec<Problem>, LoadError> {
    let explain = |error: toml::de::Error| {
        let before = &text[..error.span().map_or(0, |span| span.start.min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        LoadError::Syntax {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: error.message().trim().replace('\n', "; "),
        }
    };
    let table: toml::Table = toml::from_str(text).map_err(explain)?;
    let written = if table.contains_key("problem") {
        toml::from_str::<WrittenList>(text).map_err(explain)?.problem
    } else {
        vec![toml::from_str::<Written>(text).map_err(explain)?]
    };
    let problems =
        written.into_iter().map(|one| from_written(path, None, one)).collect::<Result<Vec<_>, _>>()?;
    for (at, problem) in problems.iter().enumerate() {
        if problems[..at].iter().any(|other| other.id == problem.id) {
            let message = "another problem of the file has the same id".to_owned();
            return Err(LoadError::Invalid { path: path.to_owned(), id: problem.id.clone(), message });
        }
    }
    Ok(problems)
}

/// Reads a row that has our own fields.
pub(super) fn read_row(record: &Record<'_>) -> Result<Problem, LoadError> {
    from_written(record.path, Some(record.id()), record.read()?)
}

/// Makes a problem of what a file says; `id` is that of the row, if any.
fn from_written(path: &str, id: Option<String>, written: Written) -> Result<Problem, LoadError> {
    let stem = || Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or(path).to_owned();
    let id = id.or(written.id).unwrap_or_else(stem);
    if family(&written.family).is_none() {
        let names: Vec<&str> = FAMILIES.iter().map(|family| family.name()).collect();
        let message = format!("there is no family {}; the families are {}", written.family, names.join(", "));
        return Err(LoadError::Invalid { path: path.to_owned(), id, message });
    }
    let mut problem = Problem::new(id, &written.family, written.text);
    problem.title = written.title.unwrap_or(problem.title);
    problem.difficulty = written.difficulty;
    problem.settings = written.settings;
    problem.source = path.to_owned();
    let answer = written.gold.map(|gold| match gold {
        WrittenGold::Text(text) => text,
        WrittenGold::Whole(number) => number.to_string(),
        WrittenGold::Decimal(number) => number.to_string(),
    });
    let hidden = if written.visible_goal { Vec::new() } else { written.goal.clone() };
    if written.visible_goal {
        problem.visible_goal = written.goal;
    }
    if answer.is_some() || !hidden.is_empty() {
        problem = problem.with_gold(Gold::new(answer, hidden));
    }
    checked(path, problem)
}
