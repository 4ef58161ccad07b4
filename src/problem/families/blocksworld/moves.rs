//! Changes of the list of actions.

use super::{
    BlocksworldSettings,
    world::{self, Action, World},
};
use crate::family::{movable, says};
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Plan};

/// Blocks up to which two actions are added at once, taking a block and putting it elsewhere. \[our own: their number grows
/// with its square\]
const PAIRS: usize = 12;

/// Returns the edits that add an action that is possible at its place, add one that takes a block with one that puts it
/// elsewhere, replace an action by a possible one, exchange neighbours, or remove one. Actions after the first
/// that cannot be done can be removed or exchanged alone.
pub(super) fn moves(settings: &BlocksworldSettings, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
    let actions: Vec<(usize, &Item)> = movable(plan, ItemKind::ToolCall).collect();
    let mut moves = Vec::new();
    let mut world = Some(World::new(&settings.stacks));
    for place in 0..=actions.len() {
        if let Some(world) = &world {
            add(&mut moves, world, Spot::new(plan, &actions, place), ids);
        }
        let Some((_, item)) = actions.get(place) else { break };
        moves.push(Edit::Remove { id: item.id });
        if let Some((_, next)) = actions.get(place + 1).filter(|(_, next)| next.text != item.text) {
            moves.push(Edit::Batch { edits: vec![says(item, &*next.text), says(next, &*item.text)] });
        }
        let done = world::actions_in(&item.text).into_iter().next();
        if let Some(world) = &world {
            let others = world.possible().into_iter().filter(|(action, _)| Some(action) != done.as_ref());
            moves.extend(others.map(|(action, _)| says(item, action.to_string())));
        }
        world = world.zip(done).and_then(|(mut world, action)| world.act(&action).is_ok().then_some(world));
    }
    moves
}

/// Where actions are added.
struct Spot {
    position: usize,
    before: Option<ItemId>,
    next: Option<ItemId>,
}

impl Spot {
    fn new(plan: &Plan, actions: &[(usize, &Item)], place: usize) -> Self {
        let next = actions.get(place);
        Self {
            position: next.map_or(plan.len(), |(at, _)| *at),
            before: place.checked_sub(1).map(|before| actions[before].1.id),
            next: next.map(|(_, item)| item.id),
        }
    }

    /// Returns the edit that adds `actions`, each building on the one before it.
    fn insert(&self, actions: &[&Action], ids: &IdSource) -> Edit {
        let first = ids.peek(ItemKind::ToolCall).number;
        let mut before = self.before;
        let mut edits = Vec::new();
        for (position, action) in (self.position..).zip(actions) {
            let more = u32::try_from(edits.len()).unwrap_or(u32::MAX);
            let id = ItemId::new(ItemKind::ToolCall, first.saturating_add(more));
            let item = Item { deps: before.into_iter().collect(), ..Item::new(id, action.to_string()) };
            edits.push(Edit::Insert { item, position });
            before = Some(id);
        }
        edits.extend(self.next.map(|id| Edit::SetDeps { id, deps: before.into_iter().collect() }));
        if edits.len() == 1 { edits.remove(0) } else { Edit::Batch { edits } }
    }
}

fn add(moves: &mut Vec<Edit>, world: &World, place: Spot, ids: &IdSource) {
    for (action, after) in world.possible() {
        moves.push(place.insert(&[&action], ids));
        if world.held().is_none() && world.size() <= PAIRS {
            let elsewhere = after.possible().into_iter().filter(|(_, end)| end != world);
            moves.extend(elsewhere.map(|(second, _)| place.insert(&[&action, &second], ids)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Family,
        families::blocksworld::Blocksworld,
        testing::{after, plan},
    };

    fn settings() -> BlocksworldSettings {
        let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        BlocksworldSettings {
            stacks: vec![words(&["gold", "silver"]), words(&["copper"])],
            goal: vec![("gold".to_owned(), "copper".to_owned())],
        }
    }

    #[test]
    fn actions_come_in_where_they_are_possible() {
        let moved = |text: &str| {
            let plan = plan(text);
            after(&plan, &moves(&settings(), &plan, &IdSource::of(&plan)))
        };
        let all = moved("T1: unstack(silver, gold)\nT2 <- T1: pick-up(gold)");
        for one in [
            "T1: unstack(silver, gold)\nT3 <- T1: put-down(silver)\nT2 <- T3: pick-up(gold)",
            "T2: pick-up(gold)",
            "T1: pick-up(gold)\nT2 <- T1: unstack(silver, gold)",
            "T1: pick-up(copper)\nT2 <- T1: pick-up(gold)",
            "T1: unstack(silver, gold)\nT2 <- T1: stack(silver, copper)",
            "T3: pick-up(copper)\nT4 <- T3: stack(copper, silver)\nT1 <- T4: unstack(silver, gold)\nT2 <- T1: pick-up(gold)",
        ] {
            assert!(all.contains(&one.to_owned()), "{one}\nis not among\n{}", all.join("\n\n"));
        }
        assert!(!all.iter().any(|one| one.contains("stack(silver, silver)")));
        assert!(
            !all.iter()
                .any(|one| one.starts_with("T3: unstack(silver, gold)\nT4 <- T3: stack(silver, gold)"))
        );
    }

    #[test]
    fn from_one_action_too_few_there_is_a_move_to_the_goal() {
        let problem = settings().problem("p");
        let short = plan("T1: unstack(silver, gold)\nT2 <- T1: pick-up(gold)\nT3 <- T2: stack(gold, copper)");
        assert_eq!(Blocksworld.check_plan(&problem, &short).exact_pass, Some(false));
        let moves = Blocksworld.moves(&problem, &short, &IdSource::of(&short));
        let solves = |text: &String| Blocksworld.check_plan(&problem, &plan(text)).exact_pass == Some(true);
        assert!(after(&short, &moves).iter().any(solves));
    }
}
