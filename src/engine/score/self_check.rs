//! The model's own yes or no on a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Asked, Case, Memory, Reading, Scatter, Scorer, ScorerDoc, Value, unusable,
    verifier::{self, StepCase, Steps, Verifier},
};
use crate::prompt;
use model::{Output, Prompt, Request};
use plan::Item;
use session::Settings;

/// The scorer.
pub struct SelfCheck;

impl Scorer for SelfCheck {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: "self_check",
            doc: "the model's probability of \"yes, this plan is right\", corrected for its bias towards yes",
            cost: "one prompt a plan, evaluated side by side; one more for the correction, once a session",
            weight: 0.3,
            deterministic: true,
            oracle: false,
        }
    }

    fn booking(&self) -> Option<&'static str> {
        Some("self_check")
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Ok(Verifier { probability: true, steps: Some(&Self) })
    }

    fn scatter(&self) -> Scatter {
        Scatter::Asked
    }

    fn variants(&self, settings: &Settings) -> u32 {
        prompt::SELF_CHECK_VARIANTS / orders(settings)
    }

    fn ask(&self, case: &Case<'_>, memory: &Memory) -> Option<Request> {
        let mut prompts: Vec<Prompt> = Vec::new();
        let mut biases: BTreeSet<u32> = memory.bias.keys().copied().collect();
        for asked in case.asked {
            for variant in wordings(case.settings, asked.variant) {
                if biases.insert(variant) {
                    prompts.push(case.prompter.content_free(variant));
                }
                prompts.push(case.prompter.self_check(&asked.view.plan, variant));
            }
        }
        Some(Request::Choose { prompts, options: OPTIONS.map(str::to_owned).to_vec() })
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, memory: &mut Memory) -> Vec<Reading> {
        let Some(Output::Chosen { logprobs }) = output else { return unusable(case) };
        let mut replies = Replies::new(logprobs.iter().map(|one| log_odds(one)), &mut memory.bias);
        let read = |asked: &Asked<'_>| {
            reading(wordings(case.settings, asked.variant).map(|variant| replies.next(variant)))
        };
        case.asked.iter().map(read).collect()
    }
}

/// Asks about each step whether it is right, given the problem and the steps before it; the bias is that of the same
/// question about nothing.
impl Steps for SelfCheck {
    fn ask(&self, case: &StepCase<'_>, memory: &Memory) -> Option<Request> {
        let mut prompts: Vec<Prompt> = Vec::new();
        let mut biases: BTreeSet<u32> = memory.step_bias.keys().copied().collect();
        for prefix in case.prefixes() {
            for order in 0..orders(case.settings) {
                if biases.insert(order) {
                    prompts.push(case.prompter.step_check_of_nothing(order));
                }
                prompts.push(case.prompter.step_check(&prefix, order));
            }
        }
        Some(Request::Choose { prompts, options: OPTIONS.map(str::to_owned).to_vec() })
    }

    fn read(&self, case: &StepCase<'_>, output: Option<&Output>, memory: &mut Memory) -> Vec<Reading> {
        let Some(Output::Chosen { logprobs }) = output else { return verifier::unusable(case) };
        let mut replies = Replies::new(logprobs.iter().map(|one| log_odds(one)), &mut memory.step_bias);
        let read = |_: &Item| reading((0..orders(case.settings)).map(|order| replies.next(order)));
        case.plan.items().iter().map(read).collect()
    }
}

/// In how many orders of the answers each question is asked.
fn orders(settings: &Settings) -> u32 {
    if settings.self_check.both_orders { prompt::ORDERS } else { 1 }
}

/// The prompts of one way to ask: one of them all, or a wording in all orders.
fn wordings(settings: &Settings, variant: u32) -> std::ops::Range<u32> {
    let orders = orders(settings);
    let first = variant % (prompt::SELF_CHECK_VARIANTS / orders) * orders;
    first..first + orders
}

