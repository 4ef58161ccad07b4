//! Continuing a session from one of its events as another session.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{
    event::{Event, Record},
    format::{Manifest, Parent},
    list::name_of,
    reader::{ReadError, Session},
    settings::Settings,
    state::State,
    writer::{SessionWriter, WriteError},
};

/// Why there is no fork.
#[derive(Debug, thiserror::Error)]
pub enum ForkError {
    /// There is no such event to fork after.
    #[error("there is no event {asked} to fork after; {}", last_text(*events))]
    NoEvent {
        /// The event asked for.
        asked: u64,
        /// How many events there are.
        events: u64,
    },
    /// The session is over there.
    #[error("event {0} ends the session, so nothing can continue after it")]
    Over(u64),
    /// A blob of the parent cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The new session cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

fn last_text(events: u64) -> String {
    events
        .checked_sub(1)
        .map_or_else(|| "the session has none".into(), |last| format!("the last one is {last}"))
}

impl ForkError {
    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoEvent { .. } => Some("planscope show lists iterations with their events"),
            Self::Over(_) => Some("fork after an earlier event"),
            Self::Read(error) => error.hint(),
            Self::Write(error) => error.hint(),
        }
    }
}

/// What a fork is to be.
#[derive(Debug, Clone)]
pub struct ForkPlan {
    /// The last event that it has in common with its parent.
    pub at: u64,
    /// The settings from then on.
    pub settings: Settings,
    /// The model as it is asked for.
    pub model: String,
    /// When it begins.
    pub created: Timestamp,
    /// What the problem can be loaded by again.
    pub source: Option<String>,
    /// Where it is kept; under the next free name where that is taken.
    pub dir: PathBuf,
}

/// A session that was forked and can be continued.
#[derive(Debug)]
pub struct Fork {
    /// Writes what comes.
    pub writer: SessionWriter,
    /// What there is: the parent's events up to the fork, and the fork itself.
    pub records: Vec<Record>,
    /// The state after them.
    pub state: State,
}

/// Makes a session that has everything in common with `parent` up to an event, and says so of itself. Blobs are
/// shared with the parent where the file system can do that; each is compared with its name first, so that damage does not
/// spread.
///
/// # Errors
/// See [`ForkError`]. The parent is only read.
pub fn fork(parent: &Session, plan: ForkPlan) -> Result<Fork, ForkError> {
    let ForkPlan { at, settings, model, created, source, dir } = plan;
    let events = parent.records.len() as u64;
    let kept = usize::try_from(at).ok().and_then(|at| parent.records.get(..=at));
    let kept = kept.ok_or(ForkError::NoEvent { asked: at, events })?;
    if let Some(Record { seq, event: Event::Ended { .. }, .. }) = kept.last() {
        return Err(ForkError::Over(*seq));
    }
    let name = name_of(&parent.path);
    let manifest = Manifest {
        created,
        // It continues as another run than its parent was labelled as.
        label: None,
        model,
        seed: settings.seed,
        source,
        parent: Some(Parent { session: name.clone(), at }),
        finished: None,
        ..Manifest::again(&parent.manifest)
    };
    let mut records = kept.to_vec();
    let at_ms = records.last().map_or(0, |record| record.at_ms);
    let event = Event::Forked { parent: name, at, settings: Box::new(settings) };
    records.push(Record { seq: at + 1, at_ms, event });

    let blobs = parent.blobs();
    // Before anything is written, so that a fork that is refused leaves nothing behind.
    let named = records.iter().filter_map(|record| record.event.blob());
    named.map(|id| blobs.read(id)).try_for_each(|read| read.map(drop))?;
    let mut writer = SessionWriter::create_beside(&dir, manifest)?;
    for record in &records {
        if let Some(id) = record.event.blob() {
            writer.link_blob(id, &blobs.path(id)?)?;
        }
        writer.append(record)?;
    }
    let state = State::replay(&records);
    Ok(Fork { writer, records, state })
}
