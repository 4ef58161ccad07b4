//! Writes texts: parallel sequences, of all calls that are open together, a token of each a step.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use llama_cpp_2::model::LlamaModel;
use rayon::prelude::*;

use super::engine::{Account, Engine, OnProgress, decode_error};
use super::eval::Job;
use super::ffi::{Context, DecodeError, Row};
use super::thinker::Thinker;
use super::writer::Writer;
use super::{CANCEL, Link};
use model::{Completion, Cost, Generation, LlmError, Output, Reply};

/// The least time between two reports of new text. Each report wakes the host, which takes a core from the
/// threads that evaluate and makes all of them wait; a screen shows no more than 30 pictures a second.
const SHOW_EVERY: Duration = Duration::from_millis(30);

/// A call that writes.
pub(super) struct Writing {
    pub(super) account: Account,
    /// Texts being generated, no more than a lane has slots.
    writers: Vec<Writer>,
    /// Those that wait until all of these are at their end.
    later: VecDeque<Writer>,
    done: Vec<Completion>,
    /// Tokens that were drawn for texts that are not among the completions.
    dropped: u64,
    shown: Option<Instant>,
    failed: Option<LlmError>,
}

impl Writing {
    /// Ends it with an error.
    pub(super) fn fail(&mut self, error: &LlmError) {
        self.failed.get_or_insert_with(|| error.clone());
        self.cancel();
    }

    fn cancel(&mut self) {
        self.writers.iter_mut().for_each(Writer::cancel);
    }

    /// Returns whether something is left to be evaluated.
    fn goes_on(&self) -> bool {
        self.writers.iter().any(|writer| writer.row().is_some())
    }
}

