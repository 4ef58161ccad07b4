//! Walks over recorded events, independent of the cursor.

use std::ops::Range;

use super::Replay;
use crate::{event::Record, reader::ReadError, record_buffer::Head, state::State};

/// Events that a walk reads at first.
const NEAR: usize = 1_024;

impl Replay {
    /// Returns a walk over the events between two positions. The cursor stays.
    ///
    /// # Errors
    /// When an event before the first position cannot be read.
    pub fn walk(&self, positions: Range<usize>) -> Result<Walk<'_>, ReadError> {
        let (position, end) = (positions.start.min(self.len), positions.end.min(self.len));
        let start = (position / self.spacing).min(self.checkpoints.len() - 1) * self.spacing;
        let (state, start) = if (start..=position).contains(&self.position) {
            (&self.state, self.position)
        } else {
            (&self.checkpoints[start / self.spacing], start)
        };
        let state = state.clone();
        let mut walk = Walk { replay: self, head: Head::default(), ahead: NEAR, state, position: start, end };
        while walk.position < position && walk.step()?.is_some() {}
        Ok(walk)
    }

    /// Returns the events before `position`, and the state after them. The cursor stays.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn read_up_to(&self, position: usize) -> Result<(Vec<Record>, State), ReadError> {
        let mut walk = self.walk(0..position)?;
        let mut records = Vec::with_capacity(position.min(self.len));
        while let Some((_, record)) = walk.step()? {
            records.push(record.clone());
        }
        Ok((records, walk.state))
    }
}

/// A walk over events with the state after each, in order, independent of the cursor of a [`Replay`].
#[derive(Debug)]
pub struct Walk<'a> {
    replay: &'a Replay,
    head: Head,
    /// How many events are read next.
    ahead: usize,
    state: State,
    position: usize,
    end: usize,
}

impl Walk<'_> {
    /// Returns the state after the last event that was walked over.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns how many events lie behind.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns the event that was walked over last; none before the first step.
    pub fn last(&self) -> Option<&Record> {
        self.head.get(&self.replay.buffer, self.position.checked_sub(1)?)
    }

    /// Returns the next event and the state after it; none at the end.
    ///
    /// # Errors
    /// When the event cannot be read.
    pub fn step(&mut self) -> Result<Option<(&State, &Record)>, ReadError> {
        if self.position >= self.end {
            return Ok(None);
        }
        let buffer = &self.replay.buffer;
        if self.head.load(buffer, self.position, self.ahead.min(self.end - self.position))? {
            // Many walks are short, and long ones should read much at a time.
            self.ahead *= 2;
        }
        let Some(record) = self.head.get(buffer, self.position) else { return Ok(None) };
        self.state.apply(record);
        self.position += 1;
        Ok(Some((&self.state, record)))
    }
}
