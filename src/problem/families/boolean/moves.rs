//! Changes of settings: the neighbourhood of WalkSAT.

use super::{BooleanSettings, settings_in};
use crate::family::{movable, says};
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Plan};

/// Returns one edit for each setting that is flipped, missing or made twice.
pub(super) fn moves(settings: &BooleanSettings, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
    let mut moves = Vec::new();
    let mut set: Vec<(String, ItemId)> = Vec::new();
    for item in plan.items().iter().filter(|item| item.id.kind == ItemKind::Step && !item.muted) {
        let named = settings_in(&item.text).into_iter().next();
        let Some((name, value)) = named.filter(|(name, _)| settings.names.contains(name)) else { continue };
        let twice = set.iter().any(|(known, _)| *known == name);
        let edit = if twice { Edit::Remove { id: item.id } } else { says(item, setting(&name, !value)) };
        moves.extend((!item.pinned).then_some(edit));
        set.push((name, item.id));
    }
    // The last name stays last.
    let before_last = movable(plan, ItemKind::Step).last().map_or(plan.len(), |(at, _)| at);
    for name in settings.names.iter().filter(|name| set.iter().all(|(known, _)| known != *name)) {
        let position = if settings.names.last() == Some(name) { plan.len() } else { before_last };
        for value in [true, false] {
            let item = Item::new(ids.peek(ItemKind::Step), setting(name, value));
            moves.push(Edit::Insert { item, position });
        }
    }
    moves
}

fn setting(name: &str, value: bool) -> String {
    format!("{name} = {value}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{after, plan};

    #[test]
    fn settings_flip_and_missing_ones_come_in() {
        let names = ["pump", "valve", "alarm"].map(str::to_owned).to_vec();
        let settings = BooleanSettings { names, clauses: vec![vec![1]] };
        let moved = |text: &str| {
            let plan = plan(text);
            after(&plan, &moves(&settings, &plan, &IdSource::of(&plan)))
        };
        assert_eq!(
            moved("S1: pump = true\nS2 <- S1: valve = false\nS3: alarm = true"),
            [
                "S1: pump = false\nS2 <- S1: valve = false\nS3: alarm = true",
                "S1: pump = true\nS2 <- S1: valve = true\nS3: alarm = true",
                "S1: pump = true\nS2 <- S1: valve = false\nS3: alarm = false"
            ]
        );
        assert_eq!(
            moved("S1: pump = true\nS2: pump = false\nS3: alarm = true")[1..],
            [
                "S1: pump = true\nS3: alarm = true",
                "S1: pump = true\nS2: pump = false\nS3: alarm = false",
                "S1: pump = true\nS2: pump = false\nS4: valve = true\nS3: alarm = true",
                "S1: pump = true\nS2: pump = false\nS4: valve = false\nS3: alarm = true"
            ]
        );
    }
}
