//! What the terminal tells: keys, clicks, sizes.

use std::{io, time::Duration};

use crossterm::event::{self, Event, EventStream};
use futures::StreamExt;

/// The terminal's events, one after the other, to whoever listens.
pub struct TerminalEvents(Option<EventStream>);

impl TerminalEvents {
    /// Begins to listen.
    pub fn listen() -> Self {
        Self(Some(EventStream::new()))
    }

    /// Returns the next event; none once the terminal is gone.
    pub async fn next(&mut self) -> Option<io::Result<Event>> {
        self.0.as_mut()?.next().await
    }
}

impl Drop for TerminalEvents {
    fn drop(&mut self) {
        self.0 = None;
        // The stream leaves a wake-up behind. Where crossterm finds it together with a key, it passes over the key until
        // the next one comes; so it is found now, before whoever listens next.
        let _ = event::poll(Duration::ZERO);
    }
}
