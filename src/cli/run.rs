//! `planscope run`: a run without a screen.

use std::{io::Write, path::Path};

use clap::Args;
use serde::Serialize;

use super::{
    Common,
    linear::{self, moments::MomentLines},
    lines::EventLines,
    progress::ProgressLine,
    scoring::ScorerFlags,
};
use crate::app::{self, Opened};
use crate::failure::Failure;
use diagnose::losses::Stages;
use engine::{Command, Update, gate};
use model::Progress;
use output::{exit::End, json};
use plan::{Plan, Style, print};
use session::{
    Answer, CallId, Event, GateSettings, Judgement, Outcome, Phase, Record, Ruling, Session, State,
};

/// The signal of a write that nobody reads; elsewhere than on Unix no write raises it, but its number is as good as any.
const SIGPIPE: i32 = 13;

/// Arguments of `planscope run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// A bundled problem, a generated one such as countdown:3#17, FILE.toml, FILE.toml#NAME, FILE.jsonl#ROW, a text file,
    /// or - for standard input
    pub problem: String,
    /// Print one JSON object per line; the last is the result
    #[arg(long)]
    pub json: bool,
    /// Scorers and their weights
    #[command(flatten)]
    pub scoring: ScorerFlags,
}

/// The last line of `--json`.
#[derive(Debug, Serialize)]
struct RunResult<'a> {
    result: &'a Outcome,
    session: String,
    plan: Option<String>,
    answer: Option<&'a Answer>,
    /// *Oracle*: this field and the next are all that saw the gold answer.
    oracle_judgement: Option<&'a Judgement>,
    oracle_stages: Option<Stages>,
    draft_score: Option<f64>,
    final_score: Option<f64>,
    iterations: u32,
    accepted: usize,
    cost: model::Cost,
    cost_by_purpose: &'a std::collections::BTreeMap<session::Purpose, model::Cost>,
}

/// Runs a problem to its end. The first Ctrl-C ends the session in order; it stays readable.
///
/// # Errors
/// When the problem or model cannot be had, the record or standard output cannot be written, or the run fails.
pub async fn run(args: &RunArgs, common: &Common) -> Result<End, Failure> {
    let problem = problem::load(&args.problem)?;
    let mut config = common.config_for(&problem)?;
    args.scoring.apply(&mut config.run)?;
    refuse_manual(&config.run.gate)?;
    follow(app::open(problem, &config)?, RunForm::of(args.json)).await
}

/// Refuses a gate that waits for rulings, which need the screen.
///
/// # Errors
/// When it does.
pub(super) fn refuse_manual(gate: &GateSettings) -> Result<(), Failure> {
    if gate::find(gate).is_some_and(|gate| gate.waits_for_person()) {
        return Err(Failure::new("The manual gate needs a person, so it does not work without a screen.")
            .hint("use planscope debug, or a gate that decides by itself: --set gate.rule=greedy"));
    }
    Ok(())
}

/// How a run is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunForm {
    /// A line per event, with its time.
    Lines,
    /// A JSON object per line.
    Json,
    /// A paragraph per moment.
    Moments,
}

impl RunForm {
    /// Returns the form that the flag `--json` asks for.
    pub(super) const fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Lines }
    }
}

/// Why a run was stopped before its end.
enum EarlyEnd {
    /// Somebody asked for it; the number of the signal. A reader of the output that leaves counts as one who asks.
    Signal(i32),
    /// What it prints cannot be written.
    Output(std::io::Error),
}

/// Prints a run that was started, to its end. Where nobody reads it any more, or it cannot be printed, the run is stopped
/// and its session closed in order.
///
/// # Errors
/// When the record or standard output cannot be written, or the run fails.
pub(super) async fn follow(opened: Opened, form: RunForm) -> Result<End, Failure> {
    let Opened { mut handle, dir, past } = opened;
    let mut printer = RunPrinter::new(form, &past);
    let (mut cut, mut unrecorded) = (None, None);
    let mut interrupts = app::Interrupts::listen()?;
    loop {
        tokio::select! {
            update = handle.updates.recv() => match update {
                Some(Update::Event(record)) => {
                    if let Some(why) = printer.record(&record).err().map(EarlyEnd::Output).or_else(reader_left) {
                        cut.get_or_insert(why);
                        let _ = handle.commands.try_send(Command::Stop);
                    }
                    // A fork may bring along that the gate waits for rulings; there is nobody to rule.
                    if matches!(record.event, Event::Paused { paused: true, .. }) {
                        let _ = handle.commands.try_send(Command::Continue);
                    }
                }
                Some(Update::Progress { call, progress }) => {
                    printer.progress(call.map(|(call, _)| call), &progress);
                }
                Some(Update::Refused { reason }) => output::note(reason),
                Some(Update::Hit(hit)) => output::note(&hit.text),
                // Without a screen nobody makes side requests.
                Some(Update::Probes { .. } | Update::Still { .. } | Update::Consulted(_)) => {}
                Some(Update::RecordFailed { reason, hint }) => {
                    unrecorded = Some(Failure { message: reason, hint });
                }
                None => break,
            },
            signal = interrupts.next() => {
                output::note("Interrupted; the session was closed cleanly.");
                cut.get_or_insert(EarlyEnd::Signal(signal));
                // A full channel means that the engine has enough to do; the next Ctrl-C asks again.
                let _ = handle.commands.try_send(Command::Stop);
            }
        }
    }
    let _ = handle.done.wait_for(|done| *done).await;
    printer.progress.clear();
    if let Some(failure) = unrecorded {
        return Err(failure);
    }
    printer.end(&dir, cut)
}

