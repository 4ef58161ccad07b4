//! Typed, invertible changes of a plan.
//!
//! [`Edit::apply`] returns the changed plan together with the edit that undoes it, always an
//! [`Edit::Restore`]: the lines that went, and the items elsewhere that changed on the way. Where an edit
//! asks for a depth that its place does not allow, the nearest allowed depth is taken.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    item::{Item, ItemId, Origin},
    tree::{Plan, PlanError},
};

/// One change of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Edit {
    /// The item says something else.
    Replace {
        /// Which item.
        id: ItemId,
        /// What it says from now on.
        text: String,
    },
    /// The item says the same more precisely.
    Tighten {
        /// Which item.
        id: ItemId,
        /// What it says from now on.
        text: String,
    },
    /// A new item comes in.
    Insert {
        /// The new item, with an id that was never used.
        item: Item,
        /// Where it will stand in printing order.
        position: usize,
    },
    /// An item goes; what is nested below it moves up a level, and nothing depends on it any more.
    Remove {
        /// Which item.
        id: ItemId,
    },
    /// An item and everything nested below it go elsewhere.
    Move {
        /// Which item.
        id: ItemId,
        /// Where it will stand in printing order.
        position: usize,
        /// How deep it will be nested.
        depth: u8,
    },
    /// The item builds on other items.
    SetDeps {
        /// Which item.
        id: ItemId,
        /// What it builds on from now on.
        deps: Vec<ItemId>,
    },
    /// An item becomes two. The second stands after it and all that is nested below it, and builds on it;
    /// what depended on the item depends on both.
    Split {
        /// Which item.
        id: ItemId,
        /// What it says from now on.
        text: String,
        /// The second item's id, never used before.
        second: ItemId,
        /// What the second item says.
        second_text: String,
    },
    /// Two items become one, with the dependencies and the dependants of both. What is nested below the
    /// other moves up a level.
    Merge {
        /// The item that stays.
        id: ItemId,
        /// The item that goes.
        other: ItemId,
        /// What the item that stays says from now on.
        text: String,
    },
    /// The item is kept from refinement, or released.
    Pin {
        /// Which item.
        id: ItemId,
        /// Whether it is pinned from now on.
        on: bool,
    },
    /// The item is left out of prompts, or shown again.
    Mute {
        /// Which item.
        id: ItemId,
        /// Whether it is muted from now on.
        on: bool,
    },
    /// Several changes, one after the other, all or none.
    Batch {
        /// The changes.
        edits: Vec<Edit>,
    },
    /// What undoes a change: some lines are exchanged for others, then single items put back.
    Restore {
        /// Where the lines to be exchanged start.
        start: usize,
        /// How many there are.
        remove: usize,
        /// What comes in their place.
        items: Vec<Item>,
        /// Items that stay at their place but are put back as they were.
        patches: Vec<Item>,
    },
}

/// Why an edit cannot be applied. The plan is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The edit names an item that is not there.
    #[error("there is no {0} in the plan")]
    UnknownItem(ItemId),
    /// Only a person may change a pinned item.
    #[error("{0} is pinned; release it first, or edit it by hand")]
    Pinned(ItemId),
    /// The edit names a place beyond the plan's end.
    #[error("there is no place {position} in a plan of {len} items")]
    BadPosition {
        /// The place, counted from 0.
        position: usize,
        /// The plan's length.
        len: usize,
    },
    /// An item cannot be merged with itself.
    #[error("{0} cannot be merged with itself")]
    SameItem(ItemId),
    /// What is nested below a moved item would be nested too deep.
    #[error("moving {0} there would nest its items more than 255 levels deep")]
    TooDeep(ItemId),
    /// The result would be no plan.
    #[error("the edit would break the plan: {0}")]
    Broken(#[from] PlanError),
}

