//! The model in a process of its own.
//!
//! llama.cpp aborts the process on errors that nothing can catch, prints to stderr behind every callback,
//! and CUDA does both. So the model lives in a child of the same binary (a hidden subcommand), the *worker
//! process*. The parent's side, the *client*, is a [`Backend`](model::Backend) like any other. They exchange length-prefixed
//! frames over the worker's stdin and stdout; its stderr is kept as a log and never reaches the screen. The worker ends when its stdin closes, and that is what happens when the parent dies.

mod cancel;
mod child;
mod client;
pub(crate) mod frames;
mod process;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use model::GpuLayers;
use model::{TemplateSettings, ThinkingSettings};

#[cfg(feature = "llama")]
pub(crate) use cancel::CANCEL;
pub use child::worker_main;
#[cfg(feature = "llama")]
pub(crate) use child::{ClientGone, ClientLink, WorkerTask};
pub use client::LlamaBackend;

/// The hidden subcommand that turns this program into the worker.
pub const SUBCOMMAND: &str = "__worker";

/// Names another program than the running one as the worker; tests need it, and a wrapper script (over
/// ssh, say) can use it.
pub(crate) const PROGRAM_VARIABLE: &str = "PLANSCOPE_WORKER";

/// Sequences of all streams together, at most.
pub(crate) const MOST_SEQUENCES: usize = 128;

/// Which model to load and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LlamaOptions {
    /// The GGUF file.
    pub path: PathBuf,
    /// The name to show.
    pub name: String,
    /// How much of it is kept on a GPU.
    pub gpu_layers: GpuLayers,
    /// Threads to decode with; by default one per physical core.
    pub threads: Option<u32>,
    /// Positions that each sequence can hold; 0 means as many as the model was trained on.
    pub ctx: u32,
    /// Sequences that can be decoded side by side, in each stream.
    pub sequences: u32,
    /// Calls that can run at the same time. Each has a stream with sequences and a cache of its own, so that what it
    /// costs does not depend on the others; their tokens are decoded together.
    pub streams: u32,
    /// Whether a sequence's logits must not depend on what else is in the batch or was cached. Holds on
    /// a CPU only; [`ModelInfo::exact`](model::ModelInfo::exact) says whether it was granted.
    pub exact: bool,
    /// sha256 of the file where the catalog knows it; only passed on to
    /// [`ModelInfo`](model::ModelInfo), not checked here.
    pub sha256: Option<String>,
    /// How the model's chat template is applied.
    #[serde(default)]
    pub template: TemplateSettings,
    /// What stands around its thinking. Each request says how long it may think.
    #[serde(default)]
    pub thinking: ThinkingSettings,
    /// What it is asked for.
    pub task: ModelTask,
}

/// What a model is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ModelTask {
    /// Its next token.
    #[default]
    Write,
    /// Its classification head.
    Rank,
    /// The masked places of plans.
    Fill,
    /// The latents of plans.
    Find,
}

impl LlamaOptions {
    /// Returns the default options for the model file at `path`: exact, eight sequences of 4096 positions.
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            name: name.into(),
            gpu_layers: GpuLayers::Auto,
            threads: None,
            ctx: 4096,
            sequences: 8,
            streams: 1,
            exact: true,
            sha256: None,
            template: TemplateSettings::default(),
            thinking: ThinkingSettings::default(),
            task: ModelTask::Write,
        }
    }
}
