//! Whether a probe fires at an event, and the sentence that says why.

use super::{
    definition::{Definition, Incident, Place, Target, When},
    expr::Expr,
    value::{Held, show_change},
    variables::Moment,
};
use plan::{Item, ItemId, Plan, Style, print_item};
use session::{
    Candidate, CandidateStatus, CheckSummary, Event, EventKind, EventKinds, Record, Ruling, State, Subject,
    Verdict, events,
};

/// What checkers call a value that the problem does not give.
const NO_ORIGIN: &str = "origin";

/// What a probe remembers of the moment before.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum TriggerState {
    /// Nothing: it needs nothing.
    #[default]
    Nothing,
    /// Whether its condition was true, apart from what it says of single events.
    Truth(bool),
    /// The item that it watches.
    Item(Option<Item>),
    /// The value that it watches.
    Value(Option<Held>),
}

impl TriggerState {
    /// Returns what `definition` has to remember of `moment`.
    pub(super) fn of(definition: &Definition, moment: &Moment<'_>) -> Self {
        match definition {
            Definition::Break { when: When::Becomes(condition), .. }
            | Definition::Log { when: When::Becomes(condition), .. } => Self::Truth(condition.holds(moment)),
            Definition::Watch { target: Target::Item(id), .. } => {
                Self::Item(plan(moment.state).and_then(|plan| plan.get(*id)).cloned())
            }
            Definition::Watch { target: Target::Value(expr), .. } => {
                Self::Value(expr.value(moment).map(|value| value.held()))
            }
            Definition::Break { when: When::At(..), .. }
            | Definition::Log { when: When::At(..), .. }
            | Definition::Catch { .. } => Self::Nothing,
        }
    }
}

/// Returns the kinds of event at which the probe has to look.
pub(super) fn kinds(definition: &Definition) -> EventKinds {
    match definition {
        Definition::Break { when, .. } | Definition::Log { when, .. } => match when {
            When::At(place, _) if place.ruling().is_some() => EventKinds::only(EventKind::Decided),
            When::At(..) => EventKinds::only(EventKind::PhaseBegan),
            When::Becomes(condition) => condition.changes(),
        },
        Definition::Catch { incident, .. } => match incident {
            Incident::Reject | Incident::Indecisive => EventKinds::only(EventKind::Decided),
            Incident::Invalid | Incident::ParseError | Incident::NoOp | Incident::Duplicate => {
                EventKind::Proposed | EventKind::CandidateEdited
            }
            Incident::Leak => EventKinds::only(EventKind::Checked),
            Incident::FailedCall => EventKinds::only(EventKind::CallFailed),
        },
        Definition::Watch { target: Target::Item(_), .. } => EventKind::PLAN,
        Definition::Watch { target: Target::Value(expr), .. } => expr.changes(),
    }
}

/// Returns why the probe fires at `moment`, if it does; `memory` takes the moment in.
pub(super) fn fires(
    definition: &Definition,
    memory: &mut TriggerState,
    moment: &Moment<'_>,
) -> Option<String> {
    let record = moment.record?;
    match definition {
        Definition::Break { when, .. } => fires_when(when, memory, moment, record),
        Definition::Log { message, when } => {
            fires_when(when, memory, moment, record).map(|_| message.fill(moment))
        }
        Definition::Catch { incident, condition } => {
            incident_words(*incident, record).and_then(|words| given(condition.as_ref(), moment, words))
        }
        Definition::Watch { target, condition } => {
            let words = match target {
                Target::Item(id) => item_change(*id, memory, moment.state),
                Target::Value(expr) => value_change(expr, memory, moment),
            };
            given(condition.as_ref(), moment, words?)
        }
    }
}

/// Returns `words` with the numbers of the condition, where it is true or there is none.
fn given(condition: Option<&Expr>, moment: &Moment<'_>, words: String) -> Option<String> {
    match condition {
        None => Some(words),
        Some(condition) if condition.holds(moment) => Some(format!("{words}, {}", condition.explain(moment))),
        Some(_) => None,
    }
}

fn fires_when(
    when: &When,
    memory: &mut TriggerState,
    moment: &Moment<'_>,
    record: &Record,
) -> Option<String> {
    match when {
        When::At(place, condition) => place_words(*place, record, moment.state)
            .and_then(|words| given(condition.as_ref(), moment, words)),
        When::Becomes(condition) => {
            // What is said of this event alone is gone with it, and can be said again of the next.
            let stays = condition.holds(&Moment { record: None, ..*moment });
            let before = std::mem::replace(memory, TriggerState::Truth(stays));
            (before != TriggerState::Truth(true) && condition.holds(moment))
                .then(|| condition.explain(moment))
        }
    }
}

fn place_words(place: Place, record: &Record, state: &State) -> Option<String> {
    if let Event::PhaseBegan { phase, iteration } = &record.event {
        return place.begins(*phase).then(|| format!("{phase} begins, iteration {iteration}"));
    }
    let Event::Decided { verdicts } = &record.event else { return None };
    let ruling = place.ruling().filter(|ruling| telling(state) == Some(*ruling))?;
    let of_it: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.ruling == ruling).collect();
    Some(format!("iteration {}: {}", state.iteration, verdict_words(&of_it)))
}

