//! Runs with planted faults: a plan of items whose quality is known, and scores that tell of it or do not.

use std::collections::BTreeMap;

use diagnose::passive;
use engine::{gate, machine, score::checker::summarize};
use model::{Cost, ModelInfo};
use plan::{Edit, Item, ItemId, ItemKind, Origin, Plan};
use problem::Problem;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use session::{
    Answer, BlobId, CallId, Candidate, CandidateStatus, CheckSummary, Event, Finding, GateSettings,
    Judgement, Outcome, Phase, ProblemCard, Purpose, Record, RefinementStop, Rescore, Score, ScorePart,
    Settings, Spread, State, Subject,
};

/// What the score says about the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// The mean quality of its items, with noise.
    Quality {
        /// The standard deviation of the noise.
        noise: f64,
    },
    /// Nothing: noise about a half.
    Noise {
        /// Its standard deviation.
        sigma: f64,
    },
    /// The same of every plan.
    Constant,
    /// A hundredth for each word.
    Length,
}

/// A run as its records, and what is needed to continue it.
pub struct World {
    /// All events so far.
    pub records: Vec<Record>,
    /// What they fold to.
    pub state: State,
    /// The quality of each item of the plan, from 0 to 1.
    pub quality: BTreeMap<ItemId, f64>,
    signal: Signal,
    rng: ChaCha8Rng,
}

/// The items of a first plan.
pub const ITEMS: u32 = 12;

/// The id of a step.
pub fn step(number: u32) -> ItemId {
    ItemId::new(ItemKind::Step, number)
}

/// A part of a score.
pub fn part(name: &str, value: f64, weight: f64) -> ScorePart {
    ScorePart {
        name: name.into(),
        value: Some(value),
        weight,
        stderr: None,
        cost: Cost::default(),
        skipped: false,
        detail: String::new(),
    }
}

/// The gate written so, such as `threshold 0.1`.
pub fn rule(gate: &str) -> GateSettings {
    gate::parse(gate).expect("a gate")
}

/// Settings under which a run does not end by itself.
pub fn settings(seed: u64, gate: &str) -> Settings {
    Settings { seed, gate: rule(gate), iterations: 1_000, fruitless: 0, ..Settings::default() }
}

impl World {
    /// A run whose first plan has items of qualities up to 0.4.
    pub fn new(settings: Settings, signal: Signal) -> Self {
        Self::with_draft(settings, signal, 0.4)
    }

