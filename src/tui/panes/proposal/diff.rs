//! What a candidate changes, item by item: one below the other, or side by side.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    core::look::DiffLayout,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        text::{fit_line, width},
        wrap::wrap,
    },
};
use plan::{DiffRow, Item, Plan, PlanDiff, Segment, SegmentKind};

/// From this width on old and new stand side by side where nobody chose.
const ROOM_FOR_TWO: usize = 88;
/// What stands between old and new.
const MIDDLE: &str = " │ ";

/// Returns the changed items with one item around them; longer stretches without a change are folded.
pub fn lines(
    ctx: &Ctx<'_>,
    (old, new): (&Plan, &Plan),
    diff: &PlanDiff,
    layout: DiffLayout,
    columns: usize,
) -> Vec<Line<'static>> {
    let alongside = match layout {
        DiffLayout::Auto => columns >= ROOM_FOR_TWO,
        DiffLayout::Unified => false,
        DiffLayout::SideBySide => true,
    };
    let row = |row: &DiffRow| {
        if alongside {
            alongside_lines(ctx, row, old, new, columns)
        } else {
            unified_lines(ctx, row, old, new, columns)
        }
    };
    let rows = &diff.rows;
    let same = |at: usize| rows.get(at).is_none_or(|row| matches!(row, DiffRow::Same { .. }));
    let near = |at: usize| !same(at) || (at > 0 && !same(at - 1)) || !same(at + 1);
    let mut lines = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let run = (at..rows.len()).take_while(|place| !near(*place)).count();
        if run > 1 {
            lines.push(Line::from(ctx.span(Role::Dim, format!("  ⋯ {run} items as before"))));
            at += run;
        } else {
            lines.extend(row(&rows[at]));
            at += 1;
        }
    }
    lines
}

fn unified_lines(ctx: &Ctx<'_>, row: &DiffRow, old: &Plan, new: &Plan, columns: usize) -> Vec<Line<'static>> {
    let side = Side { ctx, columns };
    match row {
        DiffRow::Same { new: at, .. } => side.whole(" ", Role::Dim, &new.items()[*at], ""),
        DiffRow::Moved { new: at, .. } => side.whole("↕", Role::Care, &new.items()[*at], "  moved"),
        DiffRow::Added { new: at } => side.whole("+", Role::Added, &new.items()[*at], ""),
        DiffRow::Removed { old: at } => side.whole("−", Role::Removed, &old.items()[*at], ""),
        DiffRow::Changed { old: before, new: after, moved, words } => {
            let mut lines = side.words(&old.items()[*before], words, SegmentKind::Old);
            lines.extend(side.words(&new.items()[*after], words, SegmentKind::New));
            if *moved {
                lines.push(Line::from(ctx.span(Role::Care, "↕ and moved")));
            }
            lines
        }
    }
}

/// The old item at the left, the new one at the right, both beginning in the same line.
fn alongside_lines(
    ctx: &Ctx<'_>,
    row: &DiffRow,
    old: &Plan,
    new: &Plan,
    columns: usize,
) -> Vec<Line<'static>> {
    let room = columns.saturating_sub(width(MIDDLE));
    let side = Side { ctx, columns: room / 2 };
    let (left, right) = match row {
        DiffRow::Same { old: before, new: after } => (
            side.whole(" ", Role::Dim, &old.items()[*before], ""),
            side.whole(" ", Role::Dim, &new.items()[*after], ""),
        ),
        DiffRow::Moved { old: before, new: after } => (
            side.whole("↕", Role::Dim, &old.items()[*before], ""),
            side.whole("↕", Role::Care, &new.items()[*after], "  moved"),
        ),
        DiffRow::Added { new: at } => (Vec::new(), side.whole("+", Role::Added, &new.items()[*at], "")),
        DiffRow::Removed { old: at } => (side.whole("−", Role::Removed, &old.items()[*at], ""), Vec::new()),
        DiffRow::Changed { old: before, new: after, moved, words } => {
            let mut right = side.words(&new.items()[*after], words, SegmentKind::New);
            if *moved {
                right.push(Line::from(ctx.span(Role::Care, "↕ and moved")));
            }
            (side.words(&old.items()[*before], words, SegmentKind::Old), right)
        }
    };
    let rows = left.len().max(right.len());
    let padded =
        |lines: Vec<Line<'static>>| lines.into_iter().chain(std::iter::repeat(Line::default())).take(rows);
    let joined = padded(left).zip(padded(right)).map(|(left, right)| {
        let mut line = fit_line(left, side.columns);
        let fill = side.columns.saturating_sub(line.spans.iter().map(|span| width(&span.content)).sum());
        line.spans.push(Span::raw(" ".repeat(fill)));
        line.spans.push(ctx.span(Role::Border, MIDDLE));
        line.spans.extend(right.spans);
        line
    });
    joined.collect()
}

