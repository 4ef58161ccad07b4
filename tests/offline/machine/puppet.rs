//! A machine whose model is played by hand.

use std::{collections::BTreeMap, sync::Arc};

use denoise::LatentShape;
use engine::{
    Command,
    machine::{Effect, Input, Machine, Step},
};
use model::{
    Appraisal, Completion, Cost, Generation, LatentPlan, LatentRow, LlmError, ModelInfo, Output, Reply,
    Request, StopReason, Thinking, ThinkingStop, Token,
};
use plan::{ItemId, Style, print};
use problem::{Gold, Problem};
use session::{CallId, Event, Outcome, Phase, Purpose, Record, Settings, State};

pub const GOLD: &str = "9876.54321";
pub const DRAFT: &str =
    "C1: boxes = 20\nC2: pens = 6\nS1 <- C1: total = boxes * boxes\nS2 <- S1: answer = total - 45";

/// Answers calls in place of a model.
pub struct Puppet {
    pub machine: Machine,
    pub records: Vec<Record>,
    pub requests: Vec<(Purpose, Request)>,
    pub calls: Vec<(CallId, Purpose, Request)>,
    pub refused: Vec<String>,
    pub consulted: Vec<Result<Box<Reply>, String>>,
    pub hits: Vec<String>,
    pub cancelled: bool,
    pub ended: bool,
    /// What is proposed, one list an iteration; the last one repeats.
    pub proposals: Vec<Vec<&'static str>>,
    /// What is answered, in turn.
    pub answers: Vec<&'static str>,
    /// What is answered in the shadow baseline without a plan, in turn.
    pub plain: Vec<&'static str>,
    /// How long each answer is, in tokens.
    pub length: usize,
    /// How long each text is thought about, in tokens, where it may be.
    pub thought: usize,
    /// By how much the self-check's log-odds of yes differ from prompt to prompt.
    pub unsure: f32,
    /// The first plan.
    pub draft: &'static str,
    /// The tokens of a whole plan, of each of which the model is sure.
    pub fill: Vec<u8>,
    /// How long each redraft is, in tokens.
    pub draft_length: usize,
    answered: usize,
    pub now: u64,
    problem: Arc<Problem>,
}

impl Puppet {
    pub fn new(settings: Settings) -> Self {
        Self::on(problem(), settings)
    }

    /// A run on another problem than [`problem`].
    pub fn on(problem: Problem, settings: Settings) -> Self {
        Self::of_model(problem, settings, |_| {})
    }

    /// The same with another model than one of which nothing but its name is known.
    pub fn of_model(problem: Problem, settings: Settings, model: impl Fn(&mut ModelInfo)) -> Self {
        let problem = Arc::new(problem);
        let (machine, first) = Machine::new(Arc::clone(&problem), settings);
        Self::go(machine, problem, Vec::new(), first, model)
    }

    /// Continues from the end of `records`.
    pub fn resume(records: Vec<Record>) -> Self {
        Self::resume_on(problem(), records)
    }

    /// The same of a run on another problem.
    pub fn resume_on(problem: Problem, records: Vec<Record>) -> Self {
        let problem = Arc::new(problem);
        let (machine, first) = Machine::resume(Arc::clone(&problem), State::replay(&records));
        Self::go(machine, problem, records, first, |_| {})
    }

    fn go(
        machine: Machine,
        problem: Arc<Problem>,
        records: Vec<Record>,
        first: Step,
        model: impl Fn(&mut ModelInfo),
    ) -> Self {
        let now = machine.state().at_ms;
        let mut puppet = Self {
            machine,
            records,
            requests: Vec::new(),
            calls: Vec::new(),
            refused: Vec::new(),
            consulted: Vec::new(),
            hits: Vec::new(),
            cancelled: false,
            ended: false,
            answers: vec!["There are 75 pens left [S2].\nThe answer is 75 [S2]."],
            plain: vec!["The answer is 355."],
            length: 0,
            thought: 0,
            unsure: 0.0,
            draft: DRAFT,
            fill: Vec::new(),
            draft_length: 0,
            answered: 0,
            proposals: vec![vec![" S1 <- C1 C2: total = boxes * pens"]],
            now,
            problem,
        };
        puppet.take(first);
        let mut info = ModelInfo { name: "puppet".into(), ..ModelInfo::default() };
        model(&mut info);
        puppet.input(Input::Model(Ok(Box::new(info))));
        puppet
    }

