//! Requests to a language model and its replies, as plain data, and the [`Backend`] trait.
//!
//! Nothing here knows llama.cpp, HTTP or downloads; what does implements [`Backend`] in another package. The scripted
//! backend is here because it needs nothing but its file.

mod backend;
mod error;
mod fill;
mod pressure;
pub mod scripted;
mod shared;
mod template;
mod types;

pub use backend::Backend;
pub use error::{LlmError, no_commands, no_distributions, no_head, no_plan_tokens};
pub use fill::{FillRow, LatentPlan, LatentRow, likeliest, token_words};
pub use pressure::{Mask, PressedLine, Pressure};
pub use scripted::ScriptedBackend;
pub use shared::Shared;
pub use template::{TemplateSettings, ThinkingSettings};
pub use types::*;
