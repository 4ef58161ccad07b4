//! The rows of data files: lines of JSON, JSON documents that hold a list, tables of comma-separated values.
//!
//! A row is kept as its text, so that an error can say where in the file it is. Files and rows are bounded; lines are
//! read only as far as they are wanted.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    ops::Range,
    path::Path,
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{LoadError, MAX_FILE, into_text, read_text};

/// Bytes that one row may have.
const MAX_ROW: u64 = 1 << 20;
/// The members under which documents keep their list.
const LISTS: [&str; 2] = ["examples", "instances"];

/// One row of a file.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// The file.
    pub path: &'a str,
    /// The number of the row, from 0.
    pub row: usize,
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// The row, as JSON.
    pub text: &'a str,
}

impl Record<'_> {
    /// Returns the name of the row's problem: the file's and its number.
    pub fn id(&self) -> String {
        format!("{}#{}", stem(self.path), self.row)
    }

    /// Reads the row as `T`.
    ///
    /// # Errors
    /// Where in the file it is no `T`, and why.
    pub fn read<'t, T: Deserialize<'t>>(&'t self) -> Result<T, LoadError> {
        serde_json::from_str(self.text).map_err(|error| {
            let message = error.to_string();
            // The position is told by us, in terms of the file.
            let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
            LoadError::Syntax {
                path: self.path.to_owned(),
                line: self.line + error.line().saturating_sub(1),
                column: error.column().max(1),
                message: message.to_owned(),
            }
        })
    }

    /// Returns the error that the row makes no sense, because of `message`.
    pub fn invalid(&self, message: impl Into<String>) -> LoadError {
        LoadError::Invalid { path: self.path.to_owned(), id: self.id(), message: message.into() }
    }

    /// Reads the rows of another file of lines, beside this one, as `T`; `None` where there is no such file.
    ///
    /// # Errors
    /// As for this file.
    pub fn beside<T: DeserializeOwned>(&self, name: &str) -> Result<Option<Vec<T>>, LoadError> {
        let path = Path::new(self.path).with_file_name(name);
        let Some(path) = path.to_str().filter(|_| path.is_file()) else { return Ok(None) };
        let mut rows = Vec::new();
        each(path, None, &mut |record| {
            rows.push(record.read()?);
            Ok(())
        })?;
        Ok(Some(rows))
    }
}

/// Returns a file's name without its folder and endings.
fn stem(path: &str) -> &str {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// What a row is given to.
type See<'s> = &'s mut dyn FnMut(&Record<'_>) -> Result<(), LoadError>;

/// Gives the wanted rows of the file at `path`, or all, to `see`.
///
/// # Errors
/// The first thing that is wrong with the file, a row that does not exist, or what `see` says.
pub(super) fn each(path: &str, wanted: Option<Range<usize>>, see: See<'_>) -> Result<(), LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let unpacked = path.strip_suffix(".gz");
    let input: Box<dyn Read> = match unpacked {
        Some(_) => Box::new(flate2::read::MultiGzDecoder::new(file)),
        None => Box::new(file),
    };
    let name = unpacked.unwrap_or(path);
    let rows = if name.ends_with(".csv") {
        table(path, input, wanted.as_ref(), see)?
    } else if name.ends_with(".json") {
        let text = read_text(path, input, MAX_FILE)?;
        match list(&text) {
            Some(rows) => document(path, &text, &rows, wanted.as_ref(), see)?,
            None => lines(path, text.as_bytes(), wanted.as_ref(), see)?,
        }
    } else {
        lines(path, BufReader::new(input), wanted.as_ref(), see)?
    };
    match wanted.filter(|wanted| rows < wanted.end) {
        // The first row that is missing: the one asked for, or the first of the range past the end.
        Some(wanted) => {
            Err(LoadError::NoSuchRow { path: path.to_owned(), row: rows.max(wanted.start), rows })
        }
        None => Ok(()),
    }
}

/// Reads one row a line; stops after the last one wanted. Returns how many rows were passed.
fn lines(
    path: &str,
    mut input: impl BufRead,
    wanted: Option<&Range<usize>>,
    see: See<'_>,
) -> Result<usize, LoadError> {
    let (mut line, mut row) = (0, 0);
    while wanted.is_none_or(|wanted| row < wanted.end) {
        let mut bytes = Vec::new();
        let read = (&mut input).take(MAX_ROW + 1).read_until(b'\n', &mut bytes);
        read.map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
        if bytes.is_empty() {
            break;
        }
        if bytes.len() as u64 > MAX_ROW {
            let place = format!("line {} of {path}", line + 1);
            return Err(LoadError::TooLarge { place, limit: MAX_ROW >> 10 });
        }
        line += 1;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if wanted.is_none_or(|wanted| wanted.contains(&row)) {
            let text = into_text(path, bytes, line - 1)?;
            see(&Record { path, row, line, text: text.trim_start_matches('\u{feff}') })?;
        }
        row += 1;
    }
    Ok(row)
}

/// Returns the list that a JSON document is or holds; `None` where it is no document but lines of JSON.
fn list(text: &str) -> Option<Vec<&RawValue>> {
    if let Ok(rows) = serde_json::from_str(text) {
        return Some(rows);
    }
    let members: std::collections::BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let list = LISTS.iter().find_map(|name| members.get(*name));
    match list.map(|list| serde_json::from_str(list.get())) {
        Some(Ok(rows)) => Some(rows),
        // A document of one problem is one line as far as rows go; its errors are then told as such.
        Some(Err(_)) | None => Some(vec![serde_json::from_str(text).ok()?]),
    }
}

/// Reads the members of a list in a document, of which `rows` are pieces.
fn document(
    path: &str,
    text: &str,
    rows: &[&RawValue],
    wanted: Option<&Range<usize>>,
    see: See<'_>,
) -> Result<usize, LoadError> {
    let (mut at, mut line) = (0, 1);
    for (row, raw) in rows.iter().enumerate() {
        let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        line += text.as_bytes()[at..start].iter().filter(|byte| **byte == b'\n').count();
        at = start;
        if wanted.is_none_or(|wanted| wanted.contains(&row)) {
            see(&Record { path, row, line, text: raw.get() })?;
        }
    }
    Ok(rows.len())
}

/// Reads a table with a header; a row becomes an object of texts.
fn table(
    path: &str,
    input: impl Read,
    wanted: Option<&Range<usize>>,
    see: See<'_>,
) -> Result<usize, LoadError> {
    let text = read_text(path, input, MAX_FILE)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let explain = |error: csv::Error| LoadError::Syntax {
        path: path.to_owned(),
        line: error.position().map_or(1, |position| position.line() as usize),
        column: 1,
        message: error.to_string(),
    };
    let header = reader.headers().map_err(explain)?.clone();
    let mut rows = 0;
    for found in reader.records() {
        let found = found.map_err(explain)?;
        if wanted.is_none_or(|wanted| wanted.contains(&rows)) {
            let fields: serde_json::Map<_, _> =
                header.iter().zip(&found).map(|(name, field)| (name.to_owned(), field.into())).collect();
            let line = found.position().map_or(1, |position| position.line() as usize);
            let text = serde_json::Value::Object(fields).to_string();
            see(&Record { path, row: rows, line, text: &text })?;
        }
        rows += 1;
    }
    Ok(rows)
}
