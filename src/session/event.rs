//! What happened, in the order in which it happened.
//!
//! A session is the list of its events; everything on the screen is folded from them by
//! [`State::apply`](super::State::apply). Large texts (prompts and replies) stand in blobs next to the
//! events and are named here by their hash.

use std::{collections::BTreeMap, fmt};

use denoise::{Canvas, TokenLayout};
use enumset::EnumSetType;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr, VariantArray};

use super::{
    answer::{Answer, Judgement},
    candidate::Candidate,
    gate::GateSettings,
    population::Turn,
    purpose::Purpose,
    score::{Rescore, Score, Verdict},
    settings::Settings,
    shadow::ShadowPoint,
    votes::{Recount, Vote},
};
use model::{Cost, ModelInfo, Pressure, PromptUse};
use plan::{Chaos, Edit, ItemId, NoiseSpec, Plan, PlanHash};

/// Names a blob by the blake3 hash of its bytes, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlobId(pub String);

impl BlobId {
    /// Returns the name of the blob that holds `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex().to_string())
    }
}

/// Numbers the calls of a session from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u32);

/// One phase of the work. The three in the middle make an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The model is being loaded.
    #[default]
    Load,
    /// The first plan is being written.
    Draft,
    /// The first plan is being scored.
    ScoreDraft,
    /// Edits are being proposed.
    Propose,
    /// Candidates are being scored.
    Score,
    /// The gate decides.
    Decide,
    /// A chain of thought is being written that decides between drafts that differ.
    TieBreak,
    /// The best plans are being scored again, before one of them is answered from.
    Rescore,
    /// The answer is being decoded.
    Answer,
    /// All is done.
    Done,
}

impl Phase {
    /// Returns the word for it on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load model",
            Self::Draft => "draft",
            Self::ScoreDraft => "score draft",
            Self::Propose => "propose",
            Self::Score => "score",
            Self::Decide => "decide",
            Self::TieBreak => "break the tie",
            Self::Rescore => "score again",
            Self::Answer => "answer",
            Self::Done => "done",
        }
    }

    /// Returns whether each iteration has it.
    pub const fn is_of_iteration(self) -> bool {
        match self {
            Self::Propose | Self::Score | Self::Decide => true,
            Self::Load
            | Self::Draft
            | Self::ScoreDraft
            | Self::TieBreak
            | Self::Rescore
            | Self::Answer
            | Self::Done => false,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What can be shown of a problem. The gold answer is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemCard {
    /// Where it came from: a bundled name, or a file and row.
    pub reference: String,
    /// A few words.
    pub title: String,
    /// The family's name.
    pub family: String,
    /// The task.
    pub text: String,
    /// Whether the answer can be judged: by a gold answer, or by the problem's own rules.
    pub has_gold: bool,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Warning,
    /// The plan cannot be right as it is.
    Error,
}

/// What the family's checker says of a plan; free of the gold answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CheckSummary {
    /// Share of the checks passed, 0 to 1; absent where the family has no checker.
    pub score: Option<f64>,
    /// Whether an exact checker passes; absent where the family has none.
    pub exact: Option<bool>,
    /// One sentence a fault.
    pub findings: Vec<CheckFinding>,
    /// What the plan's own steps evaluate to, where that can be computed.
    pub derived: Option<String>,
    /// Items whose statement was checked: whether it holds, and its value in words.
    pub items: Vec<CheckedItem>,
}

/// One fault or remark of a checker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckFinding {
    /// The item it is about; none for the whole plan.
    pub item: Option<ItemId>,
    /// A short fixed name, such as `undefined-name`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
}

/// What a checker found of one item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct CheckedItem {
    pub item: ItemId,
    /// Whether it holds.
    pub satisfied: bool,
    /// Its value or result, in words.
    pub value: Option<String>,
}

/// Which plan a check or score belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The incumbent.
    Incumbent,
    /// The candidate with this index in the present iteration.
    Candidate(u32),
}

