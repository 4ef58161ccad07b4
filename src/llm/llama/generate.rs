//! Writes texts: parallel sequences, each with its own sampler, grammar and end.

use std::time::{Duration, Instant};

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::super::{Completion, Delta, Generation, LlmError, Output, Progress, StopReason, Token};
use super::CANCEL;
use super::chat;
use super::engine::{Engine, OnProgress, decode_error};
use super::eval::Job;
use super::ffi::{DecodeError, Row};
use super::grammar::GrammarState;
use super::refused;
use super::sampler::Sampler;
use super::text::TextStream;

/// The least time between two reports of new text. Each report wakes the host, which takes a core from the
/// threads that evaluate and makes all of them wait; a screen shows no more than 30 pictures a second.
const SHOW_EVERY: Duration = Duration::from_millis(30);

/// One text under way.
struct Writer {
    number: u32,
    job: Job,
    sampler: Sampler,
    grammar: Option<GrammarState>,
    text: TextStream,
    tokens: Vec<Token>,
    most: usize,
    /// The token drawn last, not evaluated yet.
    pending: Option<i32>,
    stop: Option<StopReason>,
    /// Tokens fed back so far.
    fed: Vec<i32>,
}

impl Writer {
    /// Draws the next token from `logits`.
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

    /// Shows what can be shown.
    fn show(&mut self, progress: OnProgress) {
        if let Some(text) = self.text.take_new() {
            progress(Progress::Text(Delta { sequence: self.number, text }));
        }
    }

    fn finish(self, progress: OnProgress) -> Completion {
        let (text, rest) = self.text.finish();
        if !rest.is_empty() {
            progress(Progress::Text(Delta { sequence: self.number, text: rest }));
        }
        Completion { text, tokens: self.tokens, stop: self.stop.unwrap_or(StopReason::Cancelled) }
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

impl Engine<'_> {
    /// Writes a text for each of `generations`.
    pub(super) fn generate(
        &mut self,
        generations: &[Generation],
        progress: OnProgress,
    ) -> Result<Output, LlmError> {
        // Everything that can be refused is, before anything is evaluated.
        let mut writers = Vec::with_capacity(generations.len());
        for (number, generation) in (0..).zip(generations) {
            writers.push(self.writer(number, generation)?);
        }
        let mut completions = Vec::with_capacity(writers.len());
        let width = self.slots.len();
        while !writers.is_empty() {
            let later = writers.split_off(width.min(writers.len()));
            self.write(&mut writers, progress)?;
            completions.extend(writers.into_iter().map(|writer| writer.finish(progress)));
            writers = later;
        }
        self.meter.generated = completions.iter().map(|completion| completion.tokens.len() as u64).sum();
        Ok(Output::Generated { completions })
    }

    fn writer(&mut self, number: u32, generation: &Generation) -> Result<Writer, LlmError> {
        let tokens = self.fitting_tokens(&generation.prompt, 1)?;
        let grammar = generation.grammar.as_deref().map(|grammar| self.grammar(grammar)).transpose()?;
        let stops = generation.stop.iter().cloned().chain(self.chat.stop()).collect();
        Ok(Writer {
            number,
            job: Job { first_row: tokens.len() - 1, prompt: tokens.len(), tokens },
            sampler: Sampler::new(generation.sampling),
            grammar,
            text: TextStream::new(stops),
            tokens: Vec::new(),
            most: generation.max_tokens as usize,
            pending: None,
            stop: (generation.max_tokens == 0).then_some(StopReason::MaxTokens),
            fed: Vec::new(),
        })
    }

    /// Writes as many texts as there are slots. When cancelled, leaves them as they are.
    fn write(&mut self, writers: &mut [Writer], progress: OnProgress) -> Result<(), LlmError> {
        let jobs: Vec<Job> = writers.iter().map(|writer| writer.job.clone()).collect();
        let (model, limit) = (self.model, self.limit);
        let mut draw = |i: usize, _: usize, logits: &[f32]| match writers[i].stop {
            None => writers[i].draw(model, limit, logits),
            Some(_) => Ok(()),
        };
        let slots = match self.evaluate(&jobs, &mut draw, progress) {
            Ok(slots) => slots,
            Err(LlmError::Cancelled) => {
                cancel(writers);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let result = self.decode_all(writers, &slots, progress);
        for (writer, slot) in writers.iter().zip(&slots) {
            if self.exact {
                // Drawn tokens were evaluated singly; as part of a later prompt they would not be.
                self.trim(*slot, writer.job.tokens.len());
            } else {
                self.slots[*slot].tokens.extend_from_slice(&writer.fed);
            }
        }
        result
    }

    fn decode_all(
        &mut self,
        writers: &mut [Writer],
        slots: &[usize],
        progress: OnProgress,
    ) -> Result<(), LlmError> {
        let mut shown: Option<Instant> = None;
        loop {
            if shown.is_none_or(|shown| shown.elapsed() >= SHOW_EVERY) {
                writers.iter_mut().for_each(|writer| writer.show(progress));
                shown = Some(Instant::now());
            }
            let mut active: Vec<(usize, Row)> = writers
                .iter()
                .enumerate()
                .filter_map(|(i, writer)| {
                    let position = writer.job.tokens.len() + writer.fed.len();
                    let row = |token| Row { token, position, slot: slots[i], logits: true };
                    writer.pending.map(|token| (i, row(token)))
                })
                .collect();
            if active.is_empty() {
                return Ok(());
            }
            // Neighbouring slots are evaluated together.
            active.sort_by_key(|(_, row)| row.slot);
            let rows: Vec<Row> = active.iter().map(|(_, row)| *row).collect();
            let decoded =
                if CANCEL.is_set() { Err(DecodeError::Aborted) } else { self.context.decode(&rows) };
            if let Err(error) = decoded {
                for row in &rows {
                    self.context.trim(row.slot, row.position);
                }
                cancel(writers);
                return match error {
                    DecodeError::Aborted => Ok(()),
                    DecodeError::Failed(code) => Err(decode_error(code)),
                };
            }
            for (index, (i, row)) in active.iter().enumerate() {
                self.count(row.position, row.position + 1, 1);
                writers[*i].fed.push(row.token);
                let logits = self.context.logits(index).ok_or_else(|| decode_error(0))?;
                writers[*i].draw(self.model, self.limit, logits)?;
            }
        }
    }
}

fn cancel(writers: &mut [Writer]) {
    for writer in writers {
        writer.pending = None;
        writer.stop = writer.stop.or(Some(StopReason::Cancelled));
    }
}
