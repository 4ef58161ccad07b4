//! planscope: a terminal debugger for plans.

pub mod engine;
pub mod llm;
pub mod plan;
pub mod problem;
pub mod session;
