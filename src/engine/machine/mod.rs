//! The refinement loop as a pure machine: inputs in, records and effects out.
//!
//! ```text
//! Load -> Draft -> ScoreDraft -> ( Propose -> Score -> Decide )* -> Answer -> Done
//! ```
//!
//! Before each phase the machine looks at its pace and pauses when it was asked to. One call to
//! the model runs at most; what its reply means depends on the phase. What a person changes waits
//! until no call is running, and is then checked and scored even while the run is paused.
//!
//! | file | holds |
//! | --- | --- |
//! | `pace` | how far the machine runs by itself, and why it pauses |
//! | `calls` | calls to the model: begun, finished, failed, cancelled |
//! | `polling` | several answers, and chains of thought that are extended |
//! | `spending` | what a strict budget leaves |
//! | `phases` | what each phase asks of the model, and what its reply means |
//! | `consulting` | calls for somebody outside |
//! | `agreeing` | drafts that agree, and a chain of thought where they do not |
//! | `denoising` | plans that are denoised, one step per iteration |
//! | `latents` | the same for plans whose latents are denoised |
//! | `answering` | the answer, and answers from earlier plans |
//! | `changes` | what a person changes: the incumbent, candidates, noise |
//! | `probing` | probes, which see each record as it is made |
//! | `proposing` | what proposals need of the model |
//! | `scoring` | one scorer after the other, for the first time and again |
//! | `voting` | votes of independent drafts |
//! | `shadowing` | plain decoding at the same cost, next to the run |

mod agreeing;
mod answering;
mod calls;
mod changes;
mod consulting;
mod denoising;
mod latents;
mod pace;
mod phases;
mod polling;
mod probing;
mod proposing;
mod scoring;
mod shadowing;
mod spending;
mod voting;

use std::{collections::VecDeque, sync::Arc};

use self::{
    answering::AnswerWork,
    calls::Pending,
    changes::Change,
    pace::{Pace, Steering},
    probing::LiveProbes,
    scoring::Scoring,
    shadowing::ShadowWork,
};
use super::{
    command::Command,
    prompt::Prompter,
    propose::{self, Ask},
    score::Memory,
};
use model::{LlmError, ModelInfo, Reply, Request};
use plan::Plan;
use probe::{Hit, Probes};
use problem::{AnswerVerdict, Problem};
use session::{
    CallId, Event, Mode, Outcome, PauseCause, Phase, ProblemCard, Purpose, Record, RefinementStop, Settings,
    State, Subject,
};

/// What comes in.
#[derive(Debug, Clone)]
pub enum Input {
    /// The model is loaded, or could not be.
    Model(Result<Box<ModelInfo>, LlmError>),
    /// A person or script wants something.
    Command(Command),
    /// A call came back.
    Replied {
        /// The number that [`Effect::Call`] gave it.
        call: CallId,
        /// What came back.
        reply: Result<Box<Reply>, LlmError>,
    },
    /// How the answer that was to be judged compares with the gold.
    Judged(AnswerVerdict),
}

/// What the driver is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Make a call to the model and feed the reply back.
    Call {
        /// Its number.
        call: CallId,
        /// What its cost is booked under.
        purpose: Purpose,
        /// What the backend is to do, and under which limits.
        request: Box<Request>,
    },
    /// Cancel the running call; its reply still comes.
    CancelCall,
    /// Have the oracle judge an answer and feed the verdict back. It may take long: code is run.
    Judge {
        /// What the answer was decoded from; empty where there was no plan.
        plan: Box<Plan>,
        /// The answer without citations.
        answer: String,
    },
    /// The session is over.
    End,
}

/// What one input led to. Blobs are to be stored first, then records, then effects done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Step {
    /// Texts that the records name by their hash.
    pub blobs: Vec<Vec<u8>>,
    /// What happened, in order.
    pub records: Vec<Record>,
    /// Probes that fired at them.
    pub hits: Vec<Hit>,
    /// What became of the probes; absent where nothing did.
    pub probed: Option<Probed>,
    /// The result of a side request; absent where none ended.
    pub consulted: Option<Result<Box<Reply>, String>>,
    /// What could not be done, one sentence each.
    pub refused: Vec<String>,
    /// What is to be done.
    pub effects: Vec<Effect>,
}

/// What became of the probes.
#[derive(Debug, Clone, PartialEq)]
pub struct Probed {
    /// All of them.
    pub probes: Probes,
    /// What a command on them did; absent where none asked.
    pub said: Option<String>,
}

