//! Scorers: what steers refinement. One file and one line of [`REGISTRY`] each.
//!
//! A scorer maps problem and plan to a number from 0 to 1. No scorer sees the gold answer.

pub mod checker;
pub mod self_check;
pub mod structure;

use crate::{
    llm::Cost,
    session::{PlanView, Score, ScorePart, Settings},
};

/// What a scorer is, for tables and help.
#[derive(Debug, Clone, Copy)]
pub struct ScorerDoc {
    /// Its name in settings and on the screen.
    pub name: &'static str,
    /// One line.
    pub doc: &'static str,
    /// What it costs, in words.
    pub cost: &'static str,
    /// Whether the same plan always gets the same value.
    pub deterministic: bool,
}

/// All scorers.
pub const REGISTRY: [ScorerDoc; 3] = [structure::DOC, checker::DOC, self_check::DOC];

/// What the model said of a plan, when it was asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelfCheck {
    /// The corrected probability of yes.
    pub value: self_check::Corrected,
    /// This plan's share of the call's cost.
    pub cost: Cost,
}

/// Returns the score of a checked plan. `asked` is the self-check's result, or why there is none.
pub fn total(settings: &Settings, view: &PlanView, asked: Result<SelfCheck, &str>) -> Score {
    let weights = &settings.scorers;
    let mut parts = Vec::new();
    if weights.structure > 0.0 {
        parts.push(structure::part(&view.plan, weights.structure));
    }
    if weights.checker > 0.0 {
        parts.push(checker::part(view.check.as_ref(), weights.checker));
    }
    if weights.self_check > 0.0 {
        parts.push(self_check::part(asked, weights.self_check));
    }
    Score::from_parts(parts)
}

/// Returns a part that was not evaluated.
pub(crate) fn missing(name: &str, weight: f64, why: &str) -> ScorePart {
    ScorePart {
        name: name.into(),
        value: None,
        weight,
        stderr: None,
        cost: Cost::default(),
        detail: why.into(),
    }
}
