//! Scores over iterations, of the whole session, with a cursor.

use std::collections::BTreeSet;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::panes::{ctx::Ctx, proposal::ruling_glyph, score::best_total, scrub};
use crate::{
    core::{overview::MarkKind, regions::Target},
    format,
    theme::Role,
    widgets::{
        chart::{Chart, Point},
        scroll::{Extent, draw_lines},
        text::{fit_line, sanitise, width},
        wrap::wrap,
    },
};
use session::{Mode, ShadowStanding, folds::Iteration};

/// From this height on a line below the chart describes the iteration under the cursor.
const ROOM_FOR_DETAIL: u16 = 8;
/// From this height on it may take several lines, up to so many.
const ROOM_FOR_DETAILS: u16 = 14;
const MOST_DETAILS: usize = 4;
/// From this height on a line above the chart says what its marks mean, where there are any.
const ROOM_FOR_LEGEND: u16 = 6;

/// From this height on a bar below the chart stands for all events of the session.
const ROOM_FOR_BAR: u16 = 5;

/// The sign of an iteration that a finding is about.
pub(super) const FLAG: &str = "⚑";

/// Returns the best score so far and where it came up.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let since = ctx.model.session.state().best.as_ref().map(|best| best.since);
    match (best_total(ctx), since) {
        (Some(total), Some(0)) => format!("best {} · the draft", format::score(Some(total))),
        (Some(total), Some(since)) => format!("best {} · iteration {since}", format::score(Some(total))),
        (None, _) | (_, None) => String::new(),
    }
}

/// Draws the chart, the bar of events, and the result of the iteration under the cursor.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let iterations = &ctx.model.session.overview.iterations;
    if iterations.is_empty() {
        let why = match ctx.model.session.state().settings.mode {
            Mode::Direct => "Without a plan there is nothing to score.",
            Mode::Refine | Mode::Draft => "Scores over iterations appear here once the draft has its score.",
        };
        return ctx.empty(why, area, buf);
    }
    let detail = ctx.model.iteration().filter(|_| area.height >= ROOM_FOR_DETAIL);
    let details = detail.map_or_else(Vec::new, |at| detail_lines(ctx, at, area));
    let legend = legend(ctx, &[], usize::from(area.width), usize::from(area.height >= ROOM_FOR_LEGEND));
    let (above, below) = (legend.len() as u16, details.len() as u16);
    let bar = u16::from(area.height >= ROOM_FOR_BAR);
    let chart = Rect { y: area.y + above, height: area.height - above - below - bar, ..area };
    draw_lines(legend, None, false, Rect { height: above, ..area }, buf);
    let masked = [("▒", ctx.style(Role::Dim))];
    let series = if shows_noise(ctx) { &masked[..] } else { &[] };
    draw_chart(ctx, series, chart, buf);
    draw_lines(details, None, false, Rect { y: chart.bottom(), height: below, ..area }, buf);
    // At the bottom, where it stays while the lines above it come and go under a pointer that drags.
    scrub::draw(ctx, Rect { y: area.bottom() - bar, height: bar, ..area }, buf);
    Extent::default()
}

/// Draws the totals, and the parts in the signs and styles of `series` where there are any.
pub fn draw_chart(ctx: &Ctx<'_>, series: &[(&'static str, Style)], area: Rect, buf: &mut Buffer) {
    let model = ctx.model;
    let iterations = &model.session.overview.iterations;
    let chart = Chart {
        count: iterations.len(),
        point: &|at| chart_point(ctx, at, series.len()),
        slots: model.session.state().settings.iterations as usize + 1,
        span: model.look.span,
        cursor: model.iteration(),
        past: model.session.overview.iteration_at(model.session.replay.position()).map_or(0, |at| at + 1),
        series,
    };
    for (at, place) in chart.draw(area, buf, ctx.theme) {
        ctx.clickable(place, Target::Moment(iterations[at].seq));
    }
}

/// Whether a plan is denoised, so that the share of noise stands next to the totals.
fn shows_noise(ctx: &Ctx<'_>) -> bool {
    ctx.model.session.state().denoising.is_some()
}

/// The share of noise that is left after the iteration at this place: of masked tokens, or in latents.
fn noise_share(ctx: &Ctx<'_>, at: usize) -> Option<f64> {
    ctx.model.session.overview.iterations[at].noise
}

fn chart_point(ctx: &Ctx<'_>, at: usize, series: usize) -> Point {
    let iteration = &ctx.model.session.overview.iterations[at];
    let (glyph, role) = ruling_mark(iteration);
    let label = if iteration.number == 0 { "D".to_owned() } else { iteration.number.to_string() };
    let flag = found_at(ctx, at).next().map(|_| (FLAG, Role::Care));
    let signs = flag.into_iter().chain(kinds_at(ctx, at).map(mark_sign));
    let signs = signs.map(|(sign, role)| (sign, ctx.style(role)));
    Point {
        value: iteration.total,
        level: iteration.best,
        others: match shows_noise(ctx) && series == 1 {
            true => vec![noise_share(ctx, at)],
            false => ctx.model.session.overview.values_at(at).iter().copied().take(series).collect(),
        },
        mark: (glyph, ctx.style(role)),
        signs: signs.collect(),
        label,
    }
}

