//! How far a download is, how fast it goes, and how long it will take.

use std::time::Duration;

/// What a download reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullUpdate {
    /// How far it is.
    Bytes {
        /// What is being done, such as `downloading from Hugging Face`.
        what: String,
        /// Bytes that are there.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Something worth knowing, such as that a source did not work out.
    Note(String),
}

/// A running download.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Download {
    /// What is being done.
    pub what: String,
    /// Bytes that are there.
    pub done: u64,
    /// Bytes in all; not known before the first of them.
    pub total: Option<u64>,
    /// The last thing worth knowing.
    pub note: Option<String>,
    /// When what is being done began, and with how many bytes.
    begun: Option<(Duration, u64)>,
    /// When the last bytes came.
    now: Duration,
}

impl Download {
    /// Takes in an update at the time `now`. Another source starts the clock afresh.
    pub fn receive(&mut self, update: PullUpdate, now: Duration) {
        match update {
            PullUpdate::Bytes { what, done, total } => {
                if what != self.what || self.begun.is_none() {
                    self.begun = Some((now, done));
                    self.what = what;
                }
                (self.done, self.total, self.now) = (done, Some(total), now);
            }
            PullUpdate::Note(note) => self.note = Some(note),
        }
    }

    /// Returns the share that is there, from 0 to 1.
    pub fn share(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done as f64 / total as f64).clamp(0.0, 1.0))
    }

    /// Returns how many bytes come a second; not known at first.
    pub fn rate(&self) -> Option<f64> {
        let (since, before) = self.begun?;
        let seconds = self.now.saturating_sub(since).as_secs_f64();
        let bytes = self.done.saturating_sub(before);
        (seconds >= 0.5 && bytes > 0).then(|| bytes as f64 / seconds)
    }

    /// Returns how long the rest will take at the present rate.
    pub fn remaining(&self) -> Option<Duration> {
        let rest = self.total?.saturating_sub(self.done);
        Duration::try_from_secs_f64(rest as f64 / self.rate()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_from_the_source_that_is_used() {
        let bytes = |what: &str, done| PullUpdate::Bytes { what: what.to_owned(), done, total: 1000 };
        let at = Duration::from_secs;
        let mut download = Download::default();
        assert_eq!((download.share(), download.rate(), download.remaining()), (None, None, None));
        download.receive(bytes("hub", 100), at(1));
        assert_eq!((download.share(), download.rate()), (Some(0.1), None));
        download.receive(PullUpdate::Note("The hub does not answer.".to_owned()), at(2));
        // What an earlier try left does not count as fast.
        download.receive(bytes("mirror", 400), at(10));
        download.receive(bytes("mirror", 600), at(12));
        assert_eq!((download.rate(), download.remaining()), (Some(100.0), Some(at(4))));
        assert_eq!(download.note.as_deref(), Some("The hub does not answer."));
    }
}
