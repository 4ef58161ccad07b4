//! The tables of the recovery: what the curves are drawn from.

use ratatui::text::{Line, Span};

use crate::{
    format,
    panes::ctx::Ctx,
    theme::Role,
    widgets::table::{Column, Table},
};
use diagnose::recovery::half_width;
use session::{Injection, Recovery, Spread};

/// Returns one line an injection below one for the mean of all; the first line is the head.
pub fn injections(ctx: &Ctx<'_>, recovery: &Recovery, chosen: usize, columns: usize) -> Vec<Line<'static>> {
    let heads = ["", "noise", "at", "distance", "score", "fate"];
    let mut table = Table::new(heads.map(Column::words));
    let sign = |at: usize| ctx.span(Role::Accent, if at == chosen { "▸" } else { " " });
    let all = &ctx.model.session.state().noise.injections;
    let count = format!("mean of {}", all.len());
    let mut mean = vec![sign(0), ctx.span(Role::Strong, count)];
    mean.resize(5, Span::default());
    mean.push(ctx.span(Role::Text, recovery.fates.short()));
    table.row(mean);
    for (at, one) in all.iter().enumerate() {
        let (glyph, by) = if one.scheduled { ("≋", "chaos") } else { ("≈", "noise") };
        let last = one.curve.last();
        let scores = [one.total_before, one.total_after].map(format::score).join(" → ");
        let distances = [Some(one.distance), last.map(|point| point.distance)].map(format::score).join(" → ");
        table.row(vec![
            sign(at + 1),
            ctx.span(Role::Noise, format!("{glyph} {by} {} {}", one.spec.kind, one.spec.strength)),
            ctx.span(Role::Dim, one.iteration.to_string()),
            ctx.span(Role::Text, distances),
            ctx.span(Role::Text, scores),
            ctx.span(Role::Text, one.fate().words()),
        ]);
    }
    table.lines(columns, ctx.theme)
}

/// Returns the means after each number of iterations, with how many injections they are over.
pub fn means(ctx: &Ctx<'_>, recovery: &Recovery, columns: usize) -> Vec<Line<'static>> {
    let mut table = Table::new([
        Column::numbers("after"),
        Column::numbers("distance"),
        Column::words("95 %"),
        Column::numbers("of"),
        Column::numbers("score change"),
        Column::words("95 %"),
        Column::numbers("of"),
    ]);
    for step in &recovery.steps {
        let mut row = vec![ctx.span(Role::Dim, step.after.to_string())];
        let distance = format::score(Some(step.distance.mean));
        row.extend(mean(ctx, Some(&step.distance), distance));
        let change = step.change.as_ref().map(|change| change.mean);
        row.extend(mean(ctx, step.change.as_ref(), format::change(Some(0.0), change)));
        table.row(row);
    }
    table.lines(columns, ctx.theme)
}

fn mean(ctx: &Ctx<'_>, spread: Option<&Spread>, text: String) -> [Span<'static>; 3] {
    let half = spread.and_then(half_width);
    let interval = match (spread, half) {
        (None, _) => ctx.span(Role::Dim, format::NONE),
        (Some(_), None) => ctx.span(Role::Care, "not enough data"),
        (Some(_), Some(half)) => ctx.span(Role::Dim, format!("±{half:.3}")),
    };
    let of = spread.map_or(0, |spread| spread.n);
    [ctx.span(Role::Text, text), interval, ctx.span(Role::Dim, of.to_string())]
}

/// Returns the curve of one injection in numbers.
pub fn curve(ctx: &Ctx<'_>, one: &Injection, columns: usize) -> Vec<Line<'static>> {
    let heads = ["after", "iteration", "distance", "score", "change"];
    let mut table = Table::new(heads.map(Column::numbers));
    let first = (one.iteration, one.distance, one.total_after);
    let rest = one.curve.iter().map(|point| (point.iteration, point.distance, point.total));
    for (after, (iteration, distance, total)) in std::iter::once(first).chain(rest).enumerate() {
        table.row(vec![
            ctx.span(Role::Dim, if after == 0 { "the noise".to_owned() } else { after.to_string() }),
            ctx.span(Role::Dim, iteration.to_string()),
            ctx.span(Role::Text, format::score(Some(distance))),
            ctx.span(Role::Text, format::score(total)),
            ctx.span(Role::Text, format::change(one.total_before, total)),
        ]);
    }
    table.lines(columns, ctx.theme)
}
