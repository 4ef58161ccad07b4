//! What has just come for what lies over the panes.

use std::path::PathBuf;

use crate::core::{call_text::CallText, session_rows::Row};
use session::Comparison;

/// What has just come for an overlay. It is gone after the message in which it came.
#[derive(Debug, Clone, Default)]
pub struct Arrived {
    /// Whether an event came.
    pub record: bool,
    /// A text from the person's own editor, or a sentence why none comes.
    pub edited: Option<Result<String, String>>,
    /// The texts of a call to the model.
    pub call: Option<Box<CallText>>,
    /// The sessions of the folder, or a sentence why they cannot be listed.
    pub sessions: Option<Result<Vec<Row>, String>>,
    /// How two sessions compare, or a sentence why they cannot be compared.
    pub compared: Option<(PathBuf, PathBuf, Result<Box<Comparison>, String>)>,
}
