//! What a diagnosis found, as it is recorded and shown.

use serde::{Deserialize, Serialize};

use super::Severity;
use crate::{llm::Cost, plan::ItemId};

/// Whether something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingVerdict {
    /// It is.
    Fault,
    /// It is not, as far as this check sees.
    Clear,
    /// There is not enough data to tell. Missing is not clear.
    Undecided,
}

impl FindingVerdict {
    /// Returns the word for it on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Clear => "clear",
            Self::Undecided => "not enough data",
        }
    }
}

/// A number that a finding rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is, with its unit.
    pub label: String,
    /// The number.
    pub value: f64,
    /// Its 95 % interval, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check's name.
    pub check: String,
    /// Whether something is wrong.
    pub verdict: FindingVerdict,
    /// How bad it is, where something is.
    pub severity: Severity,
    /// What was found, in one sentence with its numbers.
    pub sentence: String,
    /// What the sentence rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What it cost to find out, apart from the run's budget.
    #[serde(default)]
    pub cost: Cost,
    /// What can be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The event to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// The items that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemId>,
}
