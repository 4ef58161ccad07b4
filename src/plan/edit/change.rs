//! How each edit changes the list of items.

use std::collections::{HashMap, HashSet};

use super::{Edit, EditError};
use crate::item::{Item, ItemId, Origin};

impl Edit {
    /// Changes the list; it stays sound as far as depths go, the rest is checked at the end.
    pub(super) fn change(&self, items: &mut Vec<Item>, origin: Origin) -> Result<(), EditError> {
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
    let mut seen = HashSet::new();
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
pub(super) fn check_pinned(old: &[Item], new: &[Item]) -> Result<(), EditError> {
    if old.iter().all(|item| !item.pinned) {
        return Ok(());
    }
    let places = positions(new);
    let changed = |item: &&Item| item.pinned && places.get(&item.id).is_none_or(|at| new[*at] != **item);
    old.iter().find(changed).map_or(Ok(()), |item| Err(EditError::Pinned(item.id)))
}

/// Returns the edit that turns `new` into `old`: the part between the first and the last place where the
/// ids differ is exchanged, and what differs outside of it is put back item by item.
pub(super) fn restore(old: &[Item], new: &[Item]) -> Edit {
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
