//! One text that is being written.

use std::collections::VecDeque;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::chat::{self, TurnTokens};
use super::engine::OnProgress;
use super::eval::PromptJob;
use super::ffi::BatchRow;
use super::grammar::GrammarState;
use super::refused;
use super::sampler::{Sampler, TokenDraw};
use super::text::TextStream;
use super::thinker::{Thinker, ThinkerStep};
use super::unseen::{EXHAUSTED, NOTHING, Unseen};
use crate::template::Markers;
use model::{Completion, Delta, EarlierText, Generation, LlmError, Mask, Progress, StopReason, Token};

/// A text being generated, with its own sampler, grammar and end.
pub(super) struct TextWriter {
    number: u32,
    pub(super) job: PromptJob,
    /// The sequence that holds its prompt.
    pub(super) slot: usize,
    /// The sequence in which its tokens are evaluated: its slot, or a copy of it among the decode sequences if there are
    /// any, since llama.cpp batches only adjacent sequences that have caches of their own.
    pub(super) sequence: usize,
    sampler: Sampler,
    /// What the model thinks first, while it does and afterwards.
    thinker: Option<Thinker>,
    /// Whether it thinks now.
    thinks: bool,
    /// Tokens that are written for the model: what closes its thinking.
    forced: VecDeque<i32>,
    grammar: Option<GrammarState>,
    /// Tokens whose text is shown although they may be special.
    marks: Vec<i32>,
    text: TextStream,
    pub(super) tokens: Vec<Token>,
    most: usize,
    /// The token drawn last, not evaluated yet.
    pending: Option<i32>,
    stop: Option<StopReason>,
    /// Tokens fed back so far.
    pub(super) fed: Vec<i32>,
    /// Where the text must be new: what was seen.
    distinct: Option<Distinct>,
}

/// What a text must differ from, and what it takes to begin it again.
struct Distinct {
    unseen: Unseen,
    /// The logits that its first token is drawn from; absent before that.
    first: Vec<f32>,
    /// Tokens that were drawn for texts that turned out to be known.
    dropped: u64,
    /// Whether the text was compared with what was seen, at its end.
    settled: bool,
}

impl TextWriter {
    /// Returns the writer of the call's text `number`, whose turn begins as in `turn`. `limit` is how many positions a
    /// sequence holds: thinking leaves room for the text.
    pub(super) fn new(number: u32, generation: &Generation, turn: TurnTokens, limit: usize) -> Self {
        let TurnTokens { tokens, closing } = turn;
        let most = generation.max_tokens as usize;
        let thinker = closing.map(|closing| {
            let taken = tokens.len() + Thinker::closing_tokens(&closing) + most;
            let room = limit.saturating_sub(taken) as u64;
            Thinker::new(closing, u64::from(generation.thinking).min(room))
        });
        Self {
            number,
            job: PromptJob { first_row: tokens.len() - 1, prompt: tokens.len(), tokens },
            slot: 0,
            sequence: 0,
            sampler: Sampler::new(generation.sampling),
            thinks: thinker.is_some(),
            thinker,
            forced: VecDeque::new(),
            grammar: None,
            marks: Vec::new(),
            text: TextStream::new(generation.stop.clone()),
            tokens: Vec::new(),
            most,
            pending: None,
            stop: (most == 0).then_some(StopReason::MaxTokens),
            fed: Vec::new(),
            distinct: generation.distinct_from.as_deref().map(|seen| Distinct {
                unseen: Unseen::new(seen),
                first: Vec::new(),
                dropped: 0,
                settled: false,
            }),
        }
    }

    /// Has the text follow a grammar.
    pub(super) fn with_grammar(self, grammar: Option<GrammarState>) -> Self {
        Self { grammar, ..self }
    }

    /// Ends the text before `end` too, and shows the text of the tokens `marks`.
    pub(super) fn in_template(mut self, end: Option<String>, marks: &[i32]) -> Self {
        self.text.add_stop(end);
        Self { marks: marks.to_vec(), ..self }
    }

