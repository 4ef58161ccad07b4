//! Scores over iterations, of the whole session, with a cursor.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{Ctx, proposal::ruling_glyph, score::best_total};
use crate::tui::{
    format,
    overview::Iteration,
    theme::Role,
    widgets::{
        chart::{Chart, Point},
        scroll::{Extent, draw_lines},
        text::{fit_line, sanitise},
    },
};

/// From this height on a line below the chart tells of the iteration under the cursor.
const ROOM_FOR_DETAIL: u16 = 8;

/// Returns the best score so far and where it came up.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let since = ctx.model.state().best.as_ref().map(|best| best.since);
    match (best_total(ctx), since) {
        (Some(total), Some(0)) => format!("best {} · the draft", format::score(Some(total))),
        (Some(total), Some(since)) => format!("best {} · iteration {since}", format::score(Some(total))),
        (None, _) | (_, None) => String::new(),
    }
}

/// Draws the chart and what the iteration under the cursor came to.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let iterations = &ctx.model.overview.iterations;
    if iterations.is_empty() {
        return ctx.empty("Scores over iterations appear here once the draft has its score.", area, buf);
    }
    let detail = ctx.model.iteration().filter(|_| area.height >= ROOM_FOR_DETAIL);
    let chart = Rect { height: area.height - u16::from(detail.is_some()), ..area };
    draw_chart(ctx, &[], chart, buf);
    if let Some(at) = detail {
        let place = Rect { y: chart.bottom(), height: 1, ..area };
        draw_lines(vec![detail_line(ctx, &iterations[at], area.width)], None, false, place, buf);
    }
    Extent::default()
}

/// Draws the totals, and the parts in the signs and styles of `series` where there are any.
pub fn draw_chart(ctx: &Ctx<'_>, series: &[(&'static str, Style)], area: Rect, buf: &mut Buffer) {
    let model = ctx.model;
    let iterations = &model.overview.iterations;
    let chart = Chart {
        count: iterations.len(),
        point: &|at| chart_point(ctx, &iterations[at], series.len()),
        slots: model.state().settings.iterations as usize + 1,
        span: model.look.span,
        cursor: model.iteration(),
        past: model.overview.iteration_at(model.replay.position()).map_or(0, |at| at + 1),
        series,
    };
    chart.draw(area, buf, ctx.theme);
}

fn chart_point(ctx: &Ctx<'_>, iteration: &Iteration, series: usize) -> Point {
    let (glyph, role) = mark(iteration);
    let label = if iteration.number == 0 { "D".to_owned() } else { iteration.number.to_string() };
    Point {
        value: iteration.total,
        level: iteration.best,
        others: iteration.parts.iter().copied().take(series).collect(),
        mark: (glyph, ctx.style(role)),
        label,
    }
}

fn mark(iteration: &Iteration) -> (&'static str, Role) {
    match iteration.ruling {
        _ if iteration.human => ("✎", Role::Human),
        Some(ruling) => ruling_glyph(ruling),
        None => ("○", Role::Dim),
    }
}

fn detail_line(ctx: &Ctx<'_>, iteration: &Iteration, columns: u16) -> Line<'static> {
    let (glyph, role) = mark(iteration);
    let name = match iteration.number {
        0 => "draft".to_owned(),
        number => format!("iteration {number}"),
    };
    let what = match (&iteration.accepted, iteration.ruling) {
        (Some(edit), _) => sanitise(edit).replace('\n', " "),
        (None, Some(ruling)) => ruling.name().to_owned(),
        (None, None) => "the first plan".to_owned(),
    };
    let spans = vec![
        ctx.span(role, format!("{glyph} ")),
        ctx.span(Role::Text, name),
        Span::raw("  "),
        ctx.span(Role::Strong, format::score(iteration.total)),
        Span::raw("  "),
        ctx.span(Role::Dim, what),
    ];
    fit_line(Line::from(spans), usize::from(columns))
}
