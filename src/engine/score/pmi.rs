//! How much the problem has to do with the plan.

use super::{
    Case, Memory, Reading, Scorer, ScorerDoc, Value,
    likelihood::{mean, step_pairs},
    unusable,
    verifier::{self, StepCase, Steps, Verifier},
};
use crate::prompt::Prompter;
use model::{Output, Request};

/// The scorer.
pub struct Pmi;

impl Scorer for Pmi {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: "pmi",
            doc: "how much more probable the problem makes the plan than no problem does; punishes commonplaces",
            cost: "the plan's tokens evaluated twice, all plans side by side",
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
        // All with the problem first, then all without: so each half shares its prefix.
        let pairs = [Prompter::draft, Prompter::draft_of_nothing].into_iter().flat_map(|prompt| {
            case.asked.iter().map(move |asked| {
                let prompter = case.prompter.for_plan(&asked.view.plan);
                (prompt(&prompter), prompter.written(&asked.view.plan))
            })
        });
        Some(Request::Score { pairs: pairs.collect() })
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(Output::Scored { logprobs }) = output else { return unusable(case) };
        values(logprobs, case.asked.len())
    }
}

impl Steps for Pmi {
    fn ask(&self, case: &StepCase<'_>, _: &Memory) -> Option<Request> {
        let with = step_pairs(case, &case.prompter.draft());
        let without = step_pairs(case, &case.prompter.draft_of_nothing());
        Some(Request::Score { pairs: with.into_iter().chain(without).collect() })
    }

    fn read(&self, case: &StepCase<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(Output::Scored { logprobs }) = output else { return verifier::unusable(case) };
        values(logprobs, case.plan.len())
    }
}

/// Returns the values of `n` texts: the log-probabilities of all with the problem stand before those without.
fn values(logprobs: &[Vec<f32>], n: usize) -> Vec<Reading> {
    let at = |place: usize| logprobs.get(place).and_then(|logprobs| mean(logprobs));
    (0..n).map(|place| value(at(place).zip(at(n + place)))).collect()
}

/// Returns σ(PMI) for PMI = \[log p(z | x) − log p(z | ∅)\] / |z| in nats a token, where ∅ stands in place of
/// the problem: domain-conditional pointwise mutual information (Holtzman et al. 2021, "Surface form
/// competition"), here of a plan. 0.5 means that the problem makes no difference. The squashing to 0..1 is
/// our own.
fn value(means: Option<(f64, f64)>) -> Reading {
    let (with, without) = means.ok_or("The model gave no log-probabilities.")?;
    let pmi = with - without;
    let detail = format!("{with:+.3} nats a token with the problem, {without:+.3} without: {pmi:+.3}.");
    Ok(Value::new(1.0 / (1.0 + (-pmi).exp()), detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_for_any_problem_gets_a_half() {
        assert!((value(Some((-1.5, -1.5))).unwrap().value - 0.5).abs() < 1e-12);
        assert!(value(Some((-0.5, -1.5))).unwrap().value > 0.7);
        assert!(value(None).is_err());
    }
}
