//! Aligned columns.

use ratatui::text::{Line, Span};

use super::text::{fit_line, pad, pad_left, width};
use crate::theme::{Role, Theme};

/// What stands between two columns.
const GAP: usize = 2;

/// A column: its head, and what becomes of it where there is little room.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    head: &'static str,
    right: bool,
    /// Columns with a number are left out where the table is too wide, the lowest number first.
    gives_way: Option<u8>,
}

impl Column {
    /// Returns a column of words.
    pub const fn words(head: &'static str) -> Self {
        Self { head, right: false, gives_way: None }
    }

    /// Returns a column of numbers, which are set to the right.
    pub const fn numbers(head: &'static str) -> Self {
        Self { head, right: true, gives_way: None }
    }

    /// Returns the column as one that is left out where room is short; lower numbers go first.
    #[must_use]
    pub const fn gives_way(mut self, order: u8) -> Self {
        self.gives_way = Some(order);
        self
    }
}

/// A table: a head, rows, and perhaps a sum below a rule.
///
/// Columns are as wide as their widest cell. While the table is wider than its place, columns are left out
/// in the order in which they give way; then the first column is cut, and at last the lines' ends. The last
/// column is not filled up, so that a long text in it is only cut at the edge.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Span<'static>>>,
    sum: Option<Vec<Span<'static>>>,
}

impl Table {
    /// Returns a table with these columns and no rows.
    pub fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new(), sum: None }
    }

    /// Adds a row, one cell a column.
    pub fn row(&mut self, cells: Vec<Span<'static>>) {
        self.rows.push(cells);
    }

    /// Sets the row that stands below a rule.
    pub fn sum(&mut self, cells: Vec<Span<'static>>) {
        self.sum = Some(cells);
    }

    /// Returns the table's lines, none wider than `room`.
    pub fn lines(&self, room: usize, theme: &Theme) -> Vec<Line<'static>> {
        let shape = self.shape(room);
        let head = |at: usize| Span::styled(self.columns[at].head, theme[Role::Dim]);
        let mut lines = vec![self.line(&shape, &head)];
        lines.extend(self.rows.iter().map(|row| self.line(&shape, &|at| cell(row, at))));
        if let Some(sum) = &self.sum {
            let rule = "─".repeat(total(&shape).min(room));
            lines.push(Line::from(Span::styled(rule, theme[Role::Border])));
            lines.push(self.line(&shape, &|at| cell(sum, at)));
        }
        lines.into_iter().map(|line| fit_line(line, room)).collect()
    }

    /// Returns the columns that are kept, with their widths.
    fn shape(&self, room: usize) -> Vec<(usize, usize)> {
        let widest = |at: usize| {
            let cells = self.rows.iter().chain(&self.sum).filter_map(|row| row.get(at));
            cells.map(|cell| width(&cell.content)).max().unwrap_or(0).max(width(self.columns[at].head))
        };
        let mut kept: Vec<(usize, usize)> = (0..self.columns.len()).map(|at| (at, widest(at))).collect();
        // A last column of words may be cut at its end; only its beginning has to fit.
        let needed = |kept: &[(usize, usize)]| match kept.last() {
            Some((at, last)) if !self.columns[*at].right => total(kept) - last + (*last).min(room / 4),
            Some(_) | None => total(kept),
        };
        let mut leaving: Vec<usize> =
            (0..self.columns.len()).filter(|at| self.columns[*at].gives_way.is_some()).collect();
        leaving.sort_by_key(|at| self.columns[*at].gives_way);
        for leaves in leaving {
            if needed(&kept) <= room {
                break;
            }
            kept.retain(|(at, _)| *at != leaves);
        }
        let over = needed(&kept).saturating_sub(room);
        if let Some((_, first)) = kept.first_mut().filter(|_| over > 0) {
            *first = first.saturating_sub(over).max(1);
        }
        kept
    }

    fn line(&self, shape: &[(usize, usize)], cell: &dyn Fn(usize) -> Span<'static>) -> Line<'static> {
        let mut spans = Vec::with_capacity(2 * shape.len());
        for (place, (at, columns)) in shape.iter().enumerate() {
            if place > 0 {
                spans.push(Span::raw(" ".repeat(GAP)));
            }
            let Span { content, style } = cell(*at);
            let is_last = place + 1 == shape.len();
            spans.push(match (self.columns[*at].right, is_last) {
                (true, _) => Span::styled(pad_left(&content, *columns), style),
                (false, false) => Span::styled(pad(&content, *columns), style),
                (false, true) => Span::styled(content, style),
            });
        }
        Line::from(spans)
    }
}

fn cell(row: &[Span<'static>], at: usize) -> Span<'static> {
    row.get(at).cloned().unwrap_or_default()
}

fn total(kept: &[(usize, usize)]) -> usize {
    kept.iter().map(|(_, columns)| columns).sum::<usize>() + GAP * kept.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(table: &Table, room: usize) -> Vec<String> {
        let theme = Theme::bundled("dark").unwrap();
        let text = |line: &Line<'_>| line.spans.iter().map(|s| s.content.to_string()).collect::<String>();
        table.lines(room, &theme).iter().map(text).collect()
    }

    #[test]
    fn columns_give_way_in_their_order_and_the_last_text_is_cut() {
        let mut table = Table::new([
            Column::words("part"),
            Column::numbers("weight").gives_way(2),
            Column::numbers("tokens").gives_way(1),
            Column::words("says"),
        ]);
        table.row(["checker", "0.50", "1200", "the plan gives 77"].map(Span::raw).to_vec());
        table.sum(["total", "", "1200", ""].map(Span::raw).to_vec());
        assert_eq!(
            plain(&table, 60),
            [
                "part     weight  tokens  says",
                "checker    0.50    1200  the plan gives 77",
                "──────────────────────────────────────────",
                "total              1200  ",
            ]
        );
        assert_eq!(plain(&table, 26)[1], "checker    0.50  the plan…");
        assert_eq!(plain(&table, 16)[1], "checker  the pl…");
        for room in 1..50 {
            assert!(plain(&table, room).iter().all(|line| width(line) <= room));
        }
    }
}
