//! The first event in which two records differ.

use enumset::enum_set;
use serde::Serialize;

use super::words;
use crate::{
    Walk,
    event::{BlobId, Event},
    events,
    kind::{EventKind, EventKinds},
    reader::ReadError,
    replay::Replay,
    score::Score,
};
use model::Cost;

/// An event of one of the sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventNote {
    /// Its number.
    pub seq: u64,
    /// The iteration in which it fell; 0 before the first.
    pub iteration: u32,
    /// Its kind, as in the record.
    pub kind: &'static str,
    /// What it says where the other one differs, in a line.
    pub text: String,
}

/// Where two sessions part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// The left session's event; absent where its record ends there.
    pub left: Option<EventNote>,
    /// The right session's event.
    pub right: Option<EventNote>,
}

/// What a run results in, unlike what only steers it. Checks follow from plans, and side requests of a person
/// change nothing in it.
const COMES_OUT: EventKinds = enum_set!(
    EventKind::Drafted
        | EventKind::Proposed
        | EventKind::Scored
        | EventKind::Decided
        | EventKind::HumanEdited
        | EventKind::Undone
        | EventKind::Redone
        | EventKind::Noised
        | EventKind::Ruled
        | EventKind::CandidateEdited
        | EventKind::RefinementEnded
        | EventKind::Answered
        | EventKind::Judged
        | EventKind::Ended
);

/// Returns whether `event` is a result of a run.
pub(super) fn comes_out(event: &Event) -> bool {
    COMES_OUT.contains(event.kind())
}

/// Returns where the events that `count` differ first. An event that cannot be read ends its record.
///
/// # Errors
/// When the beginning of a record cannot be read.
pub(super) fn first(
    left: &Replay,
    right: &Replay,
    count: fn(&Event) -> bool,
) -> Result<Option<Divergence>, ReadError> {
    let (mut left, mut right) = (left.walk(0..left.len())?, right.walk(0..right.len())?);
    loop {
        let there = (go_on(&mut left, count), go_on(&mut right, count));
        let event = |walk| Walk::last(walk).map(|record| &record.event);
        let one = there.0.then(|| event(&left)).flatten();
        let other = there.1.then(|| event(&right)).flatten();
        match (one, other) {
            (None, None) => return Ok(None),
            (Some(one), Some(other)) if one == other || timeless(one) == timeless(other) => {}
            (one, other) => {
                return Ok(Some(Divergence {
                    left: one.map(|one| note(&left, one, other)),
                    right: other.map(|other| note(&right, other, one)),
                }));
            }
        }
    }
}

/// Goes over the next event that counts; returns whether there was one.
fn go_on(walk: &mut Walk<'_>, counts: fn(&Event) -> bool) -> bool {
    while let Ok(Some((_, record))) = walk.step() {
        if counts(&record.event) {
            return true;
        }
    }
    false
}

fn note(walk: &Walk<'_>, event: &Event, other: Option<&Event>) -> EventNote {
    EventNote {
        seq: walk.position().saturating_sub(1) as u64,
        iteration: walk.state().iteration,
        kind: event.kind().name(),
        text: words::of(event, other),
    }
}

/// Returns `event` without times and without what depends on the machine. A reply holds times too; what it says
/// comes with the next event.
fn timeless(event: &Event) -> Event {
    let mut event = event.clone();
    match &mut event {
        Event::CallFinished { cost, prompts, batch, reply, notes, pressure, .. } => {
            notes.clear();
            pressure.clear();
            *cost = Cost { generated: cost.generated, ..Cost::default() };
            prompts.iter_mut().for_each(|prompt| prompt.cached = 0);
            (*batch, *reply) = (0, BlobId(String::new()));
        }
        Event::CallCancelled { cost, reply, .. } => (*cost, *reply) = (None, None),
        Event::CallFailed { log_tail, cost, .. } => (*log_tail, *cost) = (None, None),
        // Measured, and not by every version: no decision of the run.
        Event::Proposed { candidates } => {
            candidates.iter_mut().for_each(|candidate| candidate.pressure = None)
        }
        Event::Scored { score: Score { parts, .. }, .. } => {
            parts.iter_mut().for_each(|part| part.cost = Cost::default());
        }
        Event::CallStarted { .. }
        | Event::Drafted { .. }
        | Event::Checked { .. }
        | Event::CanvasSet { .. }
        | Event::Voted { .. }
        | Event::Decided { .. }
        | Event::Rescored { .. }
        | Event::Turned { .. }
        | events!(Run | Setting | Change | Person | Answer) => {}
    }
    event
}
