//! The answer, and answers from earlier plans.

use super::{Effect, Machine, shadowing::ShadowJudging};
use crate::{
    answer,
    decoding::{self, Decoding},
    reading::AnswerReader,
    seed,
};
use model::{Completion, Generation, Prompt, Reply, Sampling, StopReason};
use plan::Plan;
use problem::AnswerVerdict;
use session::{Answer, AnswerChoice, Ballot, Event, Outcome, Phase, Poll, Purpose};

/// A plan of an earlier moment that is being answered from.
#[derive(Debug, Clone)]
pub(super) struct SidePlan {
    /// The event at which it stood.
    from: u64,
    plan: Plan,
}

/// An answer that is being judged.
#[derive(Debug, Clone)]
pub(super) enum Judging {
    /// The one that ends the run.
    Last,
    /// One from the incumbent at event `from`.
    Side { from: u64, answer: Answer },
    /// One for the shadow baseline.
    Shadow(ShadowJudging),
}

/// The answer on its way.
#[derive(Debug, Clone, Default)]
pub(super) struct Writing {
    /// The answers that are written, with the seeds of their samplers.
    pub(super) written: Vec<(Completion, u64)>,
    /// The seeds of those that are being written.
    pub(super) asked: Vec<u64>,
    /// How often a chain of thought was extended.
    pub(super) extended: u32,
    /// The length of the prompt in tokens, where that is known.
    pub(super) prompt: u32,
}

/// What is being done about answers.
#[derive(Debug, Default)]
pub(super) struct AnswerWork {
    pub(super) side_plan: Option<SidePlan>,
    /// The answer that is being judged.
    pub(super) judging: Option<Judging>,
    /// The answer on its way.
    pub(super) writing: Writing,
}

impl Machine {
    pub(super) fn begin_answer(&mut self) {
        if self.state.no_plan_supports_the_answer() && !self.answers.writing.written.is_empty() {
            // The chain of thought that decided is the answer.
            return self.conclude(&[]);
        }
        self.answers.writing = Writing::default();
        let computed = self.state.answer_plan().and_then(|view| self.reader().computed(&view.plan));
        match computed {
            Some(completion) => {
                self.answers.writing.written.push((completion, 0));
                self.conclude(&[]);
            }
            None => self.ask_answers(),
        }
    }

