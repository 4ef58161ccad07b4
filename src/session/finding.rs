//! What a diagnosis found, as it is recorded and shown.

use serde::{Deserialize, Serialize};

use super::event::Severity;
use model::Cost;
use plan::ItemId;

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

/// What a check measured of one item.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct ItemReading {
    pub item: ItemId,
    /// The number, in the unit of [`Readings::label`].
    pub value: f64,
    /// Whether the answer cites it; absent where that is not what the check looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cited: Option<bool>,
}

/// A number for each item, in the plan's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readings {
    /// What the numbers are, with their unit.
    pub label: String,
    /// The number from which on an item counts.
    pub mark: f64,
    /// A number an item.
    pub rows: Vec<ItemReading>,
}

impl Readings {
    /// Returns the words for what a citation and a cause of the answer make of an item together; none where citations
    /// are not what the check looks at.
    pub fn class(&self, row: &ItemReading) -> Option<&'static str> {
        Some(match (row.cited?, row.value >= self.mark) {
            (true, true) => "cited and causal",
            (true, false) => "decorative: cited, not causal",
            (false, true) => "hidden: causal, not cited",
            (false, false) => "neither",
        })
    }
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
    /// A number for each item, where the check measures items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readings: Option<Readings>,
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

impl Finding {
    /// Returns its place among others: what is worst comes first.
    pub const fn rank(&self) -> u8 {
        match (self.verdict, self.severity) {
            (FindingVerdict::Fault, Severity::Error) => 0,
            (FindingVerdict::Fault, Severity::Warning) => 1,
            (FindingVerdict::Undecided, Severity::Warning | Severity::Error) => 2,
            (FindingVerdict::Clear, Severity::Warning | Severity::Error) => 3,
        }
    }

    /// Returns its sign; the word next to it says the same.
    pub const fn sign(&self) -> &'static str {
        ["✗", "!", "?", "✓"][self.rank() as usize]
    }
}

impl Evidence {
    /// Returns it in words: what it is, the number, and its interval.
    pub fn words(&self) -> String {
        let value = number(self.value);
        match self.interval {
            None => format!("{}: {value}", self.label),
            Some((low, high)) => format!("{}: {value}, 95 % {} to {}", self.label, number(low), number(high)),
        }
    }
}

/// Formats a number compactly: integers exactly, others to four significant digits.
pub fn number(value: f64) -> String {
    const SMALL: f64 = 1e-4;
    // So that a negative zero has no sign.
    let value = value + 0.0;
    if value == value.trunc() && value.abs() < 1e15 {
        format!("{value:.0}")
    } else if value.abs() < SMALL {
        format!("{value:.1e}")
    } else if value.abs() < 1.0 {
        format!("{value:.4}")
    } else {
        format!("{value:.2}")
    }
}
