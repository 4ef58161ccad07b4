//! What a model thinks before its text: free of any grammar, up to the marker that closes it or to a limit.

use std::collections::VecDeque;

use llama_cpp_2::model::LlamaModel;

use super::chat::{self, ClosingTokens};
use super::text::TextStream;
use model::{Thinking, ThinkingStop};

/// A model's thinking as it grows.
pub(super) struct Thinker {
    closing: ClosingTokens,
    limit: u64,
    drawn: u64,
    bytes: Vec<u8>,
    text: TextStream,
    stop: Option<ThinkingStop>,
}

/// What follows a token that the model drew while it thought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ThinkerStep {
    /// It thinks on; the token is evaluated.
    Think,
    /// The thought is closed: these tokens are evaluated before the text begins.
    Close(VecDeque<i32>),
}

impl Thinker {
    /// Returns a thinker of at most `limit` tokens.
    pub(super) fn new(closing: ClosingTokens, limit: u64) -> Self {
        let text = TextStream::new(vec![closing.marker.clone()]);
        Self { closing, limit, drawn: 0, bytes: Vec::new(), text, stop: None }
    }

    /// Returns how many tokens are written for the model to close its thinking, at most.
    pub(super) fn closing_tokens(closing: &ClosingTokens) -> usize {
        closing.forced.len() + closing.after.len()
    }

    /// Returns whether the model may not think at all.
    pub(super) fn is_full(&self) -> bool {
        self.drawn >= self.limit
    }

    /// Closes the thought for the model.
    pub(super) fn force(&mut self) -> VecDeque<i32> {
        self.stop = Some(ThinkingStop::Forced);
        self.closing.forced.iter().chain(&self.closing.after).copied().collect()
    }

    /// Takes a token that was drawn. One that ends the model's turn closes the thought, and is not evaluated.
    pub(super) fn take(&mut self, model: &LlamaModel, token: i32, ends_turn: bool) -> ThinkerStep {
        self.drawn += 1;
        if ends_turn {
            return ThinkerStep::Close(self.force());
        }
        let before = self.bytes.len();
        self.bytes.extend_from_slice(&chat::special_piece(model, token));
        self.text.push(&self.bytes[before..]);
        let marker = self.closing.marker.as_bytes();
        let from = (before + 1).saturating_sub(marker.len());
        let found = self.bytes[from..].windows(marker.len()).position(|window| window == marker);
        if let Some(start) = found.map(|at| from + at) {
            self.stop = Some(ThinkingStop::Closed);
            return ThinkerStep::Close(self.closed(model, token, start, before));
        }
        if self.is_full() {
            let mut tokens = self.force();
            tokens.push_front(token);
            return ThinkerStep::Close(tokens);
        }
        ThinkerStep::Think
    }

    /// The model wrote the marker, which begins at `start`; the bytes before `before` are evaluated. Where the last token
    /// holds more than the marker, it is not evaluated: the rest of the marker is written in other tokens.
    fn closed(&self, model: &LlamaModel, token: i32, start: usize, before: usize) -> VecDeque<i32> {
        let marker = &self.closing.marker;
        let rest = if start + marker.len() == self.bytes.len() {
            vec![token]
        } else {
            let text = String::from_utf8_lossy(&self.bytes[before..start + marker.len()]).into_owned();
            chat::tokenize(model, &text, true)
        };
        rest.into_iter().chain(self.closing.after.iter().copied()).collect()
    }

    /// Returns text that can be shown now and was not before.
    pub(super) fn take_new(&mut self) -> Option<String> {
        self.text.take_new()
    }

    /// Returns the thought.
    pub(super) fn finish(self) -> Thinking {
        let (text, _) = self.text.finish();
        Thinking {
            text: text.trim().to_owned(),
            tokens: self.drawn,
            stop: self.stop.unwrap_or(ThinkingStop::Unclosed),
        }
    }
}
