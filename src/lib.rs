//! planscope: a terminal debugger for plans.
//!
//! A local language model writes a short structured plan, a refinement loop proposes, scores and accepts or
//! rejects small edits, and the model then decodes its answer from the best plan. Everything that happens is
//! an event of a recorded session; the screen is folded from events, live and replayed alike.
//!
//! This package is the program: its command line, its configuration, and the composition root. Each layer below it is
//! a package of its own in a folder of `src`; `docs/architecture.md` has the table of what depends on what.

pub mod app;
pub mod cli;
pub mod config;
pub mod failure;
