//! The engine: one context, what its slots hold, and the calls that are open.

use std::ops::Range;
use std::time::Instant;

use llama_cpp_2::model::LlamaModel;

use super::chat::Chat;
use super::ffi::{self, Context};
use super::generate::Writing;
use super::grammar::{GrammarState, Grammars};
use super::load::Loaded;
use super::shelf::Shelf;
use super::slots::Slot;
use super::{Asked, Caller, Link, refused};
use crate::gguf::Shape;
use crate::worker::LlamaOptions;
use model::{
    Cost, LlmError, ModelInfo, Output, Progress, Prompt, PromptUse, Reply, Request, no_commands, no_head,
};

/// Where a call's progress goes.
pub(super) type OnProgress<'a> = &'a mut dyn FnMut(Progress);

/// Who asked, and what that has cost so far.
pub(super) struct Account {
    /// The call's number.
    pub(super) id: u64,
    /// Its lane.
    pub(super) lane: usize,
    pub(super) cost: Cost,
    pub(super) prompts: Vec<PromptUse>,
    begun: Instant,
}

impl Account {
    fn new(asked: &Asked) -> Self {
        let cost = Cost { calls: 1, ..Cost::default() };
        Self { id: asked.id, lane: asked.lane, cost, prompts: Vec::new(), begun: Instant::now() }
    }

    /// Returns the reply to the call, which decoded at most `batch` sequences at once.
    pub(super) fn reply(mut self, output: Output, batch: usize) -> Reply {
        self.cost.wall_ms = self.begun.elapsed().as_secs_f64() * 1e3;
        Reply { output, cost: self.cost, prompts: self.prompts, batch: batch as u32, notes: Vec::new() }
    }
}

/// Serves requests with one model.
pub(super) struct Engine<'m> {
    pub(super) model: &'m LlamaModel,
    pub(super) context: Context<'m>,
    /// Sequences with prompts: those of the first lane, of the second, and so on. Behind them lie the shelf and the seats,
    /// where there are some, which are not listed.
    pub(super) slots: Vec<Slot>,
    /// Slots of a lane.
    pub(super) width: usize,
    /// Prompts that were evaluated before, whoever asked.
    pub(super) shelf: Shelf,
    /// The first seat.
    pub(super) first_seat: usize,
    /// Whether texts are written in seats, and not where their prompts are.
    pub(super) seats: bool,
    /// Whether several threads draw the next tokens: with a GPU that takes longer than to evaluate them. Without one the
    /// threads that evaluate wait on all cores.
    pub(super) spread: bool,
    /// Calls that write.
    pub(super) open: Vec<Writing>,
    pub(super) chat: Chat,
    pub(super) info: ModelInfo,
    /// Whether logits must not depend on what else is evaluated or cached.
    pub(super) exact: bool,
    /// Positions that a sequence holds.
    pub(super) limit: usize,
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
        let chat = Chat::new(loaded, options)?;
        let mut info = loaded.info.clone();
        info.notes.extend(chat.note());
        Ok(Self {
            model: &loaded.model,
            context,
            slots: vec![Slot::default(); loaded.layout.slots() as usize],
            width: loaded.layout.width as usize,
            shelf: Shelf::new(loaded.layout.slots() as usize, loaded.layout.shelf as usize),
            first_seat: (loaded.layout.slots() + loaded.layout.shelf) as usize,
            seats: loaded.layout.seats,
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

impl Caller for Engine<'_> {
    fn take(&mut self, asked: Asked, link: &mut Link) {
        // One that was given up may still be open in this lane.
        self.sweep(link);
        let mut account = Account::new(&asked);
        let taken = self.open.iter().any(|writing| writing.account.lane == asked.lane);
        if taken || self.slots_of(asked.lane).end > self.slots.len() {
            let error = refused("a lane has one call at a time", "this is a fault of planscope; report it");
            return self.settle(asked.id, Err(error), link);
        }
        let batch = asked.request.sequences().min(self.width);
        let progress: OnProgress = &mut |progress| link.progress(asked.id, progress);
        let output = match &asked.request {
            Request::Generate { generations } => {
                let begun = self.begin_writing(account, generations, progress);
                return match begun {
                    Ok(writing) => self.open.push(writing),
                    Err(error) => self.settle(asked.id, Err(error), link),
                };
            }
            Request::Score { pairs } => self.score(&mut account, pairs, progress),
            Request::Choose { prompts, options } => self.choose(&mut account, prompts, options, progress),
            Request::Contrast { prompts, continuation } => {
                self.contrast(&mut account, prompts, continuation, progress)
            }
            Request::Rank { .. } => Err(no_head("A model that writes text")),
            Request::Appraise { .. } => Err(no_commands("A model")),
        };
        self.settle(asked.id, output.map(|output| account.reply(output, batch)), link);
    }

    fn go_on(&mut self, link: &mut Link) {
        self.write_on();
        self.show(link);
        self.sweep(link);
    }

    fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    fn forget(&mut self, lane: usize, link: &mut Link) {
        self.sweep(link);
        let slots = self.slots.len();
        if slots == self.width {
            return self.clear();
        }
        for slot in self.slots_of(lane).take_while(|slot| *slot < slots) {
            self.context.trim(slot, 0);
            self.slots[slot] = Slot::default();
        }
    }
}

impl Engine<'_> {
    /// Returns the slots of a lane.
    pub(super) fn slots_of(&self, lane: usize) -> Range<usize> {
        lane * self.width..(lane + 1) * self.width
    }

    /// Reports how a call ended. After an error inside llama.cpp nothing that is cached can be trusted, so that the calls
    /// that are open have failed too.
    pub(super) fn settle(&mut self, id: u64, result: Result<Reply, LlmError>, link: &mut Link) {
        if let Err(error @ LlmError::Unavailable { .. }) = &result {
            self.clear();
            self.open.iter_mut().for_each(|writing| writing.fail(error));
        }
        link.done(id, result);
    }

    fn clear(&mut self) {
        self.context.clear();
        self.slots.fill(Slot::default());
        self.shelf.clear();
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

/// Returns the error for a decode call that llama.cpp refused.
pub(super) fn decode_error(code: i32) -> LlmError {
    let why = ffi::complaints(2).join("; ");
    LlmError::Unavailable {
        message: format!("llama.cpp could not evaluate the batch (error {code}): {why}"),
        hint: "see the log; if it stays, use a smaller --ctx or another model".into(),
    }
}
