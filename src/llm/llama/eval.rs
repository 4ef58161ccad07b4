//! Evaluates prompts: shared beginnings once, the rest side by side.
//!
//! In exact mode the result must not depend on how prompts are cut into batches. llama.cpp computes a
//! sequence's attention by one kernel when a batch has a single token of it and by another when it has
//! several, and the two differ in the last bits; the size of "several" does not matter. So here every
//! prompt token is evaluated together with at least one neighbour of its own sequence, whatever was
//! cached. Tokens that the model draws are always evaluated singly, and are dropped from the cache
//! after the call.
//!
//! The products with the weights see the rows of all sequences together. They are the same for any number
//! of rows when the weights are quantized and neither repacked (`use_extra_bufts`) nor multiplied by ggml's
//! tiles for K-quants (`GGML_CPU_TILED_MM`): both take other paths for other numbers of rows.

use super::CANCEL;
use super::engine::{CallAccount, LlamaEngine, OnProgress, decode_error, failed};
use super::ffi::BatchRow;
use super::load::{BATCH, ROWS};
use super::prefix_cache::MIN_CACHED_PREFIX;
use super::slots::{self, PrefixSource, PromptToPlace, SlotAssignment};
use model::{LlmError, Progress, PromptUse};

/// A prompt to be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PromptJob {
    pub(super) tokens: Vec<i32>,
    /// From this position on logits are wanted.
    pub(super) first_row: usize,
    /// How many of the tokens count as prompt.
    pub(super) prompt: usize,
}

/// A running job.
struct Running<'j> {
    job: &'j PromptJob,
    slot: usize,
    done: usize,
    /// How much of it came from the prefix cache, if its slot was empty.
    from_cache: Option<usize>,
    /// The job whose prefix this one takes over, and how much of it.
    wait: Option<(usize, usize)>,
}

impl Running<'_> {
    fn length(&self) -> usize {
        self.job.tokens.len()
    }
}

/// Gets a job's number, the position, and the logits there.
pub(super) type OnRow<'a> = &'a mut dyn FnMut(usize, usize, &[f32]) -> Result<(), LlmError>;

