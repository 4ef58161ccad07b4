//! What a person can ask for. One table of commands feeds the keys, the `:` prompt, the palette, scripts,
//! the help screen, the footer and `docs/commands.md`.

pub mod action;
mod docs;
pub mod keymap;
pub mod overlays;
pub mod pane;
pub mod parse;
pub mod profile;
pub mod settings;
pub mod spec;
pub mod table;

pub use self::{
    action::{Action, Asked, Chaos, Drive, Edge, Hand, InOverlay, Noise, Rule, Shift, Show, Travel},
    docs::markdown,
    overlays::{OverlayKey, OverlayKind},
    pane::Pane,
    parse::{CommandError, find, parse},
    spec::{CommandSpec, Place, Section, Takes},
    table::{all, is_counted},
};
