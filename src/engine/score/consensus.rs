//! Whether the plan leads to what the model answers without a plan.

use super::{Asked, Case, Memory, Reading, Scatter, Scorer, ScorerDoc, Value, rollouts, verifier::Verifier};
use model::{Output, Request};
use problem::Family;

/// The longest of these answers, in tokens.
const TOKENS: u32 = 512;

/// The scorer.
pub struct Consensus;

/// What answers decoded without a plan state; `None` where one states no result.
pub type Rollouts = Vec<Option<String>>;

impl Scorer for Consensus {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: "consensus",
            doc: "share of answers decoded without any plan that state what the plan's own steps evaluate to",
            cost: "as many answers as `rollouts.n` says, once a session; then no model call",
            weight: 0.0,
            deterministic: true,
            oracle: false,
        }
    }

    fn booking(&self) -> Option<&'static str> {
        Some("rollouts")
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Err(
            "It compares what a plan's expressions evaluate to; labelled plans are prose, which evaluates to nothing.",
        )
    }

    fn scatter(&self) -> Scatter {
        Scatter::Shared
    }

    fn ask(&self, case: &Case<'_>, memory: &Memory) -> Option<Request> {
        let ask = || {
            let prompt = case.prompter.direct();
            rollouts::generations(case.settings, "consensus", 0, &prompt, TOKENS)
        };
        memory.rollouts.is_none().then(|| Request::Generate { generations: ask() })
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, memory: &mut Memory) -> Vec<Reading> {
        if let Some(Output::Generated { completions }) = output {
            memory.rollouts = Some(rollouts::answers(case.family, completions));
        }
        let answers = memory.rollouts.as_deref().unwrap_or_default();
        let read = |asked: &Asked<'_>| {
            let check = asked.view.check.as_ref().filter(|check| check.score.is_some());
            let check = check.ok_or("Plans of this family evaluate to nothing.")?;
            value(case.family, answers, check.derived.as_deref())
        };
        case.asked.iter().map(read).collect()
    }
}

/// Returns n_d / N: of N answers decoded without a plan, the share that states `derived`, what the plan's steps
/// evaluate to; 0 for a plan whose steps have no result. It is self-consistency (Wang et al. 2022) used
/// to verify a plan. \[our own\]
fn value(family: &dyn Family, answers: &[Option<String>], derived: Option<&str>) -> Reading {
    let n = answers.len();
    if answers.iter().all(Option::is_none) {
        return Err(format!("None of {n} answers without a plan states a result."));
    }
    let Some(derived) = derived else {
        return Ok(Value::new(0.0, "The plan's steps do not evaluate to a result."));
    };
    let value = family.planned_answer(derived);
    let count = answers.iter().flatten().filter(|answer| family.same_answer(answer, &value)).count();
    let detail = format!("The plan gives {value}, as do {count} of {n} answers without a plan.");
    Ok(Value {
        value: count as f64 / n as f64,
        stderr: Some(rollouts::share_error(count as f64, n as f64)),
        detail,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_share_of_answers_with_the_plans_result_counts() {
        let math = problem::family("math").unwrap();
        let answers = ["75", "75", "", "9"].map(|text| (!text.is_empty()).then(|| text.to_owned()));
        let value = |derived| super::value(math, &answers, derived).unwrap().value;
        assert_eq!(
            (value(Some("75")), value(Some("9")), value(Some("8")), value(None)),
            (0.5, 0.25, 0.0, 0.0)
        );
        assert!(super::value(math, &[None, None], Some("75")).is_err());
    }
}
