//! The shadow baseline: after each iteration, what plain decoding answers that has drawn no more tokens than refinement
//! has, the answer from its plan included. All of it is outside the run and counts in no budget of its.

use std::collections::VecDeque;

use super::{Effect, Machine, answering::Judging, calls::Pending, spending::share};
use crate::seed;
use model::{Completion, Generation, Sampling, StopReason};
use plan::{Plan, PlanHash};
use session::{Ballot, Event, Judgement, Mode, Phase, PlainAnswer, Purpose, ShadowPoint, ShadowSide, shadow};

/// The temperature of plain answers where the run's own answers have none: at 0 they would all be the same. The value
/// is that of the arm of the lab.
const TEMPERATURE: f32 = 0.7;
/// The most answers that are decoded side by side.
const SIDE_BY_SIDE: u64 = 8;

/// The shadow baseline of a run.
#[derive(Debug, Default)]
pub(super) struct ShadowWork {
    /// The running comparison with plain decoding.
    pub(super) running: Option<Shadowing>,
    /// The iteration after which it was given up.
    pub(super) given_up: Option<u32>,
}

/// The running comparison.
#[derive(Debug, Clone)]
pub(super) struct Shadowing {
    iteration: u32,
    plan: PlanHash,
    /// Length of the answer from the plan, and its side.
    refined: Option<(u64, ShadowSide)>,
    /// The seeds of the plain answers that are being written.
    asked: Vec<u64>,
    /// Plain answers that wait to be judged, with their seeds.
    written: VecDeque<(Completion, u64)>,
    fresh: Vec<PlainAnswer>,
}

/// What is being judged for the shadow baseline.
#[derive(Debug, Clone)]
pub(super) enum ShadowJudging {
    /// The answer from the plan.
    Refined { length: u64, tokens: u64, value: Option<String> },
    /// An answer without a plan.
    Plain(Ballot),
}

impl Machine {
    pub(super) fn set_shadow(&mut self, on: bool) {
        if self.state.settings.mode != Mode::Refine {
            self.refuse("This run does not refine, so there is nothing to compare with plain decoding.");
        } else if self.state.settings.shadow == on {
            let word = if on { "runs" } else { "does not run" };
            self.refuse(format!("Plain decoding already {word} next to refinement."));
        } else {
            self.emit(Event::ShadowSet { on });
            (self.shadow.running, self.shadow.given_up) = (None, None);
            if self.pending.as_ref().is_some_and(|pending| pending.purpose == Purpose::Shadow) {
                self.cancel();
            }
        }
    }

    /// Whether the next thing to do is for the shadow baseline.
    pub(super) fn shadow_is_due(&self) -> bool {
        let between = match self.steering.next {
            Phase::Propose | Phase::TieBreak | Phase::Rescore | Phase::Answer => true,
            Phase::Load | Phase::Draft | Phase::ScoreDraft | Phase::Score | Phase::Decide | Phase::Done => {
                false
            }
        };
        let state = &self.state;
        let over = state.finished_iterations();
        between
            && state.settings.shadow
            && state.settings.mode == Mode::Refine
            && !state.timeline.is_empty()
            && !self.steering.answer_asked
            && self.shadow.given_up != Some(over)
            && state.shadow.last().is_none_or(|point| point.iteration < over)
    }

    /// Continues the comparison: asks for an answer, has one judged, or records the result.
    pub(super) fn shadow(&mut self) {
        let Some(plan) = self.state.answer_plan().map(|view| view.plan.clone()) else {
            return self.give_shadow_up();
        };
        let iteration = self.state.finished_iterations();
        let mut work = self.shadow.running.take().unwrap_or_else(|| Shadowing::new(iteration, plan.hash()));
        if work.plan != plan.hash() {
            // A person changed the plan meanwhile; what was written without a plan holds anyway.
            (work.plan, work.refined) = (plan.hash(), None);
        }
        if work.refined.is_none() {
            work.refined = self.refined_before(&work);
        }
        let Some((length, refined)) = work.refined.clone() else {
            self.shadow.running = Some(work);
            return match self.reader().computed(&plan) {
                Some(completion) => self.shadow_written(&[completion]),
                None => self.generate(Purpose::Shadow, vec![self.answer_from(&plan)]),
            };
        };
        if let Some((completion, seed)) = work.written.pop_front() {
            self.shadow.running = Some(work);
            return self.take_plain(&completion, seed);
        }
        let (count, room) = self.plain_wanted(&work, length, refined.tokens);
        if count > 0 {
            let generations = self.plain_answers(&work, count, room);
            work.asked = generations.iter().map(|generation| generation.sampling.seed).collect();
            self.shadow.running = Some(work);
            return self.generate(Purpose::Shadow, generations);
        }
        let plain = shadow::majority(self.state.shadow.answers.iter().chain(&work.fresh));
        let Shadowing { iteration, plan, fresh, .. } = work;
        let point = ShadowPoint { iteration, plan, length, refined, plain, fresh };
        self.emit(Event::Shadowed { point: Box::new(point) });
    }

    /// The side of refinement where the last comparison was about the same plan.
    fn refined_before(&self, work: &Shadowing) -> Option<(u64, ShadowSide)> {
        let last = self.state.shadow.last().filter(|last| last.plan == work.plan)?;
        let tokens = self.state.run_cost().generated + last.length;
        Some((last.length, ShadowSide { tokens, ..last.refined.clone() }))
    }