/// The machine. Everything that is seen from outside is in its [`State`]; the other fields say only what
/// it is about to do.
#[derive(Debug)]
pub struct Machine {
    state: State,
    problem: Arc<Problem>,
    prompter: Prompter,
    /// Milliseconds since the session began, as of the last input.
    now_ms: u64,
    steering: Steering,
    probing: LiveProbes,
    /// The running call.
    pending: Option<Pending>,
    asks: Vec<Ask>,
    /// The running scoring.
    scoring: Option<Scoring>,
    memory: Memory,
    answers: AnswerWork,
    shadow: ShadowWork,
    /// Changes that wait until no call is running.
    queue: VecDeque<Change>,
    /// What the present input has led to so far.
    out: Step,
}

impl Machine {
    /// Starts a session.
    pub fn new(problem: Arc<Problem>, settings: Settings) -> (Self, Step) {
        let card = card(&problem);
        // Prompts and pace go by the settings, which the record has from its first event on.
        let mut state = State::default();
        state.settings.clone_from(&settings);
        let mut machine = Self::standing_at(problem, state);
        machine.emit(Event::Started { problem: card, settings: Box::new(settings) });
        machine.emit(Event::PhaseBegan { phase: Phase::Load, iteration: 0 });
        let step = std::mem::take(&mut machine.out);
        (machine, step)
    }

    /// Continues from `state`, which a fork left: a phase that had not ended starts again.
    pub fn resume(problem: Arc<Problem>, state: State) -> (Self, Step) {
        let iteration = state.iteration;
        let mut machine = Self::standing_at(problem, state);
        machine.emit(Event::PhaseBegan { phase: Phase::Load, iteration });
        let step = std::mem::take(&mut machine.out);
        (machine, step)
    }

    fn standing_at(problem: Arc<Problem>, state: State) -> Self {
        Self {
            prompter: Prompter::of(&problem, &state.settings),
            problem,
            now_ms: state.at_ms,
            steering: Steering::of(&state.settings),
            probing: LiveProbes::default(),
            pending: None,
            asks: Vec::new(),
            scoring: None,
            memory: Memory::default(),
            answers: AnswerWork::default(),
            shadow: ShadowWork::default(),
            queue: VecDeque::new(),
            out: Step::default(),
            state,
        }
    }

    /// Returns the state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns whether nothing happens before a command comes.
    pub(crate) fn stands_still(&self) -> bool {
        !self.waits() && self.state.model.is_some() && self.state.outcome.is_none()
    }

    /// Whether something that was asked for is still to come.
    fn waits(&self) -> bool {
        self.pending.is_some() || self.answers.judging.is_some()
    }

    /// Takes an input that came `now_ms` milliseconds after the session began.
    pub fn handle(&mut self, now_ms: u64, input: Input) -> Step {
        self.now_ms = now_ms.max(self.now_ms);
        if self.state.outcome.is_none() {
            match input {
                Input::Model(Ok(mut model)) => {
                    model.notes.extend(propose::lacking(&self.state.settings, &model));
                    self.emit(Event::ModelReady { model });
                    self.find_place();
                }
                Input::Model(Err(error)) => self.fail(&error),
                Input::Command(command) => self.command(command),
                Input::Replied { call, reply } => self.replied(call, reply),
                Input::Judged(verdict) => self.judged(verdict),
            }
            self.advance();
        } else if let Input::Command(_) = input {
            self.refuse("The session is over.");
        }
        std::mem::take(&mut self.out)
    }

    fn emit(&mut self, event: Event) {
        let record = Record { seq: self.state.events, at_ms: self.now_ms, event };
        self.state.apply(&record);
        self.observe(&record);
        self.out.records.push(record);
    }

