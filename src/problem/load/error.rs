//! Why a problem cannot be loaded.

use super::list_ids;
use crate::labelled::FORMATS;

/// Why a problem cannot be loaded. Each text says where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is neither a file nor a bundled problem of that name.
    #[error(
        "there is no file and no bundled problem called {reference}; the bundled problems are {}, and others are \
         made of references such as countdown:2#7",
        list_ids()
    )]
    NotFound {
        /// What was asked for.
        reference: String,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file, row or text is larger than the limit.
    #[error("{place} is larger than {limit} KiB, too large for a problem; was the right file named?")]
    TooLarge {
        /// What is too large.
        place: String,
        /// In KiB.
        limit: u64,
    },
    /// The bytes are no UTF-8 text.
    #[error("{path}, line {line}, column {column}: this is not UTF-8 text; convert the file to UTF-8")]
    NotText {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
    },
    /// The file is not read: for what it is, or for what it holds.
    #[error("{path} is not read: {message}")]
    Refused {
        /// The file.
        path: String,
        /// Why, and what to do.
        message: String,
    },
    /// The file breaks its format, or a field is missing or unknown.
    #[error("{path}, line {line}, column {column}: {message}")]
    Syntax {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The file holds no labelled plans in a format that is known.
    #[error("{path} holds no labelled plans of a known format; the formats are {}", list_formats())]
    NoLabels {
        /// The file.
        path: String,
    },
    /// The row does not exist.
    #[error("{path} has {rows} rows, so there is no row {row}; rows are counted from 0")]
    NoSuchRow {
        /// The file.
        path: String,
        /// What was asked for.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// The part after `#` names nothing.
    #[error("{path} has no problem {fragment}; {hint}")]
    NoSuchProblem {
        /// The file.
        path: String,
        /// What was asked for.
        fragment: String,
        /// What there is.
        hint: String,
    },
    /// The file has several problems and none was chosen.
    #[error("{path} has several problems; choose one, such as {path}#{example}")]
    Ambiguous {
        /// The file.
        path: String,
        /// One that could be chosen.
        example: String,
    },
    /// A problem is well-formed but makes no sense.
    #[error("{path}, problem {id}: {message}")]
    Invalid {
        /// The file.
        path: String,
        /// The problem.
        id: String,
        /// What is wrong.
        message: String,
    },
}

fn list_formats() -> String {
    FORMATS.iter().map(|format| format!("{} ({})", format.name, format.doc)).collect::<Vec<_>>().join(", ")
}
