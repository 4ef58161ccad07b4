//! planscope: a terminal debugger for plans.

pub mod cli;
pub mod engine;
pub mod llm;
pub mod plan;
pub mod session;
pub mod tui;
