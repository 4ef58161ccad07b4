//! Why a plan cannot be shown, or a text cannot be read.

use plan::ItemId;

/// A plan has an item that a surface cannot express.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the surface {surface} cannot express {item}: {why}")]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct Inexpressible {
    /// The surface's name.
    pub surface: &'static str,
    pub item: ItemId,
    /// Why, as a clause whose subject is the item.
    pub why: String,
}

/// A text is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(*.line, *.column))]
pub struct SurfaceError {
    /// The line, counted from 1; 0 where the fault is the whole text's.
    pub line: usize,
    /// The column, counted in characters from 1.
    pub column: usize,
    /// What is wrong, as a clause.
    pub message: String,
}

impl SurfaceError {
    /// Returns a fault at a place.
    pub fn at(line: usize, column: usize, message: impl Into<String>) -> Self {
        Self { line, column, message: message.into() }
    }

    /// Returns a fault of the whole text.
    pub fn whole(message: impl Into<String>) -> Self {
        Self::at(0, 0, message)
    }
}

fn place(line: usize, column: usize) -> String {
    if line == 0 { String::new() } else { format!("line {line}, column {column}: ") }
}
