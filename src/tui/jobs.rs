//! Work that takes time, done beside the screen. What came of it comes back as a message.

use std::path::PathBuf;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::{msg::Msg, sessions::Row};
use crate::session::{Compared, Comparison, Journal, ReadError, compare};

/// Something to be done beside the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// List the sessions in a folder.
    List(PathBuf),
    /// See whether the session in a folder can be opened.
    TryOpen(PathBuf),
    /// Compare the sessions in two folders.
    Compare(PathBuf, PathBuf),
}

/// What came of a [`Job`], or the sentence that says why nothing did.
#[derive(Debug, Clone)]
pub enum Done {
    /// Of [`Job::List`].
    Listed(PathBuf, Result<Vec<Row>, String>),
    /// Of [`Job::TryOpen`].
    Tried(PathBuf, Result<(), String>),
    /// Of [`Job::Compare`].
    Compared(PathBuf, PathBuf, Result<Box<Comparison>, String>),
}

impl Job {
    /// Does it, at the time `now`. Reads from disk.
    pub fn run(self, now: Timestamp) -> Done {
        let told = |error: ReadError| error.to_string();
        match self {
            Self::List(base) => {
                let rows = Row::read(&base, now).map_err(told);
                Done::Listed(base, rows)
            }
            Self::TryOpen(path) => {
                let opened = Journal::open(&path).map(drop).map_err(told);
                Done::Tried(path, opened)
            }
            Self::Compare(left, right) => {
                let open = |path| Compared::open(path);
                let found = open(&left).and_then(|one| compare(&one, &open(&right)?));
                Done::Compared(left, right, found.map(Box::new).map_err(told))
            }
        }
    }
}

/// The jobs that are under way. Those still under way when the screen goes are given up.
#[derive(Debug, Default)]
pub struct Jobs {
    running: JoinSet<Done>,
}

impl Jobs {
    /// Begins a job.
    pub fn begin(&mut self, job: Job) {
        self.running.spawn_blocking(|| job.run(Timestamp::now()));
    }

    /// Waits for the next job to end, and forever while there is none.
    pub async fn next(&mut self) -> Msg {
        match self.running.join_next().await {
            Some(Ok(done)) => Msg::Done(done),
            Some(Err(error)) => Msg::Told(Err(format!("What was begun could not be done: {error}."))),
            None => std::future::pending().await,
        }
    }
}
