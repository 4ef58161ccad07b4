//! Messages to the person, shown for a while and kept.

use std::time::Duration;

/// How long a message is shown.
const SHOWN: Duration = Duration::from_secs(6);
/// How many are kept.
const KEPT: usize = 200;

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something is not as wished.
    Warning,
    /// Something failed. Shown until the next message comes.
    Error,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When it came, since the screen was opened.
    pub at: Duration,
    /// How much it matters.
    pub level: Level,
    /// The message, one or a few sentences.
    pub text: String,
}

/// All messages, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    list: Vec<Notice>,
    /// Whether the last message is not to be shown any more.
    dismissed: bool,
}

impl Notices {
    /// Adds a message. One that is said again moves to the end instead of standing there twice.
    pub fn say(&mut self, level: Level, text: impl Into<String>, now: Duration) {
        let text = text.into();
        if self.list.last().is_some_and(|last| last.text == text) {
            self.list.pop();
        }
        if self.list.len() == KEPT {
            self.list.remove(0);
        }
        self.dismissed = false;
        self.list.push(Notice { at: now, level, text });
    }

    /// Returns the message that is to be shown at `now`.
    pub fn current(&self, now: Duration) -> Option<&Notice> {
        self.list
            .last()
            .filter(|_| !self.dismissed)
            .filter(|notice| notice.level == Level::Error || now < notice.at + SHOWN)
    }

    /// Stops showing the last message; it stays in the list.
    pub fn dismiss(&mut self) {
        self.dismissed = true;
    }

    /// Returns when the message that is shown at `now` has been shown long enough.
    pub fn expiry(&self, now: Duration) -> Option<Duration> {
        self.current(now).filter(|notice| notice.level != Level::Error).map(|notice| notice.at + SHOWN)
    }

    /// Returns all messages, oldest first.
    pub fn all(&self) -> &[Notice] {
        &self.list
    }
}
