//! How a command fails: a sentence, a hint, and exit code 2.

use crate::{
    config::ConfigError,
    llm::LlmError,
    session::{reader::ReadError, writer::WriteError},
};

/// A failure that the user can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What is wrong, as a sentence.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

impl Failure {
    /// Returns a failure without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// Returns the failure with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(error.to_string()).hint("docs/settings.md lists every key with its default")
    }
}

impl From<LlmError> for Failure {
    fn from(error: LlmError) -> Self {
        let hint = error.hint().map(str::to_owned);
        let mut message = error.to_string();
        if let LlmError::WorkerDied { log_tail, .. } = &error {
            message += &format!("\n{log_tail}");
        }
        Self { message, hint }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self { hint: error.hint().map(str::to_owned), message: error.to_string() }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self { hint: error.hint().map(str::to_owned), message: error.to_string() }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}
