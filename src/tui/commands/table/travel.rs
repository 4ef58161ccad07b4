//! Going through what was recorded.

use super::{command, taking};
use crate::commands::{
    action::{Action as A, Travel as T},
    spec::{CommandSpec, Place as P, Section as S, Takes},
};

/// The rows, in the order of the help screen.
pub(super) const ROWS: &[CommandSpec] = &[
    command(
        A::Travel(T::PreviousPhase),
        "reverse-step",
        &["S"],
        S::Travel,
        P::Past,
        "phase back",
        "go back one phase; a live run continues meanwhile",
    )
    .aka(&["rs"])
    .counted(),
    command(
        A::Travel(T::PreviousIteration),
        "reverse-next",
        &["N"],
        S::Travel,
        P::Past,
        "iteration back",
        "go back one iteration",
    )
    .vim(&["{"])
    .aka(&["rn"])
    .counted(),
    command(
        A::Travel(T::RefinementStart),
        "reverse-finish",
        &["F"],
        S::Travel,
        P::Help,
        "",
        "go back to where refinement began; from there, to the first event",
    )
    .aka(&["rf"]),
    command(
        A::Travel(T::PlayBack),
        "reverse-continue",
        &["C"],
        S::Travel,
        P::Help,
        "",
        "play backwards; any move stops it",
    )
    .aka(&["rc"]),
    command(
        A::Travel(T::PreviousEvent),
        "previous-event",
        &["left"],
        S::Travel,
        P::Past,
        "event",
        "go one event back",
    )
    .counted(),
    command(
        A::Travel(T::NextEvent),
        "next-event",
        &["right"],
        S::Travel,
        P::Past,
        "event",
        "go one event forwards",
    )
    .counted(),
    taking(
        Takes::Number(|event| A::Travel(T::Event(event))),
        "goto",
        "EVENT",
        &[],
        S::Travel,
        "show the moment after that event",
    ),
    taking(
        Takes::Number(|iteration| A::Travel(T::Iteration(iteration))),
        "iteration",
        "ITERATION",
        &[],
        S::Travel,
        "show the end of that iteration; 0 is the draft",
    ),
    command(A::Travel(T::Start), "first", &["home"], S::Travel, P::Help, "", "go to the first event"),
    command(
        A::Travel(T::End),
        "newest",
        &["end"],
        S::Travel,
        P::Help,
        "",
        "go to the newest event; during a run, return to it",
    ),
    command(
        A::Travel(T::Back),
        "history-back",
        &["["],
        S::Travel,
        P::Help,
        "",
        "return to the previous position",
    )
    .vim(&["ctrl-o", "["])
    .counted(),
    command(A::Travel(T::Forward), "history-forward", &["]"], S::Travel, P::Help, "", "undo the last return")
        .counted(),
    taking(Takes::Letter(A::Mark), "mark", "LETTER", &["m"], S::Travel, "bookmark the current position"),
    taking(
        Takes::Mark(|letter| A::Travel(T::Mark(letter))),
        "jump",
        "LETTER",
        &["'"],
        S::Travel,
        "go to a bookmark",
    ),
];
