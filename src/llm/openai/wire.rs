//! What servers send, as far as it is read. Everything is optional: no two servers agree.

use serde::Deserialize;

/// One reply, or one event of a streamed reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Packet {
    pub choices: Vec<Choice>,
    pub usage: Option<Usage>,
    pub error: Option<serde_json::Value>,
    /// llama-server's own measure of the prompt.
    pub timings: Option<Timings>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    /// In a streamed reply of the chat endpoint.
    pub delta: Option<Said>,
    /// In a whole reply of the chat endpoint.
    pub message: Option<Said>,
    /// In replies of the completion endpoint.
    pub text: Option<String>,
    pub logprobs: Option<Logprobs>,
    pub finish_reason: Option<String>,
    /// vLLM: the stop string or token that ended it.
    pub stop_reason: Option<serde_json::Value>,
    /// SGLang: the same.
    pub matched_stop: Option<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub content: Option<String>,
}

/// Both shapes: of the chat endpoint, and of the completion endpoint (four parallel lists).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Logprobs {
    pub content: Option<Vec<TokenLogprob>>,
    pub tokens: Option<Vec<String>>,
    pub token_logprobs: Option<Vec<Option<f32>>>,
    /// Where each token starts, in characters of prompt and text together.
    pub text_offset: Option<Vec<usize>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenLogprob {
    /// llama-server tells.
    pub id: Option<i32>,
    pub token: String,
    pub logprob: Option<f32>,
    pub top_logprobs: Option<Vec<TokenLogprob>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Usage {
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
    pub prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct PromptDetails {
    pub cached_tokens: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Timings {
    pub cache_n: Option<u32>,
}

impl Packet {
    /// Returns how many prompt tokens the server had cached, where it tells.
    pub fn cached(&self) -> Option<u32> {
        let details = self.usage.and_then(|usage| usage.prompt_tokens_details);
        details.and_then(|details| details.cached_tokens).or(self.timings.and_then(|timings| timings.cache_n))
    }
}

impl Choice {
    /// Returns the text that this choice brings.
    pub fn take_text(&mut self) -> Option<String> {
        let said = self.delta.take().or_else(|| self.message.take()).and_then(|said| said.content);
        said.or_else(|| self.text.take())
    }

    /// Returns whether a stop string ended the text.
    pub fn stopped_by_string(&self) -> bool {
        [&self.stop_reason, &self.matched_stop].into_iter().flatten().any(serde_json::Value::is_string)
    }
}

/// The list of models.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ModelList {
    pub data: Vec<ModelCard>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ModelCard {
    pub id: String,
    /// vLLM and SGLang.
    pub max_model_len: Option<u32>,
    /// llama-server.
    pub meta: Option<ModelMeta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ModelMeta {
    pub n_params: Option<u64>,
    pub size: Option<u64>,
    pub n_ctx: Option<u32>,
}
