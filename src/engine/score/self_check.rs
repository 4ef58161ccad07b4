//! The model's own yes or no on a plan.

use super::{ScorerDoc, SelfCheck, missing};
use crate::session::ScorePart;

/// What it is.
pub const DOC: ScorerDoc = ScorerDoc {
    name: "self_check",
    doc: "the model's probability of \"yes, this plan is right\", corrected for its bias towards yes",
    cost: "one prompt a plan, evaluated side by side; one more for the correction, once a session",
    deterministic: true,
};

/// The answers whose probabilities are read.
pub const OPTIONS: [&str; 2] = ["Yes", "No"];

/// Log-odds of yes against no.
///
/// `logprobs` are those of [`OPTIONS`]; their difference is the difference of the logits.
pub fn log_odds(logprobs: &[f32]) -> Option<f64> {
    match logprobs {
        [yes, no] if yes.is_finite() && no.is_finite() => Some(f64::from(*yes) - f64::from(*no)),
        _ => None,
    }
}

/// A yes-probability with the bias taken out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// Log-odds of yes for the plan.
    pub plan: f64,
    /// Log-odds of yes for the content-free input, the model's bias.
    pub content_free: f64,
}

impl Corrected {
    /// Returns σ((ℓ_yes − ℓ_no) − (ℓ⁰_yes − ℓ⁰_no)), where ⁰ marks the same question about an input
    /// without content: contextual calibration (Zhao et al. 2021, "Calibrate before use") of the P(True)
    /// self-evaluation (Kadavath et al. 2022).
    pub fn probability(self) -> f64 {
        1.0 / (1.0 + (self.content_free - self.plan).exp())
    }
}

/// Returns the corrected probability of yes as a part of the score.
pub fn part(asked: Result<SelfCheck, &str>, weight: f64) -> ScorePart {
    match asked {
        Ok(SelfCheck { value, cost }) => ScorePart {
            name: DOC.name.into(),
            value: Some(value.probability()),
            weight,
            stderr: None,
            cost,
            detail: format!(
                "Log-odds of yes {:+.2}, less {:+.2} for a question without content.",
                value.plan, value.content_free
            ),
        },
        Err(why) => missing(DOC.name, weight, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bias_cancels() {
        let same = Corrected { plan: 2.5, content_free: 2.5 };
        assert!((same.probability() - 0.5).abs() < 1e-12);
        assert!(Corrected { plan: 3.0, content_free: 2.5 }.probability() > 0.5);
        assert!((Corrected { plan: 0.0, content_free: 0.0 }.probability() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_missing_logit_is_no_value() {
        assert_eq!(log_odds(&[-1.0, f32::NEG_INFINITY]), None);
        assert_eq!(log_odds(&[-1.0]), None);
        assert_eq!(log_odds(&[-1.0, -2.0]), Some(1.0));
    }
}
