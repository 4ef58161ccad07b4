//! Waiting for a server that is not ready, up to a limit.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use model::Progress;

/// The first wait where the server does not say how long; each further one is twice as long, up to the longest.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(2);
/// No wait is shorter, whatever the server says.
const SHORTEST: Duration = Duration::from_millis(100);

/// How long one request has been waiting.
#[derive(Debug)]
pub(super) struct Patience {
    since: Instant,
    limit: Duration,
    next: Duration,
}

impl Patience {
    /// Returns one that waits up to `limit` from now on.
    pub fn new(limit: Duration) -> Self {
        Self { since: Instant::now(), limit, next: FIRST }
    }

    /// Waits as long as the server asks, or a little longer each time, and shows why. Returns false where the limit
    /// does not allow it.
    pub async fn wait(
        &mut self,
        asked: Option<Duration>,
        why: &str,
        progress: &mpsc::Sender<Progress>,
    ) -> bool {
        let waited = self.since.elapsed();
        let left = self.limit.saturating_sub(waited);
        let wait = asked.unwrap_or(self.next.min(left)).max(SHORTEST);
        if left.is_zero() || (asked.is_some() && wait > left) {
            return false;
        }
        self.next = (self.next * 2).min(LONGEST);
        let why = format!("{why}; waiting, {} of {} s", waited.as_secs(), self.limit.as_secs());
        // A full channel means that the screen is behind; the next wait says it again.
        let _ = progress.try_send(Progress::Waiting { why });
        tokio::time::sleep(wait).await;
        true
    }
}
