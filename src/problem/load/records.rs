//! The rows of data files: lines of JSON, JSON documents that hold a list, tables.
//!
//! A row is kept as its text, so that an error can say where in the file it is. Files and rows are bounded; lines are
//! read only as far as they are wanted.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    ops::Range,
    path::Path,
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{
    MAX_FILE,
    ending::{self, EndingKind, EndingRows},
    error::LoadError,
    into_text, read_text, sniff, tables,
};

/// Bytes that one row may have.
const MAX_ROW: u64 = 1 << 20;
/// The members under which documents keep their list.
const LISTS: [&str; 5] = ["examples", "instances", "rows", "data", "problems"];

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
        format!("{}#{}", ending::stem(self.path), self.row)
    }

    /// Reads the row as `T`.
    ///
    /// # Errors
    /// Where in the file it is no `T`, and why.
    pub fn read<'t, T: Deserialize<'t>>(&'t self) -> Result<T, LoadError> {
        serde_json::from_str(self.text).map_err(|error| {
            let message = error.to_string();
            // We state the position ourselves, in terms of the file.
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

    /// Reads the rows of another file of lines, next to this one, as `T`; `None` where there is no such file.
    ///
    /// # Errors
    /// As for this file.
    pub fn alongside<T: DeserializeOwned>(&self, name: &str) -> Result<Option<Vec<T>>, LoadError> {
        let path = Path::new(self.path).with_file_name(name);
        let Some(path) = path.to_str().filter(|_| path.is_file()) else { return Ok(None) };
        let mut rows = Vec::new();
        each(path, MAX_FILE, None, &mut |record| {
            rows.push(record.read()?);
            Ok(())
        })?;
        Ok(Some(rows))
    }
}

/// What a row is given to.
pub(super) type See<'s> = &'s mut dyn FnMut(&Record<'_>) -> Result<(), LoadError>;

/// Gives the wanted rows of the file at `path`, or all, to `see`. What is read as a whole, anything but lines, may have
/// `limit` bytes.
///
/// # Errors
/// The first thing that is wrong with the file, a row that does not exist, or what `see` says.
pub(super) fn each(
    path: &str,
    limit: u64,
    wanted: Option<Range<usize>>,
    see: See<'_>,
) -> Result<(), LoadError> {
    let (input, rows) = open(path)?;
    let passed = match rows {
        EndingRows::Lines => lines(path, input, wanted.as_ref(), see)?,
        EndingRows::Document => {
            let text = read_text(path, input, limit)?;
            match list(&text) {
                Some(rows) => document(path, &text, &rows, wanted.as_ref(), see)?,
                None => lines(path, text.as_bytes(), wanted.as_ref(), see)?,
            }
        }
        EndingRows::Table(comma) => {
            tables::text(path, &read_text(path, input, limit)?, comma, wanted.as_ref(), see)?
        }
        EndingRows::Parquet => tables::parquet(path, limit, wanted.as_ref(), see)?,
    };
    match wanted.filter(|wanted| passed < wanted.end) {
        // The first row that is missing: the one asked for, or the first of the range past the end.
        Some(wanted) => {
            Err(LoadError::NoSuchRow { path: path.to_owned(), row: passed.max(wanted.start), rows: passed })
        }
        None => Ok(()),
    }
}

/// Opens a file of rows, unpacked, and returns how they lie in it: by its name, but where that is wrong by what is in it.
fn open(path: &str) -> Result<(Box<dyn BufRead>, EndingRows), LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let refused = |message: &str| LoadError::Refused { path: path.to_owned(), message: message.to_owned() };
    let mut input: Box<dyn BufRead> = Box::new(BufReader::new(File::open(path).map_err(unreadable)?));
    let packed = ending::is_gzip(path) || sniff::is_gzip(input.fill_buf().map_err(unreadable)?);
    if packed {
        input = Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(input)));
    }
    let start = input.fill_buf().map_err(unreadable)?;
    if let Some(message) = sniff::foreign(start) {
        return Err(refused(message));
    }
    let rows = match EndingKind::of(path) {
        EndingKind::Rows(rows) => rows,
        EndingKind::Toml
        | EndingKind::Pddl
        | EndingKind::Text
        | EndingKind::Packed(_)
        | EndingKind::Unknown => EndingRows::Lines,
    };
    let rows = match (rows, start.starts_with(sniff::PARQUET)) {
        (_, true) if packed => {
            return Err(refused("it is a Parquet file within gzip; unpack it with gunzip"));
        }
        (_, true) => EndingRows::Parquet,
        (EndingRows::Parquet, false) => {
            return Err(refused("it is no Parquet file; was the download cut off?"));
        }
        (EndingRows::Lines, false) if sniff::begins_document(start) => EndingRows::Document,
        (rows @ (EndingRows::Lines | EndingRows::Document | EndingRows::Table(_)), false) => rows,
    };
    Ok((input, rows))
}

/// Reads one row a line; stops after the last one wanted. Returns how many rows were passed. Lines end with a line feed
/// and with nothing else: other separators of lines are parts of a row's texts.
fn lines(
    path: &str,
    mut input: impl BufRead,
    wanted: Option<&Range<usize>>,
    see: See<'_>,
) -> Result<usize, LoadError> {
    use std::io::Read;
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
        // A document of one problem is one line as far as rows go; its errors are then reported as such.
        Some(Err(_)) | None => Some(vec![serde_json::from_str(text).ok()?]),
    }
}

/// A row as a server of data sets wraps it.
#[derive(Deserialize)]
struct Served<'r> {
    #[serde(rename = "row_idx")]
    _number: u64,
    #[serde(borrow)]
    row: &'r RawValue,
    #[serde(default)]
    truncated_cells: Vec<String>,
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
        if wanted.is_some_and(|wanted| !wanted.contains(&row)) {
            continue;
        }
        let record = Record { path, row, line, text: raw.get() };
        match serde_json::from_str::<Served<'_>>(raw.get()) {
            Ok(served) if served.truncated_cells.is_empty() => {
                see(&Record { text: served.row.get(), ..record })?;
            }
            Ok(served) => {
                let cells = served.truncated_cells.join(", ");
                return Err(record.invalid(format!(
                    "the server has cut its {cells} short; download the data set's file instead of these rows"
                )));
            }
            Err(_) => see(&record)?,
        }
    }
    Ok(rows.len())
}
