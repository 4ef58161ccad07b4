//! planscope: a terminal debugger for plans.

pub mod app;
pub mod cli;
pub mod config;
pub mod engine;
pub mod llm;
pub mod plan;
pub mod problem;
pub mod session;
pub mod tui;
