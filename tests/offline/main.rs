//! All that needs neither a model nor a network nor a terminal. Some of it runs the program, on scripted models.
//!
//! These tests share one process, so none may set environment variables, the current folder or signals here: give values to a
//! child instead. Who judges code names the program for `sandbox::use_program` first, since the sandbox is made once.

mod adding;
mod agreement;
mod code;
mod diagnoses;
mod docs;
mod lab;
mod layers;
mod listed;
mod machine;
mod plan;
mod probes;
mod reference;
mod sandbox;
mod scorer_command;
mod screen;
mod session;
mod split_models;
