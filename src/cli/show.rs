//! `planscope show`: prints a recorded session.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use serde_json::value::RawValue;

use super::{
    changes::changed_items,
    lines::{
        computed, coverage_table, how_taken, judgement_words, model_words, outcome_words, score_words,
        settings_words, stop_words,
    },
    recovery::recovery_lines,
    summary::{CostRow, RecordSummary, RefinementSummary, ScoredPlan, Summary, VoteSummary},
    text::{Align, MISSING, clean, count, drawn, duration, or_missing, rate, score, table, tera_flops, wrap},
    transcript::{output_text, pressure_text, request_text},
};
use crate::{app, failure::Failure};
use model::{Reply, Request};
use output::{json, json_pretty};
use plan::{Style, diff, print};
use session::{
    BlobId, PayoffRow, ReadError, Session, VoteTally,
    folds::{Call, CallEnd, Iteration},
    state::Alternative,
    writing::standing,
};

/// Print a recorded session
#[derive(Debug, Clone, clap::Args)]
pub struct ShowArgs {
    /// The session, by directory or name
    pub session: PathBuf,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
    /// Show the session as it was after this event
    #[arg(long, value_name = "SEQ")]
    pub at: Option<u64>,
    /// List all model calls
    #[arg(long)]
    pub calls: bool,
    /// Print the exact request and reply of one call
    #[arg(long, value_name = "N", conflicts_with_all = ["calls", "at"])]
    pub call: Option<u32>,
    /// With --call: print the model's whole thinking, not only its first line
    #[arg(long, requires = "call")]
    pub thinking: bool,
}

/// Why a session cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is no event with that number.
    #[error("there is no event {asked}; {}", last_text(*events))]
    NoEvent {
        /// The number asked for.
        asked: u64,
        /// How many events there are.
        events: u64,
    },
    /// There is no call with that number.
    #[error("there is no call {0} in the session")]
    NoCall(u32),
    /// The output is gone or full.
    #[error(transparent)]
    Print(#[from] io::Error),
    /// A value cannot be put as JSON.
    #[error("cannot print as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

fn last_text(events: u64) -> String {
    match events.checked_sub(1) {
        None => "the session has no events".to_owned(),
        Some(last) => format!("the last one is {last}"),
    }
}

impl ShowError {
    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Read(error) => error.hint(),
            Self::NoCall(_) => Some("list the calls with --calls"),
            Self::NoEvent { .. } | Self::Print(_) | Self::Json(_) => None,
        }
    }
}

impl From<ShowError> for Failure {
    fn from(error: ShowError) -> Self {
        Self { hint: error.hint().map(Into::into), message: error.to_string() }
    }
}

/// Prints what `args` ask for to `out`, in lines of at most `width` columns where it can.
///
/// # Errors
/// See [`ShowError`].
pub fn run(args: &ShowArgs, width: usize, out: &mut dyn Write) -> Result<(), ShowError> {
    let session = Session::open(&args.session)?;
    let events = session.records.len() as u64;
    if let Some(asked) = args.at.filter(|at| *at >= events) {
        return Err(ShowError::NoEvent { asked, events });
    }
    let mut summary = Summary::of(&session, args.at);
    if summary.record.events == events {
        summary.answer.oracle_stages = app::stages(&session);
    }
    let text = match (args.call, args.json) {
        (Some(call), json) => {
            let call = summary.calls.iter().rfind(|row| row.id.0 == call).ok_or(ShowError::NoCall(call))?;
            if json { call_json(&session, call)? } else { call_text(&session, call, args.thinking)? }
        }
        (None, true) => json_pretty(&summary)?,
        (None, false) if args.calls => calls_table(&summary.calls, width).join("\n"),
        (None, false) => text(&summary, width),
    };
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// Returns the whole summary as text.
pub fn text(summary: &Summary, width: usize) -> String {
    let mut sections = vec![header(summary, width)];
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            sections.push(format!("{title}\n{}", lines.join("\n")));
        }
    };
    section("PLAN", plan_lines(summary, width));
    let RefinementSummary { votes, alternatives, timeline, proposers, .. } = &summary.refinement;
    section("TIMELINE", timeline_table(timeline, width));
    section("VOTES", votes.as_ref().map_or_else(Vec::new, |votes| votes_table(votes, width)));
    section("ALTERNATIVES", alternative_lines(alternatives, width));
    section("PROPOSERS", proposers_table(proposers, width));
    let noise = summary.noise.as_ref().map(|noise| recovery_lines(noise, width));
    section("RECOVERY FROM NOISE", noise.unwrap_or_default());
    section("ANSWER", answer_lines(summary, width));
    section("COST", cost_table(summary, width));
    let failed = summary.failed_calls.iter().map(|failed| {
        let hint = failed.hint.as_ref().map(|hint| format!("; hint: {hint}")).unwrap_or_default();
        let tail = failed.log_tail.as_ref().map(|tail| format!("\n  {}", tail.replace('\n', "\n  ")));
        let text = format!("call {}: {}{hint}{}", failed.call.0, failed.error, tail.unwrap_or_default());
        wrap(&text, width, "", "  ")
    });
    section("FAILED CALLS", failed.collect());
    sections.join("\n\n")
}