pub(super) fn ruling_mark(iteration: &Iteration) -> (&'static str, Role) {
    iteration.ruling.map_or(("○", Role::Dim), ruling_glyph)
}

/// Returns the sign of a kind of mark.
pub const fn mark_sign(kind: MarkKind) -> (&'static str, Role) {
    match kind {
        MarkKind::Forked => ("⎇", Role::Accent),
        MarkKind::Chaos => ("≋", Role::Noise),
        MarkKind::Noise => ("≈", Role::Noise),
        MarkKind::Hand => ("✎", Role::Human),
        MarkKind::Undone => ("↶", Role::Human),
        MarkKind::Redone => ("↷", Role::Human),
        MarkKind::SideAnswer => ("◎", Role::Accent),
        MarkKind::Shadow(ShadowStanding::Losing) => ("⇓", Role::Bad),
        MarkKind::Shadow(ShadowStanding::Winning) => ("⇑", Role::Good),
        MarkKind::Shadow(ShadowStanding::Level) => ("=", Role::Dim),
        MarkKind::Shadow(ShadowStanding::Unknown) => ("∥", Role::Dim),
    }
}

/// The checks whose fault shows in the iteration at this place.
fn found_at<'a>(ctx: &Ctx<'a>, at: usize) -> impl Iterator<Item = &'a str> {
    let iterations = &ctx.model.session.overview.iterations;
    let start = at.checked_sub(1).map_or(0, |before| iterations[before].seq + 1);
    ctx.model.background.findings.at(start..iterations[at].seq + 1)
}

/// The kinds of what happened in an iteration, each once, those that matter most first.
fn kinds_at(ctx: &Ctx<'_>, at: usize) -> impl Iterator<Item = MarkKind> {
    let there: BTreeSet<MarkKind> = ctx.model.session.overview.marks_at(at).map(|mark| mark.kind).collect();
    there.into_iter()
}

/// Returns what the signs of the chart mean: those in `first`, then the marks that there are, in at most `rows`
/// lines. Half a word would be no legend: what does not fit is left out.
pub fn legend(
    ctx: &Ctx<'_>,
    first: &[(Span<'static>, &str)],
    columns: usize,
    rows: usize,
) -> Vec<Line<'static>> {
    let marks = ctx.model.session.overview.mark_kinds().map(|kind| {
        let (sign, role) = mark_sign(kind);
        (ctx.span(role, sign), kind.name())
    });
    let mut lines: Vec<Line<'static>> = Vec::new();
    let flag =
        ctx.model.background.findings.at(0..u64::MAX).next().map(|_| (ctx.span(Role::Care, FLAG), "finding"));
    for (sign, name) in first.iter().cloned().chain(flag).chain(marks) {
        let own = width(&sign.content) + 1 + width(name);
        let entry = [sign, ctx.span(Role::Dim, format!(" {name}"))];
        if let Some(line) = lines.last_mut().filter(|line| line.width() + 3 + own <= columns) {
            line.spans.push(Span::raw("   "));
            line.spans.extend(entry);
        } else if lines.len() < rows && own <= columns {
            lines.push(Line::from(entry.to_vec()));
        }
    }
    lines
}

/// The result of the iteration at this place: its ruling and score, what else happened in it, and since where it
/// is the last, then the accepted edit.
fn detail_lines(ctx: &Ctx<'_>, at: usize, area: Rect) -> Vec<Line<'static>> {
    let iteration = &ctx.model.session.overview.iterations[at];
    let (glyph, role) = ruling_mark(iteration);
    let name = match iteration.number {
        0 => "draft".to_owned(),
        number => format!("iteration {number}"),
    };
    let one_line = |text: &str| sanitise(text).replace('\n', " ");
    let what = match (&iteration.accepted, iteration.ruling) {
        (Some(edit), _) => one_line(edit),
        (None, Some(ruling)) => ruling.name().to_owned(),
        (None, None) => "the first plan".to_owned(),
    };
    let mut spans = vec![
        ctx.span(role, format!("{glyph} ")),
        ctx.span(Role::Text, name),
        Span::raw("  "),
        ctx.span(Role::Strong, format::score(iteration.total)),
        Span::raw("  "),
    ];
    let own = ctx.model.session.overview.own_marks(at).len();
    for (number, mark) in ctx.model.session.overview.marks_at(at).enumerate() {
        let (sign, role) = mark_sign(mark.kind);
        let since = if number == own { "since then " } else { "" };
        spans.push(ctx.span(role, format!("{sign} ")));
        spans.push(ctx.span(Role::Text, format!("{since}{}", one_line(&mark.text))));
        spans.push(ctx.span(Role::Dim, " · "));
    }
    for check in found_at(ctx, at) {
        spans.push(ctx.span(Role::Care, format!("{FLAG} ")));
        spans.push(ctx.span(Role::Text, check.to_owned()));
        spans.push(ctx.span(Role::Dim, " · "));
    }
    spans.push(ctx.span(Role::Dim, what));
    let mut lines = wrap(&spans, usize::from(area.width), 2);
    if area.height < ROOM_FOR_DETAILS || lines.len() > MOST_DETAILS {
        lines = vec![fit_line(Line::from(spans), usize::from(area.width))];
    }
    lines
}
