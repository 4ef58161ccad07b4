//! Proposed edits, as they are recorded.

use serde::{Deserialize, Serialize};

use crate::plan::{Edit, PlanHash};

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
