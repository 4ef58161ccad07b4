//! planscope: a terminal debugger for plans.

pub mod llm;
pub mod plan;
pub mod problem;
