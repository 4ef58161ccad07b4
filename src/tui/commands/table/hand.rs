//! Changing the plan by hand.

use super::{by_hand, command};
use crate::tui::{
    commands::{Action as A, CommandSpec, Hand as H, Place as P, Rule as R, Section as S},
    edit::change::Shift,
    panes::Pane,
};

/// The rows, in the order of the help screen.
pub(super) const ROWS: &[CommandSpec] = &[
    by_hand(H::Edit, "edit", &["e"], P::Plan, "edit", "type the item's line anew, in its place"),
    by_hand(
        H::Whole,
        "edit-plan",
        &["ctrl-e"],
        P::Help,
        "",
        "edit the whole plan in $VISUAL or $EDITOR; the run pauses",
    ),
    by_hand(
        H::Below,
        "insert-below",
        &["o"],
        P::Plan,
        "insert",
        "type a new item below; tab changes its kind",
    ),
    by_hand(H::Above, "insert-above", &["O"], P::Help, "", "type a new item above"),
    by_hand(H::Remove, "remove", &["d"], P::Plan, "remove", "remove the item; asks if others build on it"),
    by_hand(H::Shift(Shift::Down), "move-down", &["J"], P::Help, "", "move the item down its level"),
    by_hand(H::Shift(Shift::Up), "move-up", &["K"], P::Help, "", "move the item up its level"),
    by_hand(H::Shift(Shift::In), "move-in", &[">"], P::Help, "", "nest the item below the one before it"),
    by_hand(H::Shift(Shift::Out), "move-out", &["<"], P::Help, "", "take the item a level up"),
    by_hand(H::Deps, "depend", &["D"], P::Help, "", "pick what the item builds on"),
    by_hand(H::Kind, "kind", &["T"], P::Help, "", "give the item another kind, and with it a new id"),
    by_hand(H::Pin, "pin", &["P"], P::Plan, "pin", "keep the item from refinement, or release it"),
    by_hand(H::Mute, "mute", &["X"], P::Help, "", "leave the item out of prompts, or show it again"),
    command(
        A::Undo,
        "undo",
        &["z"],
        S::Hand,
        P::Plan,
        "undo",
        "take back the last change of the plan by hand or noise",
    ),
    command(A::Redo, "redo", &["Z"], S::Hand, P::Help, "", "bring back what was taken back last"),
    command(
        A::Inject,
        "inject",
        &["x"],
        S::Hand,
        P::Help,
        "",
        "inject noise into the plan, after a look at what it will change",
    ),
    command(
        A::Rule(R::Intercept),
        "intercept",
        &["i"],
        S::Hand,
        P::Help,
        "",
        "stand still before each decision of the gate for you to rule, or no more",
    ),
    command(
        A::Rule(R::Accept),
        "accept",
        &[],
        S::Hand,
        P::Ruling,
        "accept",
        "accept the candidate that is shown, before the gate decides",
    )
    .on(Pane::Proposal, &["a"]),
    command(
        A::Rule(R::Veto),
        "veto",
        &[],
        S::Hand,
        P::Ruling,
        "veto",
        "keep the candidate that is shown from the gate",
    )
    .on(Pane::Proposal, &["v"]),
    command(
        A::Rule(R::Edit),
        "edit-candidate",
        &[],
        S::Hand,
        P::Ruling,
        "edit",
        "type anew what the candidate makes an item say; it is scored again",
    )
    .on(Pane::Proposal, &["e"]),
    command(
        A::Fork,
        "fork",
        &["B"],
        S::Hand,
        P::Help,
        "",
        "go on from the moment looked at as another session",
    ),
];
