//! Hand edits on their way to the engine, which takes them between phases.

use std::collections::HashSet;

use plan::{Edit, ItemId, Origin, Plan};

/// Hand edits that were sent and have not come back as events, oldest first, and the plan that they
/// lead to.
#[derive(Debug, Clone, Default)]
pub struct Pending {
    edits: Vec<Edit>,
    plan: Option<Plan>,
    touched: HashSet<ItemId>,
}

impl Pending {
    /// Returns whether the engine has taken every edit.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Returns the plan with the edits in it; none while there are none.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Returns whether one of the edits is about `id`.
    pub fn touches(&self, id: ItemId) -> bool {
        self.touched.contains(&id)
    }

    /// Adds an edit that was sent. [`rebuild`](Self::rebuild) follows after all changes.
    pub fn push(&mut self, edit: Edit) {
        self.edits.push(edit);
    }

    /// Takes out the oldest edit that equals `edit`, since it came back or was not taken. Returns whether
    /// there was one.
    pub fn settle(&mut self, edit: &Edit) -> bool {
        let found = self.edits.iter().position(|sent| sent == edit);
        found.inspect(|at| drop(self.edits.remove(*at))).is_some()
    }

    /// Takes out all edits, and returns how many there were.
    pub fn clear(&mut self) -> usize {
        self.plan = None;
        self.touched.clear();
        std::mem::take(&mut self.edits).len()
    }

    /// Applies the edits to the present incumbent; one that does not fit any more has no effect.
    pub fn rebuild(&mut self, incumbent: Option<&Plan>) {
        self.touched = self.edits.iter().flat_map(Edit::touches).collect();
        let edited = |plan: &Plan| {
            self.edits.iter().fold(plan.clone(), |plan, edit| match edit.apply(&plan, Origin::Human) {
                Ok((changed, _)) => changed,
                Err(_) => plan,
            })
        };
        self.plan = incumbent.filter(|_| !self.edits.is_empty()).map(edited);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::parse;

    #[test]
    fn edits_stack_until_they_come_back() {
        let plan = parse("S1: a\nS2: b").expect("a plan");
        let id = |name: &str| name.parse::<ItemId>().expect("an id");
        let first = Edit::Replace { id: id("S1"), text: "c".into() };
        let second = Edit::Remove { id: id("S2") };
        let mut pending = Pending::default();
        pending.push(first.clone());
        pending.push(second.clone());
        pending.rebuild(Some(&plan));
        let texts = |pending: &Pending| {
            pending.plan().map(|plan| plan.items().iter().map(|item| item.text.clone()).collect::<Vec<_>>())
        };
        assert_eq!(texts(&pending), Some(vec!["c".to_owned()]));
        assert!(pending.touches(id("S1")) && pending.settle(&first) && !pending.settle(&first));
        pending.rebuild(Some(&plan));
        assert_eq!(texts(&pending), Some(vec!["a".to_owned()]));
        assert!(!pending.touches(id("S1")) && pending.touches(id("S2")));
        assert_eq!((pending.clear(), texts(&pending), pending.is_empty()), (1, None, true));
    }
}
