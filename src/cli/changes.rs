//! What changed from one plan to another, as lines of text.

use plan::{DiffRow, Plan, Style, diff, print_item};

/// Returns the items of a diff in order, each below its mark: `+` new, `-` gone, `>` moved, a space unchanged. An item
/// whose text changed is one that went and one that came.
pub fn changed_items(old: &Plan, new: &Plan) -> Vec<(char, String)> {
    let (before, after) = (old.items(), new.items());
    let shown = |row: &DiffRow| match row {
        DiffRow::Same { new: at, .. } => vec![(' ', print_item(&after[*at], Style::Full))],
        DiffRow::Moved { new: at, .. } => vec![('>', print_item(&after[*at], Style::Full))],
        DiffRow::Added { new: at } => vec![('+', print_item(&after[*at], Style::Full))],
        DiffRow::Removed { old: at } => vec![('-', print_item(&before[*at], Style::Full))],
        DiffRow::Changed { old: was, new: is, .. } => {
            vec![('-', print_item(&before[*was], Style::Full)), ('+', print_item(&after[*is], Style::Full))]
        }
    };
    diff(old, new).rows.iter().flat_map(shown).collect()
}
