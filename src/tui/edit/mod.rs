//! Changing the plan by hand, ruling on candidates, and asking why.
//!
//! A key opens a [`Dialog`] or makes an edit at once. Every edit goes to the engine and comes back as an
//! event; until then it is [`Pending`], and the plan pane shows the plan with it.

pub mod change;
mod deps;
mod dialog;
pub mod editor;
mod fork;
mod hand;
mod line;
mod noise;
mod pending;
mod question;
mod ruling;
mod whole;
mod why;

pub use dialog::{Dialog, draw, edited, hints, on_key, paste};
pub use hand::{act, fork, noise, redo, undo, why};
pub use pending::Pending;
pub use ruling::act as rule;
