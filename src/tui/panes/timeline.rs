//! Scores over iterations.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Ctx, proposal::ruling_glyph, score::best_total};
use crate::{
    session::IterationPoint,
    tui::{
        format,
        mouse::Target,
        theme::Role,
        widgets::{
            chart::{self, Point},
            scroll::Extent,
        },
    },
};

/// Returns the best score so far and where it came up.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let since = ctx.model.state().best.as_ref().map(|best| best.since);
    match (best_total(ctx), since) {
        (Some(total), Some(0)) => format!("best {} · the draft", format::score(Some(total))),
        (Some(total), Some(since)) => format!("best {} · iteration {since}", format::score(Some(total))),
        (None, _) | (_, None) => String::new(),
    }
}

/// Draws the chart.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let timeline = &ctx.model.state().timeline;
    if timeline.is_empty() {
        return ctx.empty("Scores over iterations appear here once the draft has its score.", area, buf);
    }
    let points: Vec<Point> = timeline.iter().map(|point| chart_point(ctx, point)).collect();
    let planned = ctx.model.state().settings.iterations as usize + 1;
    for (at, place) in chart::draw(&points, planned, area, buf, ctx.theme) {
        ctx.clickable(place, Target::Moment(timeline[at].seq));
    }
    Extent::default()
}

fn chart_point(ctx: &Ctx<'_>, point: &IterationPoint) -> Point {
    let (glyph, role) = match point.ruling {
        _ if point.human => ("✎", Role::Human),
        Some(ruling) => ruling_glyph(ruling),
        None => ("○", Role::Dim),
    };
    let label = if point.iteration == 0 { "D".to_owned() } else { point.iteration.to_string() };
    Point { value: point.total, level: point.best, mark: (glyph, ctx.style(role)), label }
}
