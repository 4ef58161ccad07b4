//! From what a person wants with an item to the edit that does it.

use crate::commands::Shift;
use plan::{Edit, Item, ItemId, Plan};

/// Returns the edit that moves the item at `position` with all that is nested below it.
///
/// # Errors
/// A sentence when there is no such place.
pub fn shift(plan: &Plan, position: usize, shift: Shift) -> Result<Edit, String> {
    let items = plan.items();
    let item = &items[position];
    let own = plan.subtree(position);
    let (to, depth) = match shift {
        Shift::Up => {
            let before = sibling_before(items, position)
                .ok_or_else(|| format!("{} is the first at its level; < takes it a level up", item.id))?;
            (before, item.depth)
        }
        Shift::Down => {
            let next = items.get(own.end).filter(|next| next.depth == item.depth).map(|_| own.end);
            let next =
                next.ok_or_else(|| format!("{} is the last at its level; < takes it a level up", item.id))?;
            (own.start + plan.subtree(next).len(), item.depth)
        }
        Shift::In => {
            sibling_before(items, position).ok_or_else(|| {
                format!("{} has no item before it at its level to be nested below", item.id)
            })?;
            (position, item.depth.checked_add(1).ok_or("it cannot be nested deeper")?)
        }
        Shift::Out => {
            let parent = items[..position].iter().rposition(|above| above.depth < item.depth);
            let parent = parent.ok_or_else(|| format!("{} is already at the top level", item.id))?;
            (plan.subtree(parent).end - own.len(), items[parent].depth)
        }
    };
    Ok(Edit::Move { id: item.id, position: to, depth })
}

fn sibling_before(items: &[Item], position: usize) -> Option<usize> {
    let depth = items[position].depth;
    let at = items[..position].iter().rposition(|above| above.depth <= depth)?;
    (items[at].depth == depth).then_some(at)
}

/// Returns the items that build on `id`.
pub fn dependants(plan: &Plan, id: ItemId) -> Vec<ItemId> {
    plan.items().iter().filter(|item| item.deps.contains(&id)).map(|item| item.id).collect()
}

/// Returns the edit that gives an item the new id `to`; what depends on it, and what is nested below it,
/// follows.
pub fn rename(plan: &Plan, position: usize, to: ItemId) -> Edit {
    let old = &plan.items()[position];
    let mut edits = vec![
        Edit::Insert { item: Item { id: to, ..old.clone() }, position },
        Edit::Merge { id: to, other: old.id, text: old.text.clone() },
    ];
    // Merging lifted what was nested below the old item.
    let below = plan.subtree(position).skip(1).filter(|at| plan.items()[*at].depth == old.depth + 1);
    edits.extend(below.map(|at| Edit::Move { id: plan.items()[at].id, position: at, depth: old.depth + 1 }));
    Edit::Batch { edits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::{Origin, Style, parse, print};

    const PLAN: &str = "G1: a\n  S1: b\n    S2: c\n  S3 <- S1: d\nS4 <- S3: e";

    fn plan() -> Plan {
        parse(PLAN).expect("a plan")
    }

    fn moved(position: usize, to: Shift) -> Result<String, String> {
        let edit = shift(&plan(), position, to)?;
        let (changed, _) = edit.apply(&plan(), Origin::Human).expect("an edit that fits");
        Ok(print(&changed, Style::Full).replace("\n", "|"))
    }

    #[test]
    fn items_move_with_what_is_below_them() {
        assert_eq!(moved(1, Shift::Down).unwrap(), "G1: a|  S3 <- S1: d|  S1: b|    S2: c|S4 <- S3: e");
        assert_eq!(moved(3, Shift::Up).unwrap(), "G1: a|  S3 <- S1: d|  S1: b|    S2: c|S4 <- S3: e");
        assert_eq!(moved(4, Shift::Up).unwrap(), "S4 <- S3: e|G1: a|  S1: b|    S2: c|  S3 <- S1: d");
        assert_eq!(moved(3, Shift::In).unwrap(), "G1: a|  S1: b|    S2: c|    S3 <- S1: d|S4 <- S3: e");
        assert_eq!(moved(1, Shift::Out).unwrap(), "G1: a|  S3 <- S1: d|S1: b|  S2: c|S4 <- S3: e");
        assert_eq!(moved(2, Shift::Out).unwrap(), "G1: a|  S1: b|  S2: c|  S3 <- S1: d|S4 <- S3: e");
    }

    #[test]
    fn where_there_is_no_place_a_sentence_says_so() {
        for (position, to, word) in [
            (0, Shift::Up, "first"),
            (3, Shift::Down, "last"),
            (4, Shift::Down, "last"),
            (1, Shift::In, "no item before"),
            (0, Shift::In, "no item before"),
            (4, Shift::Out, "top level"),
        ] {
            assert!(moved(position, to).unwrap_err().contains(word), "{position} {to:?}");
        }
    }

    #[test]
    fn a_new_kind_is_a_new_id_that_all_references_follow() {
        let edit = rename(&plan(), 1, ItemId::new(plan::ItemKind::Claim, 9));
        let (changed, _) = edit.apply(&plan(), Origin::Human).expect("an edit that fits");
        let text = print(&changed, Style::Full);
        assert_eq!(text, "G1: a\n  P9 {human}: b\n    S2: c\n  S3 <- P9: d\nS4 <- S3: e");
        assert_eq!(dependants(&plan(), plan().items()[1].id), [plan().items()[3].id]);
    }
}