fn header(summary: &Summary, width: usize) -> String {
    let RecordSummary { session, manifest, damage, events, events_recorded, at_ms, phase } = &summary.record;
    let mut rows = vec![
        ("session", session.display().to_string()),
        ("begun", format!("{:.0} with {}", manifest.created, manifest.program)),
        ("problem", format!("{} – {}", manifest.problem, manifest.about())),
        ("model", summary.model.as_ref().map_or_else(|| manifest.model.clone(), model_words)),
        ("settings", settings_words(&summary.settings)),
    ];
    if events < events_recorded {
        let at = duration(*at_ms as f64);
        let last = events.saturating_sub(1);
        rows.push(("shown", format!("as of event {last}, after {at}: {phase}")));
    }
    let outcome = match &summary.outcome {
        Some(outcome) => outcome_words(outcome),
        None if events < events_recorded => "not at this event".to_owned(),
        None => standing(session).to_owned(),
    };
    rows.push(("outcome", outcome));
    rows.extend(summary.refinement_stop.iter().map(|stop| ("refinement", stop_words(stop))));
    rows.push(("events", format!("{} in {}", count(*events), duration(*at_ms as f64))));
    rows.extend(damage.iter().map(|damage| ("DAMAGE", damage.clone())));
    let lines = rows.iter().map(|(name, value)| wrap(value, width, &format!("{name:<12}"), &" ".repeat(12)));
    lines.collect::<Vec<_>>().join("\n")
}

fn plan_lines(summary: &Summary, width: usize) -> Vec<String> {
    let (Some(draft), Some(plan)) = (&summary.refinement.draft, &summary.refinement.plan) else {
        return Vec::new();
    };
    let named = |name: &str, plan: &ScoredPlan| {
        let score = plan.score.as_ref().map_or_else(|| MISSING.to_owned(), score_words);
        wrap(&format!("{name}: {score}"), width, "", "  ")
    };
    let changes = diff(&draft.plan, &plan.plan);
    let mut lines = vec![named("draft", draft)];
    if plan.iteration > 0 || !changes.is_empty() {
        lines.push(named(&format!("plan of iteration {}", plan.iteration), plan));
    }
    if changes.is_empty() {
        lines.push(wrap(&print(&plan.plan, Style::Full), width, "    ", "    "));
        return lines;
    }
    let items = changed_items(&draft.plan, &plan.plan);
    lines.extend(items.iter().map(|(mark, item)| wrap(item, width, &format!("  {mark} "), "      ")));
    lines
}

