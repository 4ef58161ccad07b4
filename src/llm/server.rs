//! What can be chosen about a server, whether or not this build can speak to one.

use serde::{Deserialize, Serialize};

/// Which endpoint text is asked from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `/chat/completions`: the server knows the model's template.
    #[default]
    Chat,
    /// `/completions`: the prompt is written in ChatML here.
    Completions,
}

impl Endpoint {
    /// Returns the path below `/v1`.
    #[cfg(feature = "http")]
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Chat => "chat/completions",
            Self::Completions => "completions",
        }
    }
}

/// How a server takes a grammar in Lark syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrammarStyle {
    /// Not at all: none is sent.
    #[default]
    None,
    /// llama-server, built with llguidance: `grammar` with a `%llguidance` line.
    Llguidance,
    /// vLLM before 0.11, with the guidance back end: `guided_grammar`.
    GuidedGrammar,
    /// vLLM from 0.11 on, with the guidance back end: `structured_outputs`.
    StructuredOutputs,
}
