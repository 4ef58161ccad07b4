//! Events of the terminal: keys, clicks, sizes.

use std::{
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crossterm::event::{self, Event, EventStream};
use futures_util::StreamExt;

/// The stream, while nobody listens. One screen after the other has the same, from one task: crossterm's end of a stream
/// wakes its thread through the reader that all streams share, and a wake-up that finds no thread waiting makes the next
/// stream pass over a key, while one that is taken from a thread leaves the reader locked until a key comes.
static IDLE: Mutex<Option<EventStream>> = Mutex::new(None);

/// The terminal's events, one after the other, to whoever listens.
pub struct TerminalEvents(Option<EventStream>);

impl TerminalEvents {
    /// Begins to listen.
    pub fn listen() -> Self {
        Self(Some(idle().take().unwrap_or_else(begin)))
    }

    /// Returns the next event; none once the terminal is gone.
    pub async fn next(&mut self) -> Option<io::Result<Event>> {
        self.0.as_mut()?.next().await
    }

    /// Ends it, so that another program gets the keys.
    pub fn stop(mut self) {
        self.0 = None;
    }
}

impl Drop for TerminalEvents {
    fn drop(&mut self) {
        if let Some(stream) = self.0.take() {
            *idle() = Some(stream);
        }
    }
}

fn idle() -> std::sync::MutexGuard<'static, Option<EventStream>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins a stream, once the wake-up that one before it may have left is out of the way. By now, after another program had
/// the keys, no thread waits for it any more.
fn begin() -> EventStream {
    let _ = event::poll(Duration::ZERO);
    EventStream::new()
}