/// One side of the diff.
struct Side<'a> {
    ctx: &'a Ctx<'a>,
    columns: usize,
}

impl Side<'_> {
    fn start(&self, sign: &str, role: Role, item: &Item) -> (Vec<Span<'static>>, usize) {
        let indent = 2 * usize::from(item.depth).min(self.columns / 6);
        let id = item.id.to_string();
        let spans = vec![
            self.ctx.span(role, format!("{sign} ")),
            Span::raw(" ".repeat(indent)),
            self.ctx.id_span(item.id),
            Span::raw(" ".repeat(3 - id.len().clamp(1, 2))),
        ];
        (spans, 2 + indent + id.len().max(2) + 1)
    }

    fn end(&self, mut spans: Vec<Span<'static>>, item: &Item, role: Role, hang: usize) -> Vec<Line<'static>> {
        if !item.deps.is_empty() {
            let names: Vec<String> = item.deps.iter().map(ToString::to_string).collect();
            spans.push(self.ctx.span(role, format!("  ← {}", names.join(" "))));
        }
        wrap(&spans, self.columns, hang)
    }

    fn whole(&self, sign: &str, role: Role, item: &Item, note: &str) -> Vec<Line<'static>> {
        let (mut spans, hang) = self.start(sign, role, item);
        spans.extend(self.ctx.code(&item.text, self.ctx.style(role)));
        spans.push(self.ctx.span(role, note));
        self.end(spans, item, role, hang)
    }

    /// One side of a changed item; what the other side has not stands out.
    fn words(&self, item: &Item, words: &[Segment], own: SegmentKind) -> Vec<Line<'static>> {
        let (sign, plain, strong) = if own == SegmentKind::Old {
            ("−", Role::Removed, Role::RemovedWord)
        } else {
            ("+", Role::Added, Role::AddedWord)
        };
        let (mut spans, hang) = self.start(sign, plain, item);
        let marked = words
            .iter()
            .filter(|segment| segment.kind == SegmentKind::Both || segment.kind == own)
            .map(|segment| (segment.text.len(), segment.kind == own));
        let code = self.ctx.code(&item.text, self.ctx.style(plain));
        spans.extend(emphasised(code, marked, self.ctx.style(strong)));
        self.end(spans, item, plain, hang)
    }
}

/// Cuts `spans` where the stretches of `marked` (lengths in bytes, and whether they stand out) end, and gives
/// those that stand out the style `strong`.
fn emphasised(
    spans: Vec<Span<'static>>,
    marked: impl IntoIterator<Item = (usize, bool)>,
    strong: Style,
) -> Vec<Span<'static>> {
    let mut cut = Vec::new();
    let mut spans = spans.into_iter();
    let mut open = spans.next();
    for (length, stands_out) in marked {
        let mut left = length;
        while left > 0 {
            let Some(span) = open.take() else { return cut };
            let taken = left.min(span.content.len());
            let (head, tail) = span.content.split_at(taken);
            cut.push(Span::styled(head.to_owned(), if stands_out { strong } else { span.style }));
            left -= taken;
            open =
                if tail.is_empty() { spans.next() } else { Some(Span::styled(tail.to_owned(), span.style)) };
        }
    }
    cut.extend(open);
    cut.extend(spans);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emphasis_cuts_across_colours_and_loses_nothing() {
        let (red, bold) = (Style::new().red(), Style::new().bold());
        let code = || vec![Span::raw("total "), Span::styled("= 4", red), Span::raw("5é")];
        let cut = emphasised(code(), [(7, false), (2, true), (3, false)], bold);
        let reported: Vec<(&str, Style)> =
            cut.iter().map(|span| (span.content.as_ref(), span.style)).collect();
        assert_eq!(reported, [("total ", Style::new()), ("=", red), (" 4", bold), ("5é", Style::new())]);
        for marked in [vec![], vec![(1, true)], vec![(40, true)]] {
            let text: String =
                emphasised(code(), marked, bold).iter().map(|s| s.content.to_string()).collect();
            assert_eq!(text, "total = 45é");
        }
    }
}
