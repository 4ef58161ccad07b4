//! The program.

use super::{command, taking};
use crate::commands::{
    action::{Action as A, Show as Sh},
    spec::{CommandSpec, Place as P, Section as S, Takes},
};

/// The rows, in the order of the help screen.
pub(super) const ROWS: &[CommandSpec] = &[
    command(A::Show(Sh::Prompt), "prompt", &[":"], S::Program, P::Anywhere, "command", "type a command"),
    command(
        A::Show(Sh::Palette),
        "palette",
        &["ctrl-p"],
        S::Program,
        P::Help,
        "",
        "find a command by some of its letters",
    ),
    command(A::Show(Sh::Messages), "messages", &["M"], S::Program, P::Help, "", "show all messages so far"),
    command(
        A::Show(Sh::Help),
        "help",
        &["?"],
        S::Program,
        P::Always,
        "help",
        "show this help; type to search it",
    ),
    command(
        A::Back,
        "back",
        &["esc"],
        S::Program,
        P::Help,
        "",
        "close what is open, or return to the newest event",
    ),
    taking(Takes::Theme(A::Theme), "theme", "NAME", &[], S::Program, "change the colours"),
    taking(
        Takes::Setting(A::Set),
        "set",
        "KEY VALUE",
        &[],
        S::Program,
        "change a setting of the screen until you leave",
    ),
    taking(
        Takes::File(A::Source),
        "source",
        "FILE",
        &[],
        S::Program,
        "run the commands of a file, one per line",
    ),
    taking(
        Takes::File(A::Screenshot),
        "screenshot",
        "FILE.svg",
        &[],
        S::Program,
        "write the screen to a file, as a picture",
    ),
    command(A::Suspend, "suspend", &["ctrl-z"], S::Program, P::Help, "", "suspend to the shell; fg returns"),
    command(A::Quit, "quit", &["q"], S::Program, P::Always, "quit", "leave; asks first during a run")
        .aka(&["q"]),
];