    /// A run whose first plan has items of qualities up to `best`.
    pub fn with_draft(settings: Settings, signal: Signal, best: f64) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(settings.seed);
        let mut world =
            Self { records: Vec::new(), state: State::default(), quality: BTreeMap::new(), signal, rng };
        let problem = ProblemCard {
            reference: "planted".into(),
            title: "Planted".into(),
            family: "free".into(),
            text: "Do well.".into(),
            has_gold: true,
        };
        world.push(Event::Started { problem, settings: Box::new(settings) });
        world.push(Event::ModelReady { model: Box::new(ModelInfo::default()) });
        let items = (1..=ITEMS).map(|number| {
            let quality = best * world.rng.random::<f64>();
            world.quality.insert(step(number), quality);
            Item::new(step(number), format!("at {quality:.6}"))
        });
        let plan = Plan::new(items.collect()).unwrap();
        world.push(Event::Drafted { plan: plan.clone(), confidence: BTreeMap::new() });
        let score = world.score(mean(world.quality.values()), words(&plan));
        world.push(Event::Scored { subject: Subject::Incumbent, score });
        if let Some(turn) = gate::turn(&world.state) {
            world.push(Event::Turned { turn });
        }
        world
    }

    /// Records an event.
    pub fn push(&mut self, event: Event) {
        let seq = self.records.len() as u64;
        let record = Record { seq, at_ms: 10 * seq, event };
        self.state.apply(&record);
        self.records.push(record);
    }

    fn score(&mut self, quality: f64, words: usize) -> Score {
        let mut normal = |sigma: f64| Normal::new(0.0, sigma).unwrap().sample(&mut self.rng);
        let value = match self.signal {
            Signal::Quality { noise } => quality + normal(noise),
            Signal::Noise { sigma } => 0.5 + normal(sigma),
            Signal::Constant => 1.0,
            Signal::Length => words as f64 / 100.0,
        };
        Score::from_parts(vec![part("checker", value, 1.0)])
    }

    /// An item gets another quality, a little better on the whole.
    pub fn edit(&mut self) -> Edit {
        let id = step(self.rng.random_range(1..=ITEMS));
        let old = self.quality[&id];
        let new = (old + Normal::new(0.05, 0.3).unwrap().sample(&mut self.rng)).clamp(0.0, 1.0);
        Edit::Replace { id, text: format!("at {new:.6}") }
    }

    /// One iteration with edits that the world makes up.
    pub fn iterate(&mut self, proposals: usize) {
        let edits = (0..proposals).map(|_| self.edit()).collect();
        self.iteration(edits);
    }

    /// A run on `problem` whose first plan is this one, with this score and what the family's checker says.
    pub fn of(problem: &Problem, settings: Settings, draft: Plan, parts: Vec<ScorePart>) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(settings.seed);
        let (records, state) = (Vec::new(), State::default());
        let mut world = Self { records, state, quality: BTreeMap::new(), signal: Signal::Constant, rng };
        world.push(Event::Started { problem: machine::card(problem), settings: Box::new(settings) });
        world.push(Event::ModelReady { model: Box::new(ModelInfo::default()) });
        let summary = summarize(problem, &draft);
        world.push(Event::Drafted { plan: draft, confidence: BTreeMap::new() });
        world.push(Event::Checked { subject: Subject::Incumbent, summary });
        world.push(Event::Scored { subject: Subject::Incumbent, score: Score::from_parts(parts) });
        world
    }

    /// One iteration on `problem` with these edits, each checked by its family and with this score.
    pub fn scored(&mut self, problem: &Problem, edits: Vec<(Edit, Vec<ScorePart>)>) {
        let (edits, parts): (Vec<_>, Vec<_>) = edits.into_iter().unzip();
        self.propose(edits);
        for (parts, index) in parts.into_iter().zip(0..) {
            let Some(view) = self.state.candidates[index as usize].view.clone() else { continue };
            let (subject, summary) = (Subject::Candidate(index), summarize(problem, &view.plan));
            self.push(Event::Checked { subject, summary });
            self.push(Event::Scored { subject, score: Score::from_parts(parts) });
        }
        let verdicts = gate::decide(&self.state);
        self.push(Event::Decided { verdicts });
    }

    /// A call comes back that cost so many tokens, written and read, and floating-point operations.
    pub fn spends(&mut self, purpose: Purpose, (generated, fresh): (u64, u64), flops: f64) {
        let (call, blob) = (CallId(self.state.calls.made + 1), BlobId::of(b"{}"));
        self.push(Event::CallStarted { call, purpose, sequences: 1, request: blob.clone() });
        let cost = Cost { calls: 1, generated, fresh, flops, ..Cost::default() };
        self.push(Event::CallFinished {
            pressure: Vec::new(),
            call,
            cost,
            prompts: Vec::new(),
            batch: 1,
            reply: blob,
            notes: Vec::new(),
        });
    }

    fn propose(&mut self, edits: Vec<Edit>) {
        self.propose_by(edits, |_| {});
    }

    fn propose_by(&mut self, edits: Vec<Edit>, by: impl Fn(&mut Candidate)) {
        let number = self.state.finished_iterations() + 1;
        self.push(Event::PhaseBegan { phase: Phase::Propose, iteration: number });
        let plan = self.state.incumbent.as_ref().unwrap().plan.clone();
        let mut candidates: Vec<Candidate> =
            edits.into_iter().zip(0..).map(|(edit, at)| self.candidate(&plan, edit, at)).collect();
        candidates.iter_mut().for_each(by);
        self.push(Event::Proposed { candidates });
    }

    /// One iteration with these edits, scored as the signal says and decided by the gate of the settings.
    pub fn iteration(&mut self, edits: Vec<Edit>) {
        self.iteration_by(edits, |_| {});
    }

    /// The same with what `by` makes of each proposal before it is recorded.
    pub fn iteration_by(&mut self, edits: Vec<Edit>, by: impl Fn(&mut Candidate)) {
        self.propose_by(edits, by);
        let plans: Vec<Option<Plan>> =
            self.state.candidates.iter().map(|view| Some(view.view.as_ref()?.plan.clone())).collect();
        for (plan, index) in plans.into_iter().zip(0..) {
            let Some(plan) = plan else { continue };
            let score = self.score(quality(&plan), words(&plan));
            self.push(Event::Scored { subject: Subject::Candidate(index), score });
        }
        let verdicts = gate::decide(&self.state);
        self.push(Event::Decided { verdicts });
        if let Some(turn) = gate::turn(&self.state) {
            self.push(Event::Turned { turn });
        }
        let plan = &self.state.incumbent.as_ref().unwrap().plan;
        self.quality = plan.items().iter().map(|item| (item.id, read(&item.text))).collect();
    }

    fn candidate(&self, base: &Plan, edit: Edit, index: u32) -> Candidate {
        let applied = edit.apply(base, Origin::Refined);
        let hash = applied.as_ref().ok().map(|(plan, _)| plan.hash());
        let status = match (&applied, hash) {
            (Err(error), _) => CandidateStatus::Invalid { reason: error.to_string() },
            (Ok(_), Some(hash)) if hash == base.hash() => CandidateStatus::NoOp,
            (Ok(_), Some(hash)) if self.state.proposals.seen.contains_key(&hash) => {
                CandidateStatus::Duplicate { first_seen: self.state.proposals.seen[&hash] }
            }
            (Ok(_), _) => CandidateStatus::Ready,
        };
        Candidate {
            canvas: None,
            index,
            kind: edit.kind_name().into(),
            proposer: None,
            reply: edit.summary(),
            seed: 0,
            edit: Some(edit),
            hash,
            confidence: BTreeMap::new(),
            pressure: None,
            tokens: None,
            status,
            drawn: None,
        }
    }

    /// The best plan gets these fresh totals.
    pub fn rescore(&mut self, values: &[f64]) {
        let plan = self.state.best.as_ref().unwrap().plan.hash();
        let total = Spread::of(values).unwrap();
        self.push(Event::Rescored { rescore: Rescore { plan, total, parts: Vec::new() } });
    }

    /// The family's checker says the value of the plan's steps.
    pub fn derives(&mut self, value: &str) {
        let summary = CheckSummary { derived: Some(value.into()), ..CheckSummary::default() };
        self.push(Event::Checked { subject: Subject::Incumbent, summary });
    }

    /// The run ends with this answer.
    pub fn answer(&mut self, value: &str, right: bool) {
        self.push(Event::RefinementEnded { reason: RefinementStop::Iterations });
        let answer = Answer {
            text: value.into(),
            value: Some(value.into()),
            cite: false,
            plan: Some(self.state.answer_plan().unwrap().plan.hash()),
            coverage: Vec::new(),
            truncated: false,
            poll: None,
            extended: 0,
            style: None,
            evaluated: None,
            unsupported: false,
        };
        self.push(Event::Answered { answer });
        let judgement = if right { Judgement::Correct } else { Judgement::Wrong };
        self.push(Event::Judged { judgement });
        self.push(Event::Ended { outcome: Outcome::Answered });
    }

    /// What the passive check of this name finds.
    pub fn found(&self, name: &str) -> Finding {
        let found = passive::look(&self.records, &self.state, |check| check == name);
        found.into_iter().next().expect("a check of that name")
    }
}

fn mean<'a>(values: impl ExactSizeIterator<Item = &'a f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

/// The mean quality of the items of a plan.
pub fn quality(plan: &Plan) -> f64 {
    let values: Vec<f64> = plan.items().iter().map(|item| read(&item.text)).collect();
    mean(values.iter())
}

fn read(text: &str) -> f64 {
    text.split_whitespace().nth(1).and_then(|value| value.parse().ok()).unwrap_or(0.0)
}

/// A run of `steps` iterations.
pub fn run(seed: u64, gate: &str, signal: Signal, steps: usize, proposals: usize) -> World {
    let mut world = World::new(settings(seed, gate), signal);
    (0..steps).for_each(|_| world.iterate(proposals));
    world
}

fn words(plan: &Plan) -> usize {
    plan.items().iter().map(|item| item.text.split_whitespace().count()).sum()
}
