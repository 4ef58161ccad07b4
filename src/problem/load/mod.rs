//! Loading problems by reference: bundled ones, generated ones, files, rows of data sets, and standard input.
//!
//! | reference | problem |
//! |---|---|
//! | `pens` | a bundled one |
//! | `countdown:3#17` | a generated one: family, difficulty from 1 to 5, row |
//! | `file.toml`, `file.toml#id` | the only one in the file, or the one of that id |
//! | `file.jsonl#12` | row 12, counted from 0, in a public format or with our own fields; also `.json`, `.csv`, `.parquet` … |
//! | `gsm8k:file.jsonl#12` | the same, where the row's shape does not tell the format |
//! | `file.pddl` | a blocksworld instance |
//! | `file.txt`, `file.md`, `file` | its text, family `free` |
//! | `-` | the text on standard input, family `free` |
//!
//! Files of other names are refused, and so are texts that are data: a gold answer must not get into a prompt.

mod bbh;
mod bfcl;
mod control;
mod countdown;
mod ending;
mod error;
mod fields;
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
mod sniff;
mod tables;

use std::{fs::File, io::Read, ops::Range, path::Path};

pub use error::LoadError;
pub use formats::names as formats;

use super::{Gold, Problem, family, generate, title_of};
use ending::EndingKind;

/// Bytes that a file which is read as a whole may have.
const MAX_FILE: u64 = 4 << 20;
/// Bytes that the text of a problem may have.
const MAX_TEXT: u64 = 64 << 10;

const BUNDLED: &str = include_str!("../bundled.toml");

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
    from_file(path, fragment, format)
}

/// Loads what `fragment` names of the file at `path`, or all of it.
fn from_file(
    path: &str,
    fragment: Option<&str>,
    format: Option<&'static formats::Format>,
) -> Result<Vec<Problem>, LoadError> {
    let refused = |message: String| Err(LoadError::Refused { path: path.to_owned(), message });
    match (EndingKind::of(path), format) {
        _ if Path::new(path).is_dir() => refused("it is a folder; name a file of it".to_owned()),
        (EndingKind::Packed(message), _) => refused(message.to_owned()),
        (EndingKind::Toml, None) => from_toml(path, fragment),
        (EndingKind::Pddl | EndingKind::Text, None) if fragment.is_some() => Err(LoadError::NoSuchProblem {
            path: path.to_owned(),
            fragment: fragment.unwrap_or_default().to_owned(),
            hint: "it is one problem, which is named by the file alone".to_owned(),
        }),
        (EndingKind::Pddl, None) => Ok(vec![pddl::read_file(path)?]),
        (EndingKind::Text, None) => Ok(vec![free_text(path, open(path)?)?]),
        (EndingKind::Unknown, None) => refused(format!(
            "its ending does not say what it holds; problems are read from {}. A file of rows is read whatever its name is \
             with their format before it, as in gsm8k:FILE",
            ending::READ
        )),
        (EndingKind::Rows(_), _)
        | (EndingKind::Toml | EndingKind::Pddl | EndingKind::Text | EndingKind::Unknown, Some(_)) => {
            let wanted = fragment.map(|fragment| rows(path, fragment)).transpose()?;
            let mut problems = Vec::new();
            records::each(path, MAX_FILE, wanted, &mut |record| {
                problems.push(formats::read(record, format)?);
                Ok(())
            })?;
            Ok(problems)
        }
    }
}

fn from_toml(path: &str, id: Option<&str>) -> Result<Vec<Problem>, LoadError> {
    let problems = own::read_toml(path, &read_text(path, open(path)?, MAX_FILE)?)?;
    let Some(id) = id else { return Ok(problems) };
    let ids: Vec<String> = problems.iter().map(|problem| problem.id.clone()).collect();
    let found = problems.into_iter().find(|problem| problem.id == id);
    found.map(|problem| vec![problem]).ok_or_else(|| LoadError::NoSuchProblem {
        path: path.to_owned(),
        fragment: id.to_owned(),
        hint: format!("its problems are {}", ids.join(", ")),
    })
}

fn open(path: &str) -> Result<File, LoadError> {
    File::open(path).map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })
}

/// Returns whether a file of this name may hold several problems, so that one of them is named after a `#`.
pub(super) fn holds_several(path: &str) -> bool {
    match EndingKind::of(path) {
        EndingKind::Toml | EndingKind::Rows(_) => true,
        EndingKind::Pddl | EndingKind::Text | EndingKind::Packed(_) | EndingKind::Unknown => false,
    }
}

/// Splits the part after `#` off; only files of several problems have one, and those that are `forced` to be so. A name may
/// have a `#` of its own.
fn split(reference: &str, forced: bool) -> (&str, Option<&str>) {
    let is_file = |path: &str| Path::new(path).is_file() && !Path::new(reference).exists();
    match reference.rsplit_once('#') {
        Some((path, fragment)) if forced || holds_several(path) || is_file(path) => (path, Some(fragment)),
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

/// Gives each row of a file, which may have `limit` bytes where it is read as a whole, to `see`, as its number and JSON.
pub(super) fn each_row(
    path: &str,
    limit: u64,
    see: &mut dyn FnMut(usize, serde_json::Value) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    records::each(path, limit, None, &mut |record| see(record.row, record.read()?))
}

/// Reads a whole text of at most `limit` bytes.
fn read_text(path: &str, input: impl Read, limit: u64) -> Result<String, LoadError> {
    let mut bytes = Vec::new();
    let read = input.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
    let packed = sniff::is_gzip(&bytes).then_some("it is packed with gzip; unpack it with gunzip");
    if let Some(message) = sniff::foreign(&bytes).or(packed) {
        return Err(LoadError::Refused { path: path.to_owned(), message: message.to_owned() });
    }
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
    if let Some(data) = sniff::data_in(&text) {
        let message = format!(
            "it is {data} and no task in words, so that gold answers in it would get into the prompt; name it for what it \
             is, such as .jsonl, .csv or .toml"
        );
        return Err(LoadError::Refused { path: source.to_owned(), message });
    }
    let id = match ending::stem(source) {
        "" => source,
        stem => stem,
    };
    let mut problem = Problem::new(id, "free", text);
    problem.source = source.to_owned();
    checked(source, problem)
}

/// Holds a problem to the rules that all share, then to those of its family.
fn checked(path: &str, mut problem: Problem) -> Result<Problem, LoadError> {
    problem.text = control::with_lines(&problem.text).trim().to_owned();
    if problem.title.trim().is_empty() {
        problem.title = title_of(&problem.text);
    }
    let line =
        |text: &str| !text.trim().is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
    let message = if problem.text.is_empty() {
        Some("the text is empty; write the task there".to_owned())
    } else if problem.text.len() as u64 > MAX_TEXT {
        Some(format!("the text is longer than {} KiB", MAX_TEXT >> 10))
    } else if let Some(fault) = control::fault(&problem.text) {
        Some(format!("the text has {fault}"))
    } else if let Some(fault) = problem.oracle().and_then(Gold::answer).and_then(control::fault) {
        Some(format!("the gold answer has {fault}"))
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
