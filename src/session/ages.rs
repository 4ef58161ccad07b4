//! In which iteration each item of the plan got its present form.

use std::{collections::HashMap, sync::Arc};

use plan::{Item, ItemId, Plan};

/// The iteration in which each item last changed its text or what it builds on; 0 is the draft.
///
/// Copies share what they know. Flags, depth and place do not count: they say nothing else to a reader of the line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ages {
    since: Arc<HashMap<ItemId, u32>>,
}

impl Ages {
    /// Returns the iteration in which `id` got its present form.
    pub fn since(&self, id: ItemId) -> Option<u32> {
        self.since.get(&id).copied()
    }

    /// Takes note that `new` stands in the place of `old` from `iteration` on.
    pub(super) fn note(&mut self, old: Option<&Plan>, new: &Plan, iteration: u32) {
        let before: HashMap<ItemId, &Item> =
            old.map(Plan::items).unwrap_or_default().iter().map(|item| (item.id, item)).collect();
        let same = |item: &Item| {
            before.get(&item.id).is_some_and(|old| old.text == item.text && old.deps == item.deps)
        };
        let since = |item: &Item| self.since(item.id).filter(|_| same(item)).unwrap_or(iteration);
        self.since = Arc::new(new.items().iter().map(|item| (item.id, since(item))).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::{Edit, Origin, parse};

    #[test]
    fn only_what_says_something_else_is_younger() {
        let draft = parse("C1: a\nS1 <- C1: b\nS2 <- S1: c").expect("a plan");
        let id = |name: &str| name.parse::<ItemId>().expect("an id");
        let mut ages = Ages::default();
        ages.note(None, &draft, 0);
        let edit = Edit::Batch {
            edits: vec![
                Edit::Replace { id: id("S1"), text: "d".into() },
                Edit::Pin { id: id("C1"), on: true },
            ],
        };
        let (second, _) = edit.apply(&draft, Origin::Refined).expect("an edit that fits");
        ages.note(Some(&draft), &second, 4);
        let (third, _) = Edit::Remove { id: id("S1") }.apply(&second, Origin::Human).expect("it fits");
        ages.note(Some(&second), &third, 5);
        assert_eq!(["C1", "S1", "S2"].map(|name| ages.since(id(name))), [Some(0), None, Some(5)]);
    }
}
