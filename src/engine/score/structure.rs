//! The form of a plan: whether its items hang together.

use std::collections::{HashMap, HashSet};

use super::{Case, Memory, Reading, Scorer, ScorerDoc, Value, verifier::Verifier};
use model::Output;
use plan::{ItemId, ItemKind, Plan};

/// Its weight where it is only to decide between plans that the checker values alike: against the checker's usual weight the
/// whole of it is less than 0.00002 of the checker's part, and no change of a check is that small. \[our own\]
pub(crate) const TIE_BREAK: f64 = 1e-5;

/// The scorer.
pub struct Structure;

impl Scorer for Structure {
    fn doc(&self) -> ScorerDoc {
        ScorerDoc {
            name: "structure",
            doc: "whether every item leads to the last step, and none says what another says",
            cost: "no model call",
            weight: 0.2,
            deterministic: true,
            oracle: false,
        }
    }

    fn verifier(&self) -> Result<Verifier, &'static str> {
        Err("It sees the form of a plan, which says nothing about being right.")
    }

    fn read(&self, case: &Case<'_>, _: Option<&Output>, _: &mut Memory) -> Vec<Reading> {
        case.asked.iter().map(|asked| Ok(value(&asked.view.plan))).collect()
    }
}

/// The parts of the value, each a share from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Form {
    /// Of the constraints, claims, steps and calls, those that the last step or call builds on.
    linked: f64,
    /// Of all items, those whose text is not another item's text again.
    distinct: f64,
}

/// Returns the mean of two shares: items that the last step builds on, and items that say something new.
/// A plan without any step, call or claim gets 0. \[our own measure\]
fn value(plan: &Plan) -> Value {
    match form(plan) {
        Some(Form { linked, distinct }) => Value::new(
            f64::midpoint(linked, distinct),
            format!(
                "{:.0} % of the items lead to the last step, {:.0} % say something new.",
                linked * 100.0,
                distinct * 100.0
            ),
        ),
        None => Value::new(0.0, "There is no step, call or claim."),
    }
}

fn works(kind: ItemKind) -> bool {
    match kind {
        ItemKind::Step | ItemKind::ToolCall | ItemKind::Claim => true,
        ItemKind::Constraint | ItemKind::Subgoal | ItemKind::Invariant => false,
    }
}

fn form(plan: &Plan) -> Option<Form> {
    let items: Vec<_> = plan.items().iter().filter(|item| !item.muted).collect();
    let last = items.iter().rev().find(|item| works(item.id.kind))?;
    let by_id: HashMap<ItemId, &Vec<ItemId>> = items.iter().map(|item| (item.id, &item.deps)).collect();
    let mut reached = HashSet::from([last.id]);
    let mut todo = vec![last.id];
    while let Some(id) = todo.pop() {
        for dep in by_id.get(&id).into_iter().copied().flatten() {
            if reached.insert(*dep) {
                todo.push(*dep);
            }
        }
    }
    let linkable = items.iter().filter(|item| works(item.id.kind) || item.id.kind == ItemKind::Constraint);
    let (mut all, mut linked) = (0_u32, 0_u32);
    for item in linkable {
        all += 1;
        linked += u32::from(reached.contains(&item.id));
    }
    let texts: HashSet<String> = items.iter().map(|item| item.text.to_lowercase()).collect();
    Some(Form {
        linked: f64::from(linked) / f64::from(all),
        distinct: texts.len() as f64 / items.len() as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::parse;

    fn worth(text: &str) -> f64 {
        value(&parse(text).unwrap()).value
    }

    #[test]
    fn a_linked_plan_without_repeats_is_whole() {
        assert_eq!(worth("C1: pens = 3\nS1 <- C1: answer = pens * 2\n"), 1.0);
    }

    #[test]
    fn loose_ends_and_repeats_cost() {
        assert_eq!(
            worth("C1: pens = 3\nC2: caps = 2\nS1 <- C1: answer = pens * 2\n"),
            f64::midpoint(2.0 / 3.0, 1.0)
        );
        assert_eq!(worth("S1: x = 1\nS2 <- S1: x = 1\n"), f64::midpoint(1.0, 0.5));
        assert_eq!(worth("C1: nothing is done\n"), 0.0);
    }
}