/// Why the refinement ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stop", rename_all = "snake_case")]
pub enum RefinementStop {
    /// All iterations were used.
    Iterations,
    /// A limit of the budget was reached.
    Budget {
        /// Which one, in words.
        meter: String,
    },
    /// No better plan came for this many iterations.
    Fruitless {
        /// How many.
        iterations: u32,
    },
    /// An exact checker that needs no gold answer passes.
    Exact,
    /// The plan passes every check of a checker that is not exact.
    Clean,
    /// As many independent drafts as are wanted reach the same value.
    Agreed {
        /// What they agree on, in the form in which values are compared.
        value: String,
        /// How many reach it.
        voters: u32,
        /// Of how many that were written.
        drafts: u32,
        /// The best plan that reaches it.
        plan: PlanHash,
    },
    /// Independent drafts differ, and a chain of thought decided.
    TieBroken {
        /// What it states; absent where no value can be read from it.
        value: Option<String>,
        /// The best plan that reaches this value; absent where none does.
        plan: Option<PlanHash>,
    },
    /// The person asked for the answer.
    Asked,
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// An answer was decoded.
    Answered,
    /// The person stopped it.
    Interrupted,
    /// It could not continue.
    Failed {
        /// Why, as a sentence.
        reason: String,
        /// What can be done about it.
        hint: Option<String>,
    },
}

