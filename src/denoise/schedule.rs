//! How much is visible after each step, and how often what is visible is masked again.

use serde::{Deserialize, Serialize};

/// How visible tokens are masked again: the strategies of ReMDM (Wang et al. 2025).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum Remasking {
    /// Never: a token stays once it is revealed.
    #[default]
    None,
    /// With σ = min(η, `σ_max`).
    Cap {
        /// η, from 0 to 1.
        eta: f64,
    },
    /// With σ = η · `σ_max`.
    Rescale {
        /// η, from 0 to 1.
        eta: f64,
    },
    /// With σ of *rescale*, shared among the visible places by the softmax of minus their confidence, times their number: those
    /// that the model was unsure of come first, and as many in all.
    Conf {
        /// η, from 0 to 1.
        eta: f64,
    },
    /// With σ = min(η, `σ_max`) during a loop in which α is constant, and never outside it.
    Loop {
        /// η, from 0 to 1.
        eta: f64,
        /// The loop.
        range: LoopRange,
    },
    /// Those that the model doubts, whatever the schedule says: a visible token counts as masked where the model, which sees it,
    /// finds it less probable than this. Only for weights that were trained with mistakes. \[our own rule\]
    Doubt {
        /// The least probability of a token that stays, 0 to 1.
        below: f64,
    },
}

impl Remasking {
    /// Returns below which probability the model's doubt takes a visible token back; none where doubts decide nothing.
    pub const fn doubt(self) -> Option<f64> {
        match self {
            Self::Doubt { below } => Some(below),
            Self::None | Self::Cap { .. } | Self::Rescale { .. } | Self::Conf { .. } | Self::Loop { .. } => {
                None
            }
        }
    }

    /// Returns which number cannot be, as a sentence that begins with its name.
    pub(crate) fn fault(self) -> Option<&'static str> {
        let share = |number: f64| (0.0..=1.0).contains(&number);
        let eta = match self {
            Self::None => 0.0,
            Self::Doubt { below } if !share(below) => return Some("below must be from 0 to 1"),
            Self::Doubt { .. } => 0.0,
            Self::Cap { eta } | Self::Rescale { eta } | Self::Conf { eta } | Self::Loop { eta, .. } => eta,
        };
        if !share(eta) {
            return Some("eta must be from 0 to 1");
        }
        let Self::Loop { range: LoopRange { from, to, alpha }, .. } = self else { return None };
        let is_sound = share(from) && share(to) && from < to && share(alpha);
        (!is_sound).then_some("range must have from < to, and both and alpha from 0 to 1")
    }
}

/// A stretch of steps in which the share of visible tokens stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LoopRange {
    /// The share of steps after which it begins, 0 to 1.
    pub from: f64,
    /// The share of steps after which it ends, above `from`.
    pub to: f64,
    /// α within it, 0 to 1.
    pub alpha: f64,
}

/// The shares of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepSchedule {
    /// The share that is visible before it.
    pub before: f64,
    /// The share that is visible after it.
    pub after: f64,
    /// σ: how probably a visible token is masked again.
    pub remask: f64,
    /// How probably a masked place is revealed: (`α_s` − (1 − σ) `α_t`) / (1 − `α_t`).
    pub reveal: f64,
}

impl StepSchedule {
    /// Returns the shares of step `at`, counted from 0, of `steps`.
    pub fn of(remasking: Remasking, at: u32, steps: u32) -> Self {
        let steps = f64::from(steps.max(1));
        let (from, to) = (f64::from(at) / steps, f64::from(at + 1) / steps);
        let (before, after) = (visible(remasking, from), visible(remasking, to.min(1.0)));
        let most = if before > 0.0 { ((1.0 - after) / before).min(1.0) } else { 0.0 };
        let remask = match remasking {
            Remasking::None | Remasking::Doubt { .. } => 0.0,
            Remasking::Cap { eta } => most.min(eta),
            Remasking::Rescale { eta } | Remasking::Conf { eta } => eta * most,
            Remasking::Loop { eta, range } if from >= range.from && from < range.to => most.min(eta),
            Remasking::Loop { .. } => 0.0,
        };
        let masked = 1.0 - before;
        let reveal =
            if masked > 0.0 { ((after - (1.0 - remask) * before) / masked).clamp(0.0, 1.0) } else { 1.0 };
        Self { before, after, remask, reveal }
    }
}

/// Returns α after a share of the steps.
fn visible(remasking: Remasking, share: f64) -> f64 {
    match remasking {
        Remasking::None
        | Remasking::Cap { .. }
        | Remasking::Rescale { .. }
        | Remasking::Conf { .. }
        | Remasking::Doubt { .. } => share,
        Remasking::Loop { range: LoopRange { from, to, alpha }, .. } => {
            let part = |share: f64, all: f64| if all > 0.0 { share / all } else { 1.0 };
            if share < from {
                alpha * part(share, from)
            } else if share < to {
                alpha
            } else {
                alpha + (1.0 - alpha) * part(share - to, 1.0 - to)
            }
        }
    }
}