impl LlamaEngine<'_> {
    /// Evaluates `jobs`, no more than a stream has slots, at the cost of `account`, and returns their slots. Afterwards each
    /// slot holds its job's tokens.
    pub(super) fn evaluate(
        &mut self,
        account: &mut CallAccount,
        jobs: &[PromptJob],
        on_row: OnRow,
        progress: OnProgress,
    ) -> Result<Vec<usize>, LlmError> {
        CANCEL.serve([account.id]);
        let mut running = self.begin(account, jobs);
        let total: usize = running.iter().map(|r| r.length() - r.wait.map_or(r.done, |(_, n)| n)).sum();
        let start = account.cost.fresh;
        loop {
            self.take_over(&mut running);
            let targets = self.targets(&running);
            let members = self.members(&running, &targets);
            if members.is_empty() {
                break;
            }
            self.step(account, &mut running, &members, on_row)?;
            let done = (account.cost.fresh - start) as u32;
            progress(Progress::Prefill { done, total: total as u32 });
        }
        self.cache_prefixes(&running);
        Ok(running.iter().map(|r| r.slot).collect())
    }

    /// Places the jobs, copies what other slots have of them, and counts what was cached.
    fn begin<'j>(&mut self, account: &mut CallAccount, jobs: &'j [PromptJob]) -> Vec<Running<'j>> {
        let fresh = if self.exact { 2 } else { 1 };
        let wanted: Vec<PromptToPlace> = jobs
            .iter()
            .map(|job| PromptToPlace {
                tokens: &job.tokens,
                most: job.first_row.min(job.tokens.len().saturating_sub(fresh)),
            })
            .collect();
        let stream = self.slots_of(account.stream);
        let places = slots::place(&self.slots[stream.clone()], &wanted);
        let places: Vec<SlotAssignment> =
            places.into_iter().map(|place| place.shifted(stream.start)).collect();
        let copies = slots::copy_order(&places);
        for (from, to, _) in &copies {
            self.context.copy(*from, *to);
            self.slots[*to].tokens = self.slots[*from].tokens.clone();
        }
        let mut running = Vec::with_capacity(jobs.len());
        for ((job, place), wanted) in jobs.iter().zip(&places).zip(&wanted) {
            let (keep, wait) = match place.source {
                PrefixSource::Keep(length) => (length, None),
                PrefixSource::Copy(_, length) => {
                    (copies.iter().find(|c| c.1 == place.slot).map_or(0, |_| length), None)
                }
                PrefixSource::Wait(job, length) => (0, Some((job, length))),
            };
            let mut done = self.trim(place.slot, keep);
            self.touch(place.slot);
            let cached = wait.map_or(done, |(_, length)| length).min(job.prompt);
            account.cost.cached += cached as u64;
            account.prompts.push(PromptUse { tokens: job.prompt as u32, cached: cached as u32 });
            let mut from_cache = None;
            if done == 0 && wait.is_none() {
                done = self.copy_cached_prefix(account, wanted, place.slot);
                from_cache = Some(done);
            }
            running.push(Running { job, slot: place.slot, done, from_cache, wait });
        }
        running
    }

    /// Gives an empty slot the beginning of a prompt that was evaluated before, at the cost of evaluating it, and returns
    /// its length.
    fn copy_cached_prefix(
        &mut self,
        account: &mut CallAccount,
        wanted: &PromptToPlace,
        slot: usize,
    ) -> usize {
        let Some((from, length)) = self.prefix_cache.find(wanted.tokens, wanted.most) else { return 0 };
        self.context.copy(from, slot);
        self.slots[slot].tokens = self.prefix_cache.tokens(from).to_vec();
        let done = self.trim(slot, length);
        account.cost += self.spent(0, done, 0);
        done
    }

    /// Keeps the prompts that began in an empty slot, where much of them was evaluated: others extend what their run
    /// has cached.
    fn cache_prefixes(&mut self, running: &[Running]) {
        let much = |running: &&Running| {
            running.from_cache.is_some_and(|from_cache| running.length() - from_cache >= MIN_CACHED_PREFIX)
        };
        for running in running.iter().filter(much) {
            if let Some(to) = self.prefix_cache.keep(&running.job.tokens) {
                self.context.copy(running.slot, to);
            }
        }
    }

    /// Copies prefixes that are evaluated far enough to the jobs that wait for them.
    fn take_over(&mut self, running: &mut [Running]) {
        for i in 0..running.len() {
            let Some((leader, length)) = running[i].wait else { continue };
            if running[leader].wait.is_some() || running[leader].done < length {
                continue;
            }
            let (from, to) = (running[leader].slot, running[i].slot);
            self.context.copy(from, to);
            self.slots[to].tokens = self.slots[from].tokens.clone();
            running[i].done = self.trim(to, length);
            running[i].wait = None;
        }
    }

    /// Returns how far each job may be evaluated now: to where others wait for it, else to its end.
    fn targets(&self, running: &[Running]) -> Vec<usize> {
        let mut targets: Vec<usize> = running.iter().map(Running::length).collect();
        for (j, leader) in running.iter().enumerate() {
            let awaited = running
                .iter()
                .filter_map(|r| r.wait)
                .filter(|(of, length)| *of == j && *length < leader.length())
                .map(|(_, length)| length)
                .max();
            let Some(mut target) = awaited else { continue };
            if self.exact {
                target = target.max(leader.done + 2);
                if target + 1 >= leader.length() {
                    target = leader.length();
                }
            }
            targets[j] = target.min(leader.length());
        }
        targets
    }

    /// Chooses the jobs of the next batch and how many tokens of each: the same number of all, for that is
    /// how llama.cpp evaluates sequences side by side.
    fn members(&self, running: &[Running], targets: &[usize]) -> Vec<(usize, usize)> {
        let left = |i: usize| targets[i] - running[i].done;
        let mut open: Vec<usize> =
            (0..running.len()).filter(|i| running[*i].wait.is_none() && left(*i) > 0).collect();
        // Neighbouring slots are evaluated together.
        open.sort_by_key(|i| running[*i].slot);
        let Some(shortest) = open.iter().map(|i| left(*i)).min() else { return Vec::new() };
        let mut count = shortest.min(BATCH as usize / open.len());
        let rows = |count: usize| -> usize {
            open.iter()
                .map(|i| {
                    (running[*i].done + count).saturating_sub(running[*i].job.first_row.max(running[*i].done))
                })
                .sum()
        };
        while rows(count) > ROWS as usize {
            count = (count / 2).max(1);
        }
        if !self.exact {
            return open.into_iter().map(|i| (i, count)).collect();
        }
        let fits = |i: &usize, count: usize| left(*i) != count + 1;
        if !open.iter().any(|i| fits(i, count)) {
            // All would leave a single token. With two or three of each there is nothing to split.
            count = if count > 2 { count - 1 } else { count + 1 };
        }
        open.into_iter().filter(|i| fits(i, count)).map(|i| (i, count)).collect()
    }

    /// Evaluates one batch and hands out its logits.
    fn step(
        &mut self,
        account: &mut CallAccount,
        running: &mut [Running],
        members: &[(usize, usize)],
        on_row: OnRow,
    ) -> Result<(), LlmError> {
        if CANCEL.is_set() {
            return Err(LlmError::Cancelled);
        }
        let mut rows = Vec::new();
        for (i, count) in members {
            let r = &running[*i];
            for position in r.done..r.done + count {
                rows.push(BatchRow {
                    token: r.job.tokens[position],
                    position,
                    slot: r.slot,
                    logits: position >= r.job.first_row,
                });
            }
        }
        if let Err(error) = self.context.decode(&rows) {
            for (i, _) in members {
                let (slot, done) = (running[*i].slot, running[*i].done);
                self.trim(slot, done);
            }
            return Err(failed(error));
        }
        let mut index = 0;
        for (i, count) in members {
            let (slot, from) = (running[*i].slot, running[*i].done);
            let job = running[*i].job;
            let logits = (from + count).saturating_sub(job.first_row.max(from));
            account.cost += self.spent(from, from + count, logits);
            self.slots[slot].tokens.extend_from_slice(&job.tokens[from..from + count]);
            running[*i].done += count;
            for position in from..from + count {
                if position >= job.first_row {
                    let logits = self.context.logits(index).ok_or_else(|| decode_error(0))?;
                    on_row(*i, position, logits)?;
                    // Equal prompts need no evaluation of their own.
                    for (twin, r) in running.iter().enumerate() {
                        if r.wait == Some((*i, job.tokens.len())) && r.job == job {
                            on_row(twin, position, logits)?;
                        }
                    }
                }
                index += 1;
            }
        }
        Ok(())
    }
}
