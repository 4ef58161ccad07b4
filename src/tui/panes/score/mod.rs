//! The parts of the shown candidate's score, and the verdict on it.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{Ctx, Pane, proposal::ruling_glyph};
use crate::{
    llm::Cost,
    session::{Phase, PlanView, Score, ScorePart, Verdict},
    tui::{
        format,
        theme::Role,
        widgets::{
            scroll::Extent,
            table::{Cell, Column, table_lines},
            wrap::wrap,
        },
    },
};

/// Returns whose score is shown.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let state = ctx.model.state();
    if state.candidates.is_empty() {
        return state.incumbent.as_ref().map_or_else(String::new, |_| "of the plan".to_owned());
    }
    format!("candidate {} against the plan", ctx.model.candidate_index() + 1)
}

/// Draws the table of parts and the verdict.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.state();
    let before = ctx.model.base().and_then(|base| base.score.as_ref());
    let candidate = ctx.model.candidate();
    let after = candidate.and_then(|shown| shown.view.as_ref()).and_then(|view| view.score.as_ref());
    if before.is_none() && after.is_none() {
        let why = match state.phase {
            Phase::Load | Phase::Draft => {
                "The parts of the score appear here once there is a draft to score."
            }
            Phase::ScoreDraft => "The draft is being scored; the parts appear here one by one.",
            Phase::Propose | Phase::Score | Phase::Decide | Phase::Answer | Phase::Done => {
                "Nothing was scored in this run."
            }
        };
        return ctx.empty(why, area, buf);
    }
    let width = usize::from(area.width);
    let mut lines = table(ctx, before, after, candidate.is_some(), width);
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
    ctx.scrolled(Pane::Score, lines, false, area, buf)
}

const HEADS: [Column; 6] = [
    Column { head: "part", right: false },
    Column { head: "weight", right: true },
    Column { head: "before", right: true },
    Column { head: "after", right: true },
    Column { head: "change", right: true },
    Column { head: "tokens", right: true },
];
/// For a plan that is compared with none.
const HEADS_ALONE: [Column; 4] = [
    Column { head: "part", right: false },
    Column { head: "weight", right: true },
    Column { head: "score", right: true },
    Column { head: "tokens", right: true },
];
/// From this width on standard errors are shown.
const ROOM_FOR_ERRORS: usize = 44;

fn table(
    ctx: &Ctx<'_>,
    before: Option<&Score>,
    after: Option<&Score>,
    compares: bool,
    width: usize,
) -> Vec<Line<'static>> {
    let mut names: Vec<&str> = Vec::new();
    for part in [before, after].into_iter().flatten().flat_map(|score| &score.parts) {
        if !names.contains(&part.name.as_str()) {
            names.push(&part.name);
        }
    }
    let mut rows = Vec::new();
    for name in names {
        let (old, new) = (before.and_then(|s| s.part(name)), after.and_then(|s| s.part(name)));
        rows.push(part_row(ctx, name, old, new, width >= ROOM_FOR_ERRORS));
    }
    let (old, new) = (before.and_then(|s| s.total), after.and_then(|s| s.total));
    let strong = ctx.style(Role::Strong);
    rows.push(vec![
        ("total".to_owned(), strong),
        (String::new(), strong),
        (format::score(old), strong),
        (format::score(new), strong),
        change_cell(ctx, old, new),
        (String::new(), strong),
    ]);
    let mut lines = if compares {
        table_lines(&HEADS, ctx.style(Role::Dim), &rows, &[5, 1], width)
    } else {
        // Columns 3 and 4 compare with a candidate.
        rows.iter_mut().for_each(|row| drop(row.drain(3..5)));
        table_lines(&HEADS_ALONE, ctx.style(Role::Dim), &rows, &[3, 1], width)
    };
    if let Some(total) = lines.pop() {
        let rule = lines.iter().map(Line::width).max().unwrap_or(0);
        lines.push(Line::from(ctx.span(Role::Border, "─".repeat(rule))));
        lines.push(total);
    }
    lines
}

fn part_row(
    ctx: &Ctx<'_>,
    name: &str,
    old: Option<&ScorePart>,
    new: Option<&ScorePart>,
    with_errors: bool,
) -> Vec<Cell> {
    let text = ctx.style(Role::Text);
    let dim = ctx.style(Role::Dim);
    let value = |part: Option<&ScorePart>| {
        let value = part.and_then(|part| part.value);
        let error = part
            .and_then(|part| part.stderr)
            .filter(|_| with_errors)
            .map_or_else(String::new, |e| format!(" ±{e:.2}"));
        (format!("{}{error}", format::score(value)), if value.is_some() { text } else { dim })
    };
    let (before, after) = (old.and_then(|part| part.value), new.and_then(|part| part.value));
    vec![
        (name.to_owned(), text),
        (new.or(old).map_or_else(String::new, |part| format!("{:.2}", part.weight)), dim),
        value(old),
        value(new),
        change_cell(ctx, before, after),
        (new.or(old).map_or_else(String::new, |part| tokens(&part.cost)), dim),
    ]
}

fn change_cell(ctx: &Ctx<'_>, before: Option<f64>, after: Option<f64>) -> Cell {
    let text = format::change(before, after);
    let role = match text.chars().next() {
        Some('+') => Role::Good,
        Some('−') => Role::Bad,
        Some(_) | None => Role::Dim,
    };
    (text, ctx.style(role))
}

/// Tokens evaluated and generated; a part that asks no model costs none.
fn tokens(cost: &Cost) -> String {
    if cost.calls == 0 { "none".to_owned() } else { format::count(cost.fresh + cost.generated) }
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
    ctx.model.state().best.as_ref().and_then(PlanView::total)
}