/// A reader that left ends the run as the signal would that ends other programs then.
fn reader_left() -> Option<EarlyEnd> {
    output::reader_is_gone().then_some(EarlyEnd::Signal(SIGPIPE))
}

/// [`RunForm`] with what it remembers from one event to the next.
enum Form {
    Lines(EventLines),
    Json,
    Moments(MomentLines),
}

impl Form {
    fn new(form: RunForm, past: &[Record]) -> Self {
        match form {
            RunForm::Lines => Self::Lines(EventLines::new(super::width())),
            RunForm::Json => Self::Json,
            RunForm::Moments => Self::Moments(MomentLines::after(past, super::width())),
        }
    }

    /// Returns the lines for an event, where `state` is the state after it; none where there is nothing to say.
    fn lines(&mut self, state: &State, record: &Record) -> Result<Vec<String>, serde_json::Error> {
        Ok(match self {
            Self::Lines(lines) => lines.line(state, record).into_iter().collect(),
            Self::Json => vec![json(record)?],
            Self::Moments(lines) => {
                let begins = record.seq > 0 && matches!(record.event, Event::PhaseBegan { .. });
                let gap = begins.then(String::new);
                gap.into_iter().chain(lines.lines(state, record)).collect()
            }
        })
    }
}

struct RunPrinter {
    form: Form,
    state: State,
    out: output::Printer,
    /// The call that is being made.
    call: Option<CallId>,
    progress: ProgressLine,
}

impl RunPrinter {
    fn new(form: RunForm, past: &[Record]) -> Self {
        Self {
            form: Form::new(form, past),
            state: State::replay(past),
            out: output::out(),
            call: None,
            progress: ProgressLine::default(),
        }
    }

    fn progress(&mut self, call: Option<CallId>, progress: &Progress) {
        if matches!(self.form, Form::Json) && !matches!(progress, Progress::Waiting { .. }) {
            return;
        }
        if self.call != call {
            self.call = call;
            self.progress.begin();
        }
        let phase = if self.state.model.is_none() { Phase::Load } else { self.state.phase };
        self.progress.show(phase, progress);
    }

    fn record(&mut self, record: &Record) -> std::io::Result<()> {
        self.progress.clear();
        self.state.apply(record);
        for line in self.form.lines(&self.state, record)? {
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()
    }

    /// Prints the result, and returns how the run ended.
    fn end(&mut self, dir: &Path, cut: Option<EarlyEnd>) -> Result<End, Failure> {
        let Some(outcome) = &self.state.outcome else {
            return Err(Failure::new("The engine ended without closing the session.")
                .hint(format!("planscope show {} prints what was recorded", dir.display())));
        };
        let last = self.last_words(outcome, dir)?;
        let printed = writeln!(self.out, "{}", last.trim_end()).and_then(|()| self.out.flush());
        match (outcome, cut) {
            (Outcome::Failed { reason, hint }, _) => {
                Err(Failure { message: reason.clone(), hint: hint.clone() })
            }
            (_, Some(EarlyEnd::Output(error))) => Err(error.into()),
            (Outcome::Interrupted, Some(EarlyEnd::Signal(signal))) => Ok(End::Signal(signal)),
            (Outcome::Answered | Outcome::Interrupted, _) => Ok(printed.map(|()| End::Done)?),
        }
    }

    /// What is printed last: the result, or what was found and where the session is.
    fn last_words(&self, outcome: &Outcome, dir: &Path) -> Result<String, Failure> {
        let session = Session::open(dir);
        let stages = session.as_ref().ok().and_then(app::stages);
        let place = || {
            let stages = stages.as_ref().map_or_else(String::new, |stages| format!("{stages}\n"));
            stages + &super::session_words(dir)
        };
        match self.form {
            Form::Lines(_) => Ok(place()),
            Form::Moments(_) => {
                let found = linear::findings(&session?.records, &self.state, super::width());
                Ok(format!("\n{found}\n\n{}", place()))
            }
            Form::Json => Ok(json(&self.result(outcome, dir, stages))?),
        }
    }

    /// The last line of `--json`.
    fn result<'a>(&'a self, outcome: &'a Outcome, dir: &Path, stages: Option<Stages>) -> RunResult<'a> {
        let state = &self.state;
        let answered = state.answer.as_ref().and_then(|answer| answer.plan);
        let plan: Option<&Plan> = [&state.incumbent, &state.best]
            .into_iter()
            .flatten()
            .map(|view| &view.plan)
            .find(|plan| answered.is_none_or(|hash| plan.hash() == hash));
        RunResult {
            result: outcome,
            session: dir.display().to_string(),
            plan: plan.map(|plan| print(plan, Style::Full)),
            answer: state.answer.as_ref(),
            oracle_judgement: state.judgement.as_ref(),
            oracle_stages: stages,
            draft_score: state.timeline.first().and_then(|point| point.total),
            final_score: state.timeline.last().and_then(|point| point.best),
            iterations: state.timeline.last().map_or(0, |point| point.iteration),
            accepted: state.timeline.iter().filter(|point| point.ruling == Some(Ruling::Accept)).count(),
            cost: state.total_cost(),
            cost_by_purpose: &state.calls.cost,
        }
    }
}
