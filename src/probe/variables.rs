//! What expressions can speak of. One row of [`VARIABLES`] each.
//!
//! Nothing here has seen the gold answer: a probe can stop a run and so steer it.

use enumset::enum_set;

use super::value::{
    Kind::{self, Number, Text},
    Value,
};
use plan::ItemId;
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
    /// As it is written in expressions.
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

/// What stands before a scorer's name, as in `part.checker`.
const PART_OF: &str = "part.";

/// How the documentation names what scorers say, and the line on it. Which scorers there are is the session's to
/// say: it may be one of a later version.
pub const PARTS: (&str, &str) = (
    "part.NAME",
    "the part of the scorer NAME in `score`, as in `part.checker`; no value where it says nothing",
);

/// What stands before an item's id, as in `masked.S3`.
const MASKED_IN: &str = "masked.";

/// How the documentation names how much of a line is masked, and the line on it.
pub const MASKED: (&str, &str) =
    ("masked.ID", "masked tokens of the line ID, as in `masked.S3`; no value where no tokens are denoised");

/// What a name in an expression stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    /// One of [`VARIABLES`].
    Variable(&'static Variable),
    /// What the scorer of this name says of the incumbent.
    Part(String),
    /// How many tokens of this line are masked.
    MaskedIn(ItemId),
}

impl Named {
    /// Returns what `name` stands for; none where it is no name. Whether there is such a scorer is another question:
    /// [`is_known`](Self::is_known).
    pub fn find(name: &str) -> Option<Self> {
        let scorer = name.strip_prefix(PART_OF).filter(|scorer| !scorer.is_empty() && !scorer.contains('.'));
        let line = name.strip_prefix(MASKED_IN).and_then(|id| id.parse().ok());
        scorer
            .map(|scorer| Self::Part(scorer.to_owned()))
            .or_else(|| line.map(Self::MaskedIn))
            .or_else(|| Variable::named(name).map(Self::Variable))
    }

    /// Returns what kind of value it has.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Variable(variable) => variable.kind,
            Self::Part(_) | Self::MaskedIn(_) => Number,
        }
    }

    /// Returns the kinds of event that can change it.
    pub fn changes(&self) -> EventKinds {
        match self {
            Self::Variable(variable) => variable.changes,
            Self::Part(_) => SCORE,
            Self::MaskedIn(_) => MASKS,
        }
    }

    /// Returns whether it speaks of one event, and has no value at others.
    pub fn momentary(&self) -> bool {
        match self {
            Self::Variable(variable) => variable.momentary,
            Self::Part(_) | Self::MaskedIn(_) => false,
        }
    }

    /// Returns its value at `moment`; none where there is none.
    pub fn read<'a>(&self, moment: &Moment<'a>) -> Option<Value<'a>> {
        match self {
            Self::Variable(variable) => variable.read(moment),
            Self::MaskedIn(id) => masked_in(moment.state, *id),
            Self::Part(scorer) => of(view(moment)?.score.as_ref()?.part(scorer)?.value),
        }
    }

    /// Returns whether the session of `state` knows it. Before a session begins nothing is known of its scorers, and
    /// every name passes.
    pub fn is_known(&self, state: &State) -> bool {
        match self {
            Self::Variable(_) | Self::MaskedIn(_) => true,
            Self::Part(scorer) => state.problem.is_none() || scorers(state).any(|known| known == scorer),
        }
    }
}

/// Returns the names of the scorers that the session of `state` knows, those without a weight too.
fn scorers(state: &State) -> impl Iterator<Item = &str> {
    state.settings.scorers.iter().map(|(name, _)| name)
}

/// Returns the names of what scorers say in the session of `state`, as in `part.checker`.
pub fn parts(state: &State) -> impl Iterator<Item = String> {
    scorers(state).map(|scorer| format!("{PART_OF}{scorer}"))
}

impl PartialEq for Variable {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

const PLAN: EventKinds = EventKind::PLAN;
const MASKS: EventKinds = enum_set!(E::CanvasSet | E::Decided);
const CHECK: EventKinds = enum_set!(PLAN | E::Checked);
const SCORE: EventKinds = enum_set!(PLAN | E::Scored | E::Voted);
const CANDIDATES: EventKinds =
    enum_set!(E::PhaseBegan | E::Proposed | E::HumanEdited | E::Undone | E::Redone | E::Noised);
const BEST: EventKinds = enum_set!(E::Decided | E::Scored | E::Voted | E::Checked);
const VERDICTS: EventKinds = enum_set!(E::Decided);
const CANDIDATE: EventKinds = enum_set!(E::Decided | E::Scored);
const COST: EventKinds = enum_set!(E::CallFinished | E::CallCancelled | E::CallFailed);

/// All variables, in the order of the documentation.
pub static VARIABLES: &[Variable] = &[
    Variable::new("score", SCORE, |m| of(view(m)?.total()), "the incumbent's total"),
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
    Variable::new("items", PLAN, |m| len(view(m)?.plan.len()), "items of the incumbent"),
    Variable::new(
        "masked",
        MASKS,
        |m| len(m.state.denoising.as_ref()?.masked()?),
        "its masked tokens; no value where no tokens are denoised",
    ),
    Variable::new(
        "noise",
        MASKS,
        |m| of(Some(m.state.denoising.as_ref()?.canvas.noise())),
        "the share of noise in it, 0 to 1: of masked tokens, or in latents; no value where nothing is denoised",
    ),
    Variable::new("errors", CHECK, |m| findings(m, Severity::Error), "errors that the checker finds in it"),
    Variable::new("warnings", CHECK, |m| findings(m, Severity::Warning), "warnings of the checker"),
    Variable::new("candidates", CANDIDATES, |m| len(m.state.candidates.len()), "candidates of the iteration"),
    Variable::new(
        "accepted",
        VERDICTS,
        |m| of(Some(m.state.proposals.rulings.accepted.into())),
        "candidates accepted so far",
    ),
    Variable::new(
        "rejected",
        VERDICTS,
        |m| of(Some(m.state.proposals.rulings.rejected.into())),
        "candidates rejected so far",
    ),
    Variable::new(
        "indecisive",
        VERDICTS,
        |m| of(Some(m.state.proposals.rulings.indecisive.into())),
        "candidates on which the numbers did not tell",
    ),
    Variable::new(
        "invalid",
        VERDICTS,
        |m| of(Some(m.state.proposals.rulings.invalid.into())),
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
        |m| of(Some(m.state.calls.made.into())),
        "calls to the model, failed ones included",
    ),
    Variable::new(
        "failed_calls",
        enum_set!(E::CallFailed),
        |m| len(m.state.calls.failed.len()),
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
        "prompt positions that were already in the cache",
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

fn masked_in(state: &State, id: ItemId) -> Option<Value<'static>> {
    let now = state.denoising.as_ref()?;
    now.masked()?;
    let line = (0..now.layout.lines.len()).find(|line| now.layout.id(*line) == id)?;
    len(now.canvas.tokens(now.layout.places_of(line)).filter(Option::is_none).count())
}

fn len(len: usize) -> Option<Value<'static>> {
    of(Some(len as f64))
}

fn view<'a>(moment: &Moment<'a>) -> Option<&'a PlanView> {
    moment.state.incumbent.as_ref()
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
