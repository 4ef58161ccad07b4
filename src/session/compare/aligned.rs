//! Two plans with their items side by side, as text.

use serde::Serialize;

use plan::{DiffRow, Item, Plan, Style, diff, print_item};

/// How an item of one plan stands to one of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// It is in both, as it is.
    Same,
    /// It is in both, but says something else, builds on other items, or has another name.
    Changed,
    /// It is in both, at another place.
    Moved,
    /// Only the left plan has it.
    Left,
    /// Only the right plan has it.
    Right,
}

/// An item, in either plan or in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemRow {
    /// How they stand to each other.
    pub kind: RowKind,
    /// The item at the left, in one line.
    pub left: Option<String>,
    /// The same at the right.
    pub right: Option<String>,
}

/// Returns the items of two plans, those that belong together in one row.
pub fn item_rows(left: &Plan, right: &Plan) -> Vec<ItemRow> {
    let (old, new) = (left.items(), right.items());
    let line = |item: &Item| print_item(item, Style::Full);
    let row = |row: DiffRow| {
        let (kind, at, to) = match row {
            DiffRow::Same { old, new } => (RowKind::Same, Some(old), Some(new)),
            DiffRow::Changed { old, new, .. } => (RowKind::Changed, Some(old), Some(new)),
            DiffRow::Moved { old, new } => (RowKind::Moved, Some(old), Some(new)),
            DiffRow::Added { new } => (RowKind::Right, None, Some(new)),
            DiffRow::Removed { old } => (RowKind::Left, Some(old), None),
        };
        ItemRow { kind, left: at.map(|at| line(&old[at])), right: to.map(|at| line(&new[at])) }
    };
    diff(left, right).rows.into_iter().map(row).collect()
}