/// Returns what became of the most promising candidate of the decision that was just applied.
fn telling(state: &State) -> Option<Ruling> {
    state.timeline.last()?.ruling
}

fn verdict_words(verdicts: &[&Verdict]) -> String {
    let one = |verdict: &&Verdict| {
        format!("candidate {} ({}): {}", verdict.candidate + 1, verdict.ruling.name(), verdict.reason)
    };
    verdicts.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn incident_words(incident: Incident, record: &Record) -> Option<String> {
    let words = match &record.event {
        Event::Decided { verdicts } => {
            let found: Vec<&Verdict> =
                verdicts.iter().filter(|verdict| incident.is_ruling(verdict.ruling)).collect();
            verdict_words(&found)
        }
        Event::Proposed { candidates } => candidates_words(incident, candidates),
        Event::CandidateEdited { candidate } => {
            candidates_words(incident, std::slice::from_ref(&**candidate))
        }
        Event::Checked { subject, summary } if incident == Incident::Leak => leak_words(*subject, summary),
        Event::CallFailed { call, error, .. } if incident == Incident::FailedCall => {
            format!("call {}: {error}", call.0)
        }
        Event::CallStarted { .. }
        | Event::CallFinished { .. }
        | Event::CallCancelled { .. }
        | Event::CallFailed { .. }
        | Event::Drafted { .. }
        | Event::CanvasSet { .. }
        | Event::Checked { .. }
        | Event::Scored { .. }
        | Event::Voted { .. }
        | Event::Rescored { .. }
        | Event::Turned { .. }
        | Event::Ruled { .. }
        | Event::GateSet { .. }
        | events!(Run | Setting | Change | Answer) => return None,
    };
    (!words.is_empty()).then_some(words)
}

fn candidates_words(incident: Incident, candidates: &[Candidate]) -> String {
    let found =
        candidates.iter().filter(|candidate| incident.is_status(&candidate.status, candidate.edit.is_some()));
    found.filter_map(candidate_words).collect::<Vec<_>>().join("; ")
}

/// Returns what the checker says of numbers that come from nowhere: the model may have worked out the answer
/// unseen and written it into the plan.
fn leak_words(subject: Subject, summary: &CheckSummary) -> String {
    let found = summary.findings.iter().filter(|finding| finding.code == NO_ORIGIN);
    let messages: Vec<&str> = found.map(|finding| finding.message.as_str()).collect();
    match subject {
        _ if messages.is_empty() => String::new(),
        Subject::Incumbent => messages.join("; "),
        Subject::Candidate(index) => format!("candidate {}: {}", index + 1, messages.join("; ")),
    }
}

/// Returns what is wrong with a candidate; none where nothing is.
fn candidate_words(candidate: &Candidate) -> Option<String> {
    let what = match &candidate.status {
        CandidateStatus::Ready | CandidateStatus::Control => return None,
        CandidateStatus::NoOp => "changes nothing".to_owned(),
        CandidateStatus::Duplicate { first_seen: 0 } => "is the draft again".to_owned(),
        CandidateStatus::Duplicate { first_seen } => format!("was seen in iteration {first_seen}"),
        CandidateStatus::Invalid { reason } => reason.clone(),
    };
    Some(format!("candidate {}: {what}", candidate.index + 1))
}

fn plan(state: &State) -> Option<&Plan> {
    state.incumbent.as_ref().map(|view| &view.plan)
}

fn item_change(id: ItemId, memory: &mut TriggerState, state: &State) -> Option<String> {
    let now = plan(state).and_then(|plan| plan.get(id));
    let TriggerState::Item(before) = memory else { return None };
    let print = |item: &Item| print_item(item, Style::Full);
    let words = match (before.as_ref(), now) {
        (None, None) => return None,
        (None, Some(now)) => format!("comes in: {}", print(now)),
        (Some(before), None) => format!("goes: {}", print(before)),
        (Some(before), Some(now)) if same_item(before, now) => return None,
        (Some(before), Some(now)) => format!("{} -> {}", print(before), print(now)),
    };
    *before = now.cloned();
    Some(words)
}

/// Returns whether nothing changed that a watch looks at: its place in the plan is none of it.
fn same_item(a: &Item, b: &Item) -> bool {
    (&a.text, &a.deps, a.pinned, a.muted) == (&b.text, &b.deps, b.pinned, b.muted)
}

fn value_change(expr: &Expr, memory: &mut TriggerState, moment: &Moment<'_>) -> Option<String> {
    let now = expr.value(moment);
    let TriggerState::Value(before) = memory else { return None };
    let old = before.as_ref().map(Held::value);
    // A value of single events is missing in between, which is no change.
    if old == now || (now.is_none() && expr.momentary()) {
        return None;
    }
    let words = format!("{expr}: {}", show_change(old, now));
    *before = now.map(|value| value.held());
    Some(words)
}
