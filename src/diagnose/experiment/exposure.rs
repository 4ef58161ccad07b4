//! Whether the decoder reads the plan, or would have said the same without it.

use super::{Experiment, ExperimentStep, PlanCase, ablate, borrowed::borrowed, decoded::decoded};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, undecided};
use engine::seed;
use model::{Contrast, Cost, Output, Prompt, Reply, Request};
use plan::{Item, Plan, Style, print_item};
use session::{AnswerStyle, Finding, FindingVerdict, Severity};

/// Resamples of the interval.
const RESAMPLES: usize = 10_000;
/// Tokens that are resampled together, since neighbours depend on each other.
const BLOCK: usize = 8;

/// The experiment.
pub struct Exposure;

/// What stands in the plan's place, after the plan itself.
const INSTEAD: [&str; 4] = ["none", "shuffled", "paraphrased", "of another problem"];

impl Experiment for Exposure {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "exposure",
            doc: "how far the answer's tokens depend on the plan: against none, a shuffled, a paraphrased, another's",
            cost: "the answer evaluated five times, in one batch",
        }
    }

    fn next(&self, case: &PlanCase<'_>, replies: &[Reply]) -> ExperimentStep {
        if case.decoding().style() == AnswerStyle::Evaluated {
            let why = "The evaluator computes the answer from the plan, so no model reads it.";
            return ExperimentStep::Found(Box::new(undecided(self.doc(), why, Cost::default())));
        }
        let (answer, rest) = match decoded(case, replies) {
            Ok(decoded) => decoded,
            Err(request) => return ExperimentStep::Ask(request),
        };
        let Some(reply) = rest.first() else {
            let prompts = prompts(case);
            return ExperimentStep::Ask(Box::new(Request::Contrast { prompts, continuation: answer }));
        };
        let cost = replies.iter().fold(Cost::default(), |sum, reply| sum + reply.cost);
        ExperimentStep::Found(Box::new(match &reply.output {
            Output::Contrasted { contrasts } => finding(case, contrasts, cost),
            Output::Generated { .. }
            | Output::Scored { .. }
            | Output::Chosen { .. }
            | Output::Ranked { .. }
            | Output::Filled { .. }
            | Output::Found { .. }
            | Output::Appraised { .. } => {
                undecided(self.doc(), "This backend does not show distributions over all tokens.", cost)
            }
        }))
    }
}

fn prompts(case: &PlanCase<'_>) -> Vec<Prompt> {
    let plan = &case.view.plan;
    let decoding = case.decoding();
    let shown = decoding.shown();
    let own = plan::print(&shown, Style::Bare);
    let seed = seed::derive(case.settings.seed, "exposure", 0, 0);
    let (shuffled, paraphrased) = (ablate::shuffled(&shown, seed), ablate::paraphrased(&shown));
    let other = of_another_problem(plan);
    [Some(own.as_str()), None, Some(&shuffled), Some(&paraphrased), Some(&other)]
        .map(|plan| decoding.prompt_from(case.prompter, plan))
        .to_vec()
}

/// A plan of the same form whose lines belong to other problems.
fn of_another_problem(plan: &Plan) -> String {
    let visible = plan.visible();
    let swap = |(place, item): (usize, &Item)| {
        let text = borrowed(item.id.kind)[place % 20].to_owned();
        print_item(&Item { text, ..item.clone() }, Style::Bare)
    };
    visible.items().iter().enumerate().map(swap).collect::<Vec<_>>().join("\n")
}

/// Returns the sum of the KLs over the answer's tokens: D = Σ_t KL(p(·|a_<t, x, z) ‖ p(·|a_<t, x, z')) in nats.
fn divergence(contrasts: &[Contrast]) -> f64 {
    contrasts.iter().map(|contrast| f64::from(contrast.kl)).sum()
}

fn logprob(contrasts: &[Contrast]) -> f64 {
    contrasts.iter().map(|contrast| f64::from(contrast.logprob)).sum()
}

/// The difference in flips between two plans, a mean a token, in blocks of neighbouring tokens.
fn flip_differences(swap: &[Contrast], paraphrase: &[Contrast]) -> Vec<f64> {
    let difference =
        |(a, b): (&Contrast, &Contrast)| f64::from(u8::from(a.flips)) - f64::from(u8::from(b.flips));
    let differences: Vec<f64> = swap.iter().zip(paraphrase).map(difference).collect();
    differences.chunks(BLOCK).map(|block| block.iter().sum::<f64>() / block.len() as f64).collect()
}

fn finding(case: &PlanCase<'_>, contrasts: &[Vec<Contrast>], cost: Cost) -> Finding {
    let doc = Exposure.doc();
    let [own, none, shuffled, paraphrased, other] = contrasts else {
        return undecided(doc, "The model did not compare all five prompts.", cost);
    };
    let reliance = logprob(own) - logprob(other);
    let blocks = flip_differences(other, paraphrased);
    let seed = seed::derive(case.settings.seed, "exposure interval", 0, 0);
    let mean = blocks.iter().sum::<f64>() / blocks.len().max(1) as f64;
    let interval = stats::bootstrap::bca_mean(&blocks, RESAMPLES, 0.95, seed);
    let Some((low, high)) = interval else {
        return undecided(doc, "The answer is too short to tell whether it depends on the plan.", cost);
    };
    let (verdict, sentence) = if low > 0.0 {
        (
            FindingVerdict::Clear,
            format!(
                "The decoder reads the plan: another problem's plan changes {:.0} % more of the tokens than a paraphrase.",
                mean * 100.0
            ),
        )
    } else {
        (
            FindingVerdict::Fault,
            "The decoder hardly reads the plan: another problem's plan changes no more tokens than a paraphrase does.".into(),
        )
    };
    let mut found = found(doc, verdict, Severity::Warning, sentence, cost);
    found.evidence.push(evidence_within(
        "flips a token, another's plan less a paraphrase",
        mean,
        (low, high),
    ));
    found.evidence.push(evidence("reliance, log p(a|own) − log p(a|another's), nats", reliance));
    for (name, contrasts) in INSTEAD.iter().zip([none, shuffled, paraphrased, other]) {
        found.evidence.push(evidence(&format!("D, plan {name}, nats"), divergence(contrasts)));
        let flips = contrasts.iter().filter(|contrast| contrast.flips).count();
        found
            .evidence
            .push(evidence(&format!("flips a token, plan {name}"), flips as f64 / contrasts.len() as f64));
    }
    if verdict == FindingVerdict::Fault {
        found.advice = Some(
            "What refinement gains in the plan cannot reach this answer; ask for citations, shorten the plan, or use a larger model.".into(),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrasts(flips: &[bool]) -> Vec<Contrast> {
        flips.iter().map(|flips| Contrast { logprob: -0.1, kl: 0.2, flips: *flips }).collect()
    }

    #[test]
    fn differences_are_taken_block_by_block() {
        let swap = contrasts(&[true; 12]);
        let paraphrase =
            contrasts(&[false, false, false, false, true, true, true, true, false, false, false, false]);
        assert_eq!(flip_differences(&swap, &paraphrase), [0.5, 1.0]);
        assert!((divergence(&swap) - 2.4).abs() < 1e-6);
    }
}
