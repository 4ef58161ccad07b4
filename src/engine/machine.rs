//! The refinement loop as a pure machine: inputs in, records and effects out.
//!
//! ```text
//! Load -> Draft -> ScoreDraft -> ( Propose -> Score -> Decide )* -> Answer -> Done
//! ```
//!
//! Before each phase the machine looks at its pace and stands still when it is told to. One call to
//! the model is under way at most; what its reply means depends on the phase.

mod phases;

use std::sync::Arc;

use super::{command::Command, prompt::Prompter, propose::Ask};
use crate::{
    llm::{Cost, LlmError, ModelInfo, Reply, Request},
    plan::{Edit, Origin},
    problem::Problem,
    session::{
        BlobId, CallId, Event, Mode, Outcome, Phase, ProblemCard, Purpose, Record, RefinementStop, Settings,
        State, Subject,
    },
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
        /// Which call.
        call: CallId,
        /// What came back.
        reply: Result<Box<Reply>, LlmError>,
    },
}

/// What the driver is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Make a call to the model and feed the reply back.
    Call {
        /// Its number.
        call: CallId,
        /// What it is for.
        purpose: Purpose,
        /// What is asked.
        request: Box<Request>,
    },
    /// Cancel the call that is under way; its reply still comes.
    CancelCall,
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
    /// What is to be done.
    pub effects: Vec<Effect>,
}

/// How far the machine goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// To the end.
    Run,
    /// Not into another phase.
    Hold,
    /// Into one phase more.
    OnePhase,
    /// Until the timeline, this long when it was asked for, has grown and the next phase starts anew.
    Iteration {
        /// Points of the timeline at that moment.
        after: usize,
    },
    /// To the end of that iteration, or of refinement.
    Until(u32),
    /// To the end of refinement.
    Refinement,
}

/// A call whose reply is awaited.
#[derive(Debug, Clone)]
struct Pending {
    call: CallId,
    purpose: Purpose,
    request: Box<Request>,
    retried: bool,
}

/// The machine. Everything that is seen from outside is in its [`State`]; the other fields say only what
/// it is about to do.
#[derive(Debug)]
pub struct Machine {
    state: State,
    problem: Arc<Problem>,
    prompter: Prompter,
    pace: Pace,
    next: Phase,
    pending: Option<Pending>,
    asks: Vec<Ask>,
    content_free: Option<f64>,
    queued_edits: Vec<Edit>,
    answer_asked: bool,
    stopping: bool,
    round_start: Cost,
    dearest_round: Cost,
    now_ms: u64,
    out: Step,
}

impl Machine {
    /// Starts a session.
    pub fn new(problem: Arc<Problem>, settings: Settings) -> (Self, Step) {
        let card = card(&problem);
        let mut machine = Self {
            state: State::default(),
            prompter: Prompter::new(&problem),
            problem,
            pace: if settings.paused { Pace::Hold } else { Pace::Run },
            next: if settings.mode == Mode::Direct { Phase::Answer } else { Phase::Draft },
            pending: None,
            asks: Vec::new(),
            content_free: None,
            queued_edits: Vec::new(),
            answer_asked: false,
            stopping: false,
            round_start: Cost::default(),
            dearest_round: Cost::default(),
            now_ms: 0,
            out: Step::default(),
        };
        machine.emit(Event::Started { problem: card, settings: Box::new(settings) });
        machine.emit(Event::PhaseBegan { phase: Phase::Load, iteration: 0 });
        let step = std::mem::take(&mut machine.out);
        (machine, step)
    }

    /// Returns the state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns whether nothing happens before a command comes.
    pub fn stands_still(&self) -> bool {
        self.pending.is_none() && self.state.model.is_some() && self.state.outcome.is_none()
    }

    /// Takes an input that came `now_ms` milliseconds after the session began.
    pub fn handle(&mut self, now_ms: u64, input: Input) -> Step {
        self.now_ms = now_ms.max(self.now_ms);
        if self.state.outcome.is_none() {
            match input {
                Input::Model(Ok(model)) => self.emit(Event::ModelReady { model }),
                Input::Model(Err(error)) => self.fail(&error),
                Input::Command(command) => self.command(command),
                Input::Replied { call, reply } => self.replied(call, reply),
            }
            self.advance();
        }
        std::mem::take(&mut self.out)
    }

