//! Whether items of a plan contradict each other.

mod labelled;

use super::{
    Case, Memory, Reading, Scorer, ScorerDoc, Value,
    self_check::{OPTIONS, log_odds},
    unusable,
    verifier::{self, StepCase, Steps, Verifier},
};
use crate::prompt::Prompter;
use labelled::LABELLED;
use model::{Output, Prompt, Request};
use plan::{ItemId, Plan};
use stats::rank::{Threshold, best_threshold};

/// The most pairs of items that are asked about in one plan: those of twelve items.
const MOST_PAIRS: usize = 66;
/// A detector that is worse than this on the labelled pairs is of no use. \[our own\]
const LEAST_YOUDEN: f64 = 0.2;

/// The scorer.
pub struct Contradiction;

/// How well a model distinguishes contradicting statements from others, found on labelled pairs: above the threshold a pair
/// counts as a contradiction.
pub type Detector = Threshold;

impl Scorer for Contradiction {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: "contradiction",
            doc: "share of pairs of items that the model does not find contradicting, asked in both directions",
            cost: "two short prompts a pair of items, side by side; some forty more to calibrate, once a session",
            weight: 0.0,
            deterministic: true,
            oracle: false,
        }
    }

    fn booking(&self) -> Option<&'static str> {
        Some("contradiction")
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Ok(Verifier { probability: false, steps: Some(&Self) })
    }

    fn ask(&self, case: &Case<'_>, memory: &Memory) -> Option<Request> {
        let mut prompts = Vec::new();
        if memory.detector.is_none() {
            prompts.extend(LABELLED.iter().flat_map(|(a, b, _)| both_ways(case.prompter, a, b)));
        }
        for asked in case.asked {
            prompts.extend(asks(case.prompter, &asked.view.plan));
        }
        (!prompts.is_empty())
            .then(|| Request::Choose { prompts, options: OPTIONS.map(str::to_owned).to_vec() })
    }

    fn read(&self, case: &Case<'_>, output: Option<&Output>, memory: &mut Memory) -> Vec<Reading> {
        let mut found = match output.map(probabilities) {
            Some(Some(found)) => found.into_iter(),
            Some(None) => return unusable(case),
            None => Vec::new().into_iter(),
        };
        if memory.detector.is_none() {
            let calibrating: Vec<_> = found.by_ref().take(LABELLED.len()).collect();
            memory.detector = calibrate(&calibrating);
        }
        let read = |plan: &Plan| {
            let pairs = pairs(plan);
            let probabilities: Vec<_> = found.by_ref().take(pairs.len()).collect();
            compared(&pairs, &probabilities, memory.detector).map(|compared| value(&compared))
        };
        case.asked.iter().map(|asked| &asked.view.plan).map(read).collect()
    }
}

/// The value of a step is 1 − max p(it contradicts a step before it), without a threshold. The first step has none.
impl Steps for Contradiction {
    fn ask(&self, case: &StepCase<'_>, _: &Memory) -> Option<Request> {
        let prompts = asks(case.prompter, case.plan);
        (!prompts.is_empty())
            .then(|| Request::Choose { prompts, options: OPTIONS.map(str::to_owned).to_vec() })
    }

    fn read(&self, case: &StepCase<'_>, output: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        let found = match output.map(probabilities) {
            Some(Some(found)) => found,
            Some(None) => return verifier::unusable(case),
            None => Vec::new(),
        };
        let pairs = pairs(case.plan);
        let read = |id: ItemId| {
            let own = pairs.iter().zip(&found).filter(|((_, later), _)| *later == id);
            let own: Vec<(ItemId, Option<f64>)> = own.map(|((earlier, _), p)| (*earlier, *p)).collect();
            step_value(&own)
        };
        case.plan.items().iter().map(|item| read(item.id)).collect()
    }
}

fn step_value(earlier: &[(ItemId, Option<f64>)]) -> Reading {
    let known: Option<Vec<(ItemId, f64)>> = earlier.iter().map(|(id, p)| Some((*id, (*p)?))).collect();
    let known = known.ok_or("The model gave no usable probability of yes and no.")?;
    let most = known.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (id, probability) = most.ok_or("There is no step before it that it was compared with.")?;
    Ok(Value::new(1.0 - probability, format!("Contradicts {id} with probability {probability:.2}.")))
}

/// What comparing all pairs of a plan's items gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// How well the model distinguishes them.
    pub detector: Detector,
    /// How many pairs were compared.
    pub pairs: usize,
    /// Those above the threshold, each with its probability, the most probable first.
    pub contradicting: Vec<(ItemId, ItemId, f64)>,
}

/// Reads the reply to a request about `plan` alone that calibrates first.
///
/// # Errors
/// A sentence, where nothing can be said.
pub fn compare(plan: &Plan, output: &Output) -> Result<Compared, String> {
    let found = probabilities(output).ok_or("The model gave no usable reply.")?;
    let (labelled, own) = found.split_at(LABELLED.len().min(found.len()));
    compared(&pairs(plan), own, calibrate(labelled))
}

/// The probability of yes of each pair that was asked about; `None` for another kind of reply.
fn probabilities(output: &Output) -> Option<Vec<Option<f64>>> {
    match output {
        Output::Chosen { logprobs } => Some(logprobs.chunks_exact(2).map(either_way).collect()),
        Output::Generated { .. }
        | Output::Scored { .. }
        | Output::Contrasted { .. }
        | Output::Ranked { .. }
        | Output::Filled { .. }
        | Output::Found { .. }
        | Output::Appraised { .. } => None,
    }
}

