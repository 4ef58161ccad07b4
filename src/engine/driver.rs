//! The driver: does what the machine asks for, and feeds back the results.
//!
//! Two tasks: one owns the model and makes one call after the other, the other owns the machine, the
//! clock and the record. Answers are judged in a third. A record is on disk before anyone sees it.

use std::{sync::Arc, time::Instant};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{
    command::{Command, Handle, Update},
    machine::{Effect, Input, Machine, Probed, Step},
};
use model::{Backend, LlmError, Progress, Request};
use plan::Plan;
use problem::{AnswerVerdict, Outcome, Problem};
use session::{
    CallId, Purpose, Settings, State,
    writer::{SessionWriter, WriteError},
};

/// Updates that may wait for a slow screen before the engine waits for it.
const UPDATES: usize = 1024;
/// Progress is dropped beyond this.
const PROGRESS: usize = 256;

/// Where a run starts.
pub enum Start {
    /// At the beginning.
    New(Box<Settings>),
    /// Where a fork left its parent.
    Fork(Box<State>),
}

/// A run to be started.
pub struct Run {
    /// Gold included; only the oracle sees that.
    pub problem: Arc<Problem>,
    /// Where it starts.
    pub start: Start,
    /// The model.
    pub backend: Box<dyn Backend>,
    /// Where the run is recorded.
    pub writer: SessionWriter,
}

/// A call for the model's task.
struct Job {
    call: CallId,
    request: Box<Request>,
    cancel: CancellationToken,
}

/// Starts the engine on the present tokio runtime.
pub fn start(run: Run) -> Handle {
    let (command_tx, commands) = mpsc::channel(64);
    let (update_tx, updates) = mpsc::channel(UPDATES);
    let (done_tx, done) = watch::channel(false);
    tokio::spawn(async move {
        drive(run, commands, update_tx).await;
        // The receiver may be gone with the screen.
        let _ = done_tx.send(true);
    });
    Handle { commands: command_tx, updates, done }
}

async fn drive(run: Run, mut commands: mpsc::Receiver<Command>, updates: mpsc::Sender<Update>) {
    let (progress_tx, mut progress) = mpsc::channel(PROGRESS);
    let (input_tx, mut inputs) = mpsc::channel(4);
    let (job_tx, jobs) = mpsc::channel(1);
    let shutdown = CancellationToken::new();
    let model = tokio::spawn(serve(run.backend, jobs, input_tx.clone(), progress_tx, shutdown.clone()));
    let problem = run.problem.clone();
    let (machine, first) = match run.start {
        Start::New(settings) => Machine::new(run.problem, *settings),
        Start::Fork(state) => Machine::resume(run.problem, *state),
    };
    let mut driver = Driver {
        before_ms: machine.state().at_ms,
        machine,
        writer: Some(run.writer),
        updates,
        jobs: job_tx,
        problem,
        inputs: input_tx,
        cancel: CancellationToken::new(),
        start: Instant::now(),
        taken: 0,
    };
    let mut going = driver.perform(first).await;
    let mut listening = true;
    while going {
        let input = tokio::select! {
            biased;
            command = commands.recv(), if listening => match command {
                Some(command) => Input::Command(command),
                // Whoever held the handle is gone: end the session in order.
                None => {
                    listening = false;
                    Input::Command(Command::Stop)
                }
            },
            Some(input) = inputs.recv() => input,
            Some(progress) = progress.recv() => {
                driver.pass_on(progress);
                continue;
            }
        };
        going = driver.take(input).await;
    }
    shutdown.cancel();
    driver.close().await;
    // With it goes the sender of jobs, which is what the model's task waits for.
    drop(driver);
    stop_model(model).await;
}

/// The model's task may be loading, which nothing but its end interrupts.
async fn stop_model(model: JoinHandle<()>) {
    let abort = model.abort_handle();
    if tokio::time::timeout(std::time::Duration::from_secs(2), model).await.is_err() {
        abort.abort();
    }
}

/// Loads the model, then makes one call after the other.
async fn serve(
    mut backend: Box<dyn Backend>,
    mut jobs: mpsc::Receiver<Job>,
    inputs: mpsc::Sender<Input>,
    progress: mpsc::Sender<Progress>,
    shutdown: CancellationToken,
) {
    let info = tokio::select! {
        info = backend.info(&progress) => info,
        () = shutdown.cancelled() => return,
    };
    if inputs.send(Input::Model(info.map(Box::new))).await.is_err() {
        return;
    }
    while let Some(job) = jobs.recv().await {
        let reply = backend.call(&job.request, &progress, &job.cancel).await.map(Box::new);
        if inputs.send(Input::Replied { call: job.call, reply }).await.is_err() {
            return;
        }
    }
}

