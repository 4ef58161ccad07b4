//! The parts of the shown candidate's score, the verdict on it, and how the parts went over the iterations.

mod parts;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    commands::pane::Pane,
    panes::{ctx::Ctx, proposal::ruling_glyph, timeline},
};
use crate::{
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        wrap::wrap,
    },
};
use session::{Phase, PlanView, Score, Verdict};

/// From this size on the chart stands below the table; it takes a third of the rows.
const ROOM_FOR_CHART: (u16, u16) = (44, 18);
/// The fewest rows in which the parts can be distinguished: legend, plot and marks.
const LEAST_CHART: u16 = 7;
/// The signs of the parts in the chart.
const SIGNS: [&str; 6] = ["◆", "▲", "■", "▼", "◇", "△"];
/// The colours of the parts in the chart.
const COLOURS: [Role; 6] = [Role::Cite0, Role::Cite1, Role::Cite2, Role::Cite3, Role::Cite4, Role::Cite5];

/// Returns whose score is shown.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let state = ctx.model.session.state();
    if state.candidates.is_empty() {
        return state.incumbent.as_ref().map_or_else(String::new, |_| "of the plan".to_owned());
    }
    format!("candidate {} against the plan", ctx.model.candidate_index() + 1)
}

/// Draws the table of parts and the verdict and, where there is room, the chart.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let before = ctx.model.session.base().and_then(|base| base.score.as_ref());
    let candidate = ctx.model.candidate();
    let after = candidate.and_then(|shown| shown.view.as_ref()).and_then(|view| view.score.as_ref());
    if before.is_none() && after.is_none() {
        return ctx.empty(reason_for_nothing(ctx), area, buf);
    }
    let room = area.width >= ROOM_FOR_CHART.0 && area.height >= ROOM_FOR_CHART.1;
    let chart = if room { (area.height / 3).max(LEAST_CHART) } else { 0 };
    let above = Rect { height: area.height - chart, ..area };
    if chart > 0 {
        draw_chart(ctx, Rect { y: above.bottom(), height: chart, ..area }, buf);
    }
    let width = usize::from(area.width);
    let mut lines = parts::lines(ctx, before, after, candidate.is_some(), width);
    if let Some(verdict) = candidate.and_then(|shown| shown.verdict.as_ref()) {
        lines.push(Line::default());
        lines.extend(verdict_lines(ctx, verdict, width));
    } else if candidate.is_some() && after.is_none() {
        lines.push(Line::default());
        let what = if candidate.is_some_and(|shown| shown.view.is_some()) {
            "waits for its score"
        } else {
            "is not scored"
        };
        lines.push(Line::from(ctx.span(Role::Dim, format!("This candidate {what}."))));
    }
    lines.extend(details(ctx, after.or(before), width));
    ctx.scrolled(Pane::Score, lines, false, above, buf)
}

fn reason_for_nothing(ctx: &Ctx<'_>) -> &'static str {
    let state = ctx.model.session.state();
    if state.denoising.as_ref().is_some_and(|now| !now.canvas.is_whole()) {
        return "With masked tokens the plan is not evaluated; it gets a score once all are revealed.";
    }
    match ctx.model.session.state().phase {
        Phase::Load | Phase::Draft => "The parts of the score appear here once there is a draft to score.",
        Phase::ScoreDraft => "The draft is being scored; the parts appear here one by one.",
        Phase::Propose
        | Phase::Score
        | Phase::Decide
        | Phase::TieBreak
        | Phase::Rescore
        | Phase::Answer
        | Phase::Done => "Nothing was scored in this run.",
    }
}

/// Draws the parts over the iterations below a legend, which may need two rows.
fn draw_chart(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let names = &ctx.model.session.overview.parts;
    let series: Vec<_> =
        SIGNS.into_iter().zip(COLOURS.map(|role| ctx.style(role))).take(names.len()).collect();
    let mut signs = vec![(ctx.span(Role::Accent, "●"), "total")];
    let parts =
        series.iter().zip(names).map(|((sign, style), name)| (Span::styled(*sign, *style), name.as_str()));
    signs.extend(parts);
    let mut legend = timeline::legend(ctx, &signs, usize::from(area.width), 2);
    if legend.len() < 2 {
        legend.insert(0, Line::default());
    }
    draw_lines(legend, None, false, Rect { height: 2, ..area }, buf);
    let below = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    timeline::draw_chart(ctx, &series, below, buf);
}

fn verdict_lines(ctx: &Ctx<'_>, verdict: &Verdict, width: usize) -> Vec<Line<'static>> {
    let (glyph, role) = ruling_glyph(verdict.ruling);
    let spans = [
        ctx.span(role, format!("{glyph} {}  ", verdict.ruling.name())),
        ctx.span(Role::Text, verdict.reason.clone()),
    ];
    wrap(&spans, width, 2)
}

/// How each part came about.
fn details(ctx: &Ctx<'_>, score: Option<&Score>, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for part in score.into_iter().flat_map(|score| &score.parts).filter(|part| !part.detail.is_empty()) {
        if lines.is_empty() {
            lines.push(Line::default());
        }
        let spans =
            [ctx.span(Role::Text, format!("{}  ", part.name)), ctx.span(Role::Dim, part.detail.clone())];
        lines.extend(wrap(&spans, width, 2));
    }
    lines
}

/// Returns the best plan's total.
pub fn best_total(ctx: &Ctx<'_>) -> Option<f64> {
    ctx.model.session.state().best.as_ref().and_then(PlanView::total)
}
