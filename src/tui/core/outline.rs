//! Which items of the plan are rows, and which lie folded away.

use std::collections::HashSet;

use plan::{ItemId, Plan};

/// The items that are shown as rows. Kept up when the plan or the folds change, so that drawing a frame
/// does not have to go through a long plan.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    folded: HashSet<ItemId>,
    /// Positions in the plan.
    rows: Vec<usize>,
}

impl Outline {
    /// Takes on the rows of `plan`. Folds of items that it lacks are kept: it may be shown again.
    pub fn rebuild(&mut self, plan: Option<&Plan>) {
        self.rows.clear();
        let items = plan.map(Plan::items).unwrap_or_default();
        let mut folded_at = None;
        for (position, item) in items.iter().enumerate() {
            if folded_at.is_some_and(|depth| item.depth > depth) {
                continue;
            }
            self.rows.push(position);
            folded_at = self.folded.contains(&item.id).then_some(item.depth);
        }
    }

    /// Returns the positions of the items that are rows, in order.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Returns the row that shows the item at `position`: its own, or that of the item it is folded into.
    pub fn row_of(&self, position: usize) -> usize {
        self.rows.partition_point(|at| *at <= position).saturating_sub(1)
    }

    /// Returns how many items lie folded into `row` of a plan of `len` items.
    pub fn hidden(&self, row: usize, len: usize) -> usize {
        let next = self.rows.get(row + 1).copied().unwrap_or(len);
        self.rows.get(row).map_or(0, |at| next - at - 1)
    }

    /// Folds the items below `id`, or shows them again.
    pub fn toggle(&mut self, id: ItemId, plan: Option<&Plan>) {
        if !self.folded.remove(&id) {
            self.folded.insert(id);
        }
        self.rebuild(plan);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::parse;

    #[test]
    fn what_is_folded_is_no_row_and_counted() {
        let plan = parse("G1: a\n  S1: b\n    S2: c\n  S3: d\nS4: e").expect("a plan");
        let mut outline = Outline::default();
        outline.rebuild(Some(&plan));
        assert_eq!(outline.rows(), [0, 1, 2, 3, 4]);
        outline.toggle(plan.items()[1].id, Some(&plan));
        assert_eq!((outline.rows(), outline.hidden(1, 5), outline.row_of(2)), (&[0, 1, 3, 4][..], 1, 1));
        outline.toggle(plan.items()[0].id, Some(&plan));
        assert_eq!((outline.rows(), outline.hidden(0, 5), outline.row_of(3)), (&[0, 4][..], 3, 0));
        outline.toggle(plan.items()[0].id, Some(&plan));
        outline.toggle(plan.items()[4].id, Some(&plan));
        assert_eq!((outline.rows(), outline.hidden(3, 5)), (&[0, 1, 3, 4][..], 0));
        outline.rebuild(None);
        assert_eq!((outline.rows().len(), outline.row_of(7), outline.hidden(0, 0)), (0, 0, 0));
    }
}
