//! Recorded events by number, wherever they lie.

use std::sync::Arc;

use super::{event::Record, journal::Journal, reader::ReadError};

/// The fewest and the most events that are read from disk at a time.
const AT_ONCE: (usize, usize) = (64, 8_192);

/// Events: those of a session on disk first, then those that were added.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordBuffer {
    journal: Option<Arc<Journal>>,
    added: Vec<Record>,
}

/// The events of a [`RecordBuffer`] that were last read from disk.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    start: usize,
    records: Vec<Record>,
}

impl RecordBuffer {
    /// Returns a buffer of the events of `journal`.
    pub fn of(journal: Journal) -> Self {
        Self { journal: Some(Arc::new(journal)), added: Vec::new() }
    }

    /// Adds the next event.
    pub fn push(&mut self, record: Record) {
        self.added.push(record);
    }

    fn on_disk(&self) -> usize {
        self.journal.as_ref().map_or(0, |journal| journal.len())
    }
}

impl Head {
    /// Makes sure that the event `index` is at hand, and reads some of the `ahead` after it along with it.
    /// Returns whether the disk had to be read.
    pub fn load(&mut self, buffer: &RecordBuffer, index: usize, ahead: usize) -> Result<bool, ReadError> {
        let on_disk = buffer.journal.as_ref().filter(|journal| index < journal.len());
        let Some(journal) = on_disk.filter(|_| self.held(index).is_none()) else { return Ok(false) };
        let (fewest, most) = AT_ONCE;
        self.records = journal.records(index..index + ahead.clamp(fewest, most))?;
        self.start = index;
        Ok(true)
    }

    /// Returns the event `index` of `buffer` if it is at hand.
    pub fn get<'a>(&'a self, buffer: &'a RecordBuffer, index: usize) -> Option<&'a Record> {
        match index.checked_sub(buffer.on_disk()) {
            Some(added) => buffer.added.get(added),
            None => self.held(index),
        }
    }

    fn held(&self, index: usize) -> Option<&Record> {
        self.records.get(index.checked_sub(self.start)?)
    }
}
