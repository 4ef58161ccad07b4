//! One text that is being written.

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::super::{Completion, Delta, Generation, LlmError, Progress, StopReason, Token};
use super::chat;
use super::engine::OnProgress;
use super::eval::Job;
use super::ffi::Row;
use super::grammar::GrammarState;
use super::refused;
use super::sampler::Sampler;
use super::text::TextStream;

/// A text under way, with its own sampler, grammar and end.
pub(super) struct Writer {
    number: u32,
    pub(super) job: Job,
    /// The sequence that holds its prompt.
    pub(super) slot: usize,
    /// The sequence in which its tokens are evaluated: its slot. Where there are seats, it is a copy of its slot among
    /// these: sequences with caches of their own have to be neighbours to be evaluated together.
    pub(super) seat: usize,
    sampler: Sampler,
    grammar: Option<GrammarState>,
    text: TextStream,
    pub(super) tokens: Vec<Token>,
    most: usize,
    /// The token drawn last, not evaluated yet.
    pending: Option<i32>,
    stop: Option<StopReason>,
    /// Tokens fed back so far.
    pub(super) fed: Vec<i32>,
}

impl Writer {
    /// Returns the writer of the call's text `number` after a prompt of `tokens`.
    pub(super) fn new(
        number: u32,
        generation: &Generation,
        tokens: Vec<i32>,
        grammar: Option<GrammarState>,
        end_of_turn: Option<String>,
    ) -> Self {
        Self {
            number,
            job: Job { first_row: tokens.len() - 1, prompt: tokens.len(), tokens },
            slot: 0,
            seat: 0,
            sampler: Sampler::new(generation.sampling),
            grammar,
            text: TextStream::new(generation.stop.iter().cloned().chain(end_of_turn).collect()),
            tokens: Vec::new(),
            most: generation.max_tokens as usize,
            pending: None,
            stop: (generation.max_tokens == 0).then_some(StopReason::MaxTokens),
            fed: Vec::new(),
        }
    }

    /// Returns what is to be evaluated next; nothing once the text is at its end.
    pub(super) fn row(&self) -> Option<Row> {
        let position = self.job.tokens.len() + self.fed.len();
        self.pending.map(|token| Row { token, position, slot: self.seat, logits: true })
    }

    /// Draws the first token from the logits of its prompt, unless none is wanted.
    pub(super) fn begin(&mut self, model: &LlamaModel, limit: usize, logits: &[f32]) -> Result<(), LlmError> {
        if self.stop.is_none() { self.draw(model, limit, logits) } else { Ok(()) }
    }

    /// Draws the next token from `logits`, after the last one was evaluated.
    pub(super) fn go_on(&mut self, model: &LlamaModel, limit: usize, logits: &[f32]) -> Result<(), LlmError> {
        self.fed.extend(self.pending);
        self.draw(model, limit, logits)
    }

    fn draw(&mut self, model: &LlamaModel, limit: usize, logits: &[f32]) -> Result<(), LlmError> {
        self.pending = None;
        let mask = self.grammar.as_mut().map(GrammarState::mask).transpose()?;
        let pick = self
            .sampler
            .pick(logits, mask.as_ref().map(|mask| mask.as_slice()))
            .ok_or_else(|| no_token(mask.is_some()))?;
        let end = model.vocab().is_eog(LlamaToken(pick.token));
        let piece = if end { Vec::new() } else { chat::piece(model, pick.token) };
        let shown =
            if end { special_text(model, pick.token) } else { String::from_utf8_lossy(&piece).into_owned() };
        self.tokens.push(Token { id: Some(pick.token), text: shown, logprob: Some(pick.logprob) });
        if end {
            self.stop = Some(StopReason::EndOfTurn);
            return Ok(());
        }
        let stopped = self.text.push(&piece);
        let complete = match &mut self.grammar {
            Some(grammar) => grammar.accept(pick.token)?,
            None => false,
        };
        self.stop = if stopped {
            Some(StopReason::StopString)
        } else if complete {
            Some(StopReason::GrammarComplete)
        } else if self.tokens.len() >= self.most || self.job.tokens.len() + self.fed.len() >= limit {
            Some(StopReason::MaxTokens)
        } else {
            self.pending = Some(pick.token);
            None
        };
        Ok(())
    }

    /// Leaves the text as it is.
    pub(super) fn cancel(&mut self) {
        self.pending = None;
        self.stop = self.stop.or(Some(StopReason::Cancelled));
    }

    /// Shows what can be shown.
    pub(super) fn show(&mut self, progress: OnProgress) {
        if let Some(text) = self.text.take_new() {
            progress(Progress::Text(Delta { sequence: self.number, text }));
        }
    }

    /// Returns the text, and shows the rest of it.
    pub(super) fn finish(self, progress: OnProgress) -> Completion {
        let (text, rest) = self.text.finish();
        if !rest.is_empty() {
            progress(Progress::Text(Delta { sequence: self.number, text: rest }));
        }
        Completion {
            text,
            tokens: self.tokens,
            stop: self.stop.unwrap_or(StopReason::Cancelled),
            thinking: None,
        }
    }
}

fn special_text(model: &LlamaModel, token: i32) -> String {
    String::from_utf8_lossy(&model.vocab().token_to_piece(LlamaToken(token), true, None)).into_owned()
}

fn no_token(masked: bool) -> LlmError {
    if masked {
        refused(
            "the grammar allows no next token",
            "check that the grammar can be completed from every point",
        )
    } else {
        refused("the model's logits are not numbers", "the model file may be damaged; download it again")
    }
}
