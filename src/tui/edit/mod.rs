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

pub use deps::DepsDialog;
pub use dialog::{Dialog, Reply, draw, edited, hints, on_key, paste};
pub use fork::ForkDialog;
pub use hand::{act, fork, noise, redo, undo, why};
pub use line::LineDialog;
pub use noise::NoiseDialog;
pub use pending::Pending;
pub use question::{KindDialog, RemoveDialog};
pub use ruling::act as rule;
pub use whole::WholeDialog;
pub use why::WhyDialog;
