//! The refinement engine: a pure machine that decides, and a driver that does what it asks for.
//!
//! ```text
//! Command --> driver --Input--> machine --Step--> driver --> session writer --> Update::Event
//!               ^                                   |
//!               +------------- reply <--- model <---+
//! ```
//!
//! The machine sees no clock, no random source and no I/O: times come with its inputs, and all seeds
//! are derived from the one in the settings.

pub mod answer;
pub mod budget;
mod command;
mod consult;
pub mod decoding;
pub mod defaults;
mod draft;
mod driver;
pub mod gate;
mod grounded;
pub mod machine;
pub mod prompt;
pub mod propose;
pub mod reading;
pub mod registry;
pub mod scatter;
pub mod score;
pub mod seed;

pub use command::{Command, Handle, Update};
pub use consult::{Consultant, Consulted};
pub use driver::{Run, Start, start};
