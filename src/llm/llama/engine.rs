//! The engine: one context, what its slots hold, and what the running call has cost.

use std::time::Instant;

use llama_cpp_2::model::LlamaModel;

use super::super::gguf::Shape;
use super::super::worker::LlamaOptions;
use super::super::{
    Cost, LlmError, ModelInfo, Output, Progress, Prompt, PromptUse, Reply, Request, no_commands, no_head,
};
use super::Caller;
use super::chat::Chat;
use super::ffi::{self, Context};
use super::grammar::{GrammarState, Grammars};
use super::load::Loaded;
use super::slots::Slot;

/// Where a call's progress goes.
pub(super) type OnProgress<'a> = &'a mut dyn FnMut(Progress);

/// Serves requests with one model.
pub(super) struct Engine<'m> {
    pub(super) model: &'m LlamaModel,
    pub(super) context: Context<'m>,
    pub(super) slots: Vec<Slot>,
    pub(super) chat: Chat,
    pub(super) info: ModelInfo,
    /// Whether logits must not depend on what else is evaluated or cached.
    pub(super) exact: bool,
    /// Positions that a sequence holds.
    pub(super) limit: usize,
    pub(super) meter: Cost,
    pub(super) prompts: Vec<PromptUse>,
    grammars: Option<Grammars>,
    shape: Shape,
    clock: u64,
}

impl<'m> Engine<'m> {
    /// Sets up the context.
    pub(super) fn new(loaded: &'m Loaded, options: &LlamaOptions) -> Result<Self, LlmError> {
        let context = Context::new(&loaded.model, loaded.context).ok_or_else(|| LlmError::Unavailable {
            message: format!(
                "llama.cpp cannot set up a context for {}: {}",
                options.name,
                ffi::complaints(3).join("; ")
            ),
            hint: "use a smaller --ctx or --sequences".into(),
        })?;
        let chat = Chat::new(&loaded.model)?;
        let mut info = loaded.info.clone();
        info.notes.extend(chat.note.clone());
        Ok(Self {
            model: &loaded.model,
            context,
            slots: vec![Slot::default(); loaded.context.sequences as usize],
            chat,
            info,
            exact: loaded.exact,
            limit: loaded.context.ctx as usize,
            meter: Cost::default(),
            prompts: Vec::new(),
            grammars: None,
            shape: loaded.header.shape(),
            clock: 0,
        })
    }
}

impl Caller for Engine<'_> {
    fn call(&mut self, request: &Request, progress: OnProgress) -> Result<Reply, LlmError> {
        let start = Instant::now();
        self.meter = Cost { calls: 1, ..Cost::default() };
        self.prompts.clear();
        let output = match request {
            Request::Generate { generations } => self.generate(generations, progress),
            Request::Score { pairs } => self.score(pairs, progress),
            Request::Choose { prompts, options } => self.choose(prompts, options, progress),
            Request::Contrast { prompts, continuation } => self.contrast(prompts, continuation, progress),
            Request::Rank { .. } => Err(no_head("A model that writes text")),
            Request::Appraise { .. } => Err(no_commands("A model")),
        };
        let output: Output = output.inspect_err(|error| {
            // After an error inside llama.cpp nothing that is cached can be trusted.
            if matches!(error, LlmError::Unavailable { .. }) {
                self.forget();
            }
        })?;
        self.meter.wall_ms = start.elapsed().as_secs_f64() * 1e3;
        let batch = request.sequences().min(self.slots.len()) as u32;
        Ok(Reply { output, cost: self.meter, prompts: std::mem::take(&mut self.prompts), batch })
    }

    fn forget(&mut self) {
        self.context.clear();
        self.slots.fill(Slot::default());
    }
}

impl Engine<'_> {
    /// Returns the prompt's tokens, if they fit with `reserve` positions to spare.
    pub(super) fn fitting_tokens(&self, prompt: &Prompt, reserve: usize) -> Result<Vec<i32>, LlmError> {
        let tokens = self.chat.tokens(self.model, prompt)?;
        if tokens.is_empty() {
            return Err(super::refused("the prompt is empty", "say something to the model"));
        }
        self.check_length(tokens.len(), reserve)?;
        Ok(tokens)
    }

    /// Refuses what does not fit into one sequence.
    pub(super) fn check_length(&self, tokens: usize, reserve: usize) -> Result<(), LlmError> {
        if tokens + reserve > self.limit {
            return Err(LlmError::TooLong {
                tokens: tokens as u32,
                limit: self.limit as u32,
                reserve: reserve as u32,
            });
        }
        Ok(())
    }

    /// Returns a matcher for `grammar`.
    pub(super) fn grammar(&mut self, grammar: &str) -> Result<GrammarState, LlmError> {
        let grammars = match self.grammars.take() {
            Some(grammars) => grammars,
            None => Grammars::new(self.model)?,
        };
        self.grammars.insert(grammars).matcher(grammar)
    }

    /// Counts the evaluation of positions `from..to` with `logits` rows of logits.
    pub(super) fn count(&mut self, from: usize, to: usize, logits: usize) {
        self.meter.fresh += (to - from) as u64;
        self.meter.logits += logits as u64;
        self.meter.flops +=
            self.shape.evaluation_flops(from as u64, to as u64) + self.shape.logits_flops(logits as u64);
    }

    /// Marks a slot as used now.
    pub(super) fn touch(&mut self, slot: usize) {
        self.clock += 1;
        self.slots[slot].used = self.clock;
    }

    /// Cuts a slot to `length` tokens and returns how many are left: none when the model's memory cannot
    /// be cut (recurrent models).
    pub(super) fn trim(&mut self, slot: usize, length: usize) -> usize {
        let kept = if self.context.trim(slot, length) {
            length
        } else {
            self.context.trim(slot, 0);
            0
        };
        self.slots[slot].tokens.truncate(kept);
        kept
    }
}

/// Returns the error for a decode call that llama.cpp refused.
pub(super) fn decode_error(code: i32) -> LlmError {
    let why = ffi::complaints(2).join("; ");
    LlmError::Unavailable {
        message: format!("llama.cpp could not evaluate the batch (error {code}): {why}"),
        hint: "see the log; if it stays, use a smaller --ctx or another model".into(),
    }
}
