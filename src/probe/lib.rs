//! Breakpoints, catches, watches and log-points over a run, live or recorded.
//!
//! A probe is defined by a line of text in gdb's words ([`ProbeCommand`]), checked when it is defined, and looks
//! at each record together with the state after it ([`Probes::observe`]). Nothing here knows whether a run is live:
//! [`search`] shows recorded events to the same probes, forwards and backwards, without the model.

mod definition;
mod error;
mod expr;
mod message;
mod parse;
mod probes;
pub mod search;
mod trigger;
pub mod value;
pub mod variables;

pub use definition::{Definition, Incident, Place, ProbeCommand, Target, When, Which};
pub use error::{ProbeError, nearest};
pub use expr::Expr;
pub use message::LogMessage;
pub use parse::VERBS;
pub use probes::{Hit, HitKind, Probe, Probes};
pub use search::{Direction, all_hits, next_hit};
