//! How much items matter for the answer: what it loses in probability when their text is taken out.

use super::{PlanCase, ablate, sums};
use model::{Prompt, Reply, Request};
use plan::ItemId;

/// An effect below this, in nats, is none: a factor of 1.2 in the probability of the whole answer. \[our own\]
pub const LEAST: f64 = 0.182_321_556_793_954_6;

/// Returns the items of the plan that the model sees.
pub fn items(case: &PlanCase<'_>) -> Vec<ItemId> {
    case.view.plan.visible().items().iter().map(|item| item.id).collect()
}

/// Returns the pairs that tell the probability of the answer after the whole plan, and after the plan without
/// each of `sets`.
pub fn pairs(case: &PlanCase<'_>, answer: &str, sets: &[Vec<ItemId>]) -> Vec<(Prompt, String)> {
    let decoding = case.decoding();
    let shown = decoding.shown();
    let after = |out: &[ItemId]| {
        let plan = ablate::without(&shown, out);
        (decoding.prompt_from(case.prompter, Some(&plan)), answer.to_owned())
    };
    std::iter::once(after(&[])).chain(sets.iter().map(|set| after(set))).collect()
}

/// Returns the request for each item taken out alone.
pub fn request(case: &PlanCase<'_>, answer: &str) -> Request {
    let sets: Vec<Vec<ItemId>> = items(case).into_iter().map(|item| vec![item]).collect();
    Request::Score { pairs: pairs(case, answer, &sets) }
}

/// Returns I = log p(a | x, z) − log p(a | x, z∖s) in nats for each set taken out, from the sums of
/// log-probabilities in the order of [`pairs`]; leave-one-out as in Koh and Liang's sense of influence, of a
/// prompt's part instead of a training example (Cohen-Wang et al. 2024, "ContextCite", §2).
pub fn effects(sums: &[f64]) -> Vec<f64> {
    let Some((whole, others)) = sums.split_first() else { return Vec::new() };
    others.iter().map(|without| whole - without).collect()
}

/// Returns the effect of each item from a reply to [`request`]; `None` where the reply is another.
pub fn by_item(case: &PlanCase<'_>, reply: &Reply) -> Option<Vec<(ItemId, f64)>> {
    let (items, effects) = (items(case), effects(&sums(reply)?));
    (items.len() == effects.len()).then(|| items.into_iter().zip(effects).collect())
}