/// The questions about all pairs of a plan's items.
fn asks(prompter: &Prompter, plan: &Plan) -> Vec<Prompt> {
    let text = |id| plan.get(id).map_or("", |item| item.text.as_str());
    pairs(plan).into_iter().flat_map(|(a, b)| both_ways(prompter, text(a), text(b))).collect()
}

fn both_ways(prompter: &Prompter, a: &str, b: &str) -> [Prompt; 2] {
    [prompter.contradiction(a, b), prompter.contradiction(b, a)]
}

/// Returns max(p_ij, p_ji), the higher of the probabilities of yes in both directions.
fn either_way(replies: &[Vec<f32>]) -> Option<f64> {
    let probability = |logprobs: &Vec<f32>| Some(1.0 / (1.0 + (-log_odds(logprobs)?).exp()));
    let both: Option<Vec<f64>> = replies.iter().map(probability).collect();
    both?.into_iter().reduce(f64::max)
}

/// Returns the pairs of unmuted items that are asked about: all, or the first in the order of the plan, each
/// item with those before it.
pub fn pairs(plan: &Plan) -> Vec<(ItemId, ItemId)> {
    let ids: Vec<ItemId> = plan.items().iter().filter(|item| !item.muted).map(|item| item.id).collect();
    let pairs = ids.iter().enumerate().flat_map(|(at, b)| ids[..at].iter().map(move |a| (*a, *b)));
    pairs.take(MOST_PAIRS).collect()
}

/// Chooses the threshold with the highest Youden's J on the labelled pairs.
fn calibrate(probabilities: &[Option<f64>]) -> Option<Detector> {
    let labelled: Option<Vec<(f64, bool)>> = probabilities
        .iter()
        .zip(&LABELLED)
        .map(|(probability, (_, _, contradict))| Some(((*probability)?, *contradict)))
        .collect();
    best_threshold(&labelled.filter(|labelled| labelled.len() == LABELLED.len())?)
}

/// Sorts out the pairs above the threshold. Nothing can be said where the model cannot tell the labelled pairs
/// apart.
fn compared(
    pairs: &[(ItemId, ItemId)],
    probabilities: &[Option<f64>],
    detector: Option<Detector>,
) -> Result<Compared, String> {
    let detector = detector.ok_or("The model gave no usable probability of yes and no.")?;
    if detector.youden() < LEAST_YOUDEN {
        return Err(format!(
            "This model cannot tell contradictions: it finds {:.0} % of the labelled ones and {:.0} % of the others.",
            detector.sensitivity * 100.0,
            (1.0 - detector.specificity) * 100.0
        ));
    }
    if pairs.is_empty() {
        return Err("There are no two items to compare.".into());
    }
    let all: Option<Vec<f64>> = (0..pairs.len()).map(|at| probabilities.get(at).copied().flatten()).collect();
    let all = all.ok_or("The model gave no usable probability of yes and no.")?;
    let over = pairs.iter().zip(all).filter(|(_, probability)| *probability > detector.at);
    let mut contradicting: Vec<_> = over.map(|((a, b), probability)| (*a, *b, probability)).collect();
    contradicting.sort_by(|a, b| b.2.total_cmp(&a.2));
    Ok(Compared { detector, pairs: pairs.len(), contradicting })
}

/// Returns 1 − C with C = 2/(n(n−1)) · Σ 1\[max(p_ij, p_ji) > τ\] over the pairs of items, τ calibrated on
/// labelled pairs.
fn value(compared: &Compared) -> Value {
    let (found, all) = (compared.contradicting.len(), compared.pairs);
    let detail = match compared.contradicting.first() {
        None => format!("None of {all} pairs contradict."),
        Some((a, b, _)) => format!("{found} of {all} pairs contradict, most of all {a} and {b}."),
    };
    Value::new(1.0 - found as f64 / all as f64, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::parse;

    fn reported(right: bool) -> Vec<Option<f64>> {
        LABELLED.iter().map(|(_, _, contradict)| Some(if *contradict == right { 0.8 } else { 0.3 })).collect()
    }

    #[test]
    fn both_labels_are_there_in_equal_number() {
        let contradicting = LABELLED.iter().filter(|(_, _, contradict)| *contradict).count();
        assert_eq!(2 * contradicting, LABELLED.len());
    }

    #[test]
    fn the_threshold_lies_where_it_tells_best() {
        let detector = calibrate(&reported(true)).unwrap();
        assert!((detector.at - 0.55).abs() < 1e-9 && detector.youden() == 1.0);
        assert!(calibrate(&reported(false)).unwrap().youden() < 0.0);
        assert_eq!(calibrate(&[Some(0.5)]), None);
    }

    #[test]
    fn the_share_of_contradicting_pairs_is_taken_off() {
        let plan = parse("C1: pens = 6\nC2: pens = 7\nS1 <- C1: x = pens * 2\n").unwrap();
        let pairs = pairs(&plan);
        assert_eq!(pairs.len(), 3);
        let detector = calibrate(&reported(true));
        let value = value(&compared(&pairs, &[Some(0.9), Some(0.1), Some(0.2)], detector).unwrap());
        assert!((value.value - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(value.detail, "1 of 3 pairs contradict, most of all C1 and C2.");
    }

    #[test]
    fn a_model_that_cannot_tell_gives_no_value() {
        let pairs = pairs(&parse("C1: a = 1\nC2: b = 2\n").unwrap());
        let why = compared(&pairs, &[Some(0.9)], calibrate(&reported(false))).unwrap_err();
        assert!(why.contains("cannot tell"), "{why}");
    }
}