/// The replies of a call, in the order of its prompts, and what is known of biases.
struct Replies<'a, R> {
    replies: R,
    /// The questions whose bias was asked for, in this call or before.
    asked: BTreeSet<u32>,
    biases: &'a mut BTreeMap<u32, f64>,
}

impl<'a, R: Iterator<Item = Option<f64>>> Replies<'a, R> {
    fn new(replies: R, biases: &'a mut BTreeMap<u32, f64>) -> Self {
        Self { replies, asked: biases.keys().copied().collect(), biases }
    }

    /// Takes the next reply to a question, after the one to the question about nothing where that was asked for.
    fn next(&mut self, question: u32) -> Option<Corrected> {
        if self.asked.insert(question)
            && let Some(bias) = self.replies.next().flatten()
        {
            self.biases.insert(question, bias);
        }
        let plan = self.replies.next().flatten()?;
        Some(Corrected { plan, content_free: *self.biases.get(&question)? })
    }
}

/// Returns the reading of one question in all orders in which it was asked.
fn reading(all: impl Iterator<Item = Option<Corrected>>) -> Reading {
    // All replies are taken, so that the next question finds its own.
    let all: Vec<Option<Corrected>> = all.collect();
    let all: Option<Vec<Corrected>> = all.into_iter().collect();
    let all = all.ok_or("The model gave no usable probability of yes and no.")?;
    Ok(value(Corrected::mean(&all), all.len()))
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

    /// Returns the mean of both log-odds over the orders in which the answers were named: what the model gives to
    /// whichever comes first, or last, cancels.
    fn mean(orders: &[Self]) -> Self {
        let mean = |part: fn(&Self) -> f64| orders.iter().map(part).sum::<f64>() / orders.len() as f64;
        Self { plan: mean(|order| order.plan), content_free: mean(|order| order.content_free) }
    }
}

/// Returns the corrected probability of yes, and how it came about.
fn value(corrected: Corrected, orders: usize) -> Value {
    let mean = if orders > 1 { ", both the mean over the orders of yes and no" } else { "" };
    let detail = format!(
        "Log-odds of yes {:+.2}, less {:+.2} for a question without content{mean}.",
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
    fn what_an_order_gives_cancels_with_the_other() {
        let favoured = |by: f64| Corrected { plan: 1.0 + by, content_free: 0.2 - by };
        let mean = Corrected::mean(&[favoured(0.7), favoured(-0.7)]);
        assert!((mean.plan - 1.0).abs() < 1e-12 && (mean.content_free - 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_wording_in_both_orders_counts_once() {
        let mut settings = Settings::default();
        assert_eq!((SelfCheck.variants(&settings), wordings(&settings, 3)), (10, 3..4));
        settings.self_check.both_orders = true;
        assert_eq!((SelfCheck.variants(&settings), wordings(&settings, 3)), (5, 6..8));
        assert_eq!(wordings(&settings, 5), wordings(&settings, 0), "there are five wordings");
    }

    #[test]
    fn replies_are_taken_in_the_order_of_the_questions() {
        let mut biases = BTreeMap::new();
        let said = [Some(0.5), Some(2.0), None, Some(1.0), Some(1.5), Some(3.0)];
        let mut replies = Replies::new(said.into_iter(), &mut biases);
        assert_eq!(replies.next(0), Some(Corrected { plan: 2.0, content_free: 0.5 }));
        assert_eq!(replies.next(1), None, "its bias is not known");
        assert_eq!(replies.next(1), None, "and is asked for once");
        assert_eq!(replies.next(0), Some(Corrected { plan: 3.0, content_free: 0.5 }));
    }

    #[test]
    fn a_missing_logit_is_no_value() {
        assert_eq!(log_odds(&[-1.0, f32::NEG_INFINITY]), None);
        assert_eq!(log_odds(&[-1.0]), None);
        assert_eq!(log_odds(&[-1.0, -2.0]), Some(1.0));
    }
}