fn timeline_table(timeline: &[Iteration], width: usize) -> Vec<String> {
    if timeline.is_empty() {
        return Vec::new();
    }
    let head = ["iteration", "event", "usable", "decision", "score", "best", "drawn", "change"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for row in timeline {
        let draft = row.ruling.is_none();
        let mut change = row.accepted.clone().unwrap_or_default();
        if row.human {
            change = format!("(edited by hand) {change}");
        }
        rows.push(vec![
            if draft { "draft".to_owned() } else { row.number.to_string() },
            row.seq.to_string(),
            if draft { MISSING.to_owned() } else { format!("{}/{}", row.usable, row.proposed) },
            or_missing(row.ruling.map(|ruling| ruling.name())),
            score(row.total),
            score(row.best),
            count(row.generated),
            clean(&change).into_owned(),
        ]);
    }
    use Align::{Left, Right};
    table(&[Left, Right, Right, Left, Right, Right, Right, Left], &rows, width)
}

fn votes_table(votes: &VoteSummary, width: usize) -> Vec<String> {
    let mut rows = vec![["value", "drafts", "weight"].map(str::to_owned).to_vec()];
    let row = |row: &VoteTally| {
        vec![clean(&row.value).into_owned(), row.voters.to_string(), format!("{:.2}", row.weight)]
    };
    rows.extend(votes.tally.iter().map(row));
    let silent = votes.cast.iter().filter(|vote| vote.value.is_none()).count();
    if silent > 0 {
        rows.push(vec!["no value".to_owned(), silent.to_string(), MISSING.to_owned()]);
    }
    table(&[Align::Left, Align::Right, Align::Right], &rows, width)
}

/// Candidates on which the gate could not decide, by the number under which `adopt` takes them up.
fn alternative_lines(alternatives: &[Alternative], width: usize) -> Vec<String> {
    let line = |(number, one): (usize, &Alternative)| {
        let text =
            format!("iteration {}, {}: {} – {}", one.iteration, score(one.total), one.summary, one.reason);
        wrap(&clean(&text), width, &format!("{number:>3}  "), "     ")
    };
    (1..).zip(alternatives).map(line).collect()
}

fn proposers_table(proposers: &[PayoffRow], width: usize) -> Vec<String> {
    if proposers.is_empty() {
        return Vec::new();
    }
    let head =
        ["proposer", "tried", "usable", "improved", "accepted", "gain", "tokens", "tokens/improved", "share"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for PayoffRow { proposer, payoff, tokens_per_improvement, share } in proposers {
        rows.push(vec![
            clean(proposer).into_owned(),
            count(payoff.tried.into()),
            count(payoff.usable.into()),
            count(payoff.improved.into()),
            count(payoff.accepted.into()),
            format!("{:.3}", payoff.gain),
            or_missing(payoff.known_tokens().map(count)),
            or_missing(tokens_per_improvement.map(|tokens| format!("{tokens:.0}"))),
            format!("{:.0} %", 100.0 * share),
        ]);
    }
    let mut align = [Align::Right; 9];
    align[0] = Align::Left;
    table(&align, &rows, width)
}

fn answer_lines(summary: &Summary, width: usize) -> Vec<String> {
    let stages = summary.answer.oracle_stages.iter().map(ToString::to_string);
    let Some(answer) = &summary.answer.answer else { return stages.collect() };
    let cut = if answer.truncated { " (cut off at the token limit)" } else { "" };
    let mut lines = vec![wrap(answer.shown(), width, "  ", "  ")];
    let value = or_missing(answer.value.as_deref());
    lines.push(format!("value: {}{}{cut}", clean(&value), computed(answer)));
    lines.extend(how_taken(answer));
    let judgement = summary.answer.judgement.as_ref().map(judgement_words);
    lines.push(format!("judgement (oracle): {}", or_missing(judgement)));
    lines.extend(stages);
    if !answer.coverage.is_empty() {
        lines.extend(coverage_table(&answer.coverage, width));
    }
    lines
}

fn cost_table(summary: &Summary, width: usize) -> Vec<String> {
    if summary.cost.is_empty() {
        return Vec::new();
    }
    let head = ["purpose", "calls", "failed", "generated", "fresh", "cached", "TFLOP", "time", "tok/s"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let row = |CostRow { purpose, cost, failed, cache_known }: &CostRow| {
        // What failed calls cost is not known, which is not the same as nothing.
        let known = cost.calls > 0;
        vec![
            purpose.map_or("all", |purpose| purpose.name()).to_owned(),
            count(cost.calls),
            count(*failed as u64),
            or_missing(known.then(|| drawn(cost))),
            or_missing(known.then(|| count(cost.fresh))),
            or_missing(cache_known.then(|| count(cost.cached))),
            or_missing(known.then(|| tera_flops(cost))),
            or_missing(known.then(|| duration(cost.wall_ms))),
            rate(cost),
        ]
    };
    rows.extend(summary.cost.iter().chain([&summary.total]).map(row));
    let mut align = [Align::Right; 9];
    align[0] = Align::Left;
    table(&align, &rows, width)
}

fn calls_table(calls: &[Call], width: usize) -> Vec<String> {
    let head =
        ["call", "iteration", "purpose", "seqs", "prompt", "cached", "generated", "time", "tok/s", "end"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for call in calls {
        let end = match &call.end {
            CallEnd::Open => "open".to_owned(),
            CallEnd::Done { .. } => "done".to_owned(),
            CallEnd::Cancelled { .. } => "cancelled".to_owned(),
            CallEnd::Failed { error, .. } => format!("failed: {}", clean(error)),
        };
        rows.push(vec![
            call.id.0.to_string(),
            call.iteration.to_string(),
            call.purpose.name().to_owned(),
            call.sequences.to_string(),
            or_missing(call.prompt_tokens().map(count)),
            or_missing(call.cached().map(count)),
            or_missing(call.cost().as_ref().map(drawn)),
            or_missing(call.cost().map(|cost| duration(cost.wall_ms))),
            or_missing(call.cost().map(|cost| rate(&cost))),
            end,
        ]);
    }
    use Align::{Left, Right};
    table(&[Right, Right, Left, Right, Right, Right, Right, Right, Right, Left], &rows, width)
}

fn call_json(session: &Session, call: &Call) -> Result<String, ShowError> {
    #[derive(serde::Serialize)]
    struct Whole<'a> {
        #[serde(flatten)]
        call: &'a Call,
        request_body: Box<RawValue>,
        reply_body: Option<Box<RawValue>>,
    }
    let body =
        |id: &BlobId| -> Result<Box<RawValue>, ShowError> { Ok(serde_json::from_slice(&session.blob(id)?)?) };
    let reply_body = call.reply().map(body).transpose()?;
    Ok(json(&Whole { call, request_body: body(&call.request)?, reply_body })?)
}

/// Returns a call's request and reply to read: every text as it went over, apart from what could steer the
/// terminal.
fn call_text(session: &Session, call: &Call, unfolded: bool) -> Result<String, ShowError> {
    let mut out = vec![format!("call {}: {}", call.id.0, call.purpose.name()), String::new()];
    let blob = session.blob(&call.request)?;
    let request = serde_json::from_slice::<Request>(&blob).ok();
    match &request {
        Some(request) => request_text(request, &mut out),
        None => out.push(String::from_utf8_lossy(&blob).into_owned()),
    }
    match (call.reply(), &call.end) {
        (Some(id), _) => {
            let reply = session.blob(id)?;
            match serde_json::from_slice::<Reply>(&reply) {
                Ok(reply) => {
                    output_text(&reply.output, unfolded, &mut out);
                    request.iter().for_each(|request| pressure_text(request, &reply.output, &mut out));
                }
                Err(_) => out.push(String::from_utf8_lossy(&reply).into_owned()),
            }
        }
        (None, CallEnd::Failed { error, .. }) => out.push(format!("── no reply: {error}")),
        (None, CallEnd::Open | CallEnd::Done { .. } | CallEnd::Cancelled { .. }) => {
            out.push("── no reply in the record".to_owned());
        }
    }
    let lines = out.iter().flat_map(|text| text.split('\n')).map(clean);
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