    fn emit(&mut self, event: Event) {
        let record = Record { seq: self.state.events, at_ms: self.now_ms, event };
        self.state.apply(&record);
        self.out.records.push(record);
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Pause => self.set_pace(Pace::Hold),
            Command::Continue => self.set_pace(Pace::Run),
            Command::StepPhase => self.set_pace(Pace::OnePhase),
            Command::NextIteration => self.set_pace(Pace::Iteration { after: self.state.timeline.len() }),
            Command::Until(iteration) => self.set_pace(Pace::Until(iteration)),
            Command::Finish => self.set_pace(Pace::Refinement),
            Command::Interrupt => self.set_pace(Pace::Hold),
            Command::AnswerNow => {
                self.answer_asked = true;
                self.set_pace(Pace::Run);
                if self.pending.as_ref().is_some_and(|pending| refines(pending.purpose)) {
                    self.out.effects.push(Effect::CancelCall);
                }
            }
            Command::Edit(edit) => self.queued_edits.push(edit),
            Command::Stop => {
                self.stopping = true;
                if self.pending.is_some() {
                    self.out.effects.push(Effect::CancelCall);
                }
            }
        }
    }

    fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
        let paused = pace == Pace::Hold;
        if self.state.paused != paused {
            self.emit(Event::Paused { paused });
        }
    }

    /// Goes on from phase to phase until a reply must be awaited or the pace says to stand still.
    fn advance(&mut self) {
        while self.pending.is_none() && self.state.outcome.is_none() {
            if self.stopping {
                self.end(Outcome::Interrupted);
            } else if self.state.model.is_none() {
                return;
            } else if !self.queued_edits.is_empty() && self.state.incumbent.is_some() {
                self.take_edits();
            } else if self.answer_asked && self.state.incumbent.is_some() && self.next != Phase::Answer {
                self.end_refinement(RefinementStop::Asked);
            } else if !self.may_begin() {
                return;
            } else {
                self.begin(self.next);
            }
        }
    }

    /// Whether the pace lets the next phase begin; uses up a single step.
    fn may_begin(&mut self) -> bool {
        match self.pace {
            Pace::Run => true,
            Pace::Hold => false,
            Pace::OnePhase => {
                self.set_pace(Pace::Hold);
                true
            }
            Pace::Iteration { after } => {
                self.hold_if(self.state.timeline.len() > after && self.between_iterations())
            }
            Pace::Until(iteration) => {
                let reached = self.next == Phase::Propose && self.state.iteration >= iteration;
                self.hold_if(reached || self.next == Phase::Answer)
            }
            Pace::Refinement => self.hold_if(self.next == Phase::Answer),
        }
    }

    /// Stands still when the pace's end is reached; returns whether the next phase may begin.
    fn hold_if(&mut self, reached: bool) -> bool {
        if reached {
            self.set_pace(Pace::Hold);
        }
        !reached
    }

    fn between_iterations(&self) -> bool {
        match self.next {
            Phase::Propose | Phase::Answer => true,
            Phase::Load | Phase::Draft | Phase::ScoreDraft | Phase::Score | Phase::Decide | Phase::Done => {
                false
            }
        }
    }

    /// Applies the edits that a person made, and has the plan scored again.
    fn take_edits(&mut self) {
        for edit in std::mem::take(&mut self.queued_edits) {
            let fits = self
                .state
                .incumbent
                .as_ref()
                .is_some_and(|incumbent| edit.apply(&incumbent.plan, Origin::Human).is_ok());
            if fits {
                self.emit(Event::HumanEdited { edit });
            }
        }
        self.check(Subject::Incumbent);
        if self.next != Phase::Answer {
            self.next = Phase::ScoreDraft;
        }
    }

    fn call(&mut self, purpose: Purpose, request: Request) {
        let call = CallId(self.state.calls + 1);
        self.start_call(Pending { call, purpose, request: Box::new(request), retried: false });
    }

    fn start_call(&mut self, pending: Pending) {
        let blob = serde_json::to_vec(&pending.request).unwrap_or_default();
        let sequences = match &*pending.request {
            Request::Generate { generations } => generations.len(),
            Request::Score { pairs } => pairs.len(),
            Request::Choose { prompts, .. } => prompts.len(),
        };
        self.emit(Event::CallStarted {
            call: pending.call,
            purpose: pending.purpose,
            sequences: u32::try_from(sequences).unwrap_or(u32::MAX),
            request: BlobId::of(&blob),
        });
        self.out.blobs.push(blob);
        self.out.effects.push(Effect::Call {
            call: pending.call,
            purpose: pending.purpose,
            request: pending.request.clone(),
        });
        self.pending = Some(pending);
    }

    fn replied(&mut self, call: CallId, reply: Result<Box<Reply>, LlmError>) {
        let Some(pending) = self.pending.take_if(|pending| pending.call == call) else { return };
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return self.call_failed(pending, &error),
        };
        let blob = serde_json::to_vec(&reply).unwrap_or_default();
        self.emit(Event::CallFinished {
            call,
            cost: reply.cost,
            prompts: reply.prompts.clone(),
            batch: reply.batch,
            reply: BlobId::of(&blob),
        });
        self.out.blobs.push(blob);
        let unwanted = self.stopping || (self.answer_asked && refines(pending.purpose));
        if !unwanted {
            self.finish(pending.purpose, &reply);
        }
    }

    /// A dead worker is started again and the call made once more; anything else ends the session.
    fn call_failed(&mut self, pending: Pending, error: &LlmError) {
        let died = match error {
            LlmError::WorkerDied { log_tail, .. } => Some(log_tail.clone()),
            LlmError::Unavailable { .. }
            | LlmError::TooLong { .. }
            | LlmError::Refused { .. }
            | LlmError::TimedOut(_)
            | LlmError::Cancelled => None,
        };
        let retried = died.is_some() && !pending.retried && !self.stopping;
        self.emit(Event::CallFailed {
            call: pending.call,
            error: error.to_string(),
            hint: error.hint().map(str::to_owned),
            log_tail: died,
            retried,
        });
        if retried {
            let call = CallId(self.state.calls + 1);
            self.start_call(Pending { call, retried: true, ..pending });
        } else if matches!(error, LlmError::Cancelled) && (self.stopping || self.answer_asked) {
            // The call was cancelled on purpose; `advance` knows what comes next.
        } else {
            self.fail(error);
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
        self.emit(Event::RefinementEnded { reason });
        self.next = Phase::Answer;
    }

    /// Has the family's checker look at a plan.
    fn check(&mut self, subject: Subject) {
        let view = match subject {
            Subject::Incumbent => self.state.incumbent.as_ref(),
            Subject::Candidate(index) => {
                self.state.candidates.get(index as usize).and_then(|candidate| candidate.view.as_ref())
            }
        };
        if let Some(view) = view {
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
        has_gold: problem.has_gold(),
    }
}

/// Whether a call serves refinement, which an answer that was asked for does not wait for.
fn refines(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Propose | Purpose::SelfCheck => true,
        Purpose::Draft | Purpose::Answer | Purpose::Direct => false,
    }
}
