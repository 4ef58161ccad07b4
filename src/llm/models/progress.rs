//! How a download is shown.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::format_bytes;
use output::{err_is_terminal, note, pictured_line};

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPhase {
    /// Bytes arrive.
    Downloading,
    /// Bytes are taken from a file of this machine.
    Copying,
    /// A file that is there is being checked.
    Verifying,
}

impl PullPhase {
    /// Returns the words that stand before the source where users see it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Downloading => "downloading from",
            Self::Copying => "copying",
            Self::Verifying => "verifying",
        }
    }
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullStatus<'a> {
    /// Where from, in words.
    pub source: &'a str,
    /// What is being done.
    pub phase: PullPhase,
    /// Bytes that are there.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Something that shows a download. Called often; it may skip.
pub trait PullProgress: Send + Sync {
    /// Shows how far it is.
    fn update(&self, status: PullStatus<'_>);

    /// Shows a notice, such as that a source failed.
    fn note(&self, line: &str);

    /// The download has ended, well or not.
    fn finish(&self) {}
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl PullProgress for Silent {
    fn update(&self, _: PullStatus<'_>) {}

    fn note(&self, _: &str) {}
}

/// A bar on the terminal.
#[derive(Debug)]
pub struct TerminalProgress {
    bar: ProgressBar,
}

impl TerminalProgress {
    /// Returns what suits the standard error stream: a bar on a terminal, lines elsewhere.
    pub fn for_stderr() -> Box<dyn PullProgress> {
        match err_is_terminal() {
            true => Box::new(Self::new()),
            false => Box::new(LineProgress::default()),
        }
    }

    /// Returns a bar.
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        let template = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        Self { bar }
    }
}

impl Default for TerminalProgress {
    fn default() -> Self {
        Self::new()
    }
}

impl PullProgress for TerminalProgress {
    fn update(&self, status: PullStatus<'_>) {
        let message = format!("{} {}", status.phase.name(), pictured_line(status.source));
        if self.bar.message() != message {
            self.bar.set_message(message);
            self.bar.reset_eta();
        }
        self.bar.set_length(status.total);
        self.bar.set_position(status.done);
    }

    fn note(&self, line: &str) {
        self.bar.suspend(|| note(line));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// One line now and then, for logs.
#[derive(Debug, Default)]
pub struct LineProgress {
    last: Mutex<Option<(Instant, PullPhase)>>,
}

/// Often enough to show life, seldom enough for a log.
const EVERY: Duration = Duration::from_secs(5);

impl PullProgress for LineProgress {
    fn update(&self, status: PullStatus<'_>) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|(at, phase)| phase == status.phase && at.elapsed() < EVERY) {
            return;
        }
        *last = Some((Instant::now(), status.phase));
        let (done, total) = (format_bytes(status.done), format_bytes(status.total));
        note(format!("{} {}: {done} of {total}", status.phase.name(), status.source));
    }

    fn note(&self, line: &str) {
        note(line);
    }
}
