//! How probable the model finds the plan's own words.

use super::{
    Case, Memory, Reading, Scorer, ScorerDoc, Value, unusable,
    verifier::{self, StepCase, Steps, Verifier},
};
use model::{Output, Prompt, Request};
use plan::{Style, print_item};

/// The scorer.
pub struct Likelihood;

impl Scorer for Likelihood {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: "likelihood",
            doc: "how probable the model finds a token of the plan, given the problem; favours short and common words",
            cost: "the plan's tokens evaluated once, all plans side by side",
            weight: 0.0,
            deterministic: true,
            oracle: false,
        }
    }

    fn booking(&self) -> Option<&'static str> {
        Some("likelihood")
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Ok(Verifier { probability: false, steps: Some(&Self) })
    }

    fn ask(&self, case: &Case<'_>, _: &Memory) -> Option<Request> {
        let pair = |plan| {
            let prompter = case.prompter.for_plan(plan);
            (prompter.draft(), prompter.written(plan))
        };
        Some(Request::Score { pairs: case.asked.iter().map(|asked| pair(&asked.view.plan)).collect() })
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(Output::Scored { logprobs }) = output else { return unusable(case) };
        let mut means = logprobs.iter().map(|logprobs| mean(logprobs));
        case.asked.iter().map(|_| value(means.next().flatten())).collect()
    }
}

impl Steps for Likelihood {
    fn ask(&self, case: &StepCase<'_>, _: &Memory) -> Option<Request> {
        Some(Request::Score { pairs: step_pairs(case, &case.prompter.draft()) })
    }

    fn read(&self, case: &StepCase<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(Output::Scored { logprobs }) = output else { return verifier::unusable(case) };
        let mut means = logprobs.iter().map(|logprobs| mean(logprobs));
        case.plan.items().iter().map(|_| value(means.next().flatten())).collect()
    }
}

/// Returns a pair a step: the steps before it as what the model has written so far, and its own line.
pub(super) fn step_pairs(case: &StepCase<'_>, draft: &Prompt) -> Vec<(Prompt, String)> {
    let mut written = String::new();
    let pair = |item| {
        let line = print_item(item, Style::Bare);
        let pair = (draft.clone().with_prefill(written.as_str()), line.clone());
        written += &format!("{line}\n");
        pair
    };
    case.plan.items().iter().map(pair).collect()
}

/// Returns exp of the mean log-probability of a token, (1/|z|) Σ log p(z_t | x, z_<t): the geometric mean of
/// the tokens' probabilities, the inverse of the perplexity.
fn value(mean: Option<f64>) -> Reading {
    let mean = mean.ok_or("The model gave no log-probabilities.")?;
    Ok(Value::new(mean.exp(), format!("{mean:+.3} nats a token, a perplexity of {:.2}.", (-mean).exp())))
}

/// Returns the mean of finite log-probabilities in nats; `None` where there is none, or one is not finite.
pub(super) fn mean(logprobs: &[f32]) -> Option<f64> {
    let sum: f64 = logprobs.iter().map(|logprob| f64::from(*logprob)).sum();
    (!logprobs.is_empty() && sum.is_finite()).then(|| sum / logprobs.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_the_geometric_mean_of_the_probabilities() {
        let logprobs = [0.5_f32.ln(), 0.125_f32.ln()];
        assert!((value(mean(&logprobs)).unwrap().value - 0.25).abs() < 1e-6);
        assert!(value(mean(&[])).is_err() && value(mean(&[-1.0, f32::NEG_INFINITY])).is_err());
    }
}