    /// What answers are read by.
    pub(super) fn reader(&self) -> AnswerReader<'_> {
        AnswerReader::new(&self.state.settings, &self.prompter)
    }

    /// Has as many answers written as are wanted now, side by side.
    fn ask_answers(&mut self) {
        let count = self.answers_wanted();
        let (purpose, mut generation) = match self.state.answer_plan() {
            None => {
                let most = self.state.settings.chain.tokens;
                (Purpose::Direct, self.answering(self.prompter.direct(), None, most))
            }
            Some(view) => (Purpose::Answer, self.answer_from(&view.plan)),
        };
        generation.max_tokens = self.answer_room(generation.max_tokens, count);
        let written = self.answers.writing.written.len();
        let generations: Vec<Generation> = (written..written + count)
            .map(|at| Generation {
                sampling: self.answer_sampling(u32::try_from(at).unwrap_or(u32::MAX)),
                ..generation.clone()
            })
            .collect();
        self.answers.writing.asked = generations.iter().map(|generation| generation.sampling.seed).collect();
        self.generate(purpose, generations);
    }

    /// The request to the model for an answer from `plan`.
    pub(super) fn answer_from(&self, plan: &Plan) -> Generation {
        let decoding = self.decoding(plan);
        let (prompt, grammar) = (decoding.prompt(&self.prompter), decoding.grammar());
        let most = self.state.settings.answer_tokens;
        Generation { stop: decoding.stop(), ..self.answering(prompt, grammar, most) }
    }

    fn decoding<'p>(&self, plan: &'p Plan) -> Decoding<'p> {
        Decoding::of(&self.state.settings, &self.prompter, plan)
    }

    pub(super) fn answering(&self, prompt: Prompt, grammar: Option<String>, max_tokens: u32) -> Generation {
        Generation {
            prompt,
            sampling: self.answer_sampling(0),
            grammar,
            max_tokens,
            stop: Vec::new(),
            thinking: self.state.settings.thinking.tokens,
            distinct_from: None,
        }
    }

    /// The sampler of the answer at this place among several.
    pub(super) fn answer_sampling(&self, place: u32) -> Sampling {
        let settings = &self.state.settings;
        let seed = seed::derive(settings.seed, "answer", self.state.iteration, place);
        Sampling { seed, ..self.sampling("answer", settings.answer_temperature) }
    }

    pub(super) fn answered(&mut self, completions: &[Completion], reply: &Reply) {
        if completions.is_empty() {
            return self.give_up("The model wrote no answer.");
        }
        self.answers.writing.prompt = reply.prompts.first().map_or(0, |prompt| prompt.tokens);
        if self.answers.writing.extended > 0 {
            self.extended(&completions[0]);
        } else {
            let asked = std::mem::take(&mut self.answers.writing.asked);
            self.answers.writing.written.extend(completions.iter().cloned().zip(asked));
        }
        let poll = self.state.settings.answers;
        if self.may_extend() {
            self.extend();
        } else if self.answers_wanted() > 0 {
            self.ask_answers();
        } else if poll.n > 1 && poll.choice == AnswerChoice::Best && self.verify() {
            // What comes back ends the run.
        } else {
            self.conclude(&[]);
        }
    }

    /// Takes one of the written answers, whose verdict ends the run. `scores` are those of the model's own check, in their
    /// order; empty where there was none.
    pub(super) fn conclude(&mut self, scores: &[Option<f64>]) {
        let writing = std::mem::take(&mut self.answers.writing);
        let several = self.state.settings.answers.n > 1 && !self.answer_is_evaluated();
        let poll = several.then(|| self.poll(&writing, scores));
        let taken = poll.as_ref().map_or(0, |poll| poll.taken as usize);
        let Some((completion, _)) = writing.written.get(taken) else {
            return self.give_up("The model wrote no answer.");
        };
        let view = self.state.answer_plan();
        let plan = view.map(|view| (&view.plan, view.check.as_ref()));
        let (answer, judged) = self.reader().answer(plan, completion);
        let plan = plan.map(|(plan, _)| plan.clone()).unwrap_or_default();
        let judge = Effect::Judge { plan: Box::new(plan), answer: judged };
        let unsupported = self.state.no_plan_supports_the_answer();
        let answer = Answer { poll, extended: writing.extended, unsupported, ..answer };
        self.emit(Event::Answered { answer });
        self.answers.judging = Some(Judging::Last);
        self.out.effects.push(judge);
    }

    /// Takes in how the answer that was to be judged compares with the gold.
    pub(super) fn judged(&mut self, verdict: AnswerVerdict) {
        let judgement = answer::judgement(verdict);
        match self.answers.judging.take() {
            None => {}
            Some(Judging::Side { from, answer }) => {
                self.emit(Event::SideAnswered { from, answer, judgement });
            }
            Some(Judging::Shadow(what)) => self.shadow_judged(what, judgement),
            Some(Judging::Last) => {
                self.emit(Event::Judged { judgement });
                self.emit(Event::PhaseBegan { phase: Phase::Done, iteration: self.state.iteration });
                self.end(Outcome::Answered);
            }
        }
    }

    /// Whether the evaluator answers.
    pub(super) fn answer_is_evaluated(&self) -> bool {
        decoding::is_evaluated(&self.state.settings, &self.problem)
    }

    fn poll(&self, writing: &Writing, scores: &[Option<f64>]) -> Poll {
        let family = self.problem.family();
        let plan = self.state.answer_plan().map(|view| &view.plan);
        let ballot = |(at, (completion, seed)): (usize, &(Completion, u64))| Ballot {
            value: self.reader().text(completion, plan).0,
            votes: 0,
            score: scores.get(at).copied().flatten(),
            tokens: u32::try_from(completion.drawn()).unwrap_or(u32::MAX),
            truncated: completion.stop == StopReason::MaxTokens,
            seed: *seed,
        };
        let mut ballots: Vec<Ballot> = writing.written.iter().enumerate().map(ballot).collect();
        // Votes are counted by meaning: one answer in two notations is one answer.
        let spelled =
            problem::spelled_alike(family, ballots.iter().map(|ballot| ballot.value.clone()).collect());
        ballots.iter_mut().zip(spelled).for_each(|(ballot, value)| ballot.value = value);
        Poll::of(self.state.settings.answers.choice, ballots)
    }

    /// Decodes an answer from the incumbent at event `from`; the run continues as it was.
    pub(super) fn begin_side_answer(&mut self, from: u64, plan: Plan) -> Result<(), String> {
        if self.state.model.is_none() {
            return Err("The model is not ready yet.".into());
        }
        if !self.state.proposals.seen.contains_key(&plan.hash()) {
            return Err(
                "This plan was never the incumbent in this session, so there is nothing to answer from."
                    .into(),
            );
        }
        let (computed, generation) = (self.reader().computed(&plan), self.answer_from(&plan));
        self.answers.side_plan = Some(SidePlan { from, plan });
        match computed {
            Some(completion) => self.side_answered(&[completion]),
            None => self.generate(Purpose::SideAnswer, vec![generation]),
        }
        Ok(())
    }

    pub(super) fn side_answered(&mut self, completions: &[Completion]) {
        let (Some(SidePlan { from, plan }), Some(completion)) =
            (self.answers.side_plan.take(), completions.first())
        else {
            return self.refuse("The model wrote no answer.");
        };
        let check = crate::score::checker::summarize(&self.problem, &plan);
        let (answer, judged) = self.reader().answer(Some((&plan, Some(&check))), completion);
        self.answers.judging = Some(Judging::Side { from, answer });
        self.out.effects.push(Effect::Judge { plan: Box::new(plan), answer: judged });
    }
}
