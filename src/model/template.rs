//! What a person can set about a model's template and its thinking; recorded with the run.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The day of templates for whoever sets none: fixed, so that prompts do not change from one day to the next.
const DAY: Date = jiff::civil::date(2026, 1, 1);

/// How the model's chat template is applied.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateSettings {
    /// One of the file's named templates, or `chatml`; absent for the file's usual one.
    pub name: Option<String>,
    /// The variable `enable_thinking`; absent for yes exactly where the model is given tokens to think.
    pub enable_thinking: Option<bool>,
    /// The day that templates take for today.
    pub date: Option<Date>,
    /// Other variables.
    pub variables: BTreeMap<String, serde_json::Value>,
}

impl TemplateSettings {
    /// Returns whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the day that templates take for today.
    pub fn day(&self) -> Date {
        self.date.unwrap_or(DAY)
    }
}

/// Whether and how long the model thinks before it writes a plan, an edit or an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThinkingSettings {
    /// Tokens that each text may be thought about, at most; 0 for no thinking.
    pub tokens: u32,
    /// The marker that opens thinking; absent for the one of the model's template.
    pub open: Option<String>,
    /// The marker that closes it.
    pub close: Option<String>,
}

impl ThinkingSettings {
    /// Returns whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns what is wrong with it, as the end of a sentence.
    pub fn fault(&self, template: &TemplateSettings) -> Option<String> {
        if self.open.is_some() != self.close.is_some() {
            return Some("thinking.open and thinking.close go together".into());
        }
        if [&self.open, &self.close].into_iter().flatten().any(|marker| marker.trim().is_empty()) {
            return Some("thinking.open and thinking.close must not be empty".into());
        }
        (self.tokens > 0 && template.enable_thinking == Some(false)).then(|| {
            "template.enable_thinking=false contradicts thinking.tokens above 0; set one of them only".into()
        })
    }
}
