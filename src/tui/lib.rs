//! The screen: a pure function of recorded events and of how a person looks at them.
//!
//! Keys become messages, [`update::update`] turns messages into knowledge and effects, and
//! [`view::draw`] draws the knowledge. Events come from a running engine or from a record; nothing past
//! the [`model`] can tell the difference.

pub mod commands;
pub mod core;
mod format;
mod graph;
pub mod highlight;
mod layout;
mod overlays;
mod panes;
pub mod pick;
mod run;
mod terminal;
pub mod theme;
mod widgets;

pub use self::{
    commands::keymap,
    core::{jobs, model, msg, overview, script},
    overlays::{screen, tour},
    pick::{
        CellEnd, CellEntry, CellPicker, Choices, ModelEntry, ModelSource, Pick, PickEntry, Picked,
        PickerSetup, PullUpdate, SessionEntry, pick, pick_cell, pick_model,
    },
    run::{
        Exit, Options, TuiError, carried::Carried, debug, dispatch::begin_tour, outside, replay, update,
        view, visits::Visits,
    },
    terminal::{appearance::Appearance, glyphs::Glyphs},
    theme::{Theme, ThemeError, Themes},
};

/// Makes sure that there is a terminal to draw on and to read keys from.
///
/// # Errors
/// [`TuiError::Terminal`] when standard input or output is something else.
pub fn require_terminal() -> Result<(), TuiError> {
    use std::io::{self, IsTerminal};
    if io::stdin().is_terminal() && output::out_is_terminal() {
        return Ok(());
    }
    Err(TuiError::Terminal(io::Error::other("standard input or output is not one")))
}
