//! How a command fails: a sentence, a hint, and exit code 2.

use crate::config::ConfigError;
use llm::models::ModelError;
use model::LlmError;
use problem::LoadError;
use session::{ForkError, ReadError, WriteError};
use tui::{ThemeError, TuiError};
use verifier::NotEvaluable;

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

/// Errors that bring their own hint.
macro_rules! hinted {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { hint: error.hint().map(Into::into), message: error.to_string() }
            }
        }
    )*};
}

/// Errors whose sentence says all.
macro_rules! plain {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error.to_string())
            }
        }
    )*};
}

hinted!(ReadError, WriteError, ForkError, ModelError, NotEvaluable);
plain!(serde_json::Error, LoadError, TuiError, ThemeError);

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let failure = Self::new(error.to_string());
        if matches!(error.kind(), StorageFull | QuotaExceeded) {
            failure.hint("free some disk space, or write to another place")
        } else if error.kind() == FileTooLarge {
            failure.hint("raise the file size limit (ulimit -f)")
        } else {
            failure
        }
    }
}
