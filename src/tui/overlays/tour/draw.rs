//! The box of the tour.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{TourView, steps::Piece};
use crate::{
    layout::{Places, places},
    overlays::overlay::{Hint, hints_of},
    panes::ctx::Ctx,
    theme::Role,
    widgets::{scroll::draw_lines, wrap::wrap},
};

/// The widest that the box gets.
const WIDEST: u16 = 78;

/// Draws the sentence of the present step where it hides least of what it speaks of.
pub(super) fn draw(ctx: &Ctx<'_>, view: &TourView, area: Rect, buf: &mut Buffer) {
    let tour = &view.tour;
    let Some(step) = tour.steps().get(tour.at()) else { return };
    let columns = area.width.min(WIDEST);
    let spans: Vec<Span<'static>> = step
        .pieces(&ctx.model.setup.keymap)
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => ctx.span(Role::Text, words),
            Piece::Key(key) => ctx.span(Role::Key, key),
        })
        .collect();
    let mut lines = wrap(&spans, usize::from(columns.saturating_sub(4)), 0);
    lines.push(keys(ctx, view));
    let rows = (lines.len() as u16 + 2).min(area.height);
    let places = places(ctx.model.shape(), &ctx.model.look.sizes, area);
    let place = place(ctx, &places, rows, area);
    let title = format!("Tour {} of {}", tour.at() + 1, tour.steps().len());
    let inner = ctx.window(&title, (columns, rows), place, buf);
    draw_lines(lines, None, false, inner, buf);
}

fn keys(ctx: &Ctx<'_>, view: &TourView) -> Line<'static> {
    let mut spans = Vec::new();
    for (keys, word) in hints_of(view, ctx.model).iter().map(Hint::words) {
        spans.push(ctx.span(Role::Key, keys));
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
    if ctx.over.is_none() && hidden(top) < hidden(bottom) { top } else { bottom }
}
