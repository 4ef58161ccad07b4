//! Whether items constrain anything, or could stand in any plan.

use super::{Experiment, ExperimentStep, PlanCase, borrowed::borrowed, decoded::decoded, influence};
use crate::CheckDoc;
use crate::{evidence, evidence_within, found, undecided};
use model::{Cost, Output, Prompt, Reply, Request};
use plan::{Item, ItemId, ItemKind, Style, print_item};
use session::{Finding, FindingVerdict, ItemReading, Readings, Severity};

/// Borrowed lines that are rated together with the plan's own.
const BORROWED: usize = 20;
/// Up to this many items all pairs are taken out too.
const MOST_FOR_PAIRS: usize = 8;

/// The experiment.
pub struct Fluff;

impl Experiment for Fluff {
    fn doc(&self) -> CheckDoc {
        CheckDoc {
            name: "fluff",
            doc: "items that the problem does not call for and the answer does not need",
            cost: "each line rated with and without the problem, and the answer once an item and a pair of items, in one batch",
        }
    }

    fn next(&self, case: &PlanCase<'_>, replies: &[Reply]) -> ExperimentStep {
        let (answer, rest) = match decoded(case, replies) {
            Ok(decoded) => decoded,
            Err(request) => return ExperimentStep::Ask(request),
        };
        let cost = replies.iter().fold(Cost::default(), |sum, reply| sum + reply.cost);
        if influence::items(case).len() < 2 || answer.is_empty() {
            let why = "It takes an answer and a plan of two items at least.";
            return ExperimentStep::Found(Box::new(undecided(self.doc(), why, cost)));
        }
        let layout = FluffRequest::of(case);
        match rest.first() {
            None => ExperimentStep::Ask(Box::new(Request::Score { pairs: layout.pairs(case, &answer) })),
            Some(reply) => ExperimentStep::Found(Box::new(finding(case, &layout, reply, cost))),
        }
    }
}

/// What the one request holds, in its order: each item and each borrowed line with the problem, then the same
/// without; then the answer after the whole plan, without each item, and without each pair.
struct FluffRequest {
    items: Vec<ItemId>,
    pairs: Vec<(usize, usize)>,
}

impl FluffRequest {
    fn of(case: &PlanCase<'_>) -> Self {
        let items = influence::items(case);
        let n = items.len();
        let all = (0..n).flat_map(|b| (0..b).map(move |a| (a, b)));
        let pairs = if n <= MOST_FOR_PAIRS { all.collect() } else { Vec::new() };
        Self { items, pairs }
    }

    /// How many lines are rated with the problem.
    fn lines(&self) -> usize {
        self.items.len() + BORROWED
    }

    fn pairs(&self, case: &PlanCase<'_>, answer: &str) -> Vec<(Prompt, String)> {
        let visible = case.view.plan.visible();
        // The borrowed lines are items, and so are all that they are compared with.
        let prompter = case.prompter.in_items();
        let with = rated_lines(visible.items(), prompter.draft());
        let without = rated_lines(visible.items(), prompter.draft_of_nothing());
        let single = self.items.iter().map(|item| vec![*item]);
        let double = self.pairs.iter().map(|(a, b)| vec![self.items[*a], self.items[*b]]);
        let sets: Vec<Vec<ItemId>> = single.chain(double).collect();
        let answers = influence::pairs(case, answer, &sets);
        with.into_iter().chain(without).chain(answers).collect()
    }
}

/// Each line after those before it, and each borrowed line after all.
fn rated_lines(items: &[Item], prompt: Prompt) -> Vec<(Prompt, String)> {
    let mut pairs = Vec::new();
    let mut before = String::new();
    for item in items {
        let line = print_item(item, Style::Bare);
        pairs.push((prompt.clone().with_prefill(before.as_str()), line.clone()));
        before += &line;
        before += "\n";
    }
    let kinds: Vec<ItemKind> = items.iter().map(|item| item.id.kind).collect();
    for place in 0..BORROWED {
        let kind = kinds[place % kinds.len()];
        let number = 1 + items
            .iter()
            .filter(|item| item.id.kind == kind)
            .map(|item| item.id.number)
            .max()
            .unwrap_or(0);
        let line = print_item(&Item::new(ItemId::new(kind, number), borrowed(kind)[place % 20]), Style::Bare);
        pairs.push((prompt.clone().with_prefill(before.as_str()), line));
    }
    pairs
}

/// Returns PMI = \[log p(z_i | x, z_<i) − log p(z_i | ∅, z_<i)\] / |z_i| in nats a token for each rated line, from
/// the token log-probabilities of all lines with the problem and then all without.
fn pmis(logprobs: &[Vec<f32>], lines: usize) -> Option<Vec<f64>> {
    let sum = |logprobs: &Vec<f32>| logprobs.iter().map(|logprob| f64::from(*logprob)).sum::<f64>();
    (0..lines)
        .map(|at| {
            let (with, without) = (logprobs.get(at)?, logprobs.get(lines + at)?);
            let pmi = (sum(with) - sum(without)) / with.len() as f64;
            pmi.is_finite().then_some(pmi)
        })
        .collect()
}

