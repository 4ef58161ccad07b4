//! The rows of a plan whose tokens are denoised: its items, and between them the lines with masked tokens.

use crate::core::model::Model;

/// What stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanSlot {
    /// The item in this row of the outline.
    Item(usize),
    /// The line with this number, from 0, of which tokens are masked.
    Masked(usize),
}

/// Returns what stands in each row: the items of the plan that is shown, and, where its tokens are denoised, each line with
/// masked tokens where its item will be.
pub fn slots(model: &Model) -> Vec<PlanSlot> {
    let rows = model.derived.outline.rows();
    let items = (0..rows.len()).map(PlanSlot::Item);
    let (Some(now), Some(plan)) = (&model.session.state().denoising, model.session.plan()) else {
        return items.collect();
    };
    let mut masked = now.masked_lines().peekable();
    let mut slots = Vec::new();
    for (row, at) in rows.iter().enumerate() {
        let text = plan.items().get(*at).map(|item| item.text.as_str());
        let lines = 0..now.layout.lines.len();
        let own = lines.into_iter().find(|line| text == Some(now.layout.text(*line, &now.canvas).trim()));
        while let Some(line) = masked.next_if(|line| own.is_some_and(|own| *line < own)) {
            slots.push(PlanSlot::Masked(line));
        }
        slots.push(PlanSlot::Item(row));
    }
    slots.extend(masked.map(PlanSlot::Masked));
    slots
}
