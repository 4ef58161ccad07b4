//! The box of the tour.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::steps::{Piece, Tour};
use crate::{
    layout::Places,
    panes::Ctx,
    theme::Role,
    view::overlay,
    widgets::{scroll::draw_lines, wrap::wrap},
};

/// The widest that the box gets.
const WIDEST: u16 = 78;

/// Draws the sentence of the present step where it hides least of what it speaks of.
pub fn draw(ctx: &Ctx<'_>, tour: &Tour, places: &Places, area: Rect, buf: &mut Buffer) {
    let Some(step) = tour.steps().get(tour.at()) else { return };
    let columns = area.width.min(WIDEST);
    let spans: Vec<Span<'static>> = step
        .pieces(&ctx.model.keymap)
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => ctx.span(Role::Text, words),
            Piece::Key(key) => ctx.span(Role::Key, key),
        })
        .collect();
    let mut lines = wrap(&spans, usize::from(columns.saturating_sub(4)), 0);
    lines.push(keys(ctx, tour));
    let rows = (lines.len() as u16 + 2).min(area.height);
    let place = place(ctx, places, rows, area);
    let title = format!("Tour {} of {}", tour.at() + 1, tour.steps().len());
    let inner = overlay(ctx, &title, (columns, rows), place, buf);
    draw_lines(lines, None, false, inner, buf);
}

fn keys(ctx: &Ctx<'_>, tour: &Tour) -> Line<'static> {
    let next = if tour.at() + 1 == tour.steps().len() { "end" } else { "next" };
    let mut spans = Vec::new();
    for (key, word) in [("enter →", next), ("←", "back"), ("esc", "leave the tour")] {
        spans.push(ctx.span(Role::Key, key));
        spans.push(ctx.span(Role::Dim, format!(" {word}   ")));
    }
    Line::from(spans).right_aligned()
}

/// At the bottom above the hints, or below the first line where that hides less of the focused pane.
fn place(ctx: &Ctx<'_>, places: &Places, rows: u16, area: Rect) -> Rect {
    let bottom = Rect { y: area.bottom().saturating_sub(rows + 1).max(area.y), height: rows, ..area };
    let top = Rect { y: area.y + u16::from(area.height > rows), height: rows, ..area };
    let focus = ctx.model.look.focus;
    let pane = places.panes.iter().find(|(pane, _)| *pane == focus).map(|(_, place)| *place);
    let hidden = |place: Rect| pane.map_or(0, |pane| pane.intersection(place).height);
    let over = ctx.model.look.popup.is_some() || ctx.model.dialog.is_some();
    if !over && hidden(top) < hidden(bottom) { top } else { bottom }
}
