//! Exit codes: this is the one place that knows them.

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It did what was asked for.
    Done,
    /// It did, and the answer is no: `grep` found nothing, `diagnose` found a fault.
    No,
    /// This signal ended it early, after its session was closed in order.
    Signal(i32),
}

/// The code of a failure, which standard error explains.
pub const FAILED: u8 = 2;

/// All codes and what they say, as `--help` shows them.
pub const HELP: &str = "Exit codes:
  0             done
  1             the answer is no: grep found nothing, diagnose found a fault
  2             failed; standard error says why and what to do
  128 + signal  ended by that signal: 130 by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP";

impl End {
    /// Returns whether the answer is yes, as how it ended.
    pub const fn of(yes: bool) -> Self {
        if yes { Self::Done } else { Self::No }
    }

    /// Returns the exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Signal(signal) => of_signal(signal),
        }
    }
}

/// Returns the exit code of a program that a signal ended, as shells have it.
pub const fn of_signal(signal: i32) -> u8 {
    // Numbers of signals are small everywhere; what is none counts as a plain failure.
    if signal > 0 && signal < 127 { 128 + signal as u8 } else { FAILED }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_shells() {
        assert_eq!([End::Done, End::No, End::Signal(2), End::Signal(15)].map(End::code), [0, 1, 130, 143]);
        assert_eq!([of_signal(0), of_signal(-3), of_signal(4000)], [FAILED; 3]);
    }

    const CODES: [(&str, &str); 4] = [
        ("0", "done"),
        ("1", "the answer is no: grep found nothing, diagnose found a fault"),
        ("2", "failed; standard error says why and what to do"),
        ("128 + signal", "ended by that signal: 130 by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP"),
    ];

    #[test]
    fn help_and_documents_say_the_same() {
        let docs = include_str!("../../docs/shell.md");
        for (code, meaning) in CODES {
            assert!(HELP.contains(&format!("\n  {code:<14}{meaning}")), "{code}");
            assert!(docs.contains(&format!("| {code} | {meaning} |")), "{code}");
        }
    }
}