    pub fn take(&mut self, step: Step) {
        self.records.extend(step.records);
        self.refused.extend(step.refused);
        self.consulted.extend(step.consulted);
        self.hits.extend(step.hits.into_iter().map(|hit| hit.text));
        for effect in step.effects {
            match effect {
                Effect::Call { call, purpose, request } => {
                    self.requests.push((purpose, (*request).clone()));
                    self.calls.push((call, purpose, *request));
                }
                Effect::CancelCall => self.cancelled = true,
                Effect::Judge { plan, answer } => {
                    let problem = Arc::clone(&self.problem);
                    let verdict = problem.family().check_answer(&problem, &plan, &answer);
                    self.input(Input::Judged(verdict));
                }
                Effect::End => self.ended = true,
            }
        }
    }

    pub fn input(&mut self, input: Input) {
        self.now += 10;
        let step = self.machine.handle(self.now, input);
        self.take(step);
    }

    pub fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    pub fn state(&self) -> &State {
        self.machine.state()
    }

    /// Replies to the call that waits; false when none does.
    pub fn reply(&mut self) -> bool {
        let Some((call, purpose, request)) = self.calls.pop() else { return false };
        let text = |text: &str| Completion {
            text: text.into(),
            tokens: vec![],
            stop: StopReason::GrammarComplete,
            thinking: None,
        };
        let long = |said: &str, length: usize| Completion {
            tokens: vec![
                Token { id: None, text: String::new(), logprob: None, mask: None, share: None };
                length
            ],
            ..text(said)
        };
        let mut output = match (purpose, &request) {
            (Purpose::Draft, _) => {
                Output::Generated { completions: vec![long(self.draft, self.draft_length)] }
            }
            (Purpose::Propose, Request::Fill { vocabulary, .. }) => {
                let place = |token: &u8| {
                    let mut distribution = vec![0.1 / (vocabulary.len() - 1) as f32; vocabulary.len()];
                    distribution[usize::from(*token)] = 0.9;
                    distribution
                };
                Output::Filled { distributions: vec![self.fill.iter().map(place).collect()] }
            }
            (Purpose::Propose, Request::Latents { rows, .. }) => {
                // The latents of a plan are its tokens, each many times, so that different plans have different ones.
                let found = |row: &LatentRow| {
                    let tokens = match row {
                        LatentRow::Encode { plan } => plan,
                        LatentRow::Expect { .. } => &self.fill,
                    };
                    let numbers = tokens.iter().map(|token| f32::from(*token)).cycle();
                    LatentPlan {
                        z: numbers.take(LatentShape::DEFAULT.numbers()).collect(),
                        tokens: tokens.iter().map(|token| (*token, 0.75)).collect(),
                    }
                };
                Output::Found { plans: rows.iter().map(found).collect() }
            }
            (Purpose::Critique, Request::Generate { generations }) => {
                let said = "S1 multiplies boxes by boxes; it should take the pens.";
                Output::Generated { completions: generations.iter().map(|_| text(said)).collect() }
            }
            (Purpose::Propose, Request::Generate { generations }) => {
                let place = (self.state().iteration as usize - 1).min(self.proposals.len() - 1);
                let lines = self.proposals[place].iter().cycle().take(generations.len());
                let write = |(line, asked): (&&str, &Generation)| match &asked.distinct_from {
                    None => long(line, self.draft_length),
                    // As the worker does, with one token a line.
                    Some(seen) if seen.iter().any(|one| one.text == **line) => {
                        Completion { stop: StopReason::Exhausted, ..text("") }
                    }
                    Some(_) => {
                        let (text_of, share) = ((*line).to_owned(), Some(-0.5));
                        let token = Token { id: Some(7), text: text_of, logprob: None, mask: None, share };
                        Completion { tokens: vec![token], ..text(line) }
                    }
                };
                Output::Generated { completions: lines.zip(generations).map(write).collect() }
            }
            (Purpose::Score("self_check") | Purpose::Diagnose, Request::Choose { prompts, .. }) => {
                let yes = |at: usize| -0.5 - self.unsure * (at % 3) as f32;
                Output::Chosen { logprobs: (0..prompts.len()).map(|at| vec![yes(at), -1.0]).collect() }
            }
            // Pairs of a question about nothing and one about the plan, a little surer each time.
            (Purpose::Rescore, Request::Choose { prompts, .. }) => Output::Chosen {
                logprobs: (0..prompts.len() as u8)
                    .map(|at| vec![0.25 * f32::from(at % 2 * at), 0.0])
                    .collect(),
            },
            (Purpose::Score("likelihood"), Request::Score { pairs }) => {
                // The more words, the less probable; without the problem still less.
                let logprobs = |(prompt, text): &(model::Prompt, String)| {
                    let about = serde_json::to_string(prompt).unwrap().contains("20 boxes of 6 pens");
                    let each = if about { -0.5 } else { -1.5 };
                    text.split_whitespace().map(|_| each).collect()
                };
                Output::Scored { logprobs: pairs.iter().map(logprobs).collect() }
            }
            (Purpose::Score("rollouts"), Request::Generate { generations }) => {
                let results = ["75", "75", "355", "75"].iter().cycle().take(generations.len());
                let texts = results.map(|result| format!("The answer is {result}."));
                Output::Generated { completions: texts.map(|said| text(&said)).collect() }
            }
            (Purpose::Score("reward"), Request::Rank { prompts, .. }) => {
                Output::Ranked { probabilities: prompts.iter().map(|_| 0.5).collect() }
            }
            (Purpose::Score("command"), Request::Appraise { plans, .. }) => {
                Output::Appraised { appraisals: plans.iter().map(appraisal).collect() }
            }
            (Purpose::Score("contradiction"), Request::Choose { prompts, .. }) => {
                let logprobs = |prompt: &model::Prompt| {
                    let text = &prompt.messages[1].content;
                    if text.contains("6 pens") || text.contains("boxes") {
                        vec![-0.1, -2.5]
                    } else {
                        vec![-2.0, -0.2]
                    }
                };
                Output::Chosen { logprobs: prompts.iter().map(logprobs).collect() }
            }
            (
                Purpose::Answer | Purpose::Direct | Purpose::SideAnswer | Purpose::TieBreak,
                Request::Generate { generations },
            ) => {
                let completions = generations.iter().map(|generation| {
                    let said = self.answers[self.answered % self.answers.len()];
                    self.answered += 1;
                    let tokens = self.length.min(generation.max_tokens as usize);
                    let token =
                        Token { id: None, text: String::new(), logprob: None, mask: None, share: None };
                    let stop =
                        if tokens < self.length { StopReason::MaxTokens } else { StopReason::EndOfTurn };
                    Completion { text: said.into(), tokens: vec![token; tokens], stop, thinking: None }
                });
                Output::Generated { completions: completions.collect() }
            }
            (Purpose::Shadow, Request::Generate { generations }) => {
                let completions = generations.iter().map(|generation| {
                    let said = match generation.grammar {
                        Some(_) => self.answers[0],
                        None => self.plain[self.answered % self.plain.len()],
                    };
                    self.answered += usize::from(generation.grammar.is_none());
                    long(said, self.length.min(generation.max_tokens as usize))
                });
                Output::Generated { completions: completions.collect() }
            }
            // The longer the answer, the surer.
            (Purpose::Verify, Request::Choose { prompts, .. }) => {
                let odds = |prompt: &model::Prompt| prompt.messages[1].content.len() as f32 / 100.0;
                Output::Chosen { logprobs: prompts.iter().map(|prompt| vec![odds(prompt), 0.0]).collect() }
            }
            (purpose, request) => panic!("{purpose:?} with {request:?}"),
        };
        let mut thinking = 0;
        let written = match &mut output {
            Output::Generated { completions } => {
                let Request::Generate { generations } = &request else { unreachable!() };
                for (one, asked) in completions.iter_mut().zip(generations) {
                    one.thinking = thought(self.thought, asked.thinking);
                    thinking += one.thinking.as_ref().map_or(0, |thinking| thinking.tokens);
                }
                completions.iter().map(Completion::drawn).sum::<u64>()
            }
            Output::Scored { .. }
            | Output::Chosen { .. }
            | Output::Contrasted { .. }
            | Output::Ranked { .. }
            | Output::Filled { .. }
            | Output::Found { .. }
            | Output::Appraised { .. } => 0,
        };
        let generated = if written > 0 { written } else { 10 };
        let cost = Cost { calls: 1, generated, thinking, fresh: 100, ..Cost::default() };
        let reply = Reply { output, cost, prompts: vec![], batch: 1, notes: vec![] };
        self.input(Input::Replied { call, reply: Ok(Box::new(reply)) });
        true
    }