struct Driver {
    machine: Machine,
    writer: Option<SessionWriter>,
    updates: mpsc::Sender<Update>,
    jobs: mpsc::Sender<Job>,
    problem: Arc<Problem>,
    inputs: mpsc::Sender<Input>,
    cancel: CancellationToken,
    start: Instant,
    /// Milliseconds that the session had lasted before this process continued it.
    before_ms: u64,
    /// How many commands came.
    taken: u64,
}

impl Driver {
    async fn take(&mut self, input: Input) -> bool {
        let elapsed_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.taken += u64::from(matches!(input, Input::Command(_)));
        let step = self.machine.handle(self.before_ms.saturating_add(elapsed_ms), input);
        let going = self.perform(step).await;
        if self.machine.stands_still() {
            let _ = self.updates.send(Update::Still { taken: self.taken }).await;
        }
        going
    }

    /// Stores, records, reports, and does the effects, in this order. Returns whether the session continues.
    async fn perform(&mut self, step: Step) -> bool {
        if let Err(error) = self.record(&step) {
            let events = self.writer.as_ref().map_or(0, SessionWriter::events);
            self.tell_unrecorded(&error, events).await;
            return false;
        }
        for record in step.records {
            // A reader that is gone is noticed by its commands; recording continues.
            let _ = self.updates.send(Update::Event(Box::new(record))).await;
        }
        for hit in step.hits {
            let _ = self.updates.send(Update::Hit(Box::new(hit))).await;
        }
        if let Some(Probed { probes, said }) = step.probed {
            let _ = self.updates.send(Update::Probes { probes: Box::new(probes), said }).await;
        }
        if let Some(reply) = step.consulted {
            let _ = self.updates.send(Update::Consulted(reply)).await;
        }
        for reason in step.refused {
            let _ = self.updates.send(Update::Refused { reason }).await;
        }
        for effect in step.effects {
            match effect {
                Effect::Call { call, purpose: _, request } => {
                    self.cancel = CancellationToken::new();
                    let job = Job { call, request, cancel: self.cancel.clone() };
                    if self.jobs.send(job).await.is_err() {
                        let gone = LlmError::Unavailable {
                            message: "the model's task ended".into(),
                            hint: "see the log".into(),
                        };
                        return Box::pin(self.take(Input::Replied { call, reply: Err(gone) })).await;
                    }
                }
                Effect::CancelCall => self.cancel.cancel(),
                Effect::Judge { plan, answer } => self.judge(plan, answer),
                Effect::End => return false,
            }
        }
        true
    }

    /// Has the oracle judge an answer, on a thread of its own: the verdict comes as an input.
    fn judge(&self, plan: Box<Plan>, answer: String) {
        let (problem, inputs) = (self.problem.clone(), self.inputs.clone());
        tokio::spawn(async move {
            let judging =
                tokio::task::spawn_blocking(move || problem.family().check_answer(&problem, &plan, &answer));
            // If the judge panics there is no verdict, but the run still ends cleanly.
            let verdict = judging.await.unwrap_or_else(|_| AnswerVerdict {
                outcome: Outcome::NotJudged,
                extracted: None,
                reason: Some("the checker crashed".to_owned()),
            });
            // The session may be over.
            let _ = inputs.send(Input::Judged(verdict)).await;
        });
    }

    /// Reports that recording ended, after so many events.
    async fn tell_unrecorded(&self, error: &WriteError, events: u64) {
        let reason = format!("{error}; the {events} events before that are kept");
        let hint = error.hint().map(str::to_owned);
        let _ = self.updates.send(Update::RecordFailed { reason, hint }).await;
    }

    fn record(&mut self, step: &Step) -> Result<(), WriteError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for blob in &step.blobs {
            writer.put_blob(blob)?;
        }
        step.records.iter().try_for_each(|record| writer.append(record))
    }

    /// Text on its way is ephemeral: a full channel drops it.
    fn pass_on(&self, progress: Progress) {
        let call: Option<(CallId, Purpose)> = self.machine.state().calls.open;
        let _ = self.updates.try_send(Update::Progress { call, progress });
    }

    async fn close(&mut self) {
        let (Some(writer), Some(outcome)) = (self.writer.take(), &self.machine.state().outcome) else {
            return;
        };
        let events = writer.events();
        if let Err(error) = writer.finish(outcome) {
            self.tell_unrecorded(&error, events).await;
        }
    }
}
