//! Writes texts: parallel sequences, of all calls that are open together, a token of each a step.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use llama_cpp_2::model::LlamaModel;
use rayon::prelude::*;

use super::engine::{CallAccount, LlamaEngine, OnProgress, decode_error};
use super::eval::PromptJob;
use super::ffi::{BatchRow, Context, DecodeError};
use super::thinker::Thinker;
use super::writer::TextWriter;
use super::{CANCEL, ClientLink};
use model::{Completion, Cost, Generation, LlmError, Output, Reply};

/// The least time between two reports of new text. Each report wakes the client, which takes a core from the
/// threads that evaluate and makes all of them wait; a screen shows no more than 30 pictures a second.
const SHOW_EVERY: Duration = Duration::from_millis(30);

/// A call whose texts are being generated.
pub(super) struct ActiveCall {
    pub(super) account: CallAccount,
    /// Texts being generated, no more than a stream has slots.
    writers: Vec<TextWriter>,
    /// Those that wait until all of these are at their end.
    later: VecDeque<TextWriter>,
    done: Vec<Completion>,
    /// Tokens that were drawn for texts that are not among the completions.
    dropped: u64,
    shown: Option<Instant>,
    failed: Option<LlmError>,
}

impl ActiveCall {
    /// Ends it with an error.
    pub(super) fn fail(&mut self, error: &LlmError) {
        self.failed.get_or_insert_with(|| error.clone());
        self.cancel();
    }

    fn cancel(&mut self) {
        self.writers.iter_mut().for_each(TextWriter::cancel);
    }

    /// Returns whether something is left to be evaluated.
    fn is_running(&self) -> bool {
        self.writers.iter().any(|writer| writer.row().is_some())
    }
}