    /// Replies to the call that waits as a model does that was cancelled while it wrote.
    pub fn cut_short(&mut self) {
        let (call, ..) = self.calls.pop().expect("a call waits");
        let part =
            Completion { text: "half".into(), tokens: vec![], stop: StopReason::Cancelled, thinking: None };
        let reply = Reply {
            output: Output::Generated { completions: vec![part] },
            cost: Cost { calls: 1, generated: 3, ..Cost::default() },
            prompts: vec![],
            batch: 1,
            notes: vec![],
        };
        self.input(Input::Replied { call, reply: Ok(Box::new(reply)) });
    }

    /// The next call that waits, without a reply.
    pub fn waiting(&self) -> Option<Purpose> {
        self.calls.last().map(|(_, purpose, _)| *purpose)
    }

    /// Gives one command and lets the run continue as far as it does.
    pub fn tell(&mut self, command: Command) {
        self.command(command);
        self.run();
    }

    /// The last thing that was refused, once.
    pub fn refusal(&mut self) -> String {
        self.refused.pop().expect("something was refused")
    }

    /// The incumbent in the plan language, marks included.
    pub fn plan(&self) -> String {
        print(&self.state().incumbent.as_ref().expect("a plan").plan, Style::Full)
    }

    /// The record alone gives this very state.
    pub fn replays(&self) {
        assert_eq!(State::replay(&self.records), *self.state());
        assert!(self.records.iter().enumerate().all(|(at, record)| record.seq == at as u64));
    }