/// Why a run is paused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseCause {
    /// Somebody asked for it.
    Asked,
    /// It has done what it was asked to do: a phase, an iteration, refinement.
    Step,
    /// A call was cancelled; its phase starts again on resuming.
    Interrupted,
    /// The gate waits for a person's rulings.
    Intercept,
    /// A probe was hit.
    Probe {
        /// The number of the probe, from 1.
        number: u32,
        /// What was hit, as a sentence.
        text: String,
    },
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, EnumDiscriminants)]
#[serde(tag = "event", rename_all = "snake_case")]
#[strum_discriminants(
    name(EventKind),
    doc = "What an [`Event`] is, without what it says.",
    allow(missing_docs, reason = "each variant of the event has its own"),
    derive(PartialOrd, Ord, Hash, EnumSetType, EnumString, IntoStaticStr, VariantArray),
    enumset(no_super_impls),
    strum(serialize_all = "snake_case")
)]
pub enum Event {
    /// The session began.
    Started {
        /// The problem, without gold.
        problem: ProblemCard,
        /// All settings, seed included.
        settings: Box<Settings>,
    },
    /// The model is ready.
    ModelReady {
        /// What is known of it.
        model: Box<ModelInfo>,
    },
    /// A phase began.
    PhaseBegan {
        /// The phase; the same once more where a call of it was cancelled.
        phase: Phase,
        /// The iteration, from 1; 0 before the first.
        iteration: u32,
    },
    /// The run was paused or resumed.
    Paused {
        /// Whether it is paused now.
        paused: bool,
        /// Why it does; absent when it is resumed, and in records of older versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<PauseCause>,
    },
    /// A call to the model began.
    CallStarted {
        /// Its number.
        call: CallId,
        /// What its cost is booked under.
        purpose: Purpose,
        /// How many sequences.
        sequences: u32,
        /// The whole request, as JSON.
        request: BlobId,
    },
    /// A call came back.
    CallFinished {
        /// Its number.
        call: CallId,
        /// Tokens, FLOPs and time of all its sequences.
        cost: Cost,
        /// Length and cached part of each prompt.
        prompts: Vec<PromptUse>,
        /// Sequences decoded side by side.
        batch: u32,
        /// The whole reply, as JSON.
        reply: BlobId,
        /// What the person should know of how it came, a sentence each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
        /// The grammar pressure on each text that was written; empty where none was measured.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pressure: Vec<Option<Pressure>>,
    },
    /// A call was cancelled on purpose; its reply, if one came, is not used.
    CallCancelled {
        /// Its number.
        call: CallId,
        /// What it cost; absent where that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
        /// What had come until then, as JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply: Option<BlobId>,
    },
    /// A call failed.
    CallFailed {
        /// Its number.
        call: CallId,
        /// Why, as a sentence.
        error: String,
        /// What can be done about it.
        hint: Option<String>,
        /// The end of the model process's log, when the process died.
        log_tail: Option<String>,
        /// Whether the call is made once more.
        retried: bool,
        /// What had been spent until then, where something had come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Cost>,
    },
    /// The first plan stands.
    Drafted {
        /// The plan that becomes the incumbent.
        plan: Plan,
        /// How probable the model found each line, a geometric mean over tokens, 0 to 1; absent where that is not
        /// known.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        confidence: BTreeMap<ItemId, f64>,
    },
    /// The family's checker examined a plan.
    Checked {
        /// Which plan.
        subject: Subject,
        /// What it says.
        summary: CheckSummary,
    },
    /// The tokens of the incumbent are these: it is about to be denoised, or was changed from outside refinement.
    CanvasSet {
        /// The lines that they are in; absent where they are as before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        layout: Option<Box<TokenLayout>>,
        /// The tokens.
        canvas: Canvas,
    },
    /// Edits were proposed.
    Proposed {
        /// All of them, usable or not.
        candidates: Vec<Candidate>,
    },
    /// A plan got its score.
    Scored {
        /// Which plan.
        subject: Subject,
        /// Its parts, and the total that the gate compares.
        score: Score,
    },
    /// Independent drafts voted for the values that they reach.
    Voted {
        /// Their votes, in addition to those before.
        votes: Vec<Vote>,
        /// What all votes so far make of the plans that were scored before.
        recounts: Vec<Recount>,
    },
    /// The gate decided on the candidates of the iteration; at most one verdict is an acceptance.
    Decided {
        /// One a candidate, in the order of the candidates.
        verdicts: Vec<Verdict>,
    },
    /// A person changed the plan. Candidates that were not decided on fall away, here and wherever else the
    /// plan changes under them.
    HumanEdited {
        /// What it does to the incumbent.
        edit: Edit,
    },
    /// A person took back a hand edit or noise.
    Undone {
        /// The event that is taken back.
        change: u64,
        /// What takes it back.
        edit: Edit,
    },
    /// A person brought back what was taken back.
    Redone {
        /// The event that is brought back.
        change: u64,
        /// What brings it back.
        edit: Edit,
    },
    /// Noise was injected into the plan.
    Noised {
        /// What was asked for.
        spec: NoiseSpec,
        /// The resulting edit: a batch, empty when no item was hit.
        edit: Edit,
        /// Whether it came by schedule.
        scheduled: bool,
    },
    /// Noise comes by another schedule from now on.
    ChaosSet {
        /// The schedule; none for no noise any more.
        chaos: Option<Chaos>,
    },
    /// Whether the run pauses before each decision, for a person to rule.
    InterceptSet {
        /// Whether it does from now on.
        on: bool,
    },
    /// Whether plain decoding at the same cost runs next to refinement.
    ShadowSet {
        /// Whether it does from now on.
        on: bool,
    },
    /// Refinement and plain decoding were compared at the same cost, outside the run's budget.
    Shadowed {
        /// Both sides. *Oracle*, as in [`Event::Judged`].
        point: Box<ShadowPoint>,
    },
    /// Another rule accepts from now on.
    GateSet {
        /// The rule.
        gate: GateSettings,
    },
    /// Under a gate that refines several plans: which of them is refined next.
    Turned {
        /// Which, and why.
        turn: Turn,
    },
    /// A person ruled on a candidate before the gate; the last word on each counts.
    Ruled {
        /// Its index.
        candidate: u32,
        /// Whether it is accepted; vetoed if not.
        accept: bool,
    },
    /// A person exchanged a candidate's edit.
    CandidateEdited {
        /// The candidate as it is now.
        candidate: Box<Candidate>,
    },
    /// The incumbent was scored again with prompts that ask the same in other words.
    Rescored {
        /// The result; its score stays what it was.
        rescore: Rescore,
    },
    /// An answer was decoded from a plan of an earlier moment, without affecting the run.
    SideAnswered {
        /// The event at which the plan stood.
        from: u64,
        /// The text with its value, citations and votes.
        answer: Answer,
        /// How it compares with gold. *Oracle*, as in [`Event::Judged`].
        #[serde(flatten)]
        judgement: Judgement,
    },
    /// The run continues from here as a fork of its parent, whose record everything before is.
    Forked {
        /// The parent's name: that of its directory.
        parent: String,
        /// The last event that both have in common.
        at: u64,
        /// The settings from now on.
        settings: Box<Settings>,
    },
    /// Refinement ended.
    RefinementEnded {
        /// Why.
        reason: RefinementStop,
    },
    /// The answer is complete.
    Answered {
        /// The text with its value, citations and votes.
        answer: Answer,
    },
    /// The answer was compared with gold. *Oracle*: nothing that steers the run may read this.
    Judged {
        /// How it compares.
        #[serde(flatten)]
        judgement: Judgement,
    },
    /// The session ended.
    Ended {
        /// Answered, interrupted or failed.
        #[serde(flatten)]
        outcome: Outcome,
    },
}

