//! Rating given texts: by echoed log-probabilities, and by the most probable next tokens.

use futures_util::FutureExt;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::{
    OpenAiBackend,
    client::HttpRequest,
    errors::RequestFailure,
    prompt,
    spent::TokenUsage,
    wire::{Logprobs, Packet, TokenLogprob, Usage},
};
use crate::server::Endpoint;
use model::{LlmError, Output, Progress, Prompt};

/// Without these there is nothing to read a score or a rating from.
const NEEDED: [&str; 3] = ["echo", "logprobs", "top_logprobs"];

impl OpenAiBackend {
    /// Scores by having the server echo the prompt with its log-probabilities.
    pub(super) async fn score(
        &self,
        model: &str,
        pairs: &[(Prompt, String)],
        progress: &mpsc::Sender<Progress>,
    ) -> Result<(Output, TokenUsage), LlmError> {
        let work = pairs.iter().map(|(prompt, text)| self.score_one(model, prompt, text, progress).boxed());
        let replies = self.side_by_side(work.collect()).await?;
        let mut spent = TokenUsage::new();
        let mut logprobs = Vec::with_capacity(replies.len());
        for (scores, usage) in replies {
            spent.add(usage, 1, scores.len() as u64);
            logprobs.push(scores);
        }
        Ok((Output::Scored { logprobs }, spent))
    }

