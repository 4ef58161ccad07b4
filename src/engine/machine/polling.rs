//! Several answers and longer ones: how many the budget allows, chains of thought that are extended, and the
//! model's own check of each answer.

use super::Machine;
use crate::{budget::RemainingBudget, score::self_check};
use model::{Completion, Cost, Generation, Output, Request, StopReason};
use session::{AnswerChoice, Purpose};

/// The most answers that are decoded side by side under a budget, so that what they cost is known in time.
const SIDE_BY_SIDE: usize = 8;
/// A chain of thought is not extended for fewer tokens.
const LEAST: u64 = 32;
/// What the question about an answer has besides it and the problem, in tokens. \[our own guess\]
const QUESTION: u64 = 60;

impl Machine {
    /// How many more answers are to be written now. Under a strict budget the first goes alone, and shows what the
    /// next will cost.
    pub(super) fn answers_wanted(&self) -> usize {
        let written = self.answers.writing.written.len();
        let left = (self.state.settings.answers.n.max(1) as usize).saturating_sub(written);
        let Some(remaining) = RemainingBudget::of(&self.state) else { return left };
        if written == 0 {
            return left.min(1);
        }
        let each = remaining.forecast(self.question(), self.longest());
        let mut sum = self.checks(&remaining);
        (0..left.min(SIDE_BY_SIDE))
            .take_while(|_| {
                sum += each;
                remaining.affords(&Cost { calls: 2, ..sum })
            })
            .count()
    }

    /// How long each of `count` answers may become, of `most` tokens.
    pub(super) fn answer_room(&self, most: u32, count: usize) -> u32 {
        let Some(remaining) = RemainingBudget::of(&self.state) else { return most };
        let mut kept = self.checks(&remaining);
        for _ in 0..count.min(self.answers.writing.written.len()) {
            kept += remaining.forecast(self.question(), 0);
        }
        let room = remaining.tokens(0, &Cost { calls: 0, ..kept }) / count.max(1) as u64;
        u32::try_from(room).unwrap_or(u32::MAX).clamp(1, most.max(1))
    }

    /// What it costs to check the answers that are written.
    pub(super) fn checks(&self, remaining: &RemainingBudget) -> Cost {
        match self.question() {
            0 => Cost::default(),
            each => remaining.forecast(each * (1 + self.answers.writing.written.len() as u64), 0),
        }
    }

    /// The length of the question about one answer, in tokens; 0 where none is asked.
    fn question(&self) -> u64 {
        let answers = self.state.settings.answers;
        if answers.n > 1 && answers.choice == AnswerChoice::Best { self.longest() + QUESTION } else { 0 }
    }

    /// The longest answer so far, in tokens.
    fn longest(&self) -> u64 {
        let lengths = self.answers.writing.written.iter().map(|(completion, _)| completion.drawn());
        lengths.max().unwrap_or(0).max(1)
    }

    /// Whether the chain of thought ended by itself, though it may be longer.
    pub(super) fn may_extend(&self) -> bool {
        let settings = &self.state.settings;
        let [(chain, _)] = &self.answers.writing.written[..] else { return false };
        let ended = match chain.stop {
            StopReason::EndOfTurn | StopReason::GrammarComplete | StopReason::StopString => true,
            StopReason::MaxTokens | StopReason::Cancelled | StopReason::Exhausted => false,
        };
        let alone = settings.answers.n <= 1 && self.state.answer_plan().is_none();
        alone && ended && self.answers.writing.extended < settings.chain.extend && self.chain_room() >= LEAST
    }

    /// How many tokens more the chain of thought may have, by its own limit, the model's context and the budget.
    /// What is already written is evaluated once more where the model does not keep it.
    fn chain_room(&self) -> u64 {
        let length = self.answers.writing.written.first().map_or(0, |(chain, _)| chain.tokens.len() as u64);
        let own = u64::from(self.state.settings.chain.tokens).saturating_sub(length);
        let context = self.state.model.as_ref().and_then(|model| model.context).map_or(u64::MAX, u64::from);
        let context = context.saturating_sub(u64::from(self.answers.writing.prompt) + length + QUESTION);
        let budget = RemainingBudget::of(&self.state)
            .map_or(u64::MAX, |remaining| remaining.tokens(length, &Cost::default()));
        own.min(context).min(budget)
    }

    /// Extends the chain of thought after a cue.
    pub(super) fn extend(&mut self) {
        let Some((chain, _)) = self.answers.writing.written.first() else { return };
        let so_far = self.with_cue(&chain.text);
        let max_tokens = u32::try_from(self.chain_room()).unwrap_or(u32::MAX);
        self.answers.writing.extended += 1;
        let generation = Generation {
            prompt: self.prompter.direct().with_prefill(so_far),
            sampling: self.answer_sampling(self.answers.writing.extended),
            grammar: None,
            max_tokens,
            stop: Vec::new(),
            // It continues a text, after its thinking.
            thinking: 0,
            distinct_from: None,
        };
        self.generate(Purpose::Direct, vec![generation]);
    }

    fn with_cue(&self, text: &str) -> String {
        format!("{}\n{}", text.trim_end(), self.state.settings.chain.cue)
    }

    /// Puts what was written after the cue behind the chain of thought.
    pub(super) fn extended(&mut self, more: &Completion) {
        let Some((chain, seed)) = self.answers.writing.written.pop() else { return };
        let text = self.with_cue(&chain.text) + &more.text;
        let tokens = chain.tokens.into_iter().chain(more.tokens.iter().cloned()).collect();
        self.answers
            .writing
            .written
            .push((Completion { text, tokens, stop: more.stop, thinking: chain.thinking }, seed));
    }

    /// Asks the model about each answer whether it is right; false where there is none, or no budget for it.
    pub(super) fn verify(&mut self) -> bool {
        let remaining = RemainingBudget::of(&self.state);
        if self.answers.writing.written.len() < 2
            || remaining.is_some_and(|remaining| !remaining.affords(&self.checks(&remaining)))
        {
            return false;
        }
        let nothing = std::iter::once(self.prompter.verify_nothing());
        let answers = self
            .answers
            .writing
            .written
            .iter()
            .map(|(completion, _)| self.prompter.verify(completion.text.trim()));
        let prompts = nothing.chain(answers).collect();
        let options = self_check::OPTIONS.map(str::to_owned).to_vec();
        self.call(Purpose::Verify, Request::Choose { prompts, options });
        true
    }

    /// Takes what the model said of each answer.
    pub(super) fn verified(&mut self, output: &Output) {
        let Output::Chosen { logprobs } = output else {
            return self.give_up("The model's reply is of the wrong type for this request.");
        };
        let mut odds = logprobs.iter().map(|logprobs| self_check::log_odds(logprobs));
        let content_free = odds.next().flatten();
        let probability = |answer: Option<f64>| {
            let (plan, content_free) = answer.zip(content_free)?;
            Some(self_check::Corrected { plan, content_free }.probability())
        };
        let scores: Vec<Option<f64>> = odds.map(probability).collect();
        self.conclude(&scores);
    }
}
