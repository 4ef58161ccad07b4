//! Fresh ids, so that none is ever given to a second item.

use serde::{Deserialize, Serialize};

use super::{
    item::{ItemId, ItemKind},
    tree::Plan,
};

/// Hands out ids that were never used before, counting per kind.
///
/// It must learn of every id that comes into use some other way, as when a person types one. Numbers
/// end at the largest `u32`: past it the last id repeats, and a plan refuses it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdSource {
    highest: [u32; ItemKind::ALL.len()],
}

impl IdSource {
    /// Returns a source that knows the ids of `plan`.
    pub fn of(plan: &Plan) -> Self {
        let mut source = Self::default();
        source.observe_plan(plan);
        source
    }

    /// Returns the highest number ever used for `kind`; 0 if none was.
    pub fn highest(&self, kind: ItemKind) -> u32 {
        self.highest[kind as usize]
    }

    /// Returns the id that [`Self::fresh`] would give.
    pub fn peek(&self, kind: ItemKind) -> ItemId {
        ItemId::new(kind, self.highest(kind).saturating_add(1))
    }

    /// Returns an id that was never used, and uses it.
    pub fn fresh(&mut self, kind: ItemKind) -> ItemId {
        let id = self.peek(kind);
        self.observe(id);
        id
    }

    /// Takes note that `id` is in use.
    pub fn observe(&mut self, id: ItemId) {
        let highest = &mut self.highest[id.kind as usize];
        *highest = id.number.max(*highest);
    }

    /// Takes note of all ids of `plan`.
    pub fn observe_plan(&mut self, plan: &Plan) {
        plan.items().iter().for_each(|item| self.observe(item.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn an_id_is_never_given_twice() {
        let mut ids = IdSource::of(&parse("S7: a\nC1: b").expect("a plan"));
        assert_eq!(ids.fresh(ItemKind::Step).to_string(), "S8");
        assert_eq!(ids.fresh(ItemKind::Step).to_string(), "S9");
        assert_eq!(ids.fresh(ItemKind::Constraint).to_string(), "C2");
        ids.observe(ItemId::new(ItemKind::Subgoal, 4));
        assert_eq!(ids.fresh(ItemKind::Subgoal).to_string(), "G5");
    }
}