impl Engine<'_> {
    /// Begins to write a text for each of `generations`: their prompts are evaluated and first tokens drawn.
    pub(super) fn begin_writing(
        &mut self,
        account: Account,
        generations: &[Generation],
        progress: OnProgress,
    ) -> Result<Writing, LlmError> {
        // Everything that can be refused is, before anything is evaluated.
        let writers = (0..).zip(generations).map(|(number, generation)| self.writer(number, generation));
        let mut writing = Writing {
            account,
            writers: Vec::new(),
            later: writers.collect::<Result<_, _>>()?,
            done: Vec::with_capacity(generations.len()),
            dropped: 0,
            shown: None,
            failed: None,
        };
        self.begin_wave(&mut writing, progress)?;
        Ok(writing)
    }

    fn writer(&mut self, number: u32, generation: &Generation) -> Result<Writer, LlmError> {
        let turn = self.chat.turn(self.model, &generation.prompt, generation.thinking > 0)?;
        let closing = turn.closing.as_ref().map_or(0, Thinker::closing_tokens);
        self.check_prompt(&turn.tokens, closing + 1)?;
        let grammar = generation.grammar.as_deref().map(|grammar| self.grammar(grammar)).transpose()?;
        let writer = Writer::new(number, generation, turn, self.limit).with_grammar(grammar);
        Ok(writer.in_template(self.chat.stop(), self.chat.marks()))
    }

    /// Takes up as many texts as a lane has slots. When cancelled, leaves them as they are.
    fn begin_wave(&mut self, writing: &mut Writing, progress: OnProgress) -> Result<(), LlmError> {
        let width = self.width.min(writing.later.len());
        writing.writers = writing.later.drain(..width).collect();
        let jobs: Vec<Job> = writing.writers.iter().map(|writer| writer.job.clone()).collect();
        let (model, limit) = (self.model, self.limit);
        let writers = &mut writing.writers;
        let mut draw = |i: usize, _: usize, logits: &[f32]| writers[i].begin(model, limit, logits);
        let slots = match self.evaluate(&mut writing.account, &jobs, &mut draw, progress) {
            Ok(slots) => slots,
            Err(LlmError::Cancelled) => {
                writing.cancel();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for (writer, slot) in writing.writers.iter_mut().zip(slots) {
            (writer.slot, writer.seat) = (slot, slot);
        }
        settle(&mut self.context, self.model, self.limit, writing)?;
        self.seat(&mut writing.writers);
        Ok(())
    }

    /// Gives each of `writers`, which are of no open call yet, a seat with a copy of its slot, where there are seats.
    fn seat(&mut self, writers: &mut [Writer]) {
        if !self.seats {
            return;
        }
        let others = self.open.iter().flat_map(|writing| &writing.writers);
        let taken: Vec<usize> = others.map(|other| other.seat).collect();
        let free = (self.first_seat..).filter(|seat| !taken.contains(seat));
        for (writer, seat) in writers.iter_mut().filter(|writer| writer.row().is_some()).zip(free) {
            self.context.copy(writer.slot, seat);
            writer.seat = seat;
        }
    }

    /// Has those that write sit side by side again, after some have left: neighbours are evaluated together.
    fn close_ranks(&mut self) {
        if !self.seats {
            return;
        }
        let writers = self.open.iter_mut().flat_map(|writing| &mut writing.writers);
        let mut writers: Vec<&mut Writer> = writers.filter(|writer| writer.row().is_some()).collect();
        let seats = self.first_seat..self.first_seat + writers.len();
        let taken: Vec<usize> = writers.iter().map(|writer| writer.seat).collect();
        let free = seats.clone().filter(|seat| !taken.contains(seat));
        for (writer, to) in writers.iter_mut().filter(|writer| !seats.contains(&writer.seat)).zip(free) {
            self.context.copy(writer.seat, to);
            self.context.trim(writer.seat, 0);
            writer.seat = to;
        }
    }

    /// Evaluates the last token of each unfinished text, and draws the next.
    pub(super) fn write_on(&mut self) {
        self.close_ranks();
        let writers = self.open.iter().flat_map(|writing| &writing.writers);
        let mut rows: Vec<Row> = writers.filter_map(Writer::row).collect();
        if rows.is_empty() {
            return;
        }
        rows.sort_by_key(|row| row.slot);
        CANCEL.serve(self.open.iter().map(|writing| writing.account.id));
        let decoded = if CANCEL.is_set() { Err(DecodeError::Aborted) } else { self.context.decode(&rows) };
        let Err(error) = decoded else { return self.draw_next(&rows) };
        for row in &rows {
            self.context.trim(row.slot, row.position);
        }
        match error {
            // Only when all are cancelled.
            DecodeError::Aborted => self.open.iter_mut().for_each(Writing::cancel),
            DecodeError::Failed(code) => {
                let error = decode_error(code);
                self.open.iter_mut().for_each(|writing| writing.fail(&error));
            }
        }
    }

    /// Draws the next token of each unfinished text. `rows` are their last tokens, by slot, as they were evaluated.
    fn draw_next(&mut self, rows: &[Row]) {
        let spent: Vec<Cost> = rows.iter().map(|row| self.spent(row.position, row.position + 1, 1)).collect();
        let calls = self.open.iter_mut().enumerate();
        let mut writers: Vec<(usize, &mut Writer)> = calls
            .flat_map(|(call, writing)| writing.writers.iter_mut().map(move |writer| (call, writer)))
            .filter(|(_, writer)| writer.row().is_some())
            .collect();
        writers.sort_by_key(|(_, writer)| writer.seat);
        let work: Vec<(usize, &mut Writer, Option<&[f32]>)> = (0..)
            .zip(writers)
            .map(|(row, (call, writer))| (call, writer, self.context.logits(row)))
            .collect();
        let (model, limit) = (self.model, self.limit);
        let draw = |(call, writer, logits): (usize, &mut Writer, Option<&[f32]>)| match logits {
            Some(logits) => (call, writer.go_on(model, limit, logits)),
            None => (call, Err(decode_error(0))),
        };
        let drawn: Vec<(usize, Result<(), LlmError>)> = if self.spread {
            work.into_par_iter().map(draw).collect()
        } else {
            work.into_iter().map(draw).collect()
        };
        for ((call, drawn), spent) in drawn.into_iter().zip(spent) {
            let writing = &mut self.open[call];
            writing.account.cost += spent;
            if let Err(error) = drawn {
                writing.fail(&error);
            }
        }
        for writing in &mut self.open {
            if let Err(error) = settle(&mut self.context, model, limit, writing) {
                writing.fail(&error);
            }
        }
    }

    /// Shows what was written, not too often.
    pub(super) fn show(&mut self, link: &mut Link) {
        for writing in &mut self.open {
            if writing.shown.is_none_or(|shown| shown.elapsed() >= SHOW_EVERY) {
                let id = writing.account.id;
                writing
                    .writers
                    .iter_mut()
                    .for_each(|writer| writer.show(&mut |text| link.progress(id, text)));
                writing.shown = Some(Instant::now());
            }
        }
    }

    /// Ends what is cancelled, and closes calls whose texts are all at their end; where more wait, takes those up.
    pub(super) fn sweep(&mut self, link: &mut Link) {
        for writing in &mut self.open {
            if CANCEL.has(writing.account.id) {
                writing.cancel();
            }
            stand_up(&mut self.context, self.exact, &mut writing.writers);
        }
        while let Some(at) = self.open.iter().position(|writing| !writing.goes_on()) {
            let mut writing = self.open.remove(at);
            let id = writing.account.id;
            let progress: OnProgress = &mut |progress| link.progress(id, progress);
            // An error of another call's may have ended it just now.
            stand_up(&mut self.context, self.exact, &mut writing.writers);
            if let Some(error) = writing.failed {
                writing.writers.iter().for_each(|writer| _ = self.trim(writer.slot, 0));
                self.settle(id, Err(error), link);
                continue;
            }
            self.leave(&writing.writers);
            writing.dropped += writing.writers.iter().map(Writer::dropped).sum::<u64>();
            let markers = self.chat.markers();
            writing.done.extend(writing.writers.drain(..).map(|writer| writer.finish(markers, progress)));
            if writing.later.is_empty() {
                self.settle(id, Ok(reply(writing, self.width)), link);
                continue;
            }
            match self.begin_wave(&mut writing, progress) {
                Ok(()) => self.open.insert(at, writing),
                Err(error) => self.settle(id, Err(error), link),
            }
        }
    }

    /// Leaves in the slots of `writers`, which are at their end, what later prompts may take over.
    fn leave(&mut self, writers: &[Writer]) {
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
    writing: &mut Writing,
) -> Result<(), LlmError> {
    for at in 0..writing.writers.len() {
        let writer = &mut writing.writers[at];
        let dropped = writer.dropped();
        let new = writer.settle(model, limit)?;
        if writer.dropped() > dropped && !context.trim(writer.seat, writer.job.tokens.len()) {
            // The memory of recurrent models cannot be cut.
            writer.give_up();
        }
        let Some(seen) = new else { continue };
        let prompt = writer.job.tokens.clone();
        let others = writing.writers.iter_mut().enumerate().filter(|(other, _)| *other != at);
        others
            .map(|(_, writer)| writer)
            .chain(&mut writing.later)
            .for_each(|writer| writer.differ(&prompt, &seen));
    }
    Ok(())
}

/// Releases the decode sequences of finished texts, even while others of the same call still run: another text may take them
/// next. Without exact mode what they wrote goes back to their slots.
fn stand_up(context: &mut Context, exact: bool, writers: &mut [Writer]) {
    for writer in writers.iter_mut().filter(|writer| writer.row().is_none() && writer.seat != writer.slot) {
        if !exact {
            context.copy(writer.seat, writer.slot);
        }
        context.trim(writer.seat, 0);
        writer.seat = writer.slot;
    }
}

fn reply(writing: Writing, width: usize) -> Reply {
    let Writing { mut account, done: completions, dropped, .. } = writing;
    let thought = completions.iter().filter_map(|completion| completion.thinking.as_ref());
    account.cost.thinking = thought.map(|thinking| thinking.tokens).sum();
    account.cost.generated = completions.iter().map(Completion::drawn).sum::<u64>() + dropped;
    let batch = completions.len().min(width);
    account.reply(Output::Generated { completions }, batch)
}
