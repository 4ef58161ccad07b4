//! The engine: one context, what its slots hold, and the calls that are open.

use std::ops::Range;
use std::time::Instant;

use llama_cpp_2::model::LlamaModel;

use super::chat::Chat;
use super::ffi::{self, Context, DecodeError};
use super::generate::ActiveCall;
use super::grammar::{GrammarState, Grammars};
use super::load::LoadedModel;
use super::prefix_cache::PrefixCache;
use super::slots::Slot;
use super::{CallRequest, Caller, ClientLink, refused};
use crate::gguf::ModelShape;
use crate::worker::LlamaOptions;
use model::{
    Cost, LlmError, ModelInfo, Output, Progress, Prompt, PromptUse, Reply, Request, no_commands, no_head,
    no_plan_tokens,
};

/// Where a call's progress goes.
pub(super) type OnProgress<'a> = &'a mut dyn FnMut(Progress);

/// Which call it is, and its cost so far.
pub(super) struct CallAccount {
    /// The call's number.
    pub(super) id: u64,
    pub(super) stream: usize,
    pub(super) cost: Cost,
    pub(super) prompts: Vec<PromptUse>,
    begun: Instant,
}

impl CallAccount {
    fn new(call: &CallRequest) -> Self {
        let cost = Cost { calls: 1, ..Cost::default() };
        Self { id: call.id, stream: call.stream, cost, prompts: Vec::new(), begun: Instant::now() }
    }

    /// Returns the reply to the call, which decoded at most `batch` sequences at once.
    pub(super) fn reply(mut self, output: Output, batch: usize) -> Reply {
        self.cost.wall_ms = self.begun.elapsed().as_secs_f64() * 1e3;
        Reply { output, cost: self.cost, prompts: self.prompts, batch: batch as u32, notes: Vec::new() }
    }
}

/// Serves requests with one model.
pub(super) struct LlamaEngine<'m> {
    pub(super) model: &'m LlamaModel,
    pub(super) context: Context<'m>,
    /// Sequences with prompts: those of the first stream, of the second, and so on. Behind them, and not listed, are those
    /// of the prefix cache and the decode sequences, if there are any.
    pub(super) slots: Vec<Slot>,
    /// Slots of a stream.
    pub(super) width: usize,
    /// Prompts that were evaluated before, whoever call.
    pub(super) prefix_cache: PrefixCache,
    /// The first of the decode sequences.
    pub(super) first_decode: usize,
    /// Whether texts are generated in decode sequences, and not in the slots of their prompts.
    pub(super) decode_apart: bool,
    /// Whether several threads draw the next tokens: with a GPU that takes longer than to evaluate them. Without one the
    /// threads that evaluate wait on all cores.
    pub(super) spread: bool,
    /// Calls that generate.
    pub(super) open: Vec<ActiveCall>,
    pub(super) chat: Chat,
    pub(super) info: ModelInfo,
    /// Whether logits must not depend on what else is evaluated or cached.
    pub(super) exact: bool,
    /// Positions that a sequence holds.
    pub(super) limit: usize,
    grammars: Option<Grammars>,
    shape: ModelShape,
    clock: u64,
}

impl<'m> LlamaEngine<'m> {
    /// Sets up the context.
    pub(super) fn new(loaded: &'m LoadedModel, options: &LlamaOptions) -> Result<Self, LlmError> {
        let context = Context::new(&loaded.model, loaded.context).ok_or_else(|| LlmError::Unavailable {
            message: format!(
                "llama.cpp cannot set up a context for {}: {}",
                options.name,
                ffi::complaints(3).join("; ")
            ),
            hint: "use a smaller --ctx or --sequences".into(),
        })?;
        let chat = Chat::new(loaded, options)?;
        let mut info = loaded.info.clone();
        info.notes.extend(chat.note());
        Ok(Self {
            model: &loaded.model,
            context,
            slots: vec![Slot::default(); loaded.layout.slots() as usize],
            width: loaded.layout.width as usize,
            prefix_cache: PrefixCache::new(
                loaded.layout.slots() as usize,
                loaded.layout.cached_prefixes as usize,
            ),
            first_decode: (loaded.layout.slots() + loaded.layout.cached_prefixes) as usize,
            decode_apart: loaded.layout.decode_apart,
            spread: loaded.context.gpu,
            open: Vec::new(),
            chat,
            info,
            exact: loaded.exact,
            limit: loaded.context.ctx as usize,
            grammars: None,
            shape: loaded.header.shape(),
            clock: 0,
        })
    }
}

