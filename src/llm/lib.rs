//! Backends: llama.cpp in a worker process, servers, commands that value plans; and the catalogue of models.

mod command;
pub mod gguf;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "llama")]
mod llama;
pub mod models;
#[cfg(feature = "http")]
pub mod openai;
pub mod planner;
mod routed;
pub mod server;
pub mod template;
#[cfg(feature = "llama")]
pub mod worker;

use serde::Serialize;

pub use routed::Routed;
#[cfg(feature = "llama")]
pub use worker::{LlamaBackend, LlamaOptions, ModelTask};

/// A device that llama.cpp found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceInfo {
    /// Its name, such as `NVIDIA H200`.
    pub name: String,
    /// Whether layers can be moved to it: true for a GPU.
    pub offload: bool,
    /// Its memory in bytes, if it reports it.
    pub memory: Option<u64>,
}

/// Returns the devices that llama.cpp finds; `None` where this build has no llama.cpp.
pub fn devices() -> Option<Vec<DeviceInfo>> {
    #[cfg(feature = "llama")]
    return Some(llama::devices());
    #[cfg(not(feature = "llama"))]
    None
}
