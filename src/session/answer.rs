//! Answers and what they are worth, as they are recorded.

use serde::{Deserialize, Serialize};

use crate::plan::{ItemId, PlanHash};

/// How an answer compares with the gold answer. Only what comes of gold is told,
/// and nothing that steers the run may read it.
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
