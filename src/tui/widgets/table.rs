//! Aligned columns.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::text::{pad, pad_left, width};

/// A column: its head and whether its cells are set to the right.
pub struct Column {
    /// The head.
    pub head: &'static str,
    /// Whether cells are set to the right, as numbers are.
    pub right: bool,
}

/// A cell.
pub type Cell = (String, Style);

/// Returns a table's lines: the head, then the rows. Columns are as wide as their widest cell; while the
/// table is wider than `columns`, columns are left out in the order of `droppable`, and at last the first
/// column is cut.
pub fn table_lines(
    heads: &[Column],
    head_style: Style,
    rows: &[Vec<Cell>],
    droppable: &[usize],
    columns: usize,
) -> Vec<Line<'static>> {
    let mut widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(at, head)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|(text, _)| width(text));
            cells.chain([width(head.head)]).max().unwrap_or(0)
        })
        .collect();
    let mut kept: Vec<usize> = (0..heads.len()).collect();
    let total = |kept: &[usize], widths: &[usize]| -> usize {
        kept.iter().map(|at| widths[*at]).sum::<usize>() + 2 * kept.len().saturating_sub(1)
    };
    for drop in droppable {
        if total(&kept, &widths) <= columns {
            break;
        }
        kept.retain(|at| at != drop);
    }
    let over = total(&kept, &widths).saturating_sub(columns);
    if let Some(first) = kept.first() {
        widths[*first] = widths[*first].saturating_sub(over).max(1);
    }
    let line = |cell: &dyn Fn(usize) -> Cell| {
        let mut spans = Vec::new();
        for (place, at) in kept.iter().enumerate() {
            if place > 0 {
                spans.push(Span::raw("  "));
            }
            let (text, style) = cell(*at);
            let is_last = place + 1 == kept.len();
            let set = match (heads[*at].right, is_last) {
                (true, _) => pad_left(&text, widths[*at]),
                (false, false) => pad(&text, widths[*at]),
                (false, true) => text,
            };
            spans.push(Span::styled(set, style));
        }
        Line::from(spans)
    };
    let mut lines = vec![line(&|at| (heads[at].head.to_owned(), head_style))];
    lines.extend(rows.iter().map(|row| line(&|at| row.get(at).cloned().unwrap_or_default())));
    lines
}
