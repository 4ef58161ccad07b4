//! The full check of a recorded session.

use denoise::{Canvas, TokenLayout};
use std::{
    collections::{BTreeSet, HashSet},
    fs::File,
    io,
    path::Path,
};

use super::{
    Change,
    candidate::CandidateStatus,
    event::{CallId, Event, Record, Subject},
    format::{EVENTS_FILE, Finished, Parent},
    reader::{Damage, ReadError, Session},
    score::Verdict,
    state::State,
};
use crate::events;
use model::Cost;
use plan::{Edit, Origin, PlanHash};

/// One thing that is wrong with a session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The events end too early.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The file of events is not the one that was finished.
    #[error("the events are not those that were there when the session ended (their checksum differs)")]
    Events,
    /// A blob that an event names is missing or changed.
    #[error("event {seq}: {reason}")]
    Blob {
        /// The first event that names it.
        seq: u64,
        /// What is wrong, with the blob's name.
        reason: String,
    },
    /// An event does not fit what came before it.
    #[error("event {seq} {reason}")]
    Event {
        /// The event.
        seq: u64,
        /// Why not.
        reason: String,
    },
    /// The manifest says something else than the events.
    #[error("the manifest's {what} is not that of the events")]
    Manifest {
        /// What differs.
        what: &'static str,
    },
}

/// What a full check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Whole events.
    pub events: u64,
    /// Blobs compared with their names.
    pub blobs: u64,
    /// Whether the session was brought to its end.
    pub finished: bool,
    /// What is wrong; empty when all is well.
    pub faults: Vec<Fault>,
}

/// Checks the session in the directory `path`: the checksum of each line and of the whole, the numbering, every
/// blob that is named, that each event fits what came before, and that the manifest agrees with the events.
///
/// # Errors
/// See [`Session::open`]; what can be read but is wrong is a fault instead.
pub fn verify(path: &Path) -> Result<Verification, ReadError> {
    let session = Session::open(path)?;
    let mut faults: Vec<Fault> = session.damage.iter().cloned().map(Fault::from).collect();
    let blobs = check_blobs(&session, &mut faults);
    let state = check_events(&session.records, &mut faults);
    check_manifest(&session, &state, &mut faults);
    if let Some(finished) = &session.manifest.finished {
        let checksum = checksum(&path.join(EVENTS_FILE))?;
        if checksum != finished.checksum && session.damage.is_none() {
            faults.push(Fault::Events);
        }
    }
    Ok(Verification {
        events: session.records.len() as u64,
        blobs,
        finished: session.manifest.finished.is_some(),
        faults,
    })
}

fn checksum(path: &Path) -> Result<String, ReadError> {
    let failed = |source: io::Error| ReadError::Io { path: path.to_owned(), source };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path).map_err(failed)?).map_err(failed)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn check_blobs(session: &Session, faults: &mut Vec<Fault>) -> u64 {
    let mut seen = HashSet::new();
    for record in &session.records {
        let Some(id) = record.event.blob().filter(|id| seen.insert(*id)) else { continue };
        if let Err(error) = session.blob(id) {
            faults.push(Fault::Blob { seq: record.seq, reason: error.to_string() });
        }
    }
    seen.len() as u64
}

fn check_events(records: &[Record], faults: &mut Vec<Fault>) -> State {
    let mut state = State::default();
    let mut open = BTreeSet::new();
    for record in records {
        let mut reasons = Vec::new();
        if record.at_ms < state.at_ms {
            reasons.push("is earlier than the event before it".to_owned());
        }
        reasons.extend(misfit_before(&state, &mut open, &record.event));
        state.apply(record);
        reasons.extend(misfit_after(&state, &record.event));
        faults.extend(reasons.into_iter().map(|reason| Fault::Event { seq: record.seq, reason }));
    }
    state
}

/// Says why `event` cannot follow on `state`, as the end of a sentence that begins with the event.
fn misfit_before(state: &State, open: &mut BTreeSet<CallId>, event: &Event) -> Option<String> {
    if state.outcome.is_some() {
        return Some("comes after the end of the session".to_owned());
    }
    match event {
        Event::Started { .. } => {
            (state.problem.is_some()).then(|| "starts the session a second time".to_owned())
        }
        Event::CallStarted { call, .. } => {
            (!open.insert(*call)).then(|| format!("starts call {}, which is already running", call.0))
        }
        Event::CallFinished { call, .. }
        | Event::CallFailed { call, .. }
        | Event::CallCancelled { call, .. } => {
            (!open.remove(call)).then(|| format!("ends call {}, which is not running", call.0))
        }
        Event::Checked { subject, .. } | Event::Scored { subject, .. } => missing_subject(state, *subject),
        Event::CanvasSet { layout, canvas } => misfit_canvas(state, layout.as_deref(), canvas),
        Event::Proposed { .. } => {
            state.incumbent.is_none().then(|| "proposes edits before there is a plan".to_owned())
        }
        Event::Decided { verdicts } => unknown_verdict(state, verdicts),
        Event::HumanEdited { edit } => unfit_edit(state, edit, Origin::Human),
        Event::Noised { edit, .. } => unfit_edit(state, edit, Origin::Noise),
        Event::Undone { change, edit } => {
            other_change(*change, state.changes.undoable()).or_else(|| unfit_edit(state, edit, Origin::Human))
        }
        Event::Redone { change, edit } => {
            other_change(*change, state.changes.redoable()).or_else(|| unfit_edit(state, edit, Origin::Human))
        }
        Event::Ruled { candidate, .. } => unknown_candidate(state, *candidate),
        Event::CandidateEdited { candidate } => unknown_candidate(state, candidate.index),
        Event::Turned { turn } if turn.member >= turn.members => {
            Some(format!("passes the turn to member {} of {}", turn.member, turn.members))
        }
        Event::Turned { .. } | Event::Rescored { .. } | Event::Voted { .. } => {
            missing_subject(state, Subject::Incumbent)
        }
        Event::Answered { answer } | Event::SideAnswered { answer, .. } => {
            answer.plan.and_then(|hash| unseen(state, hash))
        }
        Event::Shadowed { point } => unseen(state, point.plan),
        Event::Forked { .. } => {
            // A call that the parent was waiting for is none of the branch.
            open.clear();
            None
        }
        Event::ModelReady { .. }
        | Event::PhaseBegan { .. }
        | Event::Paused { .. }
        | Event::RefinementEnded { .. }
        | Event::Ended { .. }
        | Event::Drafted { .. }
        | Event::Judged { .. }
        | Event::GateSet { .. }
        | events!(Setting) => None,
    }
}

