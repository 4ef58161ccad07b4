//! Looking around.

use super::{command, taking};
use crate::{
    session::CallId,
    tui::{
        commands::{Action as A, CommandSpec, Place as P, Section as S, Takes},
        layout::Edge,
        panes::Pane,
    },
};

/// The rows, in the order of the help screen.
pub(super) const ROWS: &[CommandSpec] = &[
    command(
        A::Why(None),
        "why-here",
        &["w"],
        S::Look,
        P::Plan,
        "why",
        "tell how the item under the cursor came to be what it is",
    ),
    taking(
        Takes::Item(|id| A::Why(Some(id))),
        "why",
        "ITEM",
        &[],
        S::Look,
        "tell how an item came to be what it is",
    ),
    command(A::Fold, "fold", &[], S::Look, P::Help, "", "fold what is nested below the item, or show it")
        .on(Pane::Plan, &["enter"]),
    command(
        A::FocusNext,
        "focus-next",
        &["tab"],
        S::Look,
        P::Anywhere,
        "pane",
        "move the focus to the next pane",
    ),
    command(
        A::FocusPrevious,
        "focus-previous",
        &["shift-tab"],
        S::Look,
        P::Help,
        "",
        "move the focus to the pane before",
    ),
    taking(Takes::Pane(A::Focus), "focus", "PANE", &[], S::Look, "move the focus to a pane, by its name"),
    command(A::Focus(0), "focus-plan", &["1"], S::Look, P::Help, "", "focus the plan").vim(&["alt-1"]),
    command(A::Focus(1), "focus-proposals", &["2"], S::Look, P::Help, "", "focus the proposals")
        .vim(&["alt-2"]),
    command(A::Focus(2), "focus-score", &["3"], S::Look, P::Help, "", "focus the score").vim(&["alt-3"]),
    command(A::Focus(3), "focus-timeline", &["4"], S::Look, P::Help, "", "focus the timeline")
        .vim(&["alt-4"]),
    command(A::Focus(4), "focus-answer", &["5"], S::Look, P::Help, "", "focus the answer").vim(&["alt-5"]),
    command(A::Focus(5), "focus-cost", &["6"], S::Look, P::Help, "", "focus the cost").vim(&["alt-6"]),
    command(
        A::PreviousCandidate,
        "previous-candidate",
        &["<"],
        S::Look,
        P::Proposals,
        "candidate",
        "show the candidate before",
    )
    .on(Pane::Proposal, &["h"])
    .on(Pane::Timeline, &["h"])
    .on(Pane::Answer, &["h"])
    .counted(),
    command(
        A::NextCandidate,
        "next-candidate",
        &[">"],
        S::Look,
        P::Proposals,
        "candidate",
        "show the next candidate",
    )
    .on(Pane::Proposal, &["l"])
    .on(Pane::Timeline, &["l"])
    .on(Pane::Answer, &["l"])
    .counted(),
    command(
        A::Down,
        "down",
        &["j", "down"],
        S::Look,
        P::Anywhere,
        "scroll",
        "go down one item of the plan, or scroll down one line",
    )
    .counted(),
    command(
        A::Up,
        "up",
        &["k", "up"],
        S::Look,
        P::Anywhere,
        "scroll",
        "go up one item of the plan, or scroll up one line",
    )
    .counted(),
    command(
        A::PageDown,
        "page-down",
        &["ctrl-d", "pagedown"],
        S::Look,
        P::Help,
        "",
        "scroll down half a page",
    )
    .vim(&["ctrl-d", "ctrl-f", "pagedown"])
    .counted(),
    command(A::PageUp, "page-up", &["ctrl-u", "pageup"], S::Look, P::Help, "", "scroll up half a page")
        .vim(&["ctrl-u", "ctrl-b", "pageup"])
        .counted(),
    command(
        A::Top,
        "top",
        &["g"],
        S::Look,
        P::Help,
        "",
        "go to the plan's first item; in another pane to the top, and in the past to the first event",
    ),
    command(
        A::Bottom,
        "bottom",
        &["G"],
        S::Look,
        P::Help,
        "",
        "go to the plan's last item; in another pane to the bottom, and in the past to the newest event",
    ),
    command(
        A::Zoom,
        "zoom",
        &["="],
        S::Look,
        P::Anywhere,
        "zoom",
        "give the focused pane the whole screen, or take it back",
    ),
    command(A::Search, "search", &["/"], S::Look, P::Help, "", "search the focused pane"),
    taking(
        Takes::Text(A::SearchFor),
        "find",
        "TEXT",
        &[],
        S::Look,
        "show where the focused pane has this text; capitals matter if there are any",
    ),
    command(A::NextHit, "next-hit", &["*"], S::Look, P::Help, "", "go to where the text comes next")
        .vim(&["n", "*"])
        .counted(),
    command(A::PreviousHit, "previous-hit", &["#"], S::Look, P::Help, "", "go to where the text came before")
        .vim(&["N", "#"])
        .counted(),
    taking(Takes::Item(A::Item), "item", "ITEM", &[], S::Look, "show an item in the plan"),
    command(
        A::Copy,
        "copy",
        &["y"],
        S::Look,
        P::Help,
        "",
        "copy what the focused pane shows to the clipboard, through the terminal",
    ),
    command(
        A::Resize(Edge::Left),
        "resize-left",
        &["ctrl-left"],
        S::Look,
        P::Help,
        "",
        "move the focused pane's border to the left",
    ),
    command(
        A::Resize(Edge::Right),
        "resize-right",
        &["ctrl-right"],
        S::Look,
        P::Help,
        "",
        "move the focused pane's border to the right",
    ),
    command(
        A::Resize(Edge::Top),
        "resize-up",
        &["ctrl-up"],
        S::Look,
        P::Help,
        "",
        "move the focused pane's border up",
    ),
    command(
        A::Resize(Edge::Bottom),
        "resize-down",
        &["ctrl-down"],
        S::Look,
        P::Help,
        "",
        "move the focused pane's border down",
    ),
    command(
        A::ResetSizes,
        "resize-reset",
        &["ctrl-home"],
        S::Look,
        P::Help,
        "",
        "give all panes their first sizes back",
    ),
    command(
        A::Open,
        "open",
        &["enter"],
        S::Look,
        P::Charts,
        "go there",
        "on the timeline, go to the iteration under the cursor",
    ),
    command(
        A::ChartCloser,
        "zoom-in",
        &["+"],
        S::Look,
        P::Charts,
        "closer",
        "show fewer iterations in the charts",
    ),
    command(
        A::ChartWider,
        "zoom-out",
        &["-"],
        S::Look,
        P::Charts,
        "wider",
        "show more iterations in the charts",
    ),
    command(
        A::DiffLayout,
        "diff-layout",
        &["|"],
        S::Look,
        P::Proposals,
        "layout",
        "show a candidate's changes side by side, one below the other, or as there is room",
    ),
    command(
        A::Ledger,
        "ledger",
        &["L"],
        S::Look,
        P::Proposals,
        "ledger",
        "list all candidates that were not taken; type to filter, enter goes there",
    ),
    command(
        A::Call(None),
        "raw",
        &["r"],
        S::Look,
        P::Help,
        "",
        "show the exact prompt and reply of the last call to the model; < and > go to others",
    ),
    taking(
        Takes::Number(|call| A::Call(Some(CallId(call)))),
        "call",
        "CALL",
        &[],
        S::Look,
        "show the exact prompt and reply of that call to the model",
    ),
    command(
        A::Recovery,
        "recovery",
        &["H"],
        S::Look,
        P::Help,
        "",
        "show how refinement recovered from noise: a curve for each injection, and their mean",
    ),
    command(
        A::Answers,
        "answers",
        &["V"],
        S::Look,
        P::Help,
        "",
        "compare the answer with those from other moments; enter goes to the moment",
    ),
    command(A::Problem, "problem", &["p"], S::Look, P::Anywhere, "problem", "show the problem's full text"),
];
