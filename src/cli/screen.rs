//! The screen, from one session to another.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::failure::Failure;
use crate::{
    app::{self, ForkAt, Opened, RecordedModel},
    config::Config,
};
use output::{exit::End, say};
use session::{Blobs, Journal, Outcome, Session, read_manifest};
use tui::{Carried, Exit, Options};

/// What is shown.
pub enum ShownSession {
    /// A run.
    Run(Box<Opened>),
    /// The record in this directory.
    Record(PathBuf),
}

/// Shows a session, and after it every fork that the person continues with and every other session that they switch
/// to.
///
/// # Errors
/// When a run fails, a session cannot be opened or forked, or as the screen.
pub async fn show(mut shown: ShownSession, config: &Config, mut options: Options) -> Result<End, Failure> {
    loop {
        let (dir, (exit, carried)) = match shown {
            ShownSession::Run(opened) => run(*opened, config, options.clone()).await?,
            ShownSession::Record(dir) => {
                let left = record(&dir, config, options.clone()).await?;
                (dir, left)
            }
        };
        options.carried = Some(carried);
        shown = match exit {
            Exit::Fork(seq) => {
                options.visits.leave(&dir, None);
                ShownSession::Run(Box::new(fork(&dir, seq, config)?))
            }
            Exit::Switch(to, place) => {
                options.visits.leave(&dir, Some(place));
                ShownSession::Record(to)
            }
            Exit::Ended(Outcome::Failed { reason, hint }) => {
                return Err(Failure { message: reason, hint });
            }
            Exit::Unrecorded { reason, hint } => return Err(Failure { message: reason, hint }),
            Exit::Ended(Outcome::Answered | Outcome::Interrupted) | Exit::Stopped | Exit::Replayed => {
                return Ok(End::Done);
            }
            Exit::Signal(signal) => return Ok(End::Signal(signal)),
        };
        (options.note, options.script, options.tour) = (None, None, None);
    }
}

async fn run(
    opened: Opened,
    config: &Config,
    mut options: Options,
) -> Result<(PathBuf, (Exit, Carried)), Failure> {
    let Opened { handle, dir, past } = opened;
    options.blobs = Blobs::of(&dir);
    options.means = Some(Arc::new(RecordedModel::new(read_manifest(&dir)?, config)));
    let left = tui::debug(handle, past, options).await?;
    let said = say(&super::session_words(&dir));
    // A signal may have come because the terminal is gone, and says more of the end than an output that went with it.
    if !matches!(left.0, Exit::Signal(_)) {
        said?;
    }
    Ok((dir, left))
}

async fn record(dir: &Path, config: &Config, mut options: Options) -> Result<(Exit, Carried), Failure> {
    let journal = Journal::open(dir)?;
    options.note = journal.damage().map(ToString::to_string);
    options.blobs = Blobs::of(dir);
    options.means = Some(Arc::new(RecordedModel::new(journal.manifest().clone(), config)));
    Ok(tui::replay(journal.into_replay(), options).await?)
}

/// Opens a fork for a person, paused at first.
fn fork(parent: &Path, after: u64, config: &Config) -> Result<Opened, Failure> {
    let fork = ForkAt { at: after, paused: true, ..ForkAt::default() };
    app::fork(&Session::open(parent)?, fork, config)
}
