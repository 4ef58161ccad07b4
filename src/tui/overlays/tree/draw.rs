//! How the tree looks.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    TreeView,
    rows::{TreeRow, current, rows},
};
use crate::{
    commands::OverlayKind,
    core::session_rows::Row,
    format,
    panes::{
        ctx::Ctx,
        proposal::{not_taken_glyph, ruling_glyph},
        timeline::mark_sign,
    },
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        text::{fit_line, pad, pad_left, sanitise},
        wrap::wrap,
    },
};
use session::Ruling;

/// Rows for the whole of the row under the cursor, with an empty one above.
const DETAIL: u16 = 4;
/// Columns of the iteration, the proposer, and of total and change.
const NUMBER: usize = 4;
const PROPOSER: usize = 10;
const TOTALS: usize = 16;

/// Draws the rows around the cursor, and below them all that is known of the one under it.
pub(super) fn draw(ctx: &Ctx<'_>, view: &TreeView, area: Rect, buf: &mut Buffer) -> Extent {
    let rows = rows(ctx.model, &view.sessions);
    let wanted = u16::try_from(rows.len().max(1)).unwrap_or(u16::MAX).saturating_add(2 + DETAIL);
    let size = (area.width, wanted.min(area.height.saturating_sub(2)));
    let inner = ctx.window("Which plan came from which", size, area, buf);
    if rows.is_empty() {
        return ctx.empty("There is no plan yet that has its score.", inner, buf);
    }
    let here = current(ctx.model, &rows);
    let list = Rect { height: inner.height.saturating_sub(DETAIL), ..inner };
    let extent = ctx.list(view.cursor, rows.len(), list, buf, |at, chosen| {
        let branch = if at + 1 == rows.len() { "└─" } else { "├─" };
        line(ctx, &rows[at], branch, (chosen, here == Some(at)), usize::from(inner.width))
    });
    ctx.clickable_rows(OverlayKind::Tree, extent, rows.len(), list);
    let below = Rect { y: list.bottom() + 1, height: DETAIL - 1, ..inner }.intersection(inner);
    let detail = detail(ctx, &rows[view.cursor.row(rows.len())], usize::from(inner.width));
    draw_lines(detail, None, false, below, buf);
    extent
}

fn line(
    ctx: &Ctx<'_>,
    row: &TreeRow<'_>,
    branch: &'static str,
    (chosen, here): (bool, bool),
    columns: usize,
) -> Line<'static> {
    let trunk = match (row.is_trunk(), here) {
        (true, true) => ctx.span(Role::Accent, "◆ "),
        (true, false) => ctx.span(Role::Text, "● "),
        (false, _) => ctx.span(Role::Border, branch),
    };
    let (sign, role) = sign(row);
    let left = [
        ctx.span(Role::Accent, if chosen { "▸ " } else { "  " }),
        trunk,
        ctx.span(role, format!("{sign} ")),
        ctx.span(Role::Dim, format!("{} ", pad_left(&number(row), NUMBER - 1))),
        ctx.span(Role::Dim, pad(&proposer(row), PROPOSER)),
    ];
    let text = ctx.style(match (chosen, row.is_trunk()) {
        (true, _) => Role::Strong,
        (false, true) => Role::Text,
        (false, false) => Role::Dim,
    });
    let used = 6 + NUMBER + PROPOSER + TOTALS;
    let mut what = Line::from(ctx.code(&words(row), text));
    let room = columns.saturating_sub(used);
    what = fit_line(what, room);
    let gap = room.saturating_sub(what.width());
    let mut spans = left.to_vec();
    spans.extend(what.spans);
    spans.push(Span::raw(" ".repeat(gap)));
    spans.push(ctx.span(if row.is_trunk() { Role::Strong } else { Role::Dim }, totals(row)));
    fit_line(Line::from(spans), columns)
}

fn sign(row: &TreeRow<'_>) -> (&'static str, Role) {
    match row {
        TreeRow::Draft(_) => ("○", Role::Dim),
        TreeRow::Taken(_) => ruling_glyph(Ruling::Accept),
        TreeRow::Mark(mark) => mark_sign(mark.kind),
        TreeRow::Reject(reject) => not_taken_glyph(reject.why),
        TreeRow::Fork(..) => ("⎇", Role::Accent),
    }
}

fn number(row: &TreeRow<'_>) -> String {
    match row {
        TreeRow::Draft(_) => "0".to_owned(),
        TreeRow::Taken(taken) => taken.iteration.to_string(),
        TreeRow::Reject(reject) => reject.iteration.to_string(),
        TreeRow::Mark(_) | TreeRow::Fork(..) => String::new(),
    }
}

fn one_line(text: &str) -> String {
    sanitise(text).replace('\n', " ")
}

fn proposer(row: &TreeRow<'_>) -> String {
    match row {
        TreeRow::Draft(_) => "draft".to_owned(),
        TreeRow::Taken(taken) => one_line(&taken.kind),
        TreeRow::Reject(reject) => one_line(&reject.kind),
        TreeRow::Mark(mark) => mark.kind.name().to_owned(),
        TreeRow::Fork(..) => "fork".to_owned(),
    }
}

/// What the row is about, in one line.
fn words(row: &TreeRow<'_>) -> String {
    match row {
        TreeRow::Draft(_) => "the first plan".to_owned(),
        TreeRow::Taken(taken) => one_line(&taken.summary),
        TreeRow::Reject(reject) => one_line(&reject.summary),
        TreeRow::Mark(mark) => one_line(&mark.text),
        TreeRow::Fork(row, at) => format!("{} after event {at}", one_line(&row.name)),
    }
}

/// The total and its change; in place of them, how a fork ended.
fn totals(row: &TreeRow<'_>) -> String {
    let both = |total, change: String| {
        format!("{}{}", pad_left(&format::score(total), 8), pad_left(&change, TOTALS - 8))
    };
    match row {
        TreeRow::Draft(iteration) => both(iteration.total, String::new()),
        TreeRow::Taken(taken) => both(taken.after, format::change(taken.before, taken.after)),
        TreeRow::Reject(reject) => both(reject.after, format::change(reject.before, reject.after)),
        TreeRow::Mark(_) => String::new(),
        TreeRow::Fork(row, _) => pad_left(row.end(false), TOTALS),
    }
}

fn detail(ctx: &Ctx<'_>, row: &TreeRow<'_>, columns: usize) -> Vec<Line<'static>> {
    let candidate =
        |iteration: u32, candidate: u32| format!("iteration {iteration}, candidate {}", candidate + 1);
    let (name, text) = match row {
        TreeRow::Draft(_) => ("the draft".to_owned(), "The trunk begins with it.".to_owned()),
        TreeRow::Taken(taken) => (candidate(taken.iteration, taken.candidate), taken.reason.clone()),
        TreeRow::Reject(reject) => (candidate(reject.iteration, reject.candidate), reject.reason.clone()),
        TreeRow::Mark(mark) => (mark.kind.name().to_owned(), mark.text.clone()),
        TreeRow::Fork(row, _) => ("another session".to_owned(), about(row)),
    };
    let place = format!("{name} · event {}  ", row.seq());
    wrap(&[ctx.span(Role::Dim, place), ctx.span(Role::Text, one_line(&text))], columns, 2)
}

fn about(row: &Row) -> String {
    let title = row.manifest.as_ref().map_or_else(Clone::clone, session::Manifest::about);
    format!("{title}; enter opens it")
}
