//! What an experiment will cost, before it is run.

use model::{Prompt, Request};

/// Characters that a token of English and plan lines takes, about; a model's own figure comes from its record.
pub const CHARS_PER_TOKEN: f64 = 3.2;

/// What a request will have the model evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Forecast {
    /// Sequences that are scored or generated.
    pub sequences: usize,
    /// Tokens, about, with what prompts have in common evaluated once.
    pub tokens: f64,
    /// Tokens, about, if each prompt were evaluated by itself.
    pub naive: f64,
    /// Tokens that are drawn at most.
    pub drawn: u32,
}

impl std::ops::AddAssign for Forecast {
    fn add_assign(&mut self, other: Self) {
        self.sequences += other.sequences;
        self.tokens += other.tokens;
        self.naive += other.naive;
        self.drawn += other.drawn;
    }
}

/// Returns the forecast of `request` where a token takes `chars_per_token` characters.
///
/// What prompts have in common is found as the engine finds it: sorted, each shares with its neighbour what both
/// begin with, the sum over a prefix tree's edges.
pub fn forecast(request: &Request, chars_per_token: f64) -> Forecast {
    let mut texts = texts(request);
    let sequences = texts.len();
    let naive: usize = texts.iter().map(String::len).sum();
    texts.sort();
    let mut before = "";
    let mut fresh = 0;
    for text in &texts {
        let shared = before.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
        fresh += text.len() - shared;
        before = text;
    }
    let drawn = match request {
        Request::Generate { generations } => generations.iter().map(|one| one.max_tokens).sum(),
        Request::Score { .. }
        | Request::Choose { .. }
        | Request::Contrast { .. }
        | Request::Rank { .. }
        | Request::Fill { .. }
        | Request::Latents { .. }
        | Request::Appraise { .. } => 0,
    };
    let tokens = |chars: usize| chars as f64 / chars_per_token;
    Forecast { sequences, tokens: tokens(fresh), naive: tokens(naive), drawn }
}

fn texts(request: &Request) -> Vec<String> {
    match request {
        Request::Score { pairs } => pairs.iter().map(|(prompt, after)| text(prompt) + after).collect(),
        Request::Contrast { prompts, continuation } => {
            prompts.iter().map(|prompt| text(prompt) + continuation).collect()
        }
        Request::Generate { .. }
        | Request::Choose { .. }
        | Request::Rank { .. }
        | Request::Fill { .. }
        | Request::Latents { .. }
        | Request::Appraise { .. } => request.prompts().into_iter().map(text).collect(),
    }
}

fn text(prompt: &Prompt) -> String {
    prompt.texts().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prompts_share_counts_once() {
        let prompt = |tail: &str| Prompt::chat("a".repeat(100), tail);
        let request = Request::Choose { prompts: vec![prompt("xx"), prompt("yyyy")], options: vec![] };
        let forecast = forecast(&request, 1.0);
        assert_eq!((forecast.sequences, forecast.naive), (2, 2.0 * 102.0 + 2.0 + 4.0));
        assert_eq!(forecast.tokens, 101.0 + 3.0 + 5.0);
    }
}