    pub fn fail(&mut self, error: LlmError) {
        let (call, ..) = self.calls.pop().expect("a call waits");
        self.input(Input::Replied { call, reply: Err(error) });
    }

    pub fn run(&mut self) {
        while self.reply() {}
    }

    pub fn phases(&self) -> Vec<Phase> {
        let phase = |record: &Record| match record.event {
            Event::PhaseBegan { phase, .. } => Some(phase),
            _ => None,
        };
        self.records.iter().filter_map(phase).collect()
    }

    pub fn outcome(&self) -> Outcome {
        self.state().outcome.clone().expect("an outcome")
    }
}

/// What a command says that likes the right line, and has no word on anything else.
fn appraisal(plan: &serde_json::Value) -> Appraisal {
    if plan["plan"]["text"].as_str().is_some_and(|text| text.contains("boxes * pens")) {
        let parts = BTreeMap::from([("S1".to_owned(), 0.75)]);
        Appraisal::Value { score: 0.5, parts, stderr: Some(0.1), detail: None }
    } else {
        Appraisal::Nothing { why: "The command score.py wrote nothing.".into() }
    }
}

pub fn problem() -> Problem {
    let text = "A shop has 20 boxes of 6 pens and sells 45. How many pens are left?";
    Problem::new("pens", "math", text).with_gold(Gold::new(Some(GOLD.into()), vec![]))
}

/// A run that is paused before its first phase.
pub fn paused() -> Settings {
    Settings { paused: true, ..settings() }
}

/// An item id.
pub fn id(name: &str) -> ItemId {
    name.parse().expect("an id")
}

/// Only replacements, so that the puppet's lines fit; no self-check unless a test wants it.
pub fn settings() -> Settings {
    let mut settings = Settings { iterations: 3, proposals: 1, fruitless: 0, ..Settings::default() };
    settings.edits = session::EditWeights {
        replace: 1.0,
        tighten: 0.0,
        insert: 0.0,
        remove: 0.0,
        reorder: 0.0,
        depend: 0.0,
    };
    settings.scorers.set("self_check", 0.0);
    settings
}

/// A thought that looks like a plan, an edit and an answer.
fn thought(length: usize, most: u32) -> Option<Thinking> {
    let tokens = length.min(most as usize) as u64;
    let stop = if tokens < length as u64 { ThinkingStop::Forced } else { ThinkingStop::Closed };
    let text = "S1: answer = 1\nreplace S1: total = 0\nThe answer is 1. [S1]".into();
    (tokens > 0).then_some(Thinking { text, tokens, stop })
}
