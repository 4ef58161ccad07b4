//! Our own form of problems: a TOML file of one or several, and rows with the same fields.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{checked, ending::stem, error::LoadError, records::Record};
use crate::{FAMILIES, Gold, Problem, family};

/// A problem as files write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnProblem {
    id: Option<OwnWord>,
    title: Option<String>,
    family: String,
    text: String,
    gold: Option<OwnWord>,
    #[serde(default)]
    goal: Vec<String>,
    #[serde(default)]
    visible_goal: bool,
    difficulty: Option<OwnWord>,
    #[serde(default)]
    settings: BTreeMap<String, serde_json::Value>,
}

/// A text that some write as a number.
#[derive(Deserialize)]
#[serde(untagged, expecting = "this is a text or a number")]
enum OwnWord {
    Text(String),
    Whole(i64),
    Decimal(f64),
}

/// From here on not all whole numbers can be kept as the decimal numbers of the machine.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl OwnWord {
    /// Returns it as text, or why it cannot be said exactly.
    fn text(self) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Whole(number) => Ok(number.to_string()),
            Self::Decimal(number) if number.abs() < EXACT => Ok(number.to_string()),
            Self::Decimal(_) => Err("is a number with too many digits; write it in quotes".to_owned()),
        }
    }
}

/// A difficulty that is no whole number is as wrong as one that is not on the scale.
fn difficulty(word: OwnWord) -> Result<u8, String> {
    let text = word.text()?;
    text.trim().parse().map_err(|_| format!("is \"{}\", and must be from 1 to 5", text.trim()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenList {
    problem: Vec<OwnProblem>,
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
        vec![toml::from_str::<OwnProblem>(text).map_err(explain)?]
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
fn from_written(path: &str, id: Option<String>, written: OwnProblem) -> Result<Problem, LoadError> {
    let own = written.id.and_then(|id| id.text().ok());
    let id = id.or(own).unwrap_or_else(|| stem(path).to_owned());
    if family(&written.family).is_none() {
        let names: Vec<&str> = FAMILIES.iter().map(|family| family.name()).collect();
        let message = format!("there is no family {}; the families are {}", written.family, names.join(", "));
        return Err(LoadError::Invalid { path: path.to_owned(), id, message });
    }
    let mut problem = Problem::new(id, &written.family, written.text);
    problem.title = written.title.unwrap_or(problem.title);
    let invalid = |what: &str| {
        let (path, id, what) = (path.to_owned(), problem.id.clone(), what.to_owned());
        move |why: String| LoadError::Invalid { path, id, message: format!("the {what} {why}") }
    };
    let difficulty = written.difficulty.map(difficulty).transpose().map_err(invalid("difficulty"))?;
    let answer = written.gold.map(OwnWord::text).transpose().map_err(invalid("gold answer"))?;
    problem.difficulty = difficulty;
    problem.settings = written.settings;
    problem.source = path.to_owned();
    let hidden = if written.visible_goal { Vec::new() } else { written.goal.clone() };
    if written.visible_goal {
        problem.visible_goal = written.goal;
    }
    if answer.is_some() || !hidden.is_empty() {
        problem = problem.with_gold(Gold::new(answer, hidden));
    }
    checked(path, problem)
}