impl Edit {
    /// Returns the changed plan and the edit that restores the present one exactly.
    ///
    /// Texts that the edit brings in get `origin`; other changes leave it. Only [`Origin::Human`] may
    /// change a pinned item, in whatever way: its text, dependencies, flags or depth. A restoring edit
    /// may do anything, and brings back the origins too.
    ///
    /// # Errors
    /// See [`EditError`].
    pub fn apply(&self, plan: &Plan, origin: Origin) -> Result<(Plan, Self), EditError> {
        let mut items = plan.items().to_vec();
        self.change(&mut items, origin)?;
        let restoring = matches!(self, Self::Restore { .. });
        if origin != Origin::Human && !restoring {
            check_pinned(plan.items(), &items)?;
        }
        let changed = Plan::new(items)?;
        let inverse = restore(plan.items(), changed.items());
        Ok((changed, inverse))
    }

    /// Returns whether the edit can be applied but would change nothing that a reader sees.
    pub fn is_noop(&self, plan: &Plan) -> bool {
        self.apply(plan, Origin::Human).is_ok_and(|(changed, _)| changed.hash() == plan.hash())
    }

    /// Returns the kind's name, as in its serialised form.
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replace",
            Self::Tighten { .. } => "tighten",
            Self::Insert { .. } => "insert",
            Self::Remove { .. } => "remove",
            Self::Move { .. } => "move",
            Self::SetDeps { .. } => "set_deps",
            Self::Split { .. } => "split",
            Self::Merge { .. } => "merge",
            Self::Pin { .. } => "pin",
            Self::Mute { .. } => "mute",
            Self::Batch { .. } => "batch",
            Self::Restore { .. } => "restore",
        }
    }

    /// Returns the items that the edit is about, each once, in the order named. Items that only lose a
    /// dependency or change depth on the way are not among them.
    pub fn touches(&self) -> Vec<ItemId> {
        let named = match self {
            Self::Replace { id, .. }
            | Self::Tighten { id, .. }
            | Self::Remove { id }
            | Self::Move { id, .. }
            | Self::SetDeps { id, .. }
            | Self::Pin { id, .. }
            | Self::Mute { id, .. } => vec![*id],
            Self::Insert { item, .. } => vec![item.id],
            Self::Split { id, second, .. } => vec![*id, *second],
            Self::Merge { id, other, .. } => vec![*id, *other],
            Self::Batch { edits } => edits.iter().flat_map(Self::touches).collect(),
            Self::Restore { items, patches, .. } => items.iter().chain(patches).map(|i| i.id).collect(),
        };
        let mut seen = std::collections::HashSet::new();
        named.into_iter().filter(|id| seen.insert(*id)).collect()
    }

    /// Returns one line for the screen.
    pub fn summary(&self) -> String {
        match self {
            Self::Replace { id, text } => format!("replace {id}: {text}"),
            Self::Tighten { id, text } => format!("tighten {id}: {text}"),
            Self::Insert { item, position } => {
                format!("insert {} as line {}: {}", item.id, position.saturating_add(1), item.text)
            }
            Self::Remove { id } => format!("remove {id}"),
            Self::Move { id, position, depth } => {
                format!("move {id} to line {}, depth {depth}", position.saturating_add(1))
            }
            Self::SetDeps { id, deps } if deps.is_empty() => format!("make {id} depend on nothing"),
            Self::SetDeps { id, deps } => {
                let names: Vec<String> = deps.iter().map(ToString::to_string).collect();
                format!("make {id} depend on {}", names.join(" "))
            }
            Self::Split { id, text, second, second_text } => {
                format!("split {id}: {text} | {second}: {second_text}")
            }
            Self::Merge { id, other, text } => format!("merge {other} into {id}: {text}"),
            Self::Pin { id, on } => format!("{} {id}", if *on { "pin" } else { "release" }),
            Self::Mute { id, on } => format!("{} {id}", if *on { "mute" } else { "unmute" }),
            Self::Batch { edits } => match edits.as_slice() {
                [] => "change nothing".to_owned(),
                [edit] => edit.summary(),
                [first, rest @ ..] => format!("{}, and {} more", first.summary(), rest.len()),
            },
            Self::Restore { remove, items, patches, .. } => {
                format!("take back: {remove} out, {} in, {} as before", items.len(), patches.len())
            }
        }
    }

    /// Changes the list; it stays sound as far as depths go, the rest is checked at the end.
    fn change(&self, items: &mut Vec<Item>, origin: Origin) -> Result<(), EditError> {
        match self {
            Self::Replace { id, text } | Self::Tighten { id, text } => {
                set_text(item_mut(items, *id)?, text, origin);
            }
            Self::Insert { item, position } => {
                let mut item = item.clone();
                let text = std::mem::take(&mut item.text);
                set_text(&mut item, &text, origin);
                item.depth = allowed_depth(items, *position, item.depth)?;
                items.insert(*position, item);
            }
            Self::Remove { id } => {
                let at = find(items, *id)?;
                take_out(items, at);
                items.iter_mut().for_each(|item| item.deps.retain(|dep| dep != id));
            }
            Self::Move { id, position, depth } => relocate(items, *id, *position, *depth)?,
            Self::SetDeps { id, deps } => {
                item_mut(items, *id)?.deps = without_repeats(deps.iter().copied());
            }
            Self::Split { id, text, second, second_text } => {
                split(items, *id, text, (*second, second_text), origin)?;
            }
            Self::Merge { id, other, text } => merge(items, *id, *other, text, origin)?,
            Self::Pin { id, on } => item_mut(items, *id)?.pinned = *on,
            Self::Mute { id, on } => item_mut(items, *id)?.muted = *on,
            Self::Batch { edits } => edits.iter().try_for_each(|edit| edit.change(items, origin))?,
            Self::Restore { start, remove, items: new, patches } => {
                let end = start.checked_add(*remove).filter(|end| *end <= items.len());
                let end = end.ok_or(EditError::BadPosition { position: *start, len: items.len() })?;
                items.splice(*start..end, new.iter().cloned());
                let places = positions(items);
                for patch in patches {
                    let at = places.get(&patch.id).ok_or(EditError::UnknownItem(patch.id))?;
                    items[*at] = patch.clone();
                }
            }
        }
        Ok(())
    }
}

