//! Taking back a change when other changes came after it.

use std::collections::{HashMap, HashSet};

use super::{
    edit::{Edit, exchange},
    item::{Item, ItemId},
    tree::{Plan, PlanError},
};

/// Why a change cannot be taken back any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevertError {
    /// An item that it changed was changed again.
    #[error("{0} was changed again since")]
    ChangedSince(ItemId),
    /// It changed the order of lines, and other lines changed too.
    #[error("it changed the order of lines, and the plan was changed since")]
    Order,
    /// Without it the present plan would be none.
    #[error("without it the plan would be broken: {0}")]
    Broken(#[from] PlanError),
}

/// Returns the edit that takes the change from `before` to `after` out of `current`, exactly and with the
/// origins that were.
///
/// Other changes since then stay, as long as they are about other items.
///
/// # Errors
/// See [`RevertError`].
pub fn revert(current: &Plan, before: &Plan, after: &Plan) -> Result<Edit, RevertError> {
    if current == after {
        return Ok(exchange(current, before));
    }
    let (was, became, now) = (by_id(before), by_id(after), by_id(current));
    let touched = |id: &ItemId| was.get(id) != became.get(id);
    let all = before.items().iter().chain(after.items()).map(|item| item.id);
    if let Some(id) = all.clone().find(|id| touched(id) && now.get(id) != became.get(id)) {
        return Err(RevertError::ChangedSince(id));
    }
    if common(before, &became).ne(common(after, &was)) {
        return Err(RevertError::Order);
    }
    let gone = |id: &ItemId| became.contains_key(id) && !was.contains_key(id);
    let kept = current.items().iter().filter(|item| !gone(&item.id));
    let mut items: Vec<Item> = kept
        .map(|item| was.get(&item.id).filter(|_| touched(&item.id)).map_or(item, |old| *old).clone())
        .collect();
    let mut present: HashSet<ItemId> = items.iter().map(|item| item.id).collect();
    let mut above: Option<ItemId> = None;
    for item in before.items() {
        if !became.contains_key(&item.id) && present.insert(item.id) {
            let place = above.and_then(|id| items.iter().position(|item| item.id == id));
            items.insert(place.map_or(0, |place| place + 1), item.clone());
        }
        if present.contains(&item.id) {
            above = Some(item.id);
        }
    }
    Ok(exchange(current, &Plan::new(items)?))
}

fn by_id(plan: &Plan) -> HashMap<ItemId, &Item> {
    plan.items().iter().map(|item| (item.id, item)).collect()
}

/// The ids of `plan` that `other` has too, in order.
fn common<'a>(
    plan: &'a Plan,
    other: &'a HashMap<ItemId, &'a Item>,
) -> impl Iterator<Item = ItemId> + use<'a> {
    plan.items().iter().map(|item| item.id).filter(|id| other.contains_key(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        item::Origin,
        parse,
        text::{Style, print},
    };

    fn plan(text: &str) -> Plan {
        parse(text).expect("a plan")
    }

    fn reverted(current: &str, before: &str, after: &str) -> Result<String, RevertError> {
        let current = plan(current);
        let edit = revert(&current, &plan(before), &plan(after))?;
        Ok(print(&edit.apply(&current, Origin::Human).expect("it applies").0, Style::Full))
    }

    #[test]
    fn a_change_is_taken_out_and_others_stay() {
        let (before, after) = ("C1: a\nS1 <- C1: b\nS2: c", "C1: a\nS1 {human} <- C1: x\nS2: c");
        assert_eq!(reverted(after, before, after).expect("exact"), before);
        let later = "C1: a\nS1 {human} <- C1: x\nS3: new\nS2 {refined}: y";
        assert_eq!(
            reverted(later, before, after).expect("the rest"),
            "C1: a\nS1 <- C1: b\nS3: new\nS2 {refined}: y"
        );
        // The other way round it is a redo.
        assert_eq!(reverted(before, after, before).expect("redone"), after);
    }

    #[test]
    fn a_removed_line_comes_back_where_it_was() {
        let (before, after) = ("C1: a\nC2: b\nS1: c", "C1: a\nS1: c");
        assert_eq!(
            reverted("C1: a\nS2: new\nS1: c", before, after).expect("back"),
            "C1: a\nC2: b\nS2: new\nS1: c"
        );
        assert_eq!(reverted("S1: c\nC1: a", before, after).expect("back"), "S1: c\nC1: a\nC2: b");
    }

    #[test]
    fn what_was_changed_again_stays() {
        let (before, after) = ("C1: a\nS1: b", "C1: a\nS1: x");
        let since = RevertError::ChangedSince("S1".parse().expect("an id"));
        assert_eq!(reverted("C1: a\nS1: y", before, after), Err(since));
        assert_eq!(reverted("S1: a\nC1: c", "C1: a\nS1: a", "S1: a\nC1: a"), Err(RevertError::Order));
        let (before, after) = ("C1: a\nS1: b", "C1: a\nS1: b\nS2: x");
        assert!(matches!(reverted("C1: a\nS1 <- S2: b\nS2: x", before, after), Err(RevertError::Broken(_))));
    }
}