/// A pattern for all events of one group or of several, for matches to which they mean the same. A new event joins a group
/// here, and only matches to which it means something of its own have to name it.
///
/// | group | events |
/// |---|---|
/// | `Run` | the course of the run: phases, pauses, forks, the end |
/// | `Call` | calls to the model |
/// | `Refinement` | plans, proposals, scores, decisions |
/// | `Setting` | how the run continues was changed |
/// | `Change` | the plan was changed from outside refinement |
/// | `Person` | a person's word on candidates, and on the rule that decides on them |
/// | `Answer` | answers, and what they are compared with |
///
/// ```
/// use planscope_session::{Event, events};
///
/// fn is_call(event: &Event) -> bool {
///     match event {
///         events!(Call) => true,
///         events!(Run | Refinement | Setting | Change | Person | Answer) => false,
///     }
/// }
///
/// assert!(!is_call(&Event::Paused { paused: true, cause: None }));
/// ```
#[macro_export]
macro_rules! events {
    (Run) => {
        $crate::Event::Started { .. }
            | $crate::Event::ModelReady { .. }
            | $crate::Event::PhaseBegan { .. }
            | $crate::Event::Paused { .. }
            | $crate::Event::Forked { .. }
            | $crate::Event::RefinementEnded { .. }
            | $crate::Event::Ended { .. }
    };
    (Call) => {
        $crate::Event::CallStarted { .. }
            | $crate::Event::CallFinished { .. }
            | $crate::Event::CallCancelled { .. }
            | $crate::Event::CallFailed { .. }
    };
    (Refinement) => {
        $crate::Event::Drafted { .. }
            | $crate::Event::Checked { .. }
            | $crate::Event::CanvasSet { .. }
            | $crate::Event::Proposed { .. }
            | $crate::Event::Scored { .. }
            | $crate::Event::Voted { .. }
            | $crate::Event::Decided { .. }
            | $crate::Event::Rescored { .. }
            | $crate::Event::Turned { .. }
    };
    (Setting) => {
        $crate::Event::ChaosSet { .. }
            | $crate::Event::InterceptSet { .. }
            | $crate::Event::ShadowSet { .. }
    };
    (Change) => {
        $crate::Event::HumanEdited { .. }
            | $crate::Event::Undone { .. }
            | $crate::Event::Redone { .. }
            | $crate::Event::Noised { .. }
    };
    (Person) => {
        $crate::Event::Ruled { .. } | $crate::Event::CandidateEdited { .. } | $crate::Event::GateSet { .. }
    };
    (Answer) => {
        $crate::Event::Answered { .. }
            | $crate::Event::SideAnswered { .. }
            | $crate::Event::Judged { .. }
            | $crate::Event::Shadowed { .. }
    };
    ($first:ident | $($rest:ident)|+) => { $crate::events!($first) | $crate::events!($($rest)|+) };
}

impl Event {
    /// Returns the blob that the event names.
    pub fn blob(&self) -> Option<&BlobId> {
        match self {
            Self::CallStarted { request, .. } => Some(request),
            Self::CallFinished { reply, .. } => Some(reply),
            Self::CallCancelled { reply, .. } => reply.as_ref(),
            Self::CallFailed { .. } | events!(Run | Refinement | Setting | Change | Person | Answer) => None,
        }
    }
}

/// An event with its place in the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Counts from 0 without gaps.
    pub seq: u64,
    /// Milliseconds since the session began.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}
