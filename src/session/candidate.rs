//! Proposed edits, as they are recorded.

use std::collections::BTreeMap;

use denoise::Canvas;
use serde::{Deserialize, Serialize};

use model::{EarlierText, Pressure};
use plan::{Edit, ItemId, PlanHash};

/// What became of a proposed edit before any scoring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum CandidateStatus {
    /// A new plan that waits for its score.
    Ready,
    /// The incumbent, which is scored and put before the gate once more as a control.
    Control,
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

/// A text that the model wrote, and in which situation; or that it had none left there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// The same number where the same was asked for.
    pub situation: u64,
    /// What the model wrote; empty where there was nothing left.
    #[serde(flatten)]
    pub seen: EarlierText,
    /// Too little of the model's probability was left for another text, so there is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exhausted: bool,
}

impl Candidate {
    /// Returns what it changes in one line: the step where tokens are denoised, the edit, or what was written where it is none.
    pub fn summary(&self) -> String {
        match (&self.edit, &self.canvas) {
            (Some(edit), None) => edit.summary(),
            (Some(_), Some(_)) | (None, _) => self.reply.clone(),
        }
    }
}

/// One proposed edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its place among the candidates of the iteration, from 0.
    pub index: u32,
    /// Which kind of edit was asked for.
    pub kind: String,
    /// Which proposer made it; absent in records of older versions, which had but one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposer: Option<String>,
    /// What the model wrote, or what was done without it.
    pub reply: String,
    /// The seed of its sampler.
    pub seed: u64,
    /// The edit, when the reply is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// The hash of the plan that the edit leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<PlanHash>,
    /// How probable the model found the lines that it wrote, a geometric mean over tokens, 0 to 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub confidence: BTreeMap<ItemId, f64>,
    /// The grammar pressure on what the model wrote; absent where it was not measured or the model wrote nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressure: Option<Pressure>,
    /// Tokens drawn for it, thoughts and a critique included; 0 where no model was asked, absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// What the model wrote, for later texts to differ from; absent where that is not wanted or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Drawn>,
    /// The tokens of the plan that it leads to, where tokens are denoised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canvas: Option<Canvas>,
    /// What became of it.
    #[serde(flatten)]
    pub status: CandidateStatus,
}