impl LlamaEngine<'_> {
    /// Begins to write a text for each of `generations`: their prompts are evaluated and first tokens drawn.
    pub(super) fn begin_call(
        &mut self,
        account: CallAccount,
        generations: &[Generation],
        progress: OnProgress,
    ) -> Result<ActiveCall, LlmError> {
        // Everything that can be refused is, before anything is evaluated.
        let writers = (0..).zip(generations).map(|(number, generation)| self.writer(number, generation));
        let mut active = ActiveCall {
            account,
            writers: Vec::new(),
            later: writers.collect::<Result<_, _>>()?,
            done: Vec::with_capacity(generations.len()),
            dropped: 0,
            shown: None,
            failed: None,
        };
        self.begin_batch(&mut active, progress)?;
        Ok(active)
    }

    fn writer(&mut self, number: u32, generation: &Generation) -> Result<TextWriter, LlmError> {
        let turn = self.chat.turn(self.model, &generation.prompt, generation.thinking > 0)?;
        let closing = turn.closing.as_ref().map_or(0, Thinker::closing_tokens);
        self.check_prompt(&turn.tokens, closing + 1)?;
        let grammar = generation.grammar.as_deref().map(|grammar| self.grammar(grammar)).transpose()?;
        let writer = TextWriter::new(number, generation, turn, self.limit).with_grammar(grammar);
        Ok(writer.in_template(self.chat.stop(), self.chat.marks()))
    }

    /// Starts as many texts as a stream has slots. When cancelled, leaves them as they are.
    fn begin_batch(&mut self, active: &mut ActiveCall, progress: OnProgress) -> Result<(), LlmError> {
        let width = self.width.min(active.later.len());
        active.writers = active.later.drain(..width).collect();
        let jobs: Vec<PromptJob> = active.writers.iter().map(|writer| writer.job.clone()).collect();
        let (model, limit) = (self.model, self.limit);
        let writers = &mut active.writers;
        let mut draw = |i: usize, _: usize, logits: &[f32]| writers[i].begin(model, limit, logits);
        let slots = match self.evaluate(&mut active.account, &jobs, &mut draw, progress) {
            Ok(slots) => slots,
            Err(LlmError::Cancelled) => {
                active.cancel();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for (writer, slot) in active.writers.iter_mut().zip(slots) {
            (writer.slot, writer.sequence) = (slot, slot);
        }
        settle(&mut self.context, self.model, self.limit, active)?;
        self.assign_sequences(&mut active.writers);
        Ok(())
    }

    /// Gives each of `writers`, which are of no open call yet, a decode sequence with a copy of its slot, if there are any.
    fn assign_sequences(&mut self, writers: &mut [TextWriter]) {
        if !self.decode_apart {
            return;
        }
        let others = self.open.iter().flat_map(|active| &active.writers);
        let taken: Vec<usize> = others.map(|other| other.sequence).collect();
        let free = (self.first_decode..).filter(|sequence| !taken.contains(sequence));
        for (writer, sequence) in writers.iter_mut().filter(|writer| writer.row().is_some()).zip(free) {
            self.context.copy(writer.slot, sequence);
            writer.sequence = sequence;
        }
    }

    /// Moves unfinished texts to adjacent decode sequences again, after others have left gaps: only neighbours are batched.
    fn compact(&mut self) {
        if !self.decode_apart {
            return;
        }
        let writers = self.open.iter_mut().flat_map(|active| &mut active.writers);
        let mut writers: Vec<&mut TextWriter> = writers.filter(|writer| writer.row().is_some()).collect();
        let range = self.first_decode..self.first_decode + writers.len();
        let taken: Vec<usize> = writers.iter().map(|writer| writer.sequence).collect();
        let free = range.clone().filter(|sequence| !taken.contains(sequence));
        for (writer, to) in writers.iter_mut().filter(|writer| !range.contains(&writer.sequence)).zip(free) {
            self.context.copy(writer.sequence, to);
            self.context.trim(writer.sequence, 0);
            writer.sequence = to;
        }
    }

    /// Evaluates the last token of each unfinished text, and draws the next.
    pub(super) fn decode_step(&mut self) {
        self.compact();
        let writers = self.open.iter().flat_map(|active| &active.writers);
        let mut rows: Vec<BatchRow> = writers.filter_map(TextWriter::row).collect();
        if rows.is_empty() {
            return;
        }
        rows.sort_by_key(|row| row.slot);
        CANCEL.serve(self.open.iter().map(|active| active.account.id));
        let decoded = if CANCEL.is_set() { Err(DecodeError::Aborted) } else { self.context.decode(&rows) };
        let Err(error) = decoded else { return self.draw_next(&rows) };
        for row in &rows {
            self.context.trim(row.slot, row.position);
        }
        match error {
            // Only when all are cancelled.
            DecodeError::Aborted => self.open.iter_mut().for_each(ActiveCall::cancel),
            DecodeError::Failed(code) => {
                let error = decode_error(code);
                self.open.iter_mut().for_each(|active| active.fail(&error));
            }
        }
    }

    /// Draws the next token of each unfinished text. `rows` are their last tokens, by slot, as they were evaluated.
    fn draw_next(&mut self, rows: &[BatchRow]) {
        let spent: Vec<Cost> = rows.iter().map(|row| self.spent(row.position, row.position + 1, 1)).collect();
        let calls = self.open.iter_mut().enumerate();
        let mut writers: Vec<(usize, &mut TextWriter)> = calls
            .flat_map(|(call, active)| active.writers.iter_mut().map(move |writer| (call, writer)))
            .filter(|(_, writer)| writer.row().is_some())
            .collect();
        writers.sort_by_key(|(_, writer)| writer.sequence);
        let work: Vec<(usize, &mut TextWriter, Option<&[f32]>)> = (0..)
            .zip(writers)
            .map(|(row, (call, writer))| (call, writer, self.context.logits(row)))
            .collect();
        let (model, limit) = (self.model, self.limit);
        let draw = |(call, writer, logits): (usize, &mut TextWriter, Option<&[f32]>)| match logits {
            Some(logits) => (call, writer.push(model, limit, logits)),
            None => (call, Err(decode_error(0))),
        };
        let drawn: Vec<(usize, Result<(), LlmError>)> = if self.spread {
            work.into_par_iter().map(draw).collect()
        } else {
            work.into_iter().map(draw).collect()
        };
        for ((call, drawn), spent) in drawn.into_iter().zip(spent) {
            let active = &mut self.open[call];
            active.account.cost += spent;
            if let Err(error) = drawn {
                active.fail(&error);
            }
        }
        for active in &mut self.open {
            if let Err(error) = settle(&mut self.context, model, limit, active) {
                active.fail(&error);
            }
        }
    }

    /// Shows what was written, not too often.
    pub(super) fn show(&mut self, link: &mut ClientLink) {
        for active in &mut self.open {
            if active.shown.is_none_or(|shown| shown.elapsed() >= SHOW_EVERY) {
                let id = active.account.id;
                active.writers.iter_mut().for_each(|writer| writer.show(&mut |text| link.progress(id, text)));
                active.shown = Some(Instant::now());
            }
        }
    }

    /// Ends what is cancelled, and closes calls whose texts are all at their end; if more wait, starts those.
    pub(super) fn reap_finished(&mut self, link: &mut ClientLink) {
        for active in &mut self.open {
            if CANCEL.has(active.account.id) {
                active.cancel();
            }
            release_sequences(&mut self.context, self.exact, &mut active.writers);
        }
        while let Some(at) = self.open.iter().position(|active| !active.is_running()) {
            let mut active = self.open.remove(at);
            let id = active.account.id;
            let progress: OnProgress = &mut |progress| link.progress(id, progress);
            // An error of another call's may have ended it just now.
            release_sequences(&mut self.context, self.exact, &mut active.writers);
            if let Some(error) = active.failed {
                active.writers.iter().for_each(|writer| _ = self.trim(writer.slot, 0));
                self.finish(id, Err(error), link);
                continue;
            }
            self.retain_prefixes(&active.writers);
            active.dropped += active.writers.iter().map(TextWriter::dropped).sum::<u64>();
            let markers = self.chat.markers();
            active.done.extend(active.writers.drain(..).map(|writer| writer.finish(markers, progress)));
            if active.later.is_empty() {
                self.finish(id, Ok(reply(active, self.width)), link);
                continue;
            }
            match self.begin_batch(&mut active, progress) {
                Ok(()) => self.open.insert(at, active),
                Err(error) => self.finish(id, Err(error), link),
            }
        }
    }

    /// Leaves in the slots of `writers`, which are at their end, what later prompts may take over.
    fn retain_prefixes(&mut self, writers: &[TextWriter]) {
        for writer in writers {
            if self.exact {
                // Drawn tokens were evaluated singly; as part of a later prompt they would not be.
                self.trim(writer.slot, writer.job.tokens.len());
            } else {
                self.slots[writer.slot].tokens.extend_from_slice(&writer.fed);
            }
        }
    }
}

/// Has texts that must differ take note of those that are at their end, and begins again where two are the same. They are
/// taken in their order, whichever thread drew which first.
fn settle(
    context: &mut Context,
    model: &LlamaModel,
    limit: usize,
    active: &mut ActiveCall,
) -> Result<(), LlmError> {
    for at in 0..active.writers.len() {
        let writer = &mut active.writers[at];
        let dropped = writer.dropped();
        let new = writer.settle(model, limit)?;
        if writer.dropped() > dropped && !context.trim(writer.sequence, writer.job.tokens.len()) {
            // The memory of recurrent models cannot be cut.
            writer.give_up();
        }
        let Some(seen) = new else { continue };
        let prompt = writer.job.tokens.clone();
        let others = active.writers.iter_mut().enumerate().filter(|(other, _)| *other != at);
        others
            .map(|(_, writer)| writer)
            .chain(&mut active.later)
            .for_each(|writer| writer.differ(&prompt, &seen));
    }
    Ok(())
}

/// Releases the decode sequences of finished texts, even while others of the same call still run: another text may take them
/// next. Without exact mode what they wrote goes back to their slots.
fn release_sequences(context: &mut Context, exact: bool, writers: &mut [TextWriter]) {
    for writer in writers.iter_mut().filter(|writer| writer.row().is_none() && writer.sequence != writer.slot)
    {
        if !exact {
            context.copy(writer.sequence, writer.slot);
        }
        context.trim(writer.sequence, 0);
        writer.sequence = writer.slot;
    }
}

fn reply(active: ActiveCall, width: usize) -> Reply {
    let ActiveCall { mut account, done: completions, dropped, .. } = active;
    let thought = completions.iter().filter_map(|completion| completion.thinking.as_ref());
    account.cost.thinking = thought.map(|thinking| thinking.tokens).sum();
    account.cost.generated = completions.iter().map(Completion::drawn).sum::<u64>() + dropped;
    let batch = completions.len().min(width);
    account.reply(Output::Generated { completions }, batch)
}
