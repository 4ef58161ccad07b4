//! The edit that leads from one plan to another.

use std::collections::{HashMap, HashSet};

use super::{Edit, change};
use crate::{
    diff::longest_run,
    item::{Item, ItemId, Origin},
    tree::Plan,
};

/// Returns the edit that makes exactly `new` of `old`, origins included, by exchanging lines.
pub fn exchange(old: &Plan, new: &Plan) -> Edit {
    change::restore(new.items(), old.items())
}

/// Returns one edit that makes `new` of `old`, apart from origins: what a person changed in an editor, as
/// typed edits where their kinds say it all, and otherwise as an exchange of lines.
///
/// Texts that are new get the origin with which the edit is applied; in an exchange they are a person's.
pub fn edits_between(old: &Plan, new: &Plan) -> Edit {
    match typed(old, new) {
        Some(mut edits) if edits.len() == 1 => edits.remove(0),
        Some(edits) => Edit::Batch { edits },
        None => exchange(old, &with_origins(old, new)),
    }
}

/// Texts that stay keep their origin; the others are a person's.
fn with_origins(old: &Plan, new: &Plan) -> Plan {
    let known: HashMap<ItemId, &Item> = old.items().iter().map(|item| (item.id, item)).collect();
    let items = new.items().iter().map(|item| {
        let same = known.get(&item.id).filter(|old| old.text == item.text);
        Item { origin: same.map_or(Origin::Human, |old| old.origin), ..item.clone() }
    });
    // Origins are no part of what makes a plan sound.
    Plan::new(items.collect()).unwrap_or_else(|_| new.clone())
}

/// Typed edits that make `new` of `old`; none where nesting gets in their way.
fn typed(old: &Plan, new: &Plan) -> Option<Vec<Edit>> {
    let mut work = Work { items: old.items().to_vec(), edits: Vec::new() };
    let wanted: HashSet<ItemId> = new.items().iter().map(|item| item.id).collect();
    for item in old.items().iter().filter(|item| !wanted.contains(&item.id)) {
        work.take(Edit::Remove { id: item.id })?;
    }
    work.arrange(new)?;
    for (at, item) in new.items().iter().enumerate() {
        if work.items.get(at)?.depth != item.depth {
            work.take(Edit::Move { id: item.id, position: at, depth: item.depth })?;
        }
    }
    for (at, item) in new.items().iter().enumerate() {
        work.fit(at, item)?;
    }
    let same = |(a, b): (&Item, &Item)| Item { origin: b.origin, ..a.clone() } == *b;
    let done = work.items.len() == new.len() && work.items.iter().zip(new.items()).all(same);
    done.then_some(work.edits)
}

/// The lines on their way from the old plan to the new one.
struct Work {
    items: Vec<Item>,
    edits: Vec<Edit>,
}

impl Work {
    fn take(&mut self, edit: Edit) -> Option<()> {
        edit.change(&mut self.items, Origin::Human).ok()?;
        self.edits.push(edit);
        Some(())
    }

    fn position(&self, id: ItemId) -> Option<usize> {
        self.items.iter().position(|item| item.id == id)
    }

    /// Puts each line that is new or has moved right after the line that it follows in `new`. The longest run
    /// of lines that kept their order stays where it is.
    fn arrange(&mut self, new: &Plan) -> Option<()> {
        let places: HashMap<ItemId, usize> =
            self.items.iter().enumerate().map(|(at, item)| (item.id, at)).collect();
        let pairs: Vec<(usize, usize)> = new
            .items()
            .iter()
            .enumerate()
            .filter_map(|(at, item)| Some((*places.get(&item.id)?, at)))
            .collect();
        let anchors: HashSet<usize> = longest_run(&pairs).into_iter().map(|(_, at)| at).collect();
        let mut before: Option<ItemId> = None;
        for (at, item) in new.items().iter().enumerate() {
            if !anchors.contains(&at) {
                let after = before.map_or(Some(0), |id| self.position(id).map(|place| place + 1))?;
                self.place(item, after)?;
            }
            before = Some(item.id);
        }
        Some(())
    }

    /// Moves or inserts `item` so that it stands at `after`.
    fn place(&mut self, item: &Item, after: usize) -> Option<()> {
        let Some(from) = self.position(item.id) else {
            return self.take(Edit::Insert { item: item.clone(), position: after });
        };
        let below = self.items[from + 1..].iter().take_while(|below| below.depth > self.items[from].depth);
        let end = from + 1 + below.count();
        let position = match after {
            after if after <= from => after,
            // Positions are counted after the moved lines were taken out.
            after if after >= end => after - (end - from),
            _ => return None,
        };
        self.take(Edit::Move { id: item.id, position, depth: item.depth })
    }

    /// Gives the line at `at` the text, dependencies and flags of `item`.
    fn fit(&mut self, at: usize, item: &Item) -> Option<()> {
        let id = item.id;
        let now = self.items.get(at).filter(|now| now.id == id)?.clone();
        if now.text != item.text {
            self.take(Edit::Replace { id, text: item.text.clone() })?;
        }
        if now.deps != item.deps {
            self.take(Edit::SetDeps { id, deps: item.deps.clone() })?;
        }
        if now.pinned != item.pinned {
            self.take(Edit::Pin { id, on: item.pinned })?;
        }
        if now.muted != item.muted {
            self.take(Edit::Mute { id, on: item.muted })?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn between(old: &str, new: &str) -> String {
        let (old, new) = (parse(old).expect("a plan"), parse(new).expect("a plan"));
        let edit = edits_between(&old, &new);
        let (changed, _) = edit.apply(&old, Origin::Human).expect("it applies");
        assert_eq!(changed.hash(), new.hash());
        let edits = if let Edit::Batch { edits } = edit { edits } else { vec![edit] };
        edits.iter().map(Edit::summary).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_change_by_hand_is_told_in_few_typed_edits() {
        let old = "C1: a\nS1 <- C1: b\nS2 <- S1: c\nS3: d";
        assert_eq!(between(old, old), "");
        assert_eq!(between(old, "C1: a\nS1 <- C1: x\nS2 <- S1: c\nS3: d"), "replace S1: x");
        assert_eq!(
            between(old, "S1: b\nS2 <- S1: c\nS4 <- S2: new\nS3: d"),
            "remove C1; insert S4 as line 3: new"
        );
        assert_eq!(between(old, "S3: d\nC1: a\nS1 <- C1: b\nS2 <- S1: c"), "move S3 to line 1, depth 0");
        assert_eq!(between(old, "C1: a\nS2 <- S1: c\nS3: d\nS1 <- C1: b"), "move S1 to line 4, depth 0");
        assert_eq!(between(old, "C1: a\n  S1 <- C1: b\nS2: c\nS3 {muted}: d").split("; ").count(), 3);
    }
}