fn unknown_verdict(state: &State, verdicts: &[Verdict]) -> Option<String> {
    let unknown = |verdict: &&Verdict| state.candidates.get(verdict.candidate as usize).is_none();
    let verdict = verdicts.iter().find(unknown)?;
    Some(format!("decides on candidate {}, which was not proposed", verdict.candidate))
}

/// A canvas has one place for each open place of its lines.
fn misfit_canvas(state: &State, layout: Option<&TokenLayout>, canvas: &Canvas) -> Option<String> {
    let known = state.denoising.as_ref().map(|now| &*now.layout);
    let Some(layout) = layout.or(known) else {
        return Some("has tokens, and does not say in which lines".to_owned());
    };
    let (places, tokens) = (layout.places(), canvas.places.len());
    if let Some(point) = &canvas.latent
        && !(point.expected.is_empty() || point.expected.len() == point.z.len())
    {
        return Some("has latents of two shapes".to_owned());
    }
    (places != tokens).then(|| format!("has {tokens} tokens for {places} places"))
}

fn unseen(state: &State, plan: PlanHash) -> Option<String> {
    let seen = state.proposals.seen.contains_key(&plan);
    (!seen).then(|| format!("answers from the plan {plan}, which was never seen"))
}

fn unfit_edit(state: &State, edit: &Edit, origin: Origin) -> Option<String> {
    let Some(view) = &state.incumbent else { return Some("edits before there is a plan".to_owned()) };
    let error = edit.apply(&view.plan, origin).err()?;
    Some(format!("holds an edit that cannot be applied: {error}"))
}

fn other_change(named: u64, due: Option<&Change>) -> Option<String> {
    let fits = due.is_some_and(|change| change.seq == named);
    (!fits).then(|| format!("is about the change of event {named}, which is not the one that is due"))
}

fn unknown_candidate(state: &State, index: u32) -> Option<String> {
    let waits = state.deciding() && (index as usize) < state.candidates.len();
    (!waits).then(|| format!("is about candidate {index}, which does not wait for a decision"))
}

fn missing_subject(state: &State, subject: Subject) -> Option<String> {
    match subject {
        Subject::Incumbent => {
            state.incumbent.is_none().then(|| "is about the plan before there is one".to_owned())
        }
        Subject::Candidate(index) => {
            let there = state.candidates.get(index as usize).is_some_and(|view| view.view.is_some());
            (!there).then(|| format!("is about candidate {index}, which is no plan"))
        }
    }
}

/// Says what is wrong with the plans that `event` led to.
fn misfit_after(state: &State, event: &Event) -> Vec<String> {
    let mut reasons = Vec::new();
    let new = if let Event::Proposed { candidates } = event {
        candidates.as_slice()
    } else if let Event::CandidateEdited { candidate } = event {
        std::slice::from_ref(&**candidate)
    } else {
        &[]
    };
    for candidate in new {
        let Some(view) = state.candidates.get(candidate.index as usize) else { continue };
        if candidate.status != CandidateStatus::Ready {
            continue;
        }
        let index = candidate.index;
        match (&view.view, candidate.hash) {
            (None, _) => reasons.push(format!("holds candidate {index}, whose edit cannot be applied")),
            (Some(view), Some(hash)) if view.plan.hash() != hash => {
                reasons
                    .push(format!("holds candidate {index}, whose edit leads to another plan than it did"));
            }
            (Some(_), _) => {}
        }
    }
    reasons
}

fn check_manifest(session: &Session, state: &State, faults: &mut Vec<Fault>) {
    let manifest = &session.manifest;
    let fork = session.records.iter().rev().find_map(|record| {
        let Event::Forked { parent, at, .. } = &record.event else { return None };
        Some(Parent { session: parent.clone(), at: *at })
    });
    let mut differs = |what, differs: bool| {
        if differs {
            faults.push(Fault::Manifest { what });
        }
    };
    if let Some(problem) = &state.problem {
        differs("problem", problem.reference != manifest.problem);
        differs("seed", state.settings.seed != manifest.seed);
        differs("parent", manifest.parent != fork);
    }
    if let Some(Finished { outcome, cost, .. }) = &manifest.finished {
        differs("outcome", state.outcome.as_ref() != Some(outcome));
        differs("cost", !same_cost(cost, &state.total_cost()));
    }
}

/// Compares sums that were added up in different orders.
fn same_cost(a: &Cost, b: &Cost) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    let counts =
        |cost: &Cost| (cost.calls, cost.generated, cost.thinking, cost.fresh, cost.cached, cost.logits);
    counts(a) == counts(b) && close(a.flops, b.flops) && close(a.wall_ms, b.wall_ms)
}
