//! Breadth-first search over worlds with an empty hand: the fewest actions, or proof that there are none.

use std::collections::{HashMap, VecDeque};

use super::{BlocksworldSettings, TABLE, world::Action};

/// Worlds that are visited, at most.
pub(super) const MOST: usize = 200_000;

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// The fewest actions that reach the goal.
    Plan(Vec<Action>),
    /// No world that can be reached meets the goal.
    Impossible,
    /// There are more worlds than are visited.
    TooLarge,
}

/// What each block is on, by number; [`ON_TABLE`] for the table.
type World = Vec<u8>;
const ON_TABLE: u8 = u8::MAX;

/// Searches for the fewest actions from the start to the goal.
pub(super) fn shortest(settings: &BlocksworldSettings) -> Found {
    let names: Vec<&str> = settings.blocks().collect();
    let number = |name: &str| names.iter().position(|known| *known == name).map_or(ON_TABLE, |at| at as u8);
    let goal: Vec<(usize, u8)> =
        settings.goal.iter().map(|(block, below)| (number(block).into(), number(below))).collect();
    let start: World = settings
        .stacks
        .iter()
        .flat_map(|stack| {
            let below = std::iter::once(ON_TABLE).chain(stack.iter().map(|block| number(block)));
            below.take(stack.len()).collect::<Vec<_>>()
        })
        .collect();
    let mut came: HashMap<World, Option<World>> = HashMap::from([(start.clone(), None)]);
    let mut queue = VecDeque::from([start]);
    while let Some(world) = queue.pop_front() {
        if goal.iter().all(|&(block, below)| world.get(block) == Some(&below)) {
            return Found::Plan(actions(&came, world, &names));
        }
        if came.len() > MOST {
            return Found::TooLarge;
        }
        for (block, onto) in moves(&world) {
            let mut next = world.clone();
            next[block] = onto;
            if !came.contains_key(&next) {
                came.insert(next.clone(), Some(world.clone()));
                queue.push_back(next);
            }
        }
    }
    Found::Impossible
}

/// Returns which clear block can go where: onto the table or another clear block.
fn moves(world: &World) -> Vec<(usize, u8)> {
    let clear: Vec<usize> = (0..world.len()).filter(|block| !world.contains(&(*block as u8))).collect();
    let mut moves = Vec::new();
    for &block in &clear {
        let onto = clear.iter().filter(|other| **other != block).map(|other| *other as u8);
        moves.extend(onto.chain([ON_TABLE]).filter(|onto| *onto != world[block]).map(|onto| (block, onto)));
    }
    moves
}

/// Returns the actions on the way to `world`, two for each move.
fn actions(came: &HashMap<World, Option<World>>, mut world: World, names: &[&str]) -> Vec<Action> {
    let name = |at: u8| names.get(usize::from(at)).map_or(TABLE, |name| name).to_owned();
    let mut actions = Vec::new();
    while let Some(Some(before)) = came.get(&world) {
        let moved = (0..world.len()).find(|at| world[*at] != before[*at]).unwrap_or_default();
        let block = name(moved as u8);
        actions.push(match world[moved] {
            ON_TABLE => Action::PutDown(block.clone()),
            onto => Action::Stack(block.clone(), name(onto)),
        });
        actions.push(match before[moved] {
            ON_TABLE => Action::PickUp(block),
            below => Action::Unstack(block, name(below)),
        });
        world.clone_from(before);
    }
    actions.reverse();
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_plan_is_found_and_the_impossible_is_told() {
        let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let on = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let settings = |goal| BlocksworldSettings { stacks: vec![words(&["a", "b", "c"])], goal };
        let Found::Plan(actions) = shortest(&settings(vec![on("a", "b")])) else { panic!() };
        let shown: Vec<String> = actions.iter().map(Action::to_string).collect();
        assert_eq!(shown[0], "unstack(c, b)");
        assert_eq!(shown.len(), 6);
        assert_eq!(shortest(&settings(vec![on("a", "b"), on("b", "a")])), Found::Impossible);
        assert_eq!(shortest(&settings(vec![on("b", "a")])), Found::Plan(Vec::new()));
    }

    #[test]
    fn worlds_of_three_blocks_are_thirteen() {
        let mut seen = std::collections::HashSet::from([vec![ON_TABLE; 3]]);
        let mut queue = vec![vec![ON_TABLE; 3]];
        while let Some(world) = queue.pop() {
            for (block, onto) in moves(&world) {
                let mut next = world.clone();
                next[block] = onto;
                if seen.insert(next.clone()) {
                    queue.push(next);
                }
            }
        }
        assert_eq!(seen.len(), 13);
    }
}
