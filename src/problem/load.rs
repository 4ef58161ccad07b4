//! Loading problems by reference: bundled ones, files, rows of data sets, and standard input.
//!
//! | reference | problem |
//! |---|---|
//! | `pens` | a bundled one |
//! | `file.toml`, `file.toml#id` | the only one in the file, or the one of that id |
//! | `file.jsonl#12` | row 12, counted from 0: `{question, answer}` with `#### 42`, or our own fields |
//! | any other file | its text, family `free` |
//! | `-` | the text on standard input, family `free` |

mod error;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Read},
    ops::Range,
    path::Path,
};

use serde::Deserialize;

pub use error::LoadError;

use super::{FAMILIES, Gold, Problem, family, numbers, title_of};

/// Bytes that a TOML file may have.
const MAX_FILE: u64 = 4 << 20;
/// Bytes that one row may have.
const MAX_ROW: u64 = 1 << 20;
/// Bytes that the text of a problem may have.
const MAX_TEXT: u64 = 64 << 10;

const BUNDLED: &str = include_str!("bundled.toml");

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

/// A row of a data set of questions.
#[derive(Deserialize)]
struct Row {
    question: String,
    answer: String,
}

/// Returns the bundled problems, from easy to hard.
pub fn list_bundled() -> Vec<Problem> {
    // Tests hold that the bundled file is well-formed.
    read_toml("bundled", BUNDLED).unwrap_or_default()
}

fn list_ids() -> String {
    list_bundled().iter().map(|problem| problem.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// Loads the one problem that `reference` names; `-` reads standard input.
///
/// # Errors
/// What is wrong, where, and what to do.
pub fn load(reference: &str) -> Result<Problem, LoadError> {
    if reference == "-" {
        return free_text("stdin", std::io::stdin().lock());
    }
    let mut problems = load_set(reference)?;
    match (problems.pop(), problems.first()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(LoadError::NoSuchProblem {
            path: reference.to_owned(),
            fragment: "at all".to_owned(),
            hint: "the file or the range is empty".to_owned(),
        }),
        (Some(_), Some(first)) => {
            let (path, _) = split(reference);
            let own = first.id.rsplit_once('#').map_or(first.id.as_str(), |(_, row)| row);
            Err(LoadError::Ambiguous { path: path.to_owned(), example: own.to_owned() })
        }
    }
}

/// Loads all problems that `reference` names: as [`load`], but a file of several is all of them, rows may
/// be a range such as `file.jsonl#0..50`, and `bundled` is all bundled ones.
///
/// # Errors
/// What is wrong, where, and what to do.
pub fn load_set(reference: &str) -> Result<Vec<Problem>, LoadError> {
    if reference == "bundled" {
        return Ok(list_bundled());
    }
    if let Some(problem) = list_bundled().into_iter().find(|problem| problem.id == reference) {
        return Ok(vec![problem]);
    }
    let (path, fragment) = split(reference);
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    if !Path::new(path).exists() {
        return Err(LoadError::NotFound { reference: reference.to_owned() });
    }
    let file = File::open(path).map_err(unreadable)?;
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("toml") => {
            let problems = read_toml(path, &read_text(path, file, MAX_FILE)?)?;
            let Some(id) = fragment else { return Ok(problems) };
            let ids: Vec<String> = problems.iter().map(|problem| problem.id.clone()).collect();
            let found = problems.into_iter().find(|problem| problem.id == id);
            found.map(|problem| vec![problem]).ok_or_else(|| LoadError::NoSuchProblem {
                path: path.to_owned(),
                fragment: id.to_owned(),
                hint: format!("its problems are {}", ids.join(", ")),
            })
        }
        Some("jsonl") => {
            let wanted = fragment.map(|fragment| rows(path, fragment)).transpose()?;
            read_rows(path, BufReader::new(file), wanted)
        }
        Some(_) | None => Ok(vec![free_text(path, file)?]),
    }
}

/// Splits the part after `#` off; only files of several problems have one.
fn split(reference: &str) -> (&str, Option<&str>) {
    match reference.rsplit_once('#') {
        Some((path, fragment)) if path.ends_with(".toml") || path.ends_with(".jsonl") => {
            (path, Some(fragment))
        }
        Some(_) | None => (reference, None),
    }
}

fn rows(path: &str, fragment: &str) -> Result<Range<usize>, LoadError> {
    let parsed = match fragment.split_once("..") {
        Some((from, to)) => from.parse().ok().zip(to.parse().ok()).filter(|(from, to)| from < to),
        None => fragment.parse().ok().and_then(|row: usize| Some((row, row.checked_add(1)?))),
    };
    parsed.map(|(from, to)| from..to).ok_or_else(|| LoadError::NoSuchProblem {
        path: path.to_owned(),
        fragment: fragment.to_owned(),
        hint: "a row is a number from 0, such as #12, or a range such as #0..50".to_owned(),
    })
}

/// Reads a whole text of at most `limit` bytes.
pub(super) fn read_text(path: &str, input: impl Read, limit: u64) -> Result<String, LoadError> {
    let mut bytes = Vec::new();
    let read = input.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
    if bytes.len() as u64 > limit {
        return Err(LoadError::TooLarge { place: path.to_owned(), limit: limit >> 10 });
    }
    let mut text = into_text(path, bytes, 0)?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// Makes a text of `bytes`, which come after `lines` other lines.
fn into_text(path: &str, bytes: Vec<u8>, lines: usize) -> Result<String, LoadError> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count();
        let start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        LoadError::NotText { path: path.to_owned(), line: lines + line + 1, column: good.len() - start + 1 }
    })
}

