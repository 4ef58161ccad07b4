//! Changes of starts.

use super::{ScheduleSettings, starts_in};
use crate::family::{movable, says};
use plan::{Edit, IdSource, Item, ItemKind, Plan};

/// Returns the edits that start a task an hour earlier or later, at 0 or where another task ends, that exchange the starts of
/// two tasks, or that place a task that is not placed.
pub(super) fn moves(settings: &ScheduleSettings, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
    let placed: Vec<(&Item, usize, u32)> = movable(plan, ItemKind::Step)
        .filter_map(|(_, item)| {
            let (name, start) = starts_in(&item.text).into_iter().next()?;
            Some((item, settings.task(&name)?, start))
        })
        .collect();
    let text = |task: usize, start: u32| format!("{} at {start}", settings.tasks[task].name);
    let ends = |but: usize| {
        let others = placed.iter().filter(move |(_, task, _)| *task != but);
        others.map(|(_, task, start)| start.saturating_add(settings.tasks[*task].hours))
    };
    let mut moves = Vec::new();
    for (at, (item, task, start)) in placed.iter().enumerate() {
        let near = [Some(0), start.checked_sub(1), start.checked_add(1)].into_iter().flatten();
        let mut starts: Vec<u32> = near.chain(ends(*task)).filter(|other| other != start).collect();
        starts.sort_unstable();
        starts.dedup();
        moves.extend(starts.into_iter().map(|start| says(item, text(*task, start))));
        for (other, other_task, other_start) in placed[at + 1..].iter().filter(|(.., other)| other != start) {
            let edits = vec![says(item, text(*task, *other_start)), says(other, text(*other_task, *start))];
            moves.push(Edit::Batch { edits });
        }
    }
    let in_plan = |task: usize| {
        plan.items().iter().any(|item| {
            starts_in(&item.text).first().is_some_and(|(name, _)| settings.task(name) == Some(task))
        })
    };
    for task in (0..settings.tasks.len()).filter(|task| !in_plan(*task)) {
        let mut starts: Vec<u32> = ends(task).chain([0]).collect();
        starts.sort_unstable();
        starts.dedup();
        let item = |start| Item::new(ids.peek(ItemKind::Step), text(task, start));
        moves
            .extend(starts.into_iter().map(|start| Edit::Insert { item: item(start), position: plan.len() }));
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        families::schedule::example_settings,
        testing::{after, plan},
    };

    #[test]
    fn starts_shift_to_where_others_end_and_change_places() {
        let moved = |text: &str| {
            let plan = plan(text);
            after(&plan, &moves(&example_settings(), &plan, &IdSource::of(&plan)))
        };
        // Baking takes 3 hours, icing 1.
        assert_eq!(
            moved("S1: bake at 0\nS2 <- S1: ice at 2"),
            [
                "S1: bake at 1\nS2 <- S1: ice at 2",
                "S1: bake at 3\nS2 <- S1: ice at 2",
                "S1: bake at 2\nS2 <- S1: ice at 0",
                "S1: bake at 0\nS2 <- S1: ice at 0",
                "S1: bake at 0\nS2 <- S1: ice at 1",
                "S1: bake at 0\nS2 <- S1: ice at 3",
                "S1: bake at 0\nS2 <- S1: ice at 2\nS3: roast at 0",
                "S1: bake at 0\nS2 <- S1: ice at 2\nS3: roast at 3"
            ]
        );
    }
}
