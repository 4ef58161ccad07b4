//! Breakpoints and what else looks at events.

use super::{command, taking};
use crate::commands::{
    action::{Action as A, Show as Sh},
    spec::{CommandSpec, Place as P, Section as S, Takes},
};
use probe::Direction;

/// The rows, in the order of the help screen.
pub(super) const ROWS: &[CommandSpec] = &[
    command(
        A::Show(Sh::Probes),
        "probes",
        &["b"],
        S::Probe,
        P::Help,
        "",
        "list breakpoints, catches, watches and log-points",
    )
    .aka(&["info"]),
    asking(
        "break",
        "PLACE [if CONDITION]",
        "pause at a place, or with if alone when the condition becomes true",
    )
    .aka(&["b"]),
    asking("tbreak", "PLACE [if CONDITION]", "the same, once").aka(&["tb"]),
    asking("catch", "INCIDENT [if CONDITION]", "pause when something goes wrong"),
    asking("watch", "ITEM or VALUE [if CONDITION]", "pause when an item or a value changes"),
    asking("log", "\"TEXT {VALUE}\" [at PLACE] [if CONDITION]", "print a message and continue"),
    asking("condition", "NUMBER [CONDITION]", "give a probe another condition, or none"),
    asking("ignore", "NUMBER HITS", "skip the next hits of a probe"),
    asking("enable", "NUMBER or all", "switch probes on"),
    asking("disable", "NUMBER or all", "switch probes off; they keep their numbers"),
    asking("delete", "NUMBER or all", "delete probes"),
    taking(
        Takes::Find(|wanted| A::Find(wanted, Direction::Forward)),
        "seek",
        "PROBE, CONDITION or ITEM",
        &[],
        S::Probe,
        "go to the next moment of the record at which it fires",
    ),
    taking(
        Takes::Find(|wanted| A::Find(wanted, Direction::Backward)),
        "reverse-seek",
        "PROBE, CONDITION or ITEM",
        &[],
        S::Probe,
        "go to the last moment before this one at which it fires",
    ),
];

/// Returns a row that is a command on probes, which its name begins.
const fn asking(name: &'static str, syntax: &'static str, doc: &'static str) -> CommandSpec {
    taking(Takes::Probe(A::Probe), name, syntax, &[], S::Probe, doc)
}