    /// Returns what is to be evaluated next; nothing once the text is at its end.
    pub(super) fn row(&self) -> Option<BatchRow> {
        let position = self.job.tokens.len() + self.fed.len();
        self.pending.map(|token| BatchRow { token, position, slot: self.sequence, logits: true })
    }

    /// Draws the first token from the logits of its prompt, unless none is wanted.
    pub(super) fn begin(&mut self, model: &LlamaModel, limit: usize, logits: &[f32]) -> Result<(), LlmError> {
        if self.stop.is_some() {
            return Ok(());
        }
        if let Some(thinker) = self.thinker.as_mut().filter(|thinker| thinker.is_full()) {
            self.forced = thinker.force();
            self.thinks = false;
            self.pending = self.forced.pop_front();
            return Ok(());
        }
        if let Some(distinct) = self.distinct.as_mut().filter(|_| self.thinker.is_none()) {
            distinct.first = logits.to_vec();
        }
        self.draw(model, limit, logits)
    }

    /// Draws the next token from `logits`, after the last one was evaluated; or takes the next of those that are written
    /// for the model.
    pub(super) fn push(&mut self, model: &LlamaModel, limit: usize, logits: &[f32]) -> Result<(), LlmError> {
        self.fed.extend(self.pending);
        self.pending = self.forced.pop_front();
        if self.pending.is_some() { Ok(()) } else { self.draw(model, limit, logits) }
    }

    fn draw(&mut self, model: &LlamaModel, limit: usize, logits: &[f32]) -> Result<(), LlmError> {
        if self.thinks { self.draw_thought(model, logits) } else { self.draw_text(model, limit, logits) }
    }

    fn draw_thought(&mut self, model: &LlamaModel, logits: &[f32]) -> Result<(), LlmError> {
        let pick = self.sampler.pick(logits, None).ok_or_else(|| no_token(false))?;
        let end = model.vocab().is_eog(LlamaToken(pick.token));
        match self.thinker.as_mut().map(|thinker| thinker.take(model, pick.token, end)) {
            Some(ThinkerStep::Close(tokens)) => {
                self.forced = tokens;
                self.thinks = false;
                self.pending = self.forced.pop_front();
            }
            Some(ThinkerStep::Think) | None => self.pending = Some(pick.token),
        }
        Ok(())
    }

