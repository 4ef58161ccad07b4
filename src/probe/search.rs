//! Probes over recorded events: which would have fired, and where the next one is, in both directions.

use std::sync::atomic::{AtomicBool, Ordering};

use super::probes::{Hit, Probes};
use session::{ReadError, Replay};

/// The most events that a search backwards looks at in one go, kept states allowing.
const LONGEST: usize = 16_384;

/// Which way a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Towards the end.
    Forward,
    /// Towards the beginning.
    Backward,
}

/// A place where probes fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The position right after the event, as [`Replay::seek`] takes it.
    pub position: usize,
    /// What fires there, at least one.
    pub hits: Vec<Hit>,
}

/// Returns the nearest position after or before `from` at which a probe that stops fires.
///
/// Backwards it looks at one stretch after the other, the last one first, and at each from its start, where a
/// state is kept; so it costs about what one pass over the events does at most, and little where hits are near.
///
/// It gives up, and finds nothing, soon after `stop` turns true.
///
/// # Errors
/// When an event on the way cannot be read.
pub fn next_hit(
    replay: &Replay,
    probes: &Probes,
    from: usize,
    direction: Direction,
    stop: &AtomicBool,
) -> Result<Option<Found>, ReadError> {
    let mut probes = probes.for_search();
    if probes.is_empty() {
        return Ok(None);
    }
    match direction {
        Direction::Forward => first(replay, &mut probes, from, stop),
        Direction::Backward => {
            // What fires at the event that led here is here, not before.
            let mut end = from.saturating_sub(1).min(replay.len());
            let mut stretch = 1;
            while end > 0 && !stop.load(Ordering::Relaxed) {
                let start = replay.kept_before((end + 1).saturating_sub(stretch));
                if let Some(found) = last(replay, probes.clone(), start, end, stop)? {
                    return Ok(Some(found));
                }
                stretch = (2 * (end - start)).min(LONGEST);
                end = start;
            }
            Ok(None)
        }
    }
}

fn first(
    replay: &Replay,
    probes: &mut Probes,
    from: usize,
    stop: &AtomicBool,
) -> Result<Option<Found>, ReadError> {
    let mut walk = replay.walk(from..replay.len())?;
    probes.rearm(walk.state());
    while let Some((state, record)) = walk.step()? {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let hits = probes.observe(state, record);
        if !hits.is_empty() {
            return Ok(Some(Found { position: walk.position(), hits }));
        }
    }
    Ok(None)
}

fn last(
    replay: &Replay,
    mut probes: Probes,
    start: usize,
    end: usize,
    stop: &AtomicBool,
) -> Result<Option<Found>, ReadError> {
    let mut walk = replay.walk(start..end)?;
    probes.rearm(walk.state());
    let mut found = None;
    while let Some((state, record)) = walk.step()? {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let hits = probes.observe(state, record);
        if !hits.is_empty() {
            found = Some(Found { position: walk.position(), hits });
        }
    }
    Ok(found)
}

/// Calls `each` with every hit of `probes` over all events, log-points included, in order; they look from the
/// beginning on.
///
/// # Errors
/// When an event cannot be read; the hits before it were shown.
pub fn all_hits(replay: &Replay, mut probes: Probes, mut each: impl FnMut(Hit)) -> Result<(), ReadError> {
    let mut walk = replay.walk(0..replay.len())?;
    probes.rearm(walk.state());
    while let Some((state, record)) = walk.step()? {
        probes.observe(state, record).into_iter().for_each(&mut each);
    }
    Ok(())
}