fn free_text(source: &str, input: impl Read) -> Result<Problem, LoadError> {
    let text = read_text(source, input, MAX_TEXT)?;
    let id = Path::new(source).file_stem().and_then(|stem| stem.to_str()).unwrap_or(source);
    let mut problem = Problem::new(id, "free", text);
    problem.source = source.to_owned();
    checked(source, problem)
}

fn read_toml(path: &str, text: &str) -> Result<Vec<Problem>, LoadError> {
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
    let text_of = |problem: Written| from_written(path, None, problem);
    let table: toml::Table = toml::from_str(text).map_err(explain)?;
    let written = if table.contains_key("problem") {
        toml::from_str::<WrittenList>(text).map_err(explain)?.problem
    } else {
        vec![toml::from_str::<Written>(text).map_err(explain)?]
    };
    let problems = written.into_iter().map(text_of).collect::<Result<Vec<_>, _>>()?;
    for (at, problem) in problems.iter().enumerate() {
        if problems[..at].iter().any(|other| other.id == problem.id) {
            let message = "another problem of the file has the same id".to_owned();
            return Err(LoadError::Invalid { path: path.to_owned(), id: problem.id.clone(), message });
        }
    }
    Ok(problems)
}

/// Reads the wanted rows, or all; stops reading after the last one wanted.
fn read_rows(
    path: &str,
    mut input: impl BufRead,
    wanted: Option<Range<usize>>,
) -> Result<Vec<Problem>, LoadError> {
    let (mut problems, mut lines, mut row) = (Vec::new(), 0, 0);
    loop {
        let mut bytes = Vec::new();
        let read = (&mut input).take(MAX_ROW + 1).read_until(b'\n', &mut bytes);
        read.map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
        if bytes.is_empty() {
            break;
        }
        if bytes.len() as u64 > MAX_ROW {
            let place = format!("line {} of {path}", lines + 1);
            return Err(LoadError::TooLarge { place, limit: MAX_ROW >> 10 });
        }
        lines += 1;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if wanted.as_ref().is_none_or(|wanted| wanted.contains(&row)) {
            let text = into_text(path, bytes, lines - 1)?;
            problems.push(from_row(path, row, lines, text.trim_start_matches('\u{feff}'))?);
        }
        row += 1;
        if wanted.as_ref().is_some_and(|wanted| row >= wanted.end) {
            break;
        }
    }
    match wanted.filter(|wanted| row < wanted.end) {
        // The first row that is missing: the one asked for, or the first of the range past the end.
        Some(wanted) => {
            Err(LoadError::NoSuchRow { path: path.to_owned(), row: row.max(wanted.start), rows: row })
        }
        None => Ok(problems),
    }
}

fn from_row(path: &str, row: usize, line: usize, text: &str) -> Result<Problem, LoadError> {
    let explain = |error: serde_json::Error| {
        let message = error.to_string();
        // The position is told by us, in terms of the file.
        let message =
            message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned();
        LoadError::Syntax { path: path.to_owned(), line, column: error.column().max(1), message }
    };
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or(path);
    let id = format!("{stem}#{row}");
    let value: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).map_err(explain)?;
    if !value.contains_key("question") {
        return from_written(path, Some(id), serde_json::from_str(text).map_err(explain)?);
    }
    let read: Row = serde_json::from_str(text).map_err(explain)?;
    // The worked solution before the mark is gold too, and is dropped here.
    let gold = read.answer.rsplit_once("####").map_or(read.answer.as_str(), |(_, gold)| gold).trim();
    if numbers::parse(gold).is_none() {
        let message = "the answer does not end with #### and a number".to_owned();
        return Err(LoadError::Invalid { path: path.to_owned(), id, message });
    }
    let mut problem = Problem::new(id, "math", read.question);
    problem.source = path.to_owned();
    checked(path, problem.with_gold(Gold::new(Some(gold.to_owned()), Vec::new())))
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

/// Holds a problem to the rules that all share, then to those of its family.
fn checked(path: &str, mut problem: Problem) -> Result<Problem, LoadError> {
    problem.text = problem.text.replace("\r\n", "\n").trim().to_owned();
    if problem.title.trim().is_empty() {
        problem.title = title_of(&problem.text);
    }
    let control = |text: &str| text.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
    let line =
        |text: &str| !text.trim().is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
    let message = if problem.text.is_empty() {
        Some("the text is empty; write the task there".to_owned())
    } else if problem.text.len() as u64 > MAX_TEXT {
        Some(format!("the text is longer than {} KiB", MAX_TEXT >> 10))
    } else if control(&problem.text) {
        Some("the text has control characters; is this a text file?".to_owned())
    } else if !line(&problem.id) || !line(&problem.title) {
        Some("id and title must be one short line each".to_owned())
    } else if problem.difficulty.is_some_and(|difficulty| !(1..=5).contains(&difficulty)) {
        Some("the difficulty must be from 1 to 5".to_owned())
    } else {
        problem.family().check_problem(&problem).err()
    };
    match message {
        Some(message) => {
            let id = problem.id.chars().filter(|c| !c.is_control()).take(60).collect();
            Err(LoadError::Invalid { path: path.to_owned(), id, message })
        }
        None => Ok(problem),
    }
}

#[cfg(test)]
mod tests;
