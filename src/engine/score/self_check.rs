//! The model's own yes or no on a plan.

use std::collections::BTreeSet;

use super::{Case, Memory, Reading, Scorer, ScorerDoc, StepCase, Steps, Value, Verifier, unusable, verifier};
use crate::{
    engine::prompt,
    llm::{Output, Prompt, Request},
    session::{Purpose, ScorerWeights},
};

/// The scorer.
pub struct SelfCheck;

impl Scorer for SelfCheck {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: "self_check",
            doc: "the model's probability of \"yes, this plan is right\", corrected for its bias towards yes",
            cost: "one prompt a plan, evaluated side by side; one more for the correction, once a session",
            deterministic: true,
            oracle: false,
        }
    }

    fn weight(&self, weights: &ScorerWeights) -> f64 {
        weights.self_check
    }

    fn purpose(&self) -> Option<Purpose> {
        Some(Purpose::SelfCheck)
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Ok(Verifier { probability: true, steps: Some(&Self) })
    }

    fn variants(&self) -> u32 {
        prompt::SELF_CHECK_VARIANTS
    }

    fn ask(&self, case: &Case<'_>, memory: &Memory) -> Option<Request> {
        let mut prompts: Vec<Prompt> = Vec::new();
        let mut biases: BTreeSet<u32> = memory.bias.keys().copied().collect();
        for asked in case.asked {
            if biases.insert(asked.variant) {
                prompts.push(case.prompter.content_free(asked.variant));
            }
            prompts.push(case.prompter.self_check(&asked.view.plan, asked.variant));
        }
        Some(Request::Choose { prompts, options: OPTIONS.map(str::to_owned).to_vec() })
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, memory: &mut Memory) -> Vec<Reading> {
        let Some(Output::Chosen { logprobs }) = output else { return unusable(case) };
        let mut replies = logprobs.iter().map(|logprobs| log_odds(logprobs));
        let mut tried: BTreeSet<u32> = memory.bias.keys().copied().collect();
        let mut read = |variant: u32| {
            if tried.insert(variant)
                && let Some(bias) = replies.next().flatten()
            {
                memory.bias.insert(variant, bias);
            }
            let plan = replies.next().flatten();
            let both = plan.zip(memory.bias.get(&variant).copied());
            let both = both.ok_or("The model gave no usable probability of yes and no.")?;
            Ok(value(Corrected { plan: both.0, content_free: both.1 }))
        };
        case.asked.iter().map(|asked| read(asked.variant)).collect()
    }
}

/// Asks about each step whether it is right, given the problem and the steps before it; the bias is that of the same
/// question about nothing.
impl Steps for SelfCheck {
    fn ask(&self, case: &StepCase<'_>, memory: &Memory) -> Option<Request> {
        let bias = memory.step_bias.is_none().then(|| case.prompter.step_check_of_nothing());
        let prefixes = case.prefixes();
        let prompts = prefixes.iter().map(|prefix| case.prompter.step_check(prefix));
        let prompts = bias.into_iter().chain(prompts).collect();
        Some(Request::Choose { prompts, options: OPTIONS.map(str::to_owned).to_vec() })
    }

    fn read(&self, case: &StepCase<'_>, output: Option<&Output>, memory: &mut Memory) -> Vec<Reading> {
        let Some(Output::Chosen { logprobs }) = output else { return verifier::unusable(case) };
        let mut replies = logprobs.iter().map(|logprobs| log_odds(logprobs));
        if memory.step_bias.is_none() {
            memory.step_bias = replies.next().flatten();
        }
        let mut read = || {
            let both = replies.next().flatten().zip(memory.step_bias);
            let (plan, content_free) = both.ok_or("The model gave no usable probability of yes and no.")?;
            Ok(value(Corrected { plan, content_free }))
        };
        case.plan.items().iter().map(|_| read()).collect()
    }
}

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

/// Returns the corrected probability of yes, and how it came about.
fn value(corrected: Corrected) -> Value {
    let detail = format!(
        "Log-odds of yes {:+.2}, less {:+.2} for a question without content.",
        corrected.plan, corrected.content_free
    );
    Value::new(corrected.probability(), detail)
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
