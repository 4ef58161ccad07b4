//! What expressions can speak of. One row of [`VARIABLES`] each.
//!
//! Nothing here has seen the gold answer: a probe can stop a run and so steer it.

use enumset::enum_set;

use super::value::{
    Kind::{self, Number, Text},
    Value,
};
use session::{
    Event, EventKind, EventKind as E, EventKinds, PlanView, Record, Ruling, Severity, State, Subject,
};

/// One moment of a run: the state, and the event that led to it.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The state after the event.
    pub state: &'a State,
    /// The event; none before the first.
    pub record: Option<&'a Record>,
}

/// A name that expressions can use.
#[derive(Debug)]
pub struct Variable {
    /// The name.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
    /// One line, for help and `docs/probes.md`.
    pub doc: &'static str,
    /// All words that it can be, where they are few; empty otherwise.
    pub words: &'static [&'static str],
    /// The kinds of event that can change it.
    pub changes: EventKinds,
    /// Whether it speaks of one event, and has no value at others.
    pub momentary: bool,
    read: for<'a> fn(&Moment<'a>) -> Option<Value<'a>>,
}

impl Variable {
    const fn new(
        name: &'static str,
        changes: EventKinds,
        read: for<'a> fn(&Moment<'a>) -> Option<Value<'a>>,
        doc: &'static str,
    ) -> Self {
        Self { name, kind: Number, doc, words: &[], changes, momentary: false, read }
    }

    const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.kind = Text;
        self.words = words;
        self
    }

    const fn momentary(mut self) -> Self {
        self.momentary = true;
        self
    }

    /// Returns its value at `moment`; none where there is none.
    pub fn read<'a>(&self, moment: &Moment<'a>) -> Option<Value<'a>> {
        (self.read)(moment)
    }

    /// Returns the variable called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        VARIABLES.iter().find(|variable| variable.name == name)
    }
}