    async fn score_one(
        &self,
        model: &str,
        prompt: &Prompt,
        continuation: &str,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<(Vec<f32>, Option<Usage>), LlmError> {
        let mut body = prompt::base(&self.options, model, Endpoint::Completions, prompt);
        let before = prompt::chatml(prompt);
        body.insert("prompt".into(), json!(format!("{before}{continuation}")));
        // Not every server takes 0 here; the one token drawn is left out below.
        for (name, value) in [("max_tokens", json!(1)), ("temperature", json!(0)), ("echo", json!(true))] {
            body.insert(name.into(), value);
        }
        body.insert("logprobs".into(), json!(1));
        let packet =
            self.whole(Endpoint::Completions, &body, progress).await.map_err(|error| match error {
                LlmError::Refused { message, .. } => no_echo(&message),
                error @ (LlmError::Unavailable { .. }
                | LlmError::TooLong { .. }
                | LlmError::WorkerDied { .. }
                | LlmError::BrokenOff { .. }
                | LlmError::TimedOut(_)
                | LlmError::Cancelled) => error,
            })?;
        let (from, to) = (before.chars().count(), before.chars().count() + continuation.chars().count());
        let logprobs = packet.choices.first().and_then(|choice| choice.logprobs.as_ref());
        let scores = logprobs.and_then(|logprobs| within(logprobs, from, to));
        scores.map(|scores| (scores, packet.usage)).ok_or_else(|| no_echo("it sends none for the prompt"))
    }

    /// Asks for a reply that comes whole and holds log-probabilities.
    async fn whole(
        &self,
        endpoint: Endpoint,
        body: &Map<String, Value>,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<Packet, LlmError> {
        let ask = HttpRequest { path: endpoint.path(), body: Some(body), needed: &NEEDED, progress };
        let value = self.client.json(ask).await.map_err(|RequestFailure { error, .. }| error)?;
        Packet::of(&value).ok_or_else(|| self.client.asked_of(&ask).unreadable(&value.to_string()))
    }

    /// Rates options by finding them among the most probable next tokens.
    pub(super) async fn choose(
        &self,
        model: &str,
        prompts: &[Prompt],
        options: &[String],
        progress: &mpsc::Sender<Progress>,
    ) -> Result<(Output, TokenUsage), LlmError> {
        let work = prompts.iter().map(|prompt| self.choose_one(model, prompt, options, progress).boxed());
        let replies = self.side_by_side(work.collect()).await?;
        let mut spent = TokenUsage::new();
        let mut logprobs = Vec::with_capacity(replies.len());
        for (ratings, usage) in replies {
            spent.add(usage, 1, 1);
            logprobs.push(ratings);
        }
        Ok((Output::Chosen { logprobs }, spent))
    }

    async fn choose_one(
        &self,
        model: &str,
        prompt: &Prompt,
        options: &[String],
        progress: &mpsc::Sender<Progress>,
    ) -> Result<(Vec<f32>, Option<Usage>), LlmError> {
        let mut body = prompt::base(&self.options, model, Endpoint::Chat, prompt);
        for (name, value) in [
            ("max_tokens", json!(1)),
            ("temperature", json!(0)),
            ("logprobs", json!(true)),
            ("top_logprobs", json!(self.options.top_logprobs)),
        ] {
            body.insert(name.into(), value);
        }
        let packet = self.whole(Endpoint::Chat, &body, progress).await?;
        let first =
            packet.choices.first().and_then(|choice| choice.logprobs.as_ref()?.content.as_ref()?.first());
        let candidates =
            first.and_then(|first| first.top_logprobs.as_deref()).ok_or_else(|| LlmError::Refused {
                message: "the server sends no log-probabilities, without which nothing can be rated".into(),
                hint: "use the llama.cpp backend, or a server that supports top_logprobs".into(),
            })?;
        let ratings = rate(options, candidates)?;
        Ok((ratings, packet.usage))
    }
}

fn no_echo(reason: &str) -> LlmError {
    LlmError::Refused {
        message: format!("the server does not score given texts: {reason}"),
        hint: "scoring needs the llama.cpp backend, or a server whose /v1/completions supports echo with \
               logprobs, as those of vLLM and SGLang do"
            .into(),
    }
}

/// Returns the log-probabilities of the tokens that cover the characters `from..to`. A token that lies
/// across the beginning counts: it says part of the text, and leaving it out would lose that part.
fn within(logprobs: &Logprobs, from: usize, to: usize) -> Option<Vec<f32>> {
    let (offsets, values) = (logprobs.text_offset.as_ref()?, logprobs.token_logprobs.as_ref()?);
    // A server that does not echo sends the drawn token only.
    if offsets.len() != values.len() || offsets.first().is_none_or(|&first| first >= from) {
        return None;
    }
    let ends = offsets.iter().copied().skip(1).chain([usize::MAX]);
    let spans = offsets.iter().copied().zip(ends).zip(values);
    let inside = spans.filter(|((start, end), _)| *start < to && *end > from);
    inside.map(|(_, value)| *value).collect()
}

/// Finds each option's first token among the candidates.
fn rate(options: &[String], candidates: &[TokenLogprob]) -> Result<Vec<f32>, LlmError> {
    let mut taken: Vec<(usize, &str)> = Vec::with_capacity(options.len());
    let mut ratings = Vec::with_capacity(options.len());
    for option in options {
        let found = first_token(option, candidates);
        let Some((index, logprob)) = found else {
            let hint = "ask for answers that the model is likely to give, raise top_logprobs here and the \
                        limit of the server, or use the llama.cpp backend, which sees every token";
            let message =
                format!("\"{option}\" is not among the {} most probable next tokens", candidates.len());
            return Err(LlmError::Refused { message, hint: hint.into() });
        };
        if let Some((_, other)) = taken.iter().find(|(other, _)| *other == index) {
            return Err(LlmError::Refused {
                message: format!("\"{option}\" and \"{other}\" begin with the same token"),
                hint: "use answers that differ from the first letter".into(),
            });
        }
        taken.push((index, option));
        ratings.push(logprob);
    }
    Ok(ratings)
}

/// Returns the candidate that an option begins with, the longest if several do. Servers show some models'
/// tokens with a space before them, so a match that ignores it is good enough where there is no other.
fn first_token(option: &str, candidates: &[TokenLogprob]) -> Option<(usize, f32)> {
    let find = |trim: bool| {
        let text = |token: &str| if trim { token.trim_start().to_owned() } else { token.to_owned() };
        let option = text(option);
        candidates
            .iter()
            .enumerate()
            .filter_map(|(index, candidate)| Some((index, text(&candidate.token), candidate.logprob?)))
            .filter(|(_, token, _)| !token.trim().is_empty() && option.starts_with(token.as_str()))
            .max_by_key(|(index, token, _)| (token.len(), std::cmp::Reverse(*index)))
            .map(|(index, _, logprob)| (index, logprob))
    };
    find(false).or_else(|| find(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(list: &[(&str, f32)]) -> Vec<TokenLogprob> {
        let one = |&(token, logprob): &(&str, f32)| TokenLogprob {
            token: token.into(),
            logprob: Some(logprob),
            ..TokenLogprob::default()
        };
        list.iter().map(one).collect()
    }

    fn rated(options: &[&str], list: &[(&str, f32)]) -> Result<Vec<f32>, String> {
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        rate(&options, &candidates(list)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_found_by_their_first_token() {
        let list = [("No", -0.5), ("Y", -3.0), ("Yes", -1.0), (" yes", -2.0)];
        assert_eq!(rated(&["Yes", "No"], &list), Ok(vec![-1.0, -0.5]));
        assert_eq!(rated(&["yes"], &list), Ok(vec![-2.0]), "a space before it does not matter");
        assert_eq!(rated(&["Yesterday"], &list), Ok(vec![-1.0]));
    }

    #[test]
    fn what_cannot_be_rated_is_said() {
        let list = [("No", -0.5), ("N", -4.0)];
        assert!(rated(&["Yes"], &list).is_err_and(|e| e.contains("\"Yes\" is not among the 2")));
        assert!(rated(&["Nor", "Not"], &[("No", -1.0)]).is_err_and(|e| e.contains("the same token")));
    }

    #[test]
    fn only_the_continuation_is_scored() {
        let logprobs = Logprobs {
            text_offset: Some(vec![0, 3, 6, 8]),
            token_logprobs: Some(vec![None, Some(-1.0), Some(-2.0), Some(-9.0)]),
            ..Logprobs::default()
        };
        assert_eq!(within(&logprobs, 3, 8), Some(vec![-1.0, -2.0]));
        assert_eq!(within(&logprobs, 4, 8), Some(vec![-1.0, -2.0]), "a token across the beginning counts");
        let drawn_only = Logprobs {
            text_offset: Some(vec![8]),
            token_logprobs: Some(vec![Some(-1.0)]),
            ..Logprobs::default()
        };
        assert_eq!(within(&drawn_only, 3, 8), None);
    }
}