    fn draw_text(&mut self, model: &LlamaModel, limit: usize, logits: &[f32]) -> Result<(), LlmError> {
        let mask = self.grammar.as_mut().map(GrammarState::mask).transpose()?;
        let pick = match self.next_token(logits, mask.as_ref().map(|mask| mask.as_slice()))? {
            TokenDraw::Token(pick) => pick,
            TokenDraw::Exhausted => {
                self.stop = Some(StopReason::Exhausted);
                return Ok(());
            }
        };
        let fixed =
            self.grammar.as_ref().zip(mask.as_ref()).is_some_and(|(grammar, mask)| grammar.is_fixed(mask));
        let end = model.vocab().is_eog(LlamaToken(pick.token));
        let piece = match (end, self.marks.contains(&pick.token)) {
            (true, _) => Vec::new(),
            (false, true) => chat::special_piece(model, pick.token),
            (false, false) => chat::piece(model, pick.token),
        };
        let shown = if end {
            chat::whole_piece(model, pick.token)
        } else {
            String::from_utf8_lossy(&piece).into_owned()
        };
        let mask = pick.left.map(|left| Mask::new(left, fixed));
        let (logprob, share) = (Some(pick.logprob), pick.share.map(|share| share as f32));
        self.tokens.push(Token { id: Some(pick.token), text: shown, logprob, mask, share });
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

    fn next_token(&mut self, logits: &[f32], mask: Option<&[u32]>) -> Result<TokenDraw, LlmError> {
        let drawn = match &self.distinct {
            None => self.sampler.pick(logits, mask).map(TokenDraw::Token),
            Some(distinct) => {
                let written = self.tokens.iter().filter_map(|token| token.id);
                let least = if self.tokens.is_empty() { EXHAUSTED } else { NOTHING };
                self.sampler.pick_unseen(logits, mask, &distinct.unseen.taken(written), least)
            }
        };
        drawn.ok_or_else(|| no_token(mask.is_some()))
    }

    /// Compares a text that ended with what was seen, once. Returns the text, for others to differ from; one that is
    /// known already is begun again instead, and its tokens are counted as dropped.
    ///
    /// # Errors
    /// As when tokens are drawn.
    pub(super) fn settle(
        &mut self,
        model: &LlamaModel,
        limit: usize,
    ) -> Result<Option<EarlierText>, LlmError> {
        let Some(distinct) = self.distinct.as_mut().filter(|distinct| !distinct.settled) else {
            return Ok(None);
        };
        let Some(stop) = self.stop else { return Ok(None) };
        let text = self.text.so_far();
        let ended = Completion { text, tokens: std::mem::take(&mut self.tokens), stop, thinking: None };
        let seen = ended.seen();
        let known = seen.as_ref().is_some_and(|seen| distinct.unseen.knows(&seen.text));
        if let Some(seen) = &seen {
            distinct.unseen.add(seen);
        }
        // A thought would have to be thought again.
        if !known || self.thinker.is_some() {
            distinct.settled = true;
            self.tokens = ended.tokens;
            return Ok(seen);
        }
        distinct.dropped += ended.tokens.len() as u64;
        self.most = self.most.saturating_sub(ended.tokens.len());
        let first = distinct.first.clone();
        self.restart(model, limit, &first)?;
        self.settle(model, limit)
    }

    fn restart(&mut self, model: &LlamaModel, limit: usize, first: &[f32]) -> Result<(), LlmError> {
        self.text.restart();
        self.fed.clear();
        self.pending = None;
        self.grammar.as_mut().map_or(Ok(()), GrammarState::restart)?;
        // The tokens of its first try were the limit.
        self.stop = (self.most == 0).then_some(StopReason::Exhausted);
        if self.stop.is_none() { self.draw_text(model, limit, first) } else { Ok(()) }
    }

    /// Has the text differ from `seen` too, which was written after the same prompt.
    pub(super) fn differ(&mut self, prompt: &[i32], seen: &EarlierText) {
        if let Some(distinct) = self.distinct.as_mut().filter(|_| self.job.tokens == prompt) {
            distinct.unseen.add(seen);
        }
    }

    /// Ends a text that cannot be begun again.
    pub(super) fn give_up(&mut self) {
        self.pending = None;
        self.stop = Some(StopReason::Exhausted);
    }

    /// Returns how many tokens were drawn for texts that turned out to be known.
    pub(super) fn dropped(&self) -> u64 {
        self.distinct.as_ref().map_or(0, |distinct| distinct.dropped)
    }

    /// Leaves the text as it is.
    pub(super) fn cancel(&mut self) {
        self.pending = None;
        self.stop = self.stop.or(Some(StopReason::Cancelled));
    }

    /// Shows what can be shown.
    pub(super) fn show(&mut self, progress: OnProgress) {
        let sequence = self.number;
        if let Some(text) = self.thinker.as_mut().and_then(Thinker::take_new) {
            progress(Progress::Thinking(Delta { sequence, text }));
        }
        if let Some(text) = self.text.take_new() {
            progress(Progress::Text(Delta { sequence, text }));
        }
    }

    /// Returns the text, and shows the rest of it. A thought that `markers` set off at its beginning, although none was
    /// wanted, is no part of it.
    pub(super) fn finish(self, markers: Option<&Markers>, progress: OnProgress) -> Completion {
        let (text, rest) = self.text.finish();
        if !rest.is_empty() {
            progress(Progress::Text(Delta { sequence: self.number, text: rest }));
        }
        let completion = Completion {
            text,
            tokens: self.tokens,
            stop: self.stop.unwrap_or(StopReason::Cancelled),
            thinking: self.thinker.map(Thinker::finish),
        };
        match markers.filter(|_| self.grammar.is_none() && completion.thinking.is_none()) {
            Some(markers) => markers.without_thought(completion),
            None => completion,
        }
    }
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
