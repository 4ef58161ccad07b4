//! What is known of the engine's present, whatever the current position.

use std::time::Duration;

use session::Outcome;

/// Where the events come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// From an engine that may still run.
    Live(Live),
    /// From a record.
    Replay,
}

/// What is known of the engine's present, whatever the current position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Live {
    /// Whether the run is paused.
    pub paused: bool,
    /// Whether a pause was asked for that has not come yet.
    pub pausing: bool,
    /// How the run ended; absent while it runs.
    pub outcome: Option<Outcome>,
    /// Why the run could not be recorded to its end.
    pub unrecorded: Option<Unrecorded>,
    /// Whether the engine reports nothing more.
    pub done: bool,
    /// When the newest phase or call began.
    pub since: Duration,
    /// When the person asked to stop and leave.
    pub stopping: Option<Duration>,
    /// How many commands were sent to the engine.
    pub sent: u64,
    /// Whether the engine is paused after all of them.
    pub still: bool,
}

/// Why a run cannot be recorded any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrecorded {
    /// Why, as a sentence.
    pub reason: String,
    /// What can be done about it, where something is known.
    pub hint: Option<String>,
}

impl Live {
    /// Returns whether the run is over.
    pub fn over(&self) -> bool {
        self.done || self.outcome.is_some() || self.unrecorded.is_some()
    }
}
