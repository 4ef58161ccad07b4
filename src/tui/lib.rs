//! The screen: a pure function of recorded events and of how a person looks at them.
//!
//! Keys become messages, [`update::update`] turns messages into knowledge and effects, and
//! [`view::draw`] draws the knowledge. Events come from a running engine or from a record; nothing past
//! the [`model`] can tell the difference.

mod answers;
mod appearance;
pub mod calls;
mod carried;
pub mod commands;
mod compare;
mod copy;
mod cursors;
mod drive;
mod edit;
mod events;
mod findings;
mod format;
mod glyphs;
mod help;
pub mod highlight;
pub mod jobs;
pub mod keymap;
mod layout;
mod ledger;
mod live;
mod look;
mod memory;
pub mod model;
mod modes;
mod moments;
mod mouse;
mod moving;
pub mod msg;
mod news;
mod notices;
pub mod outside;
pub mod overview;
mod palette;
pub mod panes;
pub mod pick;
mod popup;
mod press;
mod probes;
mod prompt;
mod recovery;
mod run;
pub mod script;
mod search;
mod sessions;
mod settings;
mod shadow;
mod signals;
mod stream;
mod survey;
mod svg;
mod terminal;
pub mod theme;
pub mod tour;
mod typing;
pub mod update;
pub mod view;
mod widgets;

pub use appearance::Appearance;
pub use carried::Carried;
pub use glyphs::Glyphs;
pub use pick::{
    CellEnd, CellEntry, CellPicker, Choices, ModelEntry, ModelSource, Pick, PickEntry, Picked, PullUpdate,
    SessionEntry, pick, pick_cell, pick_model,
};
pub use run::{Exit, Options, TuiError, debug, replay};
pub use sessions::Visits;
pub use theme::{Theme, ThemeError, Themes};

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
