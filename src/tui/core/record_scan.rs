//! A long record that is read to its end in the background, a stretch at a time.

use super::overview::Overview;
use session::replay::Replay;

/// Events of a stretch.
pub const STRETCH: usize = 8_192;

/// A record that is being read from its beginning to its end.
#[derive(Debug, Clone)]
pub struct RecordScan {
    pub reader: Replay,
    pub overview: Overview,
    /// How far it was when the screen was last given the overview.
    pub reported: usize,
}

/// Two readings of the record that is shown are alike when they are as far.
impl PartialEq for RecordScan {
    fn eq(&self, other: &Self) -> bool {
        self.reader.position() == other.reader.position()
    }
}

impl RecordScan {
    /// Reads the next stretch. Reads from disk.
    pub fn go_on(&mut self) {
        let overview = &mut self.overview;
        self.reader.go_on(STRETCH, |record| overview.receive(record));
    }
}

/// Returns how far the record is read, in words; absent once all of it is.
pub fn progress(replay: &Replay) -> Option<String> {
    let read = replay.is_read_to()?;
    let share = 100 * read / replay.len().max(1);
    Some(match replay.heads_for() {
        Some(place) => format!("reads the record, {share} %, then event {place}"),
        None => format!("reads the record, {share} %"),
    })
}