    /// How many plain answers are begun, and how long each may become in tokens, where refinement has drawn `spent`. An
    /// answer is begun where the longest so far would fit, the first where the one from the plan would.
    fn plain_wanted(&self, work: &Shadowing, length: u64, spent: u64) -> (u64, u64) {
        let lengths = || {
            self.state.shadow.answers.iter().chain(&work.fresh).map(|one| u64::from(one.ballot.tokens).max(1))
        };
        let left = spent.saturating_sub(lengths().sum());
        let count = match lengths().max() {
            None => u64::from(left >= length.max(1)),
            Some(longest) => (left / longest.max(1)).min(SIDE_BY_SIDE),
        };
        (count, left / count.max(1))
    }

    fn plain_answers(&self, work: &Shadowing, count: u64, room: u64) -> Vec<Generation> {
        let settings = &self.state.settings;
        let temperature =
            if settings.answer_temperature > 0.0 { settings.answer_temperature } else { TEMPERATURE };
        let first = (self.state.shadow.answers.len() + work.fresh.len()) as u64;
        let one = |place: u64| Generation {
            prompt: self.prompter.direct(),
            sampling: Sampling {
                seed: seed::derive(settings.seed, "shadow", 0, u32::try_from(place).unwrap_or(u32::MAX)),
                ..self.sampling("shadow", temperature)
            },
            grammar: None,
            max_tokens: settings.chain.tokens.min(u32::try_from(room).unwrap_or(u32::MAX)).max(1),
            thinking: settings.thinking.tokens,
            stop: Vec::new(),
            distinct_from: None,
        };
        let mut all: Vec<Generation> = (first..first + count).map(one).collect();
        all.iter_mut().for_each(|generation| share(generation, room));
        all
    }

    /// Takes what the model wrote for the shadow baseline.
    pub(super) fn shadow_written(&mut self, completions: &[Completion]) {
        let Some(work) = &mut self.shadow.running else { return };
        if work.refined.is_some() {
            let asked = std::mem::take(&mut work.asked);
            return work.written.extend(completions.iter().cloned().zip(asked));
        }
        let Some(completion) = completions.first() else { return self.give_shadow_up() };
        let length = completion.drawn();
        let plan = self.state.answer_plan().map(|view| view.plan.clone()).unwrap_or_default();
        let (value, answer) = self.reader().text(completion, Some(&plan));
        let tokens = self.state.run_cost().generated + length;
        self.judge_shadow(ShadowJudging::Refined { length, tokens, value }, plan, answer);
    }

    /// Has a plain answer judged, unless one that states the same was.
    fn take_plain(&mut self, completion: &Completion, seed: u64) {
        let (value, answer) = self.reader().text(completion, None);
        let truncated = completion.stop == StopReason::MaxTokens;
        let mut ballot = Ballot {
            value: value.filter(|_| !truncated),
            votes: 0,
            score: None,
            tokens: u32::try_from(completion.drawn()).unwrap_or(u32::MAX),
            truncated,
            seed,
        };
        if truncated {
            // Whatever number stands last in it, it is not the answer yet.
            return self.shadow_judged(ShadowJudging::Plain(ballot), Judgement::Unreadable);
        }
        let fresh = self.shadow.running.as_ref().map_or(&[][..], |work| &work.fresh);
        let mut known = self.state.shadow.answers.iter().chain(fresh);
        let family = self.problem.family();
        let stated = ballot.value.as_deref();
        let same = known.find(|one| {
            stated
                .zip(one.ballot.value.as_deref())
                .is_some_and(|(this, known)| family.same_answer(this, known))
        });
        let same = same.map(|one| (one.ballot.value.clone(), one.judgement.clone()));
        if let Some((value, _)) = &same {
            ballot.value.clone_from(value);
        }
        match same.map(|(_, judgement)| judgement) {
            Some(judgement) => self.shadow_judged(ShadowJudging::Plain(ballot), judgement),
            None => self.judge_shadow(ShadowJudging::Plain(ballot), Plan::default(), answer),
        }
    }

    fn judge_shadow(&mut self, what: ShadowJudging, plan: Plan, answer: String) {
        self.answers.judging = Some(Judging::Shadow(what));
        self.out.effects.push(Effect::Judge { plan: Box::new(plan), answer });
    }

    /// Takes in how an answer of the shadow baseline compares with the gold.
    pub(super) fn shadow_judged(&mut self, what: ShadowJudging, judgement: Judgement) {
        let Some(work) = &mut self.shadow.running else { return };
        match what {
            ShadowJudging::Refined { length, tokens, value } => {
                work.refined = Some((length, ShadowSide { tokens, value, judgement }));
            }
            ShadowJudging::Plain(ballot) => work.fresh.push(PlainAnswer { ballot, judgement }),
        }
    }

    /// Leaves the comparison after this iteration out, where `pending` was for it.
    pub(super) fn shadow_cancelled(&mut self, pending: &Pending) {
        if pending.purpose == Purpose::Shadow {
            self.give_shadow_up();
        }
    }

    fn give_shadow_up(&mut self) {
        self.shadow.running = None;
        self.shadow.given_up = Some(self.state.finished_iterations());
    }
}

impl Shadowing {
    fn new(iteration: u32, plan: PlanHash) -> Self {
        Self {
            iteration,
            plan,
            refined: None,
            asked: Vec::new(),
            written: VecDeque::new(),
            fresh: Vec::new(),
        }
    }
}
