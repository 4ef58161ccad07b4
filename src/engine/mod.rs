//! The loop that drafts, refines and answers.

pub mod command;

pub use command::*;