impl PartialEq for Variable {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

const PLAN: EventKinds = EventKind::PLAN;
const CHECK: EventKinds = enum_set!(PLAN | E::Checked);
const SCORE: EventKinds = enum_set!(PLAN | E::Scored);
const CANDIDATES: EventKinds =
    enum_set!(E::PhaseBegan | E::Proposed | E::HumanEdited | E::Undone | E::Redone | E::Noised);
const BEST: EventKinds = enum_set!(E::Decided | E::Scored | E::Checked);
const VERDICTS: EventKinds = enum_set!(E::Decided);
const CANDIDATE: EventKinds = enum_set!(E::Decided | E::Scored);
const COST: EventKinds = enum_set!(E::CallFinished | E::CallCancelled | E::CallFailed);

/// All variables, in the order of the documentation.
pub static VARIABLES: &[Variable] = &[
    Variable::new("score", SCORE, |m| of(view(m)?.total()), "the total of the plan that stands"),
    Variable::new("best", BEST, |m| of(m.state.best.as_ref()?.total()), "the highest total so far"),
    Variable::new(
        "candidate_score",
        CANDIDATE,
        |m| of(candidate(m)?.0),
        "at a score: the candidate's total; at a decision: that of the one accepted, or else the highest",
    )
    .momentary(),
    Variable::new(
        "delta",
        CANDIDATE,
        |m| candidate(m).and_then(|(after, before)| of(Some(after? - before?))),
        "`candidate_score` less the total of the plan that it would replace",
    )
    .momentary(),
    Variable::new("ruling", VERDICTS, ruling, "at a decision: what became of the most promising candidate")
        .words(&["accept", "reject", "indecisive", "invalid"])
        .momentary(),
    Variable::new(
        "iteration",
        enum_set!(E::PhaseBegan),
        |m| of(Some(m.state.iteration.into())),
        "the iteration, 0 before the first",
    ),
    Variable::new(
        "phase",
        enum_set!(E::PhaseBegan),
        |m| Some(Value::Text(m.state.phase.name())),
        "the phase",
    )
    .words(&[
        "load model",
        "draft",
        "score draft",
        "propose",
        "score",
        "decide",
        "score again",
        "answer",
        "done",
    ]),
    Variable::new("items", PLAN, |m| len(view(m)?.plan.len()), "items of the plan that stands"),
    Variable::new("errors", CHECK, |m| findings(m, Severity::Error), "errors that the checker finds in it"),
    Variable::new("warnings", CHECK, |m| findings(m, Severity::Warning), "warnings of the checker"),
    Variable::new("part.structure", SCORE, |m| part(m, "structure"), "the structure's part of `score`"),
    Variable::new("part.checker", SCORE, |m| part(m, "checker"), "the checker's part of `score`"),
    Variable::new("part.self_check", SCORE, |m| part(m, "self_check"), "the self-check's part of `score`"),
    Variable::new("part.likelihood", SCORE, |m| part(m, "likelihood"), "the likelihood's part of `score`"),
    Variable::new("part.pmi", SCORE, |m| part(m, "pmi"), "the part that PMI has in `score`"),
    Variable::new("part.agreement", SCORE, |m| part(m, "agreement"), "the agreement's part of `score`"),
    Variable::new("part.consensus", SCORE, |m| part(m, "consensus"), "the consensus's part of `score`"),
    Variable::new(
        "part.contradiction",
        SCORE,
        |m| part(m, "contradiction"),
        "the part that contradictions have in `score`",
    ),
    Variable::new("candidates", CANDIDATES, |m| len(m.state.candidates.len()), "candidates of the iteration"),
    Variable::new(
        "accepted",
        VERDICTS,
        |m| of(Some(m.state.rulings.accepted.into())),
        "candidates accepted so far",
    ),
    Variable::new(
        "rejected",
        VERDICTS,
        |m| of(Some(m.state.rulings.rejected.into())),
        "candidates rejected so far",
    ),
    Variable::new(
        "indecisive",
        VERDICTS,
        |m| of(Some(m.state.rulings.indecisive.into())),
        "candidates on which the numbers did not tell",
    ),
    Variable::new(
        "invalid",
        VERDICTS,
        |m| of(Some(m.state.rulings.invalid.into())),
        "proposals so far that were no candidates",
    ),
    Variable::new(
        "fruitless",
        BEST,
        |m| of(Some(m.state.fruitless().into())),
        "iterations in a row without a better plan",
    ),
    Variable::new(
        "calls",
        enum_set!(E::CallStarted),
        |m| of(Some(m.state.calls.into())),
        "calls to the model, failed ones included",
    ),
    Variable::new(
        "failed_calls",
        enum_set!(E::CallFailed),
        |m| len(m.state.failed_calls.len()),
        "calls that failed",
    ),
    Variable::new(
        "tokens",
        COST,
        |m| of(Some((m.state.total_cost().fresh + m.state.total_cost().cached) as f64)),
        "`fresh` and `cached` together",
    ),
    Variable::new("fresh", COST, |m| of(Some(m.state.total_cost().fresh as f64)), "positions evaluated"),
    Variable::new("generated", COST, |m| of(Some(m.state.total_cost().generated as f64)), "tokens drawn"),
    Variable::new(
        "cached",
        COST,
        |m| of(Some(m.state.total_cost().cached as f64)),
        "prompt positions that were there already",
    ),
    Variable::new("wall_s", COST, |m| of(Some(m.state.total_cost().wall_ms / 1e3)), "seconds in the model"),
    Variable::new(
        "event",
        EventKinds::all(),
        |m| of(Some(m.state.events.checked_sub(1)? as f64)),
        "the event's number, from 0",
    ),
    Variable::new(
        "at_s",
        EventKinds::all(),
        |m| of(Some(m.state.at_ms as f64 / 1e3)),
        "seconds since the session began",
    ),
];

fn of(number: Option<f64>) -> Option<Value<'static>> {
    Value::number(number?)
}

fn len(len: usize) -> Option<Value<'static>> {
    of(Some(len as f64))
}

fn view<'a>(moment: &Moment<'a>) -> Option<&'a PlanView> {
    moment.state.incumbent.as_ref()
}

fn part(moment: &Moment<'_>, name: &str) -> Option<Value<'static>> {
    of(view(moment)?.score.as_ref()?.part(name)?.value)
}

fn findings(moment: &Moment<'_>, severity: Severity) -> Option<Value<'static>> {
    let check = view(moment)?.check.as_ref()?;
    len(check.findings.iter().filter(|finding| finding.severity == severity).count())
}

fn ruling<'a>(moment: &Moment<'a>) -> Option<Value<'a>> {
    let Event::Decided { .. } = moment.record?.event else { return None };
    Some(Value::Text(moment.state.timeline.last()?.ruling?.name()))
}

/// Returns the total of the candidate that the event is about, and of the plan that it would replace.
fn candidate(moment: &Moment<'_>) -> Option<(Option<f64>, Option<f64>)> {
    let event = &moment.record?.event;
    if let Event::Scored { subject: Subject::Candidate(_), score } = event {
        return Some((score.total, view(moment)?.total()));
    }
    let Event::Decided { verdicts } = event else { return None };
    let accepted = verdicts.iter().find(|verdict| verdict.ruling == Ruling::Accept);
    let highest = || {
        let scored = verdicts.iter().filter(|verdict| verdict.after.is_some());
        scored.max_by(|a, b| a.after.unwrap_or(f64::MIN).total_cmp(&b.after.unwrap_or(f64::MIN)))
    };
    let verdict = accepted.or_else(highest)?;
    Some((verdict.after, verdict.before))
}
