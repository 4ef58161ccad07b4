//! One line of progress on standard error.

use std::{fmt::Display, io::Write};

use model::Progress;

/// Takes the cursor to the start of the line, and what stands there away.
const CLEAR: &str = "\r\x1b[K";

/// The line; it is written only where standard error is a terminal.
#[derive(Debug, Default)]
pub(super) struct ProgressLine {
    shown: bool,
    /// Written by the current call.
    characters: usize,
    /// Whether it was said that the call waits.
    waits: bool,
}

impl ProgressLine {
    /// Another call has started.
    pub(super) fn begin(&mut self) {
        self.characters = 0;
    }

    /// Says how `doing` is getting on.
    pub(super) fn show(&mut self, doing: impl Display, progress: &Progress) {
        if !output::err_is_terminal() {
            return self.say_once(progress);
        }
        let what = match progress {
            Progress::Waiting { why } => why.clone(),
            Progress::Loading { share } => format!("{:.0} %", share * 100.0),
            Progress::Prefill { done, total } => format!("reading {done} of {total} tokens"),
            Progress::Thinking(delta) => {
                self.characters += delta.text.chars().count();
                format!("{} characters thought", self.characters)
            }
            Progress::Text(delta) => {
                self.characters += delta.text.chars().count();
                format!("{} characters written", self.characters)
            }
        };
        let mut line = output::err();
        line.own(CLEAR);
        // Errors of standard error have nowhere to go.
        let _ = write!(line, "{doing} … {what}");
        self.shown = true;
    }

    /// Where there is no line, only a wait is worth saying, and once is enough.
    fn say_once(&mut self, progress: &Progress) {
        match progress {
            Progress::Waiting { why } if !std::mem::replace(&mut self.waits, true) => {
                output::note(format!("{why}."))
            }
            Progress::Waiting { .. } => {}
            Progress::Loading { .. }
            | Progress::Prefill { .. }
            | Progress::Thinking(_)
            | Progress::Text(_) => {
                self.waits = false;
            }
        }
    }

    /// Takes the line away, so that something else can be printed.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            output::err().own(CLEAR);
        }
    }
}
