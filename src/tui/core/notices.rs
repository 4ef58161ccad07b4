//! Messages to the person, shown for a while and kept.

use std::time::Duration;

/// How long a message is shown.
const SHOWN: Duration = Duration::from_secs(6);
/// How long a message is new, and may take the place of other things.
const FRESH: Duration = Duration::from_secs(2);
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

    /// Adds a message unless it was said before.
    pub fn say_once(&mut self, level: Level, text: &str, now: Duration) {
        if self.list.iter().all(|notice| notice.text != text) {
            self.say(level, text, now);
        }
    }

    /// Returns the message that is to be shown at `now`.
    pub fn current(&self, now: Duration) -> Option<&Notice> {
        self.list
            .last()
            .filter(|_| !self.dismissed)
            .filter(|notice| notice.level == Level::Error || now < notice.at + SHOWN)
    }

    /// Returns whether the message that is shown at `now` has only just come.
    pub fn is_fresh(&self, now: Duration) -> bool {
        self.current(now).is_some_and(|notice| now < notice.at + FRESH)
    }

    /// Stops showing the last message; it stays in the list.
    pub fn dismiss(&mut self) {
        self.dismissed = true;
    }

    /// Returns when the message that is shown at `now` is no longer new, or has been shown long enough.
    pub fn expiry(&self, now: Duration) -> Option<Duration> {
        let notice = self.current(now)?;
        let fresh = self.is_fresh(now).then_some(notice.at + FRESH);
        fresh.or((notice.level != Level::Error).then_some(notice.at + SHOWN))
    }

    /// Returns all messages, oldest first.
    pub fn all(&self) -> &[Notice] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_message_is_new_then_shown_then_only_kept() {
        let mut notices = Notices::default();
        assert_eq!((notices.current(SECOND), notices.expiry(SECOND)), (None, None));
        notices.say(Level::Info, "Done.", SECOND);
        assert!(notices.is_fresh(SECOND * 2));
        assert_eq!(notices.expiry(SECOND * 2), Some(SECOND * 3));
        assert!(!notices.is_fresh(SECOND * 3) && notices.current(SECOND * 3).is_some());
        assert_eq!(notices.expiry(SECOND * 3), Some(SECOND * 7));
        assert_eq!(notices.current(SECOND * 7), None);
        assert_eq!(notices.all().len(), 1);
    }

    #[test]
    fn an_error_stays_until_it_is_dismissed() {
        let mut notices = Notices::default();
        notices.say(Level::Error, "It failed.", SECOND);
        assert_eq!(notices.expiry(SECOND * 9), None);
        assert!(notices.current(SECOND * 900).is_some());
        notices.dismiss();
        assert_eq!(notices.current(SECOND * 2), None);
    }

    #[test]
    fn what_is_said_once_is_not_said_again() {
        let mut notices = Notices::default();
        notices.say_once(Level::Info, "Hold shift.", SECOND);
        notices.say(Level::Info, "Something else.", SECOND);
        notices.say_once(Level::Info, "Hold shift.", SECOND * 2);
        assert_eq!(notices.all().len(), 2);
    }
}