impl Caller for LlamaEngine<'_> {
    fn start(&mut self, call: CallRequest, link: &mut ClientLink) {
        // One that was given up may still be open in this stream.
        self.reap_finished(link);
        let mut account = CallAccount::new(&call);
        let taken = self.open.iter().any(|active| active.account.stream == call.stream);
        if taken || self.slots_of(call.stream).end > self.slots.len() {
            let error = refused("a stream has one call at a time", "this is a fault of planscope; report it");
            return self.finish(call.id, Err(error), link);
        }
        let batch = call.request.sequences().min(self.width);
        let progress: OnProgress = &mut |progress| link.progress(call.id, progress);
        let output = match &call.request {
            Request::Generate { generations } => {
                let begun = self.begin_call(account, generations, progress);
                return match begun {
                    Ok(active) => self.open.push(active),
                    Err(error) => self.finish(call.id, Err(error), link),
                };
            }
            Request::Score { pairs } => self.score(&mut account, pairs, progress),
            Request::Choose { prompts, options } => self.choose(&mut account, prompts, options, progress),
            Request::Contrast { prompts, continuation } => {
                self.contrast(&mut account, prompts, continuation, progress)
            }
            Request::Rank { .. } => Err(no_head("A model that writes text")),
            Request::Fill { .. } | Request::Latents { .. } => Err(no_plan_tokens("A model that writes text")),
            Request::Appraise { .. } => Err(no_commands("A model")),
        };
        self.finish(call.id, output.map(|output| account.reply(output, batch)), link);
    }

    fn step(&mut self, link: &mut ClientLink) {
        self.decode_step();
        self.show(link);
        self.reap_finished(link);
    }

    fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    fn forget(&mut self, stream: usize, link: &mut ClientLink) {
        self.reap_finished(link);
        let slots = self.slots.len();
        if slots == self.width {
            return self.clear();
        }
        for slot in self.slots_of(stream).take_while(|slot| *slot < slots) {
            self.context.trim(slot, 0);
            self.slots[slot] = Slot::default();
        }
    }
}

impl LlamaEngine<'_> {
    /// Returns the slots of a stream.
    pub(super) fn slots_of(&self, stream: usize) -> Range<usize> {
        stream * self.width..(stream + 1) * self.width
    }

    /// Reports how a call ended. After an error inside llama.cpp nothing that is cached can be trusted, so that the calls
    /// that are open have failed too.
    pub(super) fn finish(&mut self, id: u64, result: Result<Reply, LlmError>, link: &mut ClientLink) {
        if let Err(error @ LlmError::Unavailable { .. }) = &result {
            self.clear();
            self.open.iter_mut().for_each(|active| active.fail(error));
        }
        link.done(id, result);
    }

    fn clear(&mut self) {
        self.context.clear();
        self.slots.fill(Slot::default());
        self.prefix_cache.clear();
    }

    /// Returns the prompt's tokens, if they fit with `reserve` positions to spare.
    pub(super) fn fitting_tokens(&self, prompt: &Prompt, reserve: usize) -> Result<Vec<i32>, LlmError> {
        let tokens = self.chat.tokens(self.model, prompt)?;
        self.check_prompt(&tokens, reserve)?;
        Ok(tokens)
    }

    /// Refuses a prompt that is empty, or does not fit with `reserve` positions to spare.
    pub(super) fn check_prompt(&self, tokens: &[i32], reserve: usize) -> Result<(), LlmError> {
        if tokens.is_empty() {
            return Err(refused("the prompt is empty", "say something to the model"));
        }
        self.check_length(tokens.len(), reserve)
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

    /// Returns what it costs to evaluate positions `from..to` with `logits` rows of logits.
    pub(super) fn spent(&self, from: usize, to: usize, logits: usize) -> Cost {
        let (from, to, logits) = (from as u64, to as u64, logits as u64);
        let flops = self.shape.evaluation_flops(from, to) + self.shape.logits_flops(logits);
        Cost { fresh: to - from, logits, flops, ..Cost::default() }
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

/// Returns why a batch gave nothing.
pub(super) fn failed(error: DecodeError) -> LlmError {
    match error {
        DecodeError::Aborted => LlmError::Cancelled,
        DecodeError::Failed(code) => decode_error(code),
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