    /// Says why a command does nothing.
    fn refuse(&mut self, reason: impl Into<String>) {
        self.out.refused.push(reason.into());
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Pause => self.pause(PauseCause::Asked),
            Command::Probe(command) => self.probe(command),
            Command::Probes(probes) => self.adopt(*probes),
            Command::Interrupt => self.interrupt(),
            Command::Continue => self.go_on(Pace::Run),
            Command::StepPhase => self.go_on(Pace::OnePhase),
            Command::NextIteration => self.go_on(Pace::Iteration { after: self.state.timeline.len() }),
            Command::Until(iteration) => self.until(iteration),
            Command::Finish => self.finish_refinement(),
            Command::AnswerNow => self.answer_now(),
            Command::Edit(edit) => self.queue.push_back(Change::Edit(edit)),
            Command::Undo => self.queue.push_back(Change::Undo),
            Command::Redo => self.queue.push_back(Change::Redo),
            Command::Noise(spec) => self.queue.push_back(Change::Noise(spec)),
            Command::Rule { candidate, accept } => self.queue.push_back(Change::Rule { candidate, accept }),
            Command::EditCandidate { candidate, edit } => {
                self.queue.push_back(Change::Candidate { candidate, edit });
            }
            Command::Adopt(number) => self.queue.push_back(Change::Adopt(number)),
            Command::Rescore { times } => self.queue.push_back(Change::Rescore { times }),
            Command::AnswerFrom { seq, plan } => self.queue.push_back(Change::Answer { seq, plan }),
            Command::Consult(request) => self.queue.push_back(Change::Consult(request)),
            Command::Gate(gate) => self.set_gate(&gate),
            Command::Intercept(on) => self.set_intercept(on),
            Command::Shadow(on) => self.set_shadow(on),
            Command::Chaos(chaos) => self.set_chaos(chaos),
            Command::Stop => {
                self.steering.stopping = true;
                self.cancel();
            }
        }
    }

    /// Advances from phase to phase until something must be awaited or the pace says to pause.
    fn advance(&mut self) {
        while !self.waits() && self.state.outcome.is_none() {
            if self.steering.stopping {
                self.end(Outcome::Interrupted);
            } else if let Some(change) = self.queue.pop_front() {
                self.take_change(change);
            } else if self.state.model.is_none() {
                return;
            } else if self.steering.answer_asked
                && self.state.incumbent.is_some()
                && self.steering.next != Phase::Answer
            {
                self.end_refinement(RefinementStop::Asked);
            } else if self.shadow_is_due() {
                self.shadow();
            } else if self.may_begin() {
                self.begin(self.steering.next);
            } else {
                return self.stand_still();
            }
        }
    }

    /// Finds the phase that comes next from the state alone.
    fn find_place(&mut self) {
        let state = &self.state;
        self.steering.next = match (state.settings.mode, &state.incumbent) {
            (Mode::Direct, _) | (Mode::Draft, Some(_)) => Phase::Answer,
            (Mode::Refine | Mode::Draft, None) => Phase::Draft,
            (Mode::Refine, Some(incumbent)) if incumbent.score.is_none() && !self.is_unfinished() => {
                Phase::ScoreDraft
            }
            (Mode::Refine, Some(_)) if state.deciding() => {
                if self.unscored().is_empty() {
                    Phase::Decide
                } else {
                    Phase::Score
                }
            }
            (Mode::Refine, Some(_)) => return self.after_iteration(),
        };
    }

    fn answer_now(&mut self) {
        if self.steering.next == Phase::Answer && self.state.phase == Phase::Answer && self.waits() {
            return self.refuse("The answer is already being decoded.");
        }
        self.steering.answer_asked = true;
        self.go_on(Pace::Run);
        if self.pending.as_ref().is_some_and(|pending| refines(pending.purpose)) {
            self.cancel();
        }
    }

    fn fail(&mut self, error: &LlmError) {
        let outcome = Outcome::Failed { reason: error.to_string(), hint: error.hint().map(str::to_owned) };
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        self.emit(Event::Ended { outcome });
        self.out.effects.push(Effect::End);
    }

    fn end_refinement(&mut self, reason: RefinementStop) {
        self.steering.next = self.after_refinement(&reason);
        if self.state.refinement_stop.is_none() {
            self.emit(Event::RefinementEnded { reason });
        }
    }

    /// Has the family's checker look at a plan.
    fn check(&mut self, subject: Subject) {
        if let Some(view) = self.view(subject) {
            let summary = super::score::checker::summarize(&self.problem, &view.plan);
            self.emit(Event::Checked { subject, summary });
        }
    }
}

/// Returns what a session records of `problem`: all but the gold answer.
pub fn card(problem: &Problem) -> ProblemCard {
    ProblemCard {
        reference: problem.id.clone(),
        title: problem.title.clone(),
        family: problem.family.clone(),
        text: problem.text.clone(),
        has_gold: problem.can_be_judged(),
    }
}

/// Whether a call serves refinement, which an answer that was asked for does not wait for.
fn refines(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Propose | Purpose::Critique | Purpose::Score(_) | Purpose::TieBreak | Purpose::Shadow => {
            true
        }
        Purpose::Draft
        | Purpose::Answer
        | Purpose::Direct
        | Purpose::Verify
        | Purpose::Rescore
        | Purpose::SideAnswer
        | Purpose::Diagnose => false,
    }
}
