//! What means something only in a list or a dialog. Its keys are in [`OverlayKind::keys`](super::super::OverlayKind).

use super::command;
use crate::commands::{
    action::{Action, InOverlay as I},
    spec::{CommandSpec, Place, Section},
};

/// The rows, in the order of the help screen.
pub(super) const ROWS: &[CommandSpec] = &[
    row(I::Yes, "yes", "answer a question with yes"),
    row(I::No, "no", "answer a question with no"),
    row(I::Toggle, "toggle", "mark the row under the cursor, or switch it on or off"),
    row(I::AddProbe, "add-probe", "add a probe, in the list of probes"),
    row(I::LetPass, "let-pass", "skip the next hits of the probe under the cursor"),
    row(I::DeleteProbe, "delete-probe", "delete the probe under the cursor"),
    row(I::AskAgain, "ask-again", "ask the model once more about the finding under the cursor"),
    row(I::GiveUp, "give-up", "cancel the question to the model under the cursor"),
    row(I::CompareRow, "compare-row", "compare the session under the cursor with the one that is shown"),
    row(I::NextChoice, "next-choice", "take the next completion, kind or setting"),
    row(I::PreviousChoice, "previous-choice", "take the completion, kind or setting before"),
    row(I::ChooseModel, "choose-model", "choose another model, in the list of problems"),
    row(I::TakeSaved, "take-saved", "take what your editor has saved by now"),
];

const fn row(action: I, name: &'static str, doc: &'static str) -> CommandSpec {
    command(Action::InOverlay(action), name, &[], Section::Overlay, Place::Help, "", doc)
}
