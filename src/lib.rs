//! planscope: a terminal debugger for plans.

pub mod cli;
pub mod llm;
pub mod plan;
pub mod session;
