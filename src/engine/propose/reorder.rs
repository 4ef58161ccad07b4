//! Items come after what they build on.

use super::{Ask, Case, Draw, How, Proposer, ProposerDoc};
use plan::{Edit, Item, ItemId, Plan, exchange, usable_order};

/// The proposer.
pub struct Reorder;

impl Proposer for Reorder {
    fn doc(&self) -> ProposerDoc {
        ProposerDoc {
            name: "sort",
            doc: "puts items after what they build on, all else in its order; once that is so, it has nothing to propose",
            cost: "no model call",
            weight: 0.0,
        }
    }

    fn propose(&self, case: &Case<'_>, draw: Draw) -> Option<Ask> {
        let sorted = sorted(case.plan)?;
        let edit = exchange(case.plan, &sorted);
        Some(Ask::new(self.doc().name, "sort", draw, How::Made(edit)))
    }

    fn read(&self, _: &Case<'_>, _: &Ask, _: &str) -> Result<Edit, String> {
        Err("Nothing is written for a new order.".into())
    }
}

/// Returns the plan with every item after what it builds on, all else in its order. `None` where that is already so, where lines are nested (a new order
/// would tear families apart), or where a pinned line would move.
fn sorted(plan: &Plan) -> Option<Plan> {
    if plan.items().iter().any(|item| item.depth > 0) {
        return None;
    }
    let place = |id: &ItemId| plan.position(*id).unwrap_or(usize::MAX);
    let uses: Vec<Vec<usize>> =
        plan.items().iter().map(|item| item.deps.iter().map(place).collect()).collect();
    let order: Vec<Item> = usable_order(&uses)?.into_iter().map(|at| plan.items()[at].clone()).collect();
    let moved = |(old, new): (&Item, &Item)| old.id != new.id && (old.pinned || new.pinned);
    let same = plan.items().iter().zip(&order).all(|(old, new)| old.id == new.id);
    if same || plan.items().iter().zip(&order).any(moved) {
        return None;
    }
    Plan::new(order).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::{Style, parse, print};

    fn after(text: &str) -> Option<String> {
        sorted(&parse(text).unwrap()).map(|plan| print(&plan, Style::Bare))
    }

    #[test]
    fn what_is_built_on_comes_first() {
        assert_eq!(
            after("S2 <- S1: b = a\nC1: x = 1\nS1 <- C1: a = x\n").as_deref(),
            Some("C1: x = 1\nS1 <- C1: a = x\nS2 <- S1: b = a")
        );
        assert_eq!(after("C1: x = 1\nS1 <- C1: a = x\n"), None);
    }

    #[test]
    fn pinned_and_nested_lines_stay() {
        assert_eq!(after("S2 {pinned} <- S1: b = a\nS1: a = 1\n"), None);
        assert_eq!(after("G1 <- S1: g\n  S2: b = a\nS1: a = 1\n"), None);
    }
}