/// What is known of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ItemRating {
    item: ItemId,
    /// Nats a token.
    pmi: f64,
    /// Nats.
    effect: f64,
}

fn finding(case: &PlanCase<'_>, layout: &FluffRequest, reply: &Reply, cost: Cost) -> Finding {
    let doc = Fluff.doc();
    let Output::Scored { logprobs } = &reply.output else {
        return undecided(doc, "The model gave no log-probabilities.", cost);
    };
    let (n, lines) = (layout.items.len(), layout.lines());
    let sums: Vec<f64> = logprobs
        .iter()
        .skip(2 * lines)
        .map(|own| own.iter().map(|logprob| f64::from(*logprob)).sum())
        .collect();
    let effects = influence::effects(&sums);
    let (Some(pmis), true) = (pmis(logprobs, lines), effects.len() == n + layout.pairs.len()) else {
        return undecided(doc, "The model gave no usable log-probabilities.", cost);
    };
    let Some(limit) = stats::quantile(&pmis[n..], 0.95) else {
        return undecided(doc, "There is nothing to compare the items with.", cost);
    };
    let rows: Vec<ItemRating> =
        (0..n).map(|at| ItemRating { item: layout.items[at], pmi: pmis[at], effect: effects[at] }).collect();
    let fluff: Vec<ItemId> = rows
        .iter()
        .filter(|row| row.pmi < limit && row.effect.abs() < influence::LEAST)
        .map(|row| row.item)
        .collect();
    let spare = |(at, &(a, b)): (usize, &(usize, usize))| {
        let alone = effects[a].abs() < influence::LEAST && effects[b].abs() < influence::LEAST;
        (alone && effects[n + at].abs() >= influence::LEAST)
            .then(|| (rows[a].item, rows[b].item, effects[n + at]))
    };
    let twice: Vec<(ItemId, ItemId, f64)> = layout.pairs.iter().enumerate().filter_map(spare).collect();
    report(case, &rows, &fluff, &twice, limit, cost)
}

fn report(
    case: &PlanCase<'_>,
    rows: &[ItemRating],
    fluff: &[ItemId],
    twice: &[(ItemId, ItemId, f64)],
    limit: f64,
    cost: Cost,
) -> Finding {
    let names = fluff.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let (verdict, sentence) = if fluff.is_empty() {
        (
            FindingVerdict::Clear,
            "Every item is called for by the problem or needed for the answer.".to_owned(),
        )
    } else {
        let these = if fluff.len() == 1 { "item constrains" } else { "items constrain" };
        (FindingVerdict::Fault, format!("{} of {} {these} nothing: {names}.", fluff.len(), rows.len()))
    };
    let mut found = found(Fluff.doc(), verdict, Severity::Warning, sentence, cost);
    found.items = fluff.to_vec();
    if let Some((low, high)) = stats::intervals::wilson(fluff.len(), rows.len(), 0.95) {
        let share = fluff.len() as f64 / rows.len() as f64;
        found.evidence.push(evidence_within("share of items that constrain nothing", share, (low, high)));
    }
    found
        .evidence
        .push(evidence("PMI below which a line could belong to another problem, nats a token", limit));
    for row in rows {
        found.evidence.push(evidence(&format!("PMI {}, nats a token", row.item), row.pmi));
    }
    let reading = |row: &ItemRating| ItemReading { item: row.item, value: row.effect.abs(), cited: None };
    found.readings = Some(Readings {
        label: "influence on the answer, in either direction, nats".into(),
        mark: influence::LEAST,
        rows: rows.iter().map(reading).collect(),
    });
    for (a, b, effect) in twice {
        found
            .evidence
            .push(evidence(&format!("influence {a} and {b} together, neither alone, nats"), *effect));
    }
    if !fluff.is_empty() {
        let how = if case.settings.edits.remove > 0.0 { "Remove or mute them" } else { "Mute them" };
        found.advice = Some(format!("{how}, or say in them what the problem fixes; then score again."));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::parse;

    #[test]
    fn each_line_is_rated_after_those_before_it() {
        let plan = parse("C1: a = 1\nS1 <- C1: b = a * 2\n").unwrap();
        let pairs = rated_lines(plan.items(), Prompt::default());
        assert_eq!(pairs.len(), 2 + BORROWED);
        assert_eq!(
            (pairs[1].0.prefill.as_str(), pairs[1].1.as_str()),
            ("C1: a = 1\n", "S1 <- C1: b = a * 2")
        );
        assert!(pairs[2].0.prefill.ends_with("b = a * 2\n") && pairs[2].1.starts_with("C2: "));
        assert!(pairs[3].1.starts_with("S2: "));
    }

    #[test]
    fn pmi_is_a_mean_over_tokens() {
        let pmis = pmis(&[vec![-1.0, -1.0], vec![-2.0, -3.0]], 1).unwrap();
        assert_eq!(pmis, [1.5]);
        assert_eq!(super::pmis(&[vec![f32::NEG_INFINITY], vec![-1.0]], 1), None);
    }
}
