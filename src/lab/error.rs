//! Why an experiment cannot be run or read.

use std::{io, path::PathBuf};

use model::LlmError;
use problem::LoadError;

/// What is wrong, as a sentence.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A file or folder cannot be used.
    #[error("{doing} {} failed: {source}", path.display())]
    Io {
        /// What was tried, such as `reading`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The experiment's file says something that cannot be.
    #[error("the experiment {} is not usable: {reason}", path.display())]
    Experiment {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A problem cannot be had.
    #[error(transparent)]
    Problem(#[from] LoadError),
    /// The model cannot be had.
    #[error(transparent)]
    Model(#[from] LlmError),
    /// A result was written by something else.
    #[error("the result {} cannot be read: {reason}", path.display())]
    Result {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The table cannot be written.
    #[error("the table {} cannot be written: {reason}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// The library's reason.
        reason: String,
    },
    /// There is nothing to report.
    #[error("there are no results in {}", .0.display())]
    Nothing(PathBuf),
    /// Nobody noted which cells there should be.
    #[error("it is not noted which cells the results in {} are of", .0.display())]
    NotNoted(PathBuf),
}

impl LabError {
    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { .. } | Self::Problem(_) => None,
            Self::Experiment { .. } => Some("docs/lab.md describes the file and lists the arms".into()),
            Self::Model(error) => error.hint().map(str::to_owned),
            Self::Result { .. } => Some("remove the file, and its cell is run again".into()),
            Self::Table { .. } => {
                Some("the results of the cells are whole: planscope lab collect DIR".into())
            }
            Self::Nothing(_) => Some("run an experiment first: planscope lab run EXPERIMENT.toml".into()),
            Self::NotNoted(_) => {
                Some("planscope lab run EXPERIMENT.toml --out DIR notes it at its start".into())
            }
        }
    }

    /// Returns the error of a failed operation on `path`.
    pub(super) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
