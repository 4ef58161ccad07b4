//! What an event says, in a line, where another one differs from it.

use crate::{
    candidate::{Candidate, CandidateStatus},
    event::{Event, Outcome, Subject},
    score::{Score, Verdict},
    votes::Vote,
};
use plan::{DiffRow, Plan, Style, diff, print_item};

/// Returns what `event` says: of a list only the first entry that `other`, an event of the other session, has not.
pub(super) fn of(event: &Event, other: Option<&Event>) -> String {
    match event {
        Event::Started { problem, settings } => match other {
            Some(Event::Started { problem: theirs, .. }) if theirs == problem => {
                format!("begins with other settings, seed {}", settings.seed)
            }
            Some(_) | None => format!("begins with the problem {}", problem.reference),
        },
        Event::ModelReady { model } => format!("the model {} is ready", model.name),
        Event::PhaseBegan { phase, iteration: 0 } => format!("{phase} begins"),
        Event::PhaseBegan { phase, iteration } => format!("{phase} of iteration {iteration} begins"),
        Event::Paused { paused: true, .. } => "the run is paused".to_owned(),
        Event::Paused { paused: false, .. } => "the run resumes".to_owned(),
        Event::CallStarted { call, purpose, .. } => format!("call {} begins: {}", call.0, purpose.name()),
        Event::CallFinished { call, cost, .. } => {
            format!("call {} comes back with {} tokens", call.0, cost.generated)
        }
        Event::CallCancelled { call, .. } => format!("call {} is cancelled", call.0),
        Event::CallFailed { call, error, .. } => format!("call {} fails: {error}", call.0),
        Event::Drafted { plan, .. } => drafted(plan, other),
        Event::Checked { subject, .. } => format!("{} is checked", subject_words(*subject)),
        Event::CanvasSet { canvas, .. } => canvas.words(),
        Event::Proposed { candidates } => proposed(candidates, other),
        Event::Scored { subject, score } => format!("{} {}", subject_words(*subject), scored(score)),
        Event::Decided { verdicts } => decided(verdicts, other),
        Event::HumanEdited { edit } => format!("edited by hand: {}", edit.summary()),
        Event::Undone { edit, .. } => format!("undone: {}", edit.summary()),
        Event::Redone { edit, .. } => format!("redone: {}", edit.summary()),
        Event::Noised { edit, .. } => format!("noise: {}", edit.summary()),
        Event::ChaosSet { .. } => "the schedule of noise changes".to_owned(),
        Event::GateSet { gate } => format!("the gate becomes {gate}"),
        Event::Turned { turn } => turn.reason.clone(),
        Event::ShadowSet { on: true } => "plain decoding runs next to refinement".to_owned(),
        Event::ShadowSet { on: false } => "plain decoding no longer runs next to refinement".to_owned(),
        Event::Shadowed { point } => format!("at the same cost, {}", point.words()),
        Event::InterceptSet { on: true } => "the gate waits for rulings".to_owned(),
        Event::InterceptSet { on: false } => "the gate decides alone".to_owned(),
        Event::Ruled { candidate, accept } => {
            format!("candidate {} is {} by hand", candidate + 1, if *accept { "accepted" } else { "vetoed" })
        }
        Event::CandidateEdited { candidate } => format!("by hand, {}", candidate_words(candidate)),
        Event::Voted { votes, .. } => voted(votes),
        Event::Rescored { .. } => "the plan is scored again".to_owned(),
        Event::SideAnswered { from, .. } => format!("answers from the plan of event {from}"),
        Event::Forked { parent, at, .. } => format!("forked from {parent} after event {at}"),
        Event::RefinementEnded { .. } => "refinement ends".to_owned(),
        Event::Answered { answer } => match &answer.value {
            Some(value) => format!("answers {value}"),
            None => "answers, and no value can be read from it".to_owned(),
        },
        Event::Judged { .. } => "the answer is compared with gold".to_owned(),
        Event::Ended { outcome } => ended(outcome),
    }
}

fn voted(votes: &[Vote]) -> String {
    let value = |vote: &Vote| vote.value.clone().unwrap_or_else(|| "no value".to_owned());
    format!("independent drafts vote: {}", votes.iter().map(value).collect::<Vec<_>>().join(", "))
}

/// The first item that the other draft has not, or its length where it has all of them.
fn drafted(plan: &Plan, other: Option<&Event>) -> String {
    let Some(Event::Drafted { plan: theirs, .. }) = other else {
        return format!("a draft of {} items", plan.len());
    };
    let rows = diff(theirs, plan).rows;
    let first = rows.into_iter().find_map(|row| match row {
        DiffRow::Changed { new, .. } | DiffRow::Moved { new, .. } | DiffRow::Added { new } => {
            plan.items().get(new)
        }
        DiffRow::Same { .. } | DiffRow::Removed { .. } => None,
    });
    first.map_or_else(
        || format!("a draft of {} items", plan.len()),
        |item| format!("drafts {}", print_item(item, Style::Full).trim()),
    )
}

fn proposed(candidates: &[Candidate], other: Option<&Event>) -> String {
    let theirs = match other {
        Some(Event::Proposed { candidates }) => candidates.as_slice(),
        Some(_) | None => &[],
    };
    let unlike = candidates.iter().zip(0..).find(|(candidate, at)| theirs.get(*at) != Some(*candidate));
    unlike.map_or_else(
        || format!("{} candidates", candidates.len()),
        |(candidate, _): (_, usize)| candidate_words(candidate),
    )
}

fn candidate_words(candidate: &Candidate) -> String {
    let number = candidate.index + 1;
    match (&candidate.edit, &candidate.status) {
        (_, CandidateStatus::Invalid { reason }) => format!("candidate {number}: {reason}"),
        (_, CandidateStatus::Control) => format!("candidate {number}: a control"),
        (Some(edit), CandidateStatus::Ready | CandidateStatus::NoOp | CandidateStatus::Duplicate { .. }) => {
            format!("candidate {number}: {}", edit.summary())
        }
        (None, CandidateStatus::Ready | CandidateStatus::NoOp | CandidateStatus::Duplicate { .. }) => {
            format!("candidate {number}: {}", candidate.reply)
        }
    }
}

fn subject_words(subject: Subject) -> String {
    match subject {
        Subject::Incumbent => "the plan".to_owned(),
        Subject::Candidate(index) => format!("candidate {}", index + 1),
    }
}

fn scored(score: &Score) -> String {
    match score.total {
        Some(total) => format!("scores {total:.3}"),
        None => "has no score".to_owned(),
    }
}

fn decided(verdicts: &[Verdict], other: Option<&Event>) -> String {
    let theirs = match other {
        Some(Event::Decided { verdicts }) => verdicts.as_slice(),
        Some(_) | None => &[],
    };
    let unlike =
        verdicts.iter().zip(0..).find(|(verdict, at): &(_, usize)| theirs.get(*at) != Some(*verdict));
    unlike.map_or_else(
        || format!("{} verdicts", verdicts.len()),
        |(verdict, _)| {
            format!("candidate {}: {}, {}", verdict.candidate + 1, verdict.ruling.name(), verdict.reason)
        },
    )
}

fn ended(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered => "the session ends, answered".to_owned(),
        Outcome::Interrupted => "the session is stopped".to_owned(),
        Outcome::Failed { reason, .. } => format!("the session fails: {reason}"),
    }
}
