//! The screen: a pure function of recorded events and of how a person looks at them.
//!
//! Keys become messages, [`update::update`] turns messages into knowledge and effects, and
//! [`view::draw`] draws the knowledge. Events come from a running engine or from a record; nothing past
//! the [`model`] can tell the difference.

pub mod answers;
pub mod appearance;
pub mod calls;
pub mod carried;
pub mod commands;
pub mod compare;
pub mod copy;
pub mod cursors;
pub mod drive;
pub mod edit;
mod events;
pub mod findings;
pub mod format;
pub mod glyphs;
pub mod help;
pub mod highlight;
pub mod jobs;
pub mod keymap;
pub mod layout;
pub mod ledger;
pub mod live;
pub mod look;
pub mod memory;
pub mod model;
mod modes;
pub mod moments;
pub mod mouse;
mod moving;
pub mod msg;
pub mod news;
pub mod notices;
pub mod outside;
pub mod overview;
pub mod palette;
pub mod panes;
pub mod pick;
pub mod popup;
pub mod press;
pub mod probes;
pub mod prompt;
pub mod recovery;
pub mod run;
pub mod script;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod shadow;
mod signals;
pub mod stream;
pub mod survey;
pub mod svg;
pub mod terminal;
pub mod theme;
pub mod tour;
pub mod typing;
pub mod update;
pub mod view;
pub mod widgets;

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
