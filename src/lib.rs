//! planscope: a terminal debugger for plans.
//!
//! A local language model writes a short structured plan, a refinement loop proposes, scores and accepts or
//! rejects small edits, and the model then decodes its answer from the best plan. Everything that happens is
//! an event of a recorded session; the screen is folded from events, live and replayed alike.
//!
//! | room | holds | may name |
//! | --- | --- | --- |
//! | [`output`] | what is printed, so that it cannot drive a terminal; exit codes | nothing |
//! | [`plan`] | items, tree, text language, grammar, edits, diffs: plain data | nothing |
//! | [`sandbox`] | where Python that a model wrote is run, shut in | nothing |
//! | [`problem`] | families with their prompts and checkers; the loader | `plan`, and `sandbox` to judge code |
//! | [`llm`] | the backends: llama.cpp in a worker process, servers, scripts; the catalogue of models | nothing |
//! | [`session`] | events, state (the fold), files, replay | `plan`, plain data of `llm` |
//! | [`probe`] | breakpoints, watches, catches and log-points over a run | `plan`, `session` |
//! | [`engine`] | the pure machine and its driver; proposals, scores, gates, answer | all above |
//! | [`stats`] | intervals, rank measures, corrections: plain functions of numbers | nothing |
//! | [`diagnose`] | findings: how refinement fails | all above but `probe` |
//! | [`verifier`] | how well scorers tell right plans from wrong ones, on labelled data | `plan`, `problem`, `llm`, `session`, `stats`, `engine` |
//! | [`lab`] | experiments: arms at the same cost, their results and comparisons | all above but `probe` |
//! | [`tui`] | the screen | `plan`, `session`, and the commands of `engine` |
//! | [`config`], [`cli`], [`app`] | settings, subcommands, the composition root | all |
//!
//! Every room that prints may name `output`. `tests/layering.rs` holds the last column. Data flows in one direction: commands go into the engine,
//! records come out, are written, and are then folded into the state that is drawn. See
//! `docs/architecture.md`.

#![warn(clippy::disallowed_macros)]

pub mod app;
pub mod cli;
pub mod config;
pub mod diagnose;
pub mod engine;
pub mod lab;
pub mod llm;
pub mod output;
pub mod plan;
pub mod probe;
pub mod problem;
pub mod sandbox;
pub mod session;
pub mod stats;
pub mod tui;
pub mod verifier;
