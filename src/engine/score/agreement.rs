//! Whether answers decoded from the plan agree with each other.

use super::{Case, Memory, Reading, Scorer, ScorerDoc, Value, rollouts, unusable, verifier::Verifier};
use model::{Output, Request};
use session::Settings;

/// Seeds for scoring again: as many as are useful.
const VARIANTS: u32 = 10;

/// The scorer.
pub struct Agreement;

impl Scorer for Agreement {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: "agreement",
            doc: "share of short answers decoded from the plan that state the most frequent result",
            cost: "as many short answers a plan as `rollouts.n` says, decoded side by side",
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
            "It says whether answers decoded from a plan agree with each other, not whether its steps are right.",
        )
    }

    fn variants(&self, _: &Settings) -> u32 {
        VARIANTS
    }

    fn ask(&self, case: &Case<'_>, _: &Memory) -> Option<Request> {
        let tokens = case.settings.answer_tokens;
        let prompter = case.prompter.uncited();
        let ask = |asked: &super::Asked<'_>| {
            let prompt = prompter.answer(&asked.view.plan);
            rollouts::generations(case.settings, "agreement", asked.variant, &prompt, tokens)
        };
        Some(Request::Generate { generations: case.asked.iter().flat_map(ask).collect() })
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let Some(Output::Generated { completions }) = output else { return unusable(case) };
        let n = case.settings.rollouts.n as usize;
        let answers = rollouts::answers(case.family, completions);
        let mut plans = answers.chunks(n.max(1));
        case.asked.iter().map(|_| value(plans.next().unwrap_or_default())).collect()
    }
}

/// Returns max_a n_a / N over N answers: self-consistency (Wang et al. 2022) as a score. Answers that state no
/// result count as disagreeing.
fn value(answers: &[Option<String>]) -> Reading {
    let n = answers.len();
    if n == 0 {
        return Err("No answers were decoded.".into());
    }
    let (word, count) = match rollouts::mode(answers) {
        Some((answer, count)) => (format!("{count} of {n} answers are {answer}."), count),
        None => (format!("None of {n} answers states a result."), 0),
    };
    let stderr = Some(rollouts::share_error(count as f64, n as f64));
    Ok(Value { value: count as f64 / n as f64, stderr, detail: word })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_result_disagrees() {
        let answers = ["7", "7", "", "9"].map(|text| (!text.is_empty()).then(|| text.to_owned()));
        let value = value(&answers).unwrap();
        assert_eq!((value.value, value.detail.as_str()), (0.5, "2 of 4 answers are 7."));
        assert!(super::value(&[]).is_err());
        assert_eq!(super::value(&[None]).unwrap().value, 0.0);
    }
}
