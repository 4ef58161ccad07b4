//! What can be wrong with a text in the plan language.

use std::fmt;

use super::{
    item::{InvalidItemId, ItemId},
    tree::PlanError,
};

/// Errors listed at once; a file of another kind would give one per line.
pub(super) const SHOWN_ERRORS: usize = 20;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ParseProblem {
    #[error("a tab does not indent")]
    Tab,
    #[error("an indentation of {0} spaces is no whole level")]
    OddIndent(usize),
    #[error("the line is nested {0} levels deep, and 255 is the most")]
    TooDeep(usize),
    #[error("the line is nested more than one level below the line before it")]
    DepthJump,
    #[error(transparent)]
    BadId(#[from] InvalidItemId),
    #[error("\"{0}\" is no mark")]
    UnknownMark(String),
    #[error("the marks have no closing brace")]
    UnclosedMarks,
    #[error("the arrow points at nothing")]
    NoDependencies,
    #[error("there is no colon after the item's head")]
    MissingColon,
    #[error("the item has no text")]
    EmptyText,
    #[error("the text holds a control character ({0:?})")]
    ControlCharacter(char),
    #[error("{id} is already the item of line {first}")]
    RepeatedId { id: ItemId, first: usize },
    #[error("{item} depends on {missing}, which is not in the plan")]
    UnknownDependency { item: ItemId, missing: ItemId },
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl ParseProblem {
    /// Returns what to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Tab | Self::OddIndent(_) => "indent by two spaces a level",
            Self::TooDeep(_) | Self::DepthJump => "nest by at most one level from line to line",
            Self::BadId(_) => "write the line as ID: text, or as ID <- DEP DEP: text",
            Self::UnknownMark(_) => "marks are pinned, muted, draft, refined, human and noise",
            Self::UnclosedMarks => "write marks as {pinned, muted}",
            Self::NoDependencies => "name at least one id after <-, or leave the arrow out",
            Self::MissingColon => "write a colon between the head and the text, as in S1 <- C1: text",
            Self::EmptyText => "say in one line what the item is",
            Self::ControlCharacter(_) => "put spaces in place of tabs and control characters",
            Self::RepeatedId { .. } => "give the new item an unused number",
            Self::UnknownDependency { .. } => "name an id that starts some line, or drop it",
            Self::Plan(PlanError::Cycle(_)) => "drop one of these dependencies",
            Self::Plan(_) => {
                "write each item once, as ID: text or as ID <- DEP DEP: text, and each dependency once"
            }
        }
    }
}

/// A problem and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Counts from 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: ParseProblem,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, problem } = self;
        write!(f, "line {line}, column {column}: {problem}; {}", problem.hint())
    }
}

impl std::error::Error for ParseError {}

/// Everything wrong with a text, in reading order; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParseErrors {
    /// The first ones.
    pub errors: Vec<ParseError>,
    /// How many more there are.
    pub omitted: usize,
}

impl fmt::Display for ParseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            write!(f, "{}{error}", if index > 0 { "\n" } else { "" })?;
        }
        if self.omitted > 0 { write!(f, "\nand {} more", self.omitted) } else { Ok(()) }
    }
}

impl std::error::Error for ParseErrors {}
