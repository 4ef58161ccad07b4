//! Proposals: the requests to the model, in one step or two, and what its replies mean.

use std::collections::BTreeMap;

use super::Machine;
use crate::propose::{self, Case, How, critique};
use model::{Completion, Generation, Prompt, Sampling};
use session::{Candidate, CandidateStatus, Event, RefinementStop};
use session::{Phase, Purpose};

impl Machine {
    pub(super) fn begin_propose(&mut self) {
        if self.state.incumbent.is_none() {
            return self.give_up("There is no plan to refine.");
        }
        if self.denoises() {
            return self.begin_denoising();
        }
        let one_more = self.gathers_drafts().then(|| self.with_base(|case| self.one_more_draft(case)));
        self.asks = match one_more.flatten().flatten() {
            Some(draft) => vec![draft],
            None => self.with_base(propose::asks).unwrap_or_default(),
        };
        self.asks.truncate(self.proposals_allowed());
        if self.asks.is_empty() {
            return self.end_refinement(RefinementStop::Fruitless { iterations: 0 });
        }
        let questions: Vec<Prompt> =
            self.asks.iter().filter_map(|ask| written(&ask.how)?.critique.clone()).collect();
        if questions.is_empty() {
            return self.have_written();
        }
        let sampling = self.sampling("critique", self.state.settings.propose_temperature);
        let thinking = self.state.settings.thinking.tokens;
        let generation = |(at, prompt): (u64, Prompt)| Generation {
            prompt,
            sampling: Sampling { seed: sampling.seed.wrapping_add(at), ..sampling },
            grammar: None,
            max_tokens: critique::TOKENS,
            thinking,
            stop: vec!["\n".into()],
            distinct_from: None,
        };
        self.generate(Purpose::Critique, (0..).zip(questions).map(generation).collect());
    }

    /// Puts what was criticised into the prompts, and has the edits written.
    pub(super) fn criticised(&mut self, completions: &[Completion]) {
        let waits = |how: &How| written(how).is_some_and(|written| written.critique.is_some());
        let asks = self.asks.iter_mut().filter(|ask| waits(&ask.how));
        asks.zip(completions).for_each(|(ask, said)| critique::fill(ask, said));
        self.have_written();
    }

    /// Has the model write what proposals need; where they need nothing, they are already made.
    fn have_written(&mut self) {
        let sampling = self.sampling("propose", self.state.settings.propose_temperature);
        let texts = self.asks.iter().filter(|ask| written(&ask.how).is_some()).count();
        let generations: Vec<Generation> = self
            .asks
            .iter()
            .filter_map(|ask| {
                let written = written(&ask.how)?;
                Some(Generation {
                    prompt: written.prompt.clone(),
                    sampling: Sampling { seed: ask.draw.seed, ..sampling },
                    grammar: Some(written.grammar.clone()),
                    max_tokens: self.within_budget(written.max_tokens, texts),
                    thinking: self.state.settings.thinking.tokens,
                    stop: written.stop.clone(),
                    distinct_from: self.with_base(|case| propose::distinct_from(case, ask)).flatten(),
                })
            })
            .collect();
        if generations.is_empty() { self.proposed(&[]) } else { self.generate(Purpose::Propose, generations) }
    }

    pub(super) fn proposed(&mut self, completions: &[Completion]) {
        let candidates = self.with_base(|case| propose::candidates(case, &self.asks, completions));
        let Some(mut candidates) = candidates else { return };
        candidates.extend(self.control(candidates.len()));
        self.emit(Event::Proposed { candidates });
        for subject in self.unscored() {
            self.check(subject);
        }
        self.cast_redrafts(completions);
        self.steering.next = Phase::Score;
    }

    /// The incumbent as a candidate, where the settings ask for that control in this iteration.
    fn control(&self, index: usize) -> Option<Candidate> {
        let every = self.state.settings.null_every;
        if every == 0 || !self.state.iteration.is_multiple_of(every) {
            return None;
        }
        Some(Candidate {
            index: u32::try_from(index).ok()?,
            kind: "control".into(),
            proposer: None,
            reply: String::new(),
            seed: 0,
            edit: None,
            hash: Some(self.state.incumbent.as_ref()?.plan.hash()),
            confidence: BTreeMap::new(),
            pressure: None,
            tokens: None,
            status: CandidateStatus::Control,
            drawn: None,
            canvas: None,
        })
    }

    fn with_base<T>(&self, look: impl FnOnce(&Case<'_>) -> T) -> Option<T> {
        let incumbent = self.state.incumbent.as_ref()?;
        let prompter = self.prompter.for_plan(&incumbent.plan);
        Some(look(&Case {
            state: &self.state,
            framing: self.prompter.framing(),
            prompter: &prompter,
            plan: &incumbent.plan,
            check: incumbent.check.as_ref(),
        }))
    }
}

fn written(how: &How) -> Option<&propose::Written> {
    match how {
        How::Written(written) => Some(written),
        How::Made(_) => None,
    }
}
