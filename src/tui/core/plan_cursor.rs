//! The cursor of the plan pane: it stays with its item, wherever that moves.

use crate::commands::pane::Pane;
use crate::core::{
    model::Model,
    plan_slots::{PlanSlot, slots},
};
use plan::{Item, ItemId};

/// Returns the row under the cursor: that of the chosen item, or the one at its last place while the
/// plan that is shown lacks it. None without a plan.
pub fn row(model: &Model) -> Option<usize> {
    let plan = model.session.plan().filter(|plan| !plan.is_empty())?;
    // Kept up with the plan, so that a long one is not searched for each frame.
    Some(model.derived.outline.row_of(model.look.cursors.item_place.min(plan.len() - 1)))
}

/// Returns the item under the cursor.
pub fn item(model: &Model) -> Option<&Item> {
    let position = *model.derived.outline.rows().get(row(model)?)?;
    model.session.plan()?.items().get(position)
}

/// Moves the cursor by `step` rows. Past the last item the pane scrolls on to what stands below the plan.
pub fn step(model: &mut Model, step: isize) {
    let Some(row) = row(model) else { return };
    let last = model.derived.outline.rows().len() - 1;
    if row == last && step > 0 {
        let extent = model.extents.panes[Pane::Plan as usize];
        model.look.scroll[Pane::Plan as usize] =
            Some(extent.offset.saturating_add_signed(step).min(extent.max));
        return;
    }
    go(model, row.saturating_add_signed(step).min(last));
}

/// Moves the cursor to the first or last item.
pub fn edge(model: &mut Model, bottom: bool) {
    go(model, if bottom { model.derived.outline.rows().len().saturating_sub(1) } else { 0 });
    if bottom {
        model.look.scroll[Pane::Plan as usize] = Some(model.extents.panes[Pane::Plan as usize].max);
    }
}

/// Puts the cursor on `id`.
pub fn choose(model: &mut Model, id: ItemId) {
    model.look.cursors.item = Some(id);
    if let Some(place) = model.session.plan().and_then(|plan| plan.position(id)) {
        model.look.cursors.item_place = place;
    }
    model.look.scroll[Pane::Plan as usize] = None;
}

/// Puts the cursor on the item that is shown in `row`, if there is one.
pub fn choose_row(model: &mut Model, row: usize) {
    if let Some(PlanSlot::Item(row)) = slots(model).get(row).copied() {
        go(model, row);
    }
}

/// Folds what is nested below the item under the cursor, or shows it again.
pub fn fold(model: &mut Model) {
    let Some((id, row)) = item(model).map(|item| item.id).zip(row(model)) else { return };
    let position = model.derived.outline.rows()[row];
    let has_children = model.session.plan().is_some_and(|plan| plan.subtree(position).len() > 1);
    if has_children {
        choose(model, id);
        let mut outline = std::mem::take(&mut model.derived.outline);
        outline.toggle(id, model.session.plan());
        model.derived.outline = outline;
    }
}

fn go(model: &mut Model, row: usize) {
    let position = model.derived.outline.rows().get(row).copied();
    let id = position.and_then(|at| Some(model.session.plan()?.items().get(at)?.id));
    if let Some(id) = id {
        choose(model, id);
    }
}
