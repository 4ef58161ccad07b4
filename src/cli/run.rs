//! `planscope run`: a run without a screen.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::{Common, Failure, lines::Lines, progress::ProgressLine, scoring::Scoring};
use crate::{
    app::{self, Opened},
    engine::{Command, Update},
    llm::Progress,
    plan::{Plan, Style, print},
    session::{Answer, CallId, Event, Gate, Judgement, Outcome, Phase, Record, Ruling, State},
};

/// Arguments of `planscope run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// A bundled problem, one that is made such as countdown:3#17, FILE.toml, FILE.toml#NAME, FILE.jsonl#ROW, a text file,
    /// or - for standard input
    pub problem: String,
    /// Print one JSON object a line; the last is the result
    #[arg(long)]
    pub json: bool,
    /// Who scores
    #[command(flatten)]
    pub scoring: Scoring,
}

/// The last line of `--json`.
#[derive(Debug, Serialize)]
struct RunResult<'a> {
    result: &'a Outcome,
    session: String,
    plan: Option<String>,
    answer: Option<&'a Answer>,
    /// *Oracle*: the only field that saw the gold answer.
    oracle_judgement: Option<&'a Judgement>,
    draft_score: Option<f64>,
    final_score: Option<f64>,
    iterations: u32,
    accepted: usize,
    cost: crate::llm::Cost,
    cost_by_purpose: &'a std::collections::BTreeMap<crate::session::Purpose, crate::llm::Cost>,
}

/// Runs a problem to its end. The first Ctrl-C ends the session in order; it stays readable.
///
/// # Errors
/// When the problem or model cannot be had, the record cannot be written, or the run fails.
pub async fn run(args: &RunArgs, common: &Common) -> Result<(), Failure> {
    let mut config = common.config()?;
    args.scoring.apply(&mut config.run)?;
    if config.run.gate == Gate::Manual {
        return Err(Failure::new("The manual gate waits for a person, and without a screen there is none.")
            .hint("planscope debug has a screen; --set gate.rule=greedy decides by itself"));
    }
    follow(app::open(&args.problem, &config)?, args.json).await
}

/// Prints a run that was started, to its end.
///
/// # Errors
/// When the record cannot be written, or the run fails.
pub(super) async fn follow(opened: Opened, json: bool) -> Result<(), Failure> {
    let Opened { mut handle, dir, past } = opened;
    let mut printer = Printer {
        json,
        state: State::replay(&past),
        lines: Lines::new(super::width()),
        call: None,
        progress: ProgressLine::default(),
    };
    let mut record_failed = None;
    let mut interrupts = app::Interrupts::listen()?;
    loop {
        tokio::select! {
            update = handle.updates.recv() => match update {
                Some(Update::Event(record)) => {
                    printer.record(&record)?;
                    // A fork may bring along that the gate waits for rulings; there is nobody to rule.
                    if matches!(record.event, Event::Paused { paused: true, .. }) {
                        let _ = handle.commands.try_send(Command::Continue);
                    }
                }
                Some(Update::Progress { call, progress }) => {
                    printer.progress(call.map(|(call, _)| call), &progress);
                }
                Some(Update::Refused { reason }) => eprintln!("{reason}"),
                Some(Update::Hit(hit)) => eprintln!("{}", hit.text),
                // A run without a screen has nobody who asks the model beside it.
                Some(Update::Probes { .. } | Update::Still { .. } | Update::Consulted(_)) => {}
                Some(Update::RecordFailed { reason }) => record_failed = Some(reason),
                None => break,
            },
            () = interrupts.next() => {
                eprintln!("Interrupted: the session is closed in order.");
                // A full channel means that the engine has enough to do; the next Ctrl-C asks again.
                let _ = handle.commands.try_send(Command::Stop);
            }
        }
    }
    let _ = handle.done.wait_for(|done| *done).await;
    printer.progress.clear();
    if let Some(reason) = record_failed {
        return Err(Failure::new(format!("The session cannot be recorded: {reason}")).hint(
            "free some disk space, or choose another place with --sessions; what was recorded is kept",
        ));
    }
    printer.end(&dir)
}

struct Printer {
    json: bool,
    lines: Lines,
    state: State,
    /// The call that is under way.
    call: Option<CallId>,
    progress: ProgressLine,
}

impl Printer {
    fn progress(&mut self, call: Option<CallId>, progress: &Progress) {
        if self.json && !matches!(progress, Progress::Waiting { .. }) {
            return;
        }
        if self.call != call {
            self.call = call;
            self.progress.begin();
        }
        let phase = if self.state.model.is_none() { Phase::Load } else { self.state.phase };
        self.progress.show(phase, progress);
    }

    fn record(&mut self, record: &Record) -> Result<(), Failure> {
        self.progress.clear();
        self.state.apply(record);
        let mut out = std::io::stdout().lock();
        if self.json {
            let line = serde_json::to_string(record)?;
            writeln!(out, "{line}")?;
        } else if let Some(line) = self.lines.line(&self.state, record) {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
        Ok(())
    }

    fn end(&self, dir: &std::path::Path) -> Result<(), Failure> {
        let state = &self.state;
        let Some(outcome) = &state.outcome else {
            return Err(Failure::new("The engine ended without closing the session.")
                .hint(format!("planscope show {} prints what was recorded", dir.display())));
        };
        let mut out = std::io::stdout().lock();
        if self.json {
            let answered = state.answer.as_ref().and_then(|answer| answer.plan);
            let plan: Option<&Plan> = [&state.incumbent, &state.best]
                .into_iter()
                .flatten()
                .map(|view| &view.plan)
                .find(|plan| answered.is_none_or(|hash| plan.hash() == hash));
            let result = RunResult {
                result: outcome,
                session: dir.display().to_string(),
                plan: plan.map(|plan| print(plan, Style::Full)),
                answer: state.answer.as_ref(),
                oracle_judgement: state.judgement.as_ref(),
                draft_score: state.timeline.first().and_then(|point| point.total),
                final_score: state.timeline.last().and_then(|point| point.best),
                iterations: state.timeline.last().map_or(0, |point| point.iteration),
                accepted: state.timeline.iter().filter(|point| point.ruling == Some(Ruling::Accept)).count(),
                cost: state.total_cost(),
                cost_by_purpose: &state.cost,
            };
            let line = serde_json::to_string(&result)?;
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "Session: {}", dir.display())?;
            writeln!(out, "Look at it again with: planscope replay {}", dir.display())?;
        }
        match outcome {
            Outcome::Answered | Outcome::Interrupted => Ok(()),
            Outcome::Failed { reason, hint } => Err(Failure { message: reason.clone(), hint: hint.clone() }),
        }
    }
}
