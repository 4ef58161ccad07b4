//! Loading problems by reference: bundled ones, generated ones, files, rows of data sets, and standard input.
//!
//! | reference | problem |
//! |---|---|
//! | `pens` | a bundled one |
//! | `countdown:3#17` | a generated one: family, difficulty from 1 to 5, row |
//! | `file.toml`, `file.toml#id` | the only one in the file, or the one of that id |
//! | `file.jsonl#12` | row 12, counted from 0, in a public format or with our own fields; also `.json`, `.csv`, `.gz` |
//! | `gsm8k:file.jsonl#12` | the same, where the row's shape does not tell the format |
//! | `file.pddl` | a blocksworld instance |
//! | any other file | its text, family `free` |
//! | `-` | the text on standard input, family `free` |

mod bbh;
mod bfcl;
mod countdown;
mod error;
mod formats;
mod game24;
mod gsm8k;
mod humaneval;
mod ifeval;
mod math;
mod own;
mod pddl;
mod planbench;
mod records;

use std::{fs::File, io::Read, ops::Range, path::Path};

pub use error::LoadError;
pub use formats::names as formats;

use super::{Problem, family, generate, title_of};

/// Bytes that a file which is read as a whole may have.
const MAX_FILE: u64 = 4 << 20;
/// Bytes that the text of a problem may have.
const MAX_TEXT: u64 = 64 << 10;

const BUNDLED: &str = include_str!("bundled.toml");

/// Returns the bundled problems, from easy to hard.
pub fn list_bundled() -> Vec<Problem> {
    // Tests hold that the bundled file is well-formed.
    own::read_toml("bundled", BUNDLED).unwrap_or_default()
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
            let own = first.id.rsplit_once('#').map_or(first.id.as_str(), |(_, row)| row);
            // A range names several problems of what stands before it.
            let path = reference.rsplit_once('#').map_or(reference, |(path, _)| path);
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
    let (format, rest) = formats::forced(reference);
    let (path, fragment) = split(rest, format.is_some());
    if !Path::new(path).exists() {
        // What follows the name of a format is a file; a number is the dial of the family of that name.
        let made = (format.is_none() || rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()))
            .then(|| generate::by_reference(reference))
            .flatten();
        return made.unwrap_or_else(|| Err(LoadError::NotFound { reference: reference.to_owned() }));
    }
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    if format.is_none() && path.ends_with(".toml") {
        let file = File::open(path).map_err(unreadable)?;
        let problems = own::read_toml(path, &read_text(path, file, MAX_FILE)?)?;
        let Some(id) = fragment else { return Ok(problems) };
        let ids: Vec<String> = problems.iter().map(|problem| problem.id.clone()).collect();
        let found = problems.into_iter().find(|problem| problem.id == id);
        return found.map(|problem| vec![problem]).ok_or_else(|| LoadError::NoSuchProblem {
            path: path.to_owned(),
            fragment: id.to_owned(),
            hint: format!("its problems are {}", ids.join(", ")),
        });
    }
    if format.is_none() && path.ends_with(".pddl") {
        return Ok(vec![pddl::read_file(path)?]);
    }
    if format.is_none() && !has_rows(path) {
        return Ok(vec![free_text(path, File::open(path).map_err(unreadable)?)?]);
    }
    let wanted = fragment.map(|fragment| rows(path, fragment)).transpose()?;
    let mut problems = Vec::new();
    records::each(path, wanted, &mut |record| {
        problems.push(formats::read(record, format)?);
        Ok(())
    })?;
    Ok(problems)
}

/// Returns whether a file of this name holds several problems, of which each has a row.
pub(super) fn has_rows(path: &str) -> bool {
    let name = path.strip_suffix(".gz").unwrap_or(path);
    [".jsonl", ".json", ".csv"].iter().any(|end| name.ends_with(end))
}

/// Splits the part after `#` off; only files of several problems have one, and those that are `forced` to be so.
fn split(reference: &str, forced: bool) -> (&str, Option<&str>) {
    match reference.rsplit_once('#') {
        Some((path, fragment)) if forced || path.ends_with(".toml") || has_rows(path) => {
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
        // A family that this version does not know has its own rules.
        family(&problem.family).and_then(|family| family.check_problem(&problem).err())
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
