//! What happened, in the order in which it happened.
//!
//! A session is the list of its events; everything on the screen is folded from them by
//! [`State::apply`](super::State::apply). Large texts (prompts and replies) stand in blobs beside the
//! events and are named here by their hash.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    score::{Score, Verdict},
    settings::Settings,
};
use crate::{
    llm::{Cost, ModelInfo, PromptUse},
    plan::{Edit, ItemId, Plan, PlanHash},
};

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

/// What a call to the model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Write the first plan.
    Draft,
    /// Propose edits.
    Propose,
    /// Ask the model whether plans are right.
    SelfCheck,
    /// Decode the answer.
    Answer,
    /// Decode an answer without a plan.
    Direct,
}

impl Purpose {
    /// Returns the word for it on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Propose => "propose",
            Self::SelfCheck => "self-check",
            Self::Answer => "answer",
            Self::Direct => "direct answer",
        }
    }
}

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
            Self::Answer => "answer",
            Self::Done => "done",
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
    /// Whether a gold answer is known, so that the answer can be judged.
    pub has_gold: bool,
}

/// What became of a proposed edit before any scoring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum CandidateStatus {
    /// A new plan that waits for its score.
    Ready,
    /// The edit changes nothing.
    NoOp,
    /// The plan was seen before and is not scored again.
    Duplicate {
        /// The iteration in which it was first seen; 0 is the draft.
        first_seen: u32,
    },
    /// The reply is no edit, or the edit cannot be applied.
    Invalid {
        /// Why, as a sentence.
        reason: String,
    },
}

/// One proposed edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its place among the candidates of the iteration, from 0.
    pub index: u32,
    /// Which kind of edit was asked for.
    pub kind: String,
    /// What the model wrote.
    pub reply: String,
    /// The seed of its sampler.
    pub seed: u64,
    /// The edit, when the reply is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// The hash of the plan that the edit leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<PlanHash>,
    /// What became of it.
    #[serde(flatten)]
    pub status: CandidateStatus,
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
pub struct CheckedItem {
    /// The item.
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
    /// The plan that stands.
    Incumbent,
    /// The candidate with this index in the present iteration.
    Candidate(u32),
}

/// How an answer compares with the gold answer. This is the only event that saw gold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "judgement", rename_all = "snake_case")]
pub enum Judgement {
    /// It is right.
    Correct,
    /// It is wrong.
    Wrong,
    /// No answer could be read from the text.
    Unreadable,
    /// Nothing to compare with.
    NoGold,
}

/// An answer and what it cites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text as decoded, citations included.
    pub text: String,
    /// The final value read from it, where the family can.
    pub value: Option<String>,
    /// Whether citations were asked for.
    pub cite: bool,
    /// The hash of the plan it was decoded from; none for a direct answer.
    pub plan: Option<PlanHash>,
    /// One entry an item of that plan.
    pub coverage: Vec<CoverageRow>,
    /// Whether decoding stopped at the limit of tokens, so that the text may be cut.
    pub truncated: bool,
}

/// How an answer deals with one item of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageRow {
    /// The item.
    pub item: ItemId,
    /// How many sentences cite it.
    pub cited: u32,
    /// Whether the checker says that it holds; absent where it cannot be checked.
    pub satisfied: Option<bool>,
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
    /// It could not go on.
    Failed {
        /// Why, as a sentence.
        reason: String,
        /// What can be done about it.
        hint: Option<String>,
    },
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
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
        /// Which.
        phase: Phase,
        /// The iteration, from 1; 0 before the first.
        iteration: u32,
    },
    /// The run was paused or goes on.
    Paused {
        /// Whether it stands still now.
        paused: bool,
    },
    /// A call to the model began.
    CallStarted {
        /// Its number.
        call: CallId,
        /// What it is for.
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
        /// What it cost.
        cost: Cost,
        /// Length and cached part of each prompt.
        prompts: Vec<PromptUse>,
        /// Sequences decoded side by side.
        batch: u32,
        /// The whole reply, as JSON.
        reply: BlobId,
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
    },
    /// The first plan stands.
    Drafted {
        /// The plan.
        plan: Plan,
    },
    /// The family's checker looked at a plan.
    Checked {
        /// Which plan.
        subject: Subject,
        /// What it says.
        summary: CheckSummary,
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
        /// The score.
        score: Score,
    },
    /// The gate decided on the candidates of the iteration; at most one verdict is an acceptance.
    Decided {
        /// One a candidate, in the order of the candidates.
        verdicts: Vec<Verdict>,
    },
    /// A person changed the plan.
    HumanEdited {
        /// How.
        edit: Edit,
    },
    /// Refinement ended.
    RefinementEnded {
        /// Why.
        reason: RefinementStop,
    },
    /// The answer is complete.
    Answered {
        /// The answer.
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
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
    },
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