fn find(items: &[Item], id: ItemId) -> Result<usize, EditError> {
    items.iter().position(|item| item.id == id).ok_or(EditError::UnknownItem(id))
}

fn item_mut(items: &mut [Item], id: ItemId) -> Result<&mut Item, EditError> {
    items.iter_mut().find(|item| item.id == id).ok_or(EditError::UnknownItem(id))
}

fn positions(items: &[Item]) -> HashMap<ItemId, usize> {
    items.iter().enumerate().map(|(at, item)| (item.id, at)).collect()
}

fn set_text(item: &mut Item, text: &str, origin: Origin) {
    text.trim().clone_into(&mut item.text);
    item.origin = origin;
}

fn without_repeats(ids: impl IntoIterator<Item = ItemId>) -> Vec<ItemId> {
    let mut seen = std::collections::HashSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

/// Returns the depth nearest to `wanted` that an item inserted at `position` may have: at most one more
/// than the line before, at least one less than the line after. There is always one.
fn allowed_depth(items: &[Item], position: usize, wanted: u8) -> Result<u8, EditError> {
    if position > items.len() {
        return Err(EditError::BadPosition { position, len: items.len() });
    }
    let most = position.checked_sub(1).map_or(0, |before| items[before].depth.saturating_add(1));
    let least = items.get(position).map_or(0, |after| after.depth.saturating_sub(1));
    Ok(wanted.max(least).min(most))
}

/// Returns the end of what is nested below the item at `at`.
fn subtree_end(items: &[Item], at: usize) -> usize {
    at + 1 + items[at + 1..].iter().take_while(|item| item.depth > items[at].depth).count()
}

/// Takes the item out and lifts what was nested below it.
fn take_out(items: &mut Vec<Item>, at: usize) -> Item {
    let end = subtree_end(items, at);
    items[at + 1..end].iter_mut().for_each(|item| item.depth -= 1);
    items.remove(at)
}

fn relocate(items: &mut Vec<Item>, id: ItemId, position: usize, depth: u8) -> Result<(), EditError> {
    let at = find(items, id)?;
    let end = subtree_end(items, at);
    let mut moved: Vec<Item> = items.drain(at..end).collect();
    let root = moved[0].depth;
    let depth = allowed_depth(items, position, depth)?;
    for item in &mut moved {
        item.depth = depth.checked_add(item.depth - root).ok_or(EditError::TooDeep(id))?;
    }
    items.splice(position..position, moved);
    Ok(())
}

fn split(
    items: &mut Vec<Item>,
    id: ItemId,
    text: &str,
    (second, second_text): (ItemId, &str),
    origin: Origin,
) -> Result<(), EditError> {
    let at = find(items, id)?;
    for item in items.iter_mut() {
        if let Some(place) = item.deps.iter().position(|dep| *dep == id) {
            item.deps.insert(place + 1, second);
        }
    }
    let mut new = Item { id: second, deps: vec![id], ..items[at].clone() };
    set_text(&mut new, second_text, origin);
    set_text(&mut items[at], text, origin);
    let end = subtree_end(items, at);
    items.insert(end, new);
    Ok(())
}

fn merge(
    items: &mut Vec<Item>,
    id: ItemId,
    other: ItemId,
    text: &str,
    origin: Origin,
) -> Result<(), EditError> {
    if id == other {
        return Err(EditError::SameItem(id));
    }
    find(items, id)?;
    let gone_at = find(items, other)?;
    let gone = take_out(items, gone_at);
    let at = find(items, id)?;
    let both = items[at].deps.iter().chain(&gone.deps).copied();
    items[at].deps = without_repeats(both.filter(|dep| *dep != id && *dep != other));
    set_text(&mut items[at], text, origin);
    for item in items.iter_mut().filter(|item| item.deps.contains(&other)) {
        let renamed = item.deps.iter().map(|dep| if *dep == other { id } else { *dep });
        item.deps = without_repeats(renamed);
    }
    Ok(())
}

/// Pinned items must still be there, saying the same at the same depth.
fn check_pinned(old: &[Item], new: &[Item]) -> Result<(), EditError> {
    if old.iter().all(|item| !item.pinned) {
        return Ok(());
    }
    let places = positions(new);
    let changed = |item: &&Item| item.pinned && places.get(&item.id).is_none_or(|at| new[*at] != **item);
    old.iter().find(changed).map_or(Ok(()), |item| Err(EditError::Pinned(item.id)))
}

/// Returns the edit that turns `new` into `old`: the part between the first and the last place where the
/// ids differ is exchanged, and what differs outside of it is put back item by item.
fn restore(old: &[Item], new: &[Item]) -> Edit {
    let same = |(a, b): &(&Item, &Item)| a.id == b.id;
    let start = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
    let items = old_rest[..old_rest.len() - tail].to_vec();
    let remove = new_rest.len() - tail;
    let head_pairs = old[..start].iter().zip(&new[..start]);
    let tail_pairs = old[old.len() - tail..].iter().zip(&new[new.len() - tail..]);
    let differing = head_pairs.chain(tail_pairs).filter(|(a, b)| a != b);
    Edit::Restore { start, remove, items, patches: differing.map(|(a, _)| a.clone()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Style, parse, print};

    const PLAN: &str = "G1: goal
  C1: fact
  S1 <- C1: one
    S2 <- S1: two
S3 <- S1 S2: three";

    fn id(name: &str) -> ItemId {
        name.parse().expect("an id")
    }

    fn plan(text: &str) -> Plan {
        parse(text).expect("a plan")
    }

    /// Applies the edit, checks that its inverse restores the plan, and returns the new plan printed.
    fn applied(text: &str, edit: &Edit) -> String {
        let before = plan(text);
        let (after, inverse) = edit.apply(&before, Origin::Human).expect("it applies");
        let (again, redo) = inverse.apply(&after, Origin::Draft).expect("it can be undone");
        assert_eq!(again, before);
        assert_eq!(redo.apply(&again, Origin::Draft).expect("and redone").0, after);
        print(&after, Style::Full)
    }

    #[test]
    fn removing_lifts_what_is_below_and_drops_dependencies() {
        let after = applied(PLAN, &Edit::Remove { id: id("S1") });
        assert_eq!(after, "G1: goal\n  C1: fact\n  S2: two\nS3 <- S2: three");
    }

    #[test]
    fn moving_takes_the_subtree_along_at_an_allowed_depth() {
        let after = applied(PLAN, &Edit::Move { id: id("S1"), position: 0, depth: 9 });
        assert_eq!(after, "S1 <- C1: one\n  S2 <- S1: two\nG1: goal\n  C1: fact\nS3 <- S1 S2: three");
        let after = applied(PLAN, &Edit::Move { id: id("G1"), position: 1, depth: 1 });
        assert!(after.starts_with("S3 <- S1 S2: three\n  G1: goal\n    C1: fact"));
    }

    #[test]
    fn splitting_and_merging_keep_the_dependants() {
        let split = Edit::Split { id: id("S1"), text: "a".into(), second: id("S4"), second_text: "b".into() };
        let after = applied(PLAN, &split);
        assert!(
            after.contains(
                "  S1 {human} <- C1: a\n    S2 <- S1 S4: two\n  S4 {human} <- S1: b\nS3 <- S1 S4 S2"
            )
        );
        let merge = Edit::Merge { id: id("S1"), other: id("S2"), text: " both ".into() };
        assert!(applied(PLAN, &merge).contains("  S1 {human} <- C1: both\nS3 <- S1: three"));
        let round = plan("C1: a\nC2 <- C1: b\nC3 <- C2: c");
        let merge = Edit::Merge { id: id("C1"), other: id("C3"), text: "d".into() };
        let cycle = PlanError::Cycle(vec![id("C1"), id("C2")]);
        assert_eq!(merge.apply(&round, Origin::Human), Err(EditError::Broken(cycle)));
    }

    #[test]
    fn inserting_fits_the_depth_to_the_place() {
        let insert =
            |position, depth| Edit::Insert { item: Item { depth, ..Item::new(id("S9"), "new") }, position };
        assert!(applied(PLAN, &insert(3, 7)).contains("one\n    S9 {human}: new\n    S2"));
        assert!(applied(PLAN, &insert(3, 0)).contains("one\n  S9 {human}: new\n    S2"));
        let error = insert(6, 0).apply(&plan(PLAN), Origin::Human);
        assert_eq!(error, Err(EditError::BadPosition { position: 6, len: 5 }));
    }

    #[test]
    fn a_batch_is_one_edit_and_may_pass_through_what_is_no_plan() {
        let swap = Edit::Batch {
            edits: vec![
                Edit::SetDeps { id: id("S1"), deps: vec![id("S2"), id("S2")] },
                Edit::SetDeps { id: id("S2"), deps: vec![id("C1")] },
                Edit::Mute { id: id("C1"), on: true },
            ],
        };
        assert!(applied(PLAN, &swap).contains("C1 {muted}: fact\n  S1 <- S2: one\n    S2 <- C1: two"));
        assert_eq!(swap.touches(), [id("S1"), id("S2"), id("C1")]);
    }

    #[test]
    fn only_a_person_changes_a_pinned_item() {
        let pinned = plan("C1: a\nS1 {pinned} <- C1: b\n  S2: c");
        let edits = [
            Edit::Replace { id: id("S1"), text: "x".into() },
            Edit::Remove { id: id("S1") },
            Edit::Remove { id: id("C1") },
            Edit::Pin { id: id("S1"), on: false },
            Edit::Move { id: id("S1"), position: 1, depth: 1 },
        ];
        for edit in edits {
            let model = edit.apply(&pinned, Origin::Refined);
            assert_eq!(model, Err(EditError::Pinned(id("S1"))), "{}", edit.summary());
            assert!(edit.apply(&pinned, Origin::Human).is_ok(), "{}", edit.summary());
        }
        assert!(Edit::Remove { id: id("S2") }.apply(&pinned, Origin::Noise).is_ok());
    }

    #[test]
    fn an_edit_that_changes_nothing_is_seen() {
        let edit = |text: &str| Edit::Replace { id: id("C1"), text: text.into() };
        assert!(edit(" fact ").is_noop(&plan(PLAN)));
        assert!(!edit("facts").is_noop(&plan(PLAN)));
        assert!(!edit("").is_noop(&plan(PLAN)));
    }

    #[test]
    fn edits_are_tagged_data() {
        let edit = Edit::Pin { id: id("S1"), on: true };
        let json = serde_json::to_string(&edit).expect("json");
        assert_eq!(json, r#"{"kind":"pin","id":"S1","on":true}"#);
        assert_eq!(serde_json::from_str::<Edit>(&json).expect("an edit"), edit);
    }
}
