//! How the recovery looks: what recovered means, the two curves, the injections, the numbers.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    style::Style,
    text::Line,
};

use super::numbers;
use crate::{
    core::overview::MarkKind,
    panes::{ctx::Ctx, timeline::mark_sign},
    theme::Role,
    widgets::{
        chart::{Chart, Point},
        list::Cursor,
        scroll::{Extent, draw_lines},
        wrap::{wrap, wrap_text},
    },
};
use session::{Fate, Injection, RECOVERED, Recovery};

/// Rows of the curves with their titles.
const CURVES: u16 = 8;
/// The most injections that are listed at once, with the head and the mean.
const LISTED: u16 = 8;
/// Rows that the numbers get at least, their head included.
const NUMBERS: u16 = 4;

/// One step of both curves.
struct Step {
    distance: f64,
    total: Option<f64>,
    before: Option<f64>,
}

/// Draws the recovery as it is known at the current position.
pub(super) fn draw(ctx: &Ctx<'_>, cursor: Cursor, area: Rect, buf: &mut Buffer) -> Extent {
    let size = (area.width, area.height.saturating_sub(2));
    let inner = ctx.window("Recovery from noise", size, area, buf);
    let injections = &ctx.model.session.state().noise.injections;
    if injections.is_empty() {
        return ctx.empty(&nothing(ctx), inner, buf);
    }
    let recovery = Recovery::of(injections);
    let chosen = cursor.row(injections.len() + 1);
    let one = chosen.checked_sub(1).and_then(|at| injections.get(at));
    let columns = usize::from(inner.width);
    let words =
        [ctx.span(Role::Strong, format!("{}. ", recovery.fates.words())), ctx.span(Role::Dim, RECOVERED)];
    let head = wrap(&words, columns, 0);
    let list = numbers::injections(ctx, &recovery, chosen, columns);
    let table = match one {
        Some(one) => numbers::curve(ctx, one, columns),
        None => numbers::means(ctx, &recovery, columns),
    };
    let room = inner.height.saturating_sub(head.len() as u16 + CURVES);
    let listed = (list.len() as u16).min(LISTED).min(room.saturating_sub(NUMBERS)).max(2);
    let gap = u16::from(usize::from(room) > usize::from(listed) + table.len());
    let rows = [head.len() as u16, CURVES, listed, gap].map(Constraint::Length);
    let [above, curves, middle, _, below] =
        Layout::vertical(rows.into_iter().chain([Constraint::Fill(1)])).areas(inner);
    draw_lines(head, None, false, above, buf);
    draw_curves(ctx, &steps(&recovery, one), one, curves, buf);
    draw_lines(table, None, false, below, buf);
    draw_list(ctx, list, cursor, middle, buf)
}

fn nothing(ctx: &Ctx<'_>) -> String {
    let keys = ctx.model.setup.keymap.labels("inject");
    let how = keys.first().map_or_else(|| ":inject".to_owned(), Clone::clone);
    format!("No noise was injected up to this moment. In a run, {how} injects some into the plan.")
}

/// The list's head, and the rows around the chosen one.
fn draw_list(
    ctx: &Ctx<'_>,
    mut list: Vec<Line<'static>>,
    cursor: Cursor,
    area: Rect,
    buf: &mut Buffer,
) -> Extent {
    let head = list.remove(0);
    draw_lines(vec![head], None, false, Rect { height: area.height.min(1), ..area }, buf);
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let rows = list.len();
    let offset = cursor.offset(rows, usize::from(below.height));
    let extent = draw_lines(list, Some(offset), false, below, buf);
    ctx.put_cursor_on_line(extent, below, cursor.row(rows));
    extent
}

/// The steps of the chosen injection, or of the mean. Those of the mean compare the scores of the injections that
/// have one at that step with the same ones' before the noise.
fn steps(recovery: &Recovery, one: Option<&Injection>) -> Vec<Step> {
    let Some(one) = one else {
        let mean = recovery.steps.iter().map(|step| Step {
            distance: step.distance.mean,
            before: step.totals.map(|(before, _)| before),
            total: step.totals.map(|(_, total)| total),
        });
        return mean.collect();
    };
    let before = one.total_before;
    let first = Step { distance: one.distance, total: one.total_after, before };
    let rest = one.curve.iter().map(|point| Step { distance: point.distance, total: point.total, before });
    std::iter::once(first).chain(rest).collect()
}

/// Draws distance and score side by side, each below its title.
fn draw_curves(ctx: &Ctx<'_>, steps: &[Step], one: Option<&Injection>, area: Rect, buf: &mut Buffer) {
    let half = area.width / 2;
    let sides = [
        (Rect { width: half.saturating_sub(1), ..area }, "distance from the plan before"),
        (Rect { x: area.x + half, width: area.width - half, ..area }, "score; ─ before the noise"),
    ];
    let recovered = one.and_then(|one| match one.fate() {
        Fate::Recovered { after } => Some(after as usize),
        Fate::NothingHit | Fate::Unhurt | Fate::Unknown | Fate::Open | Fate::NotRecovered { .. } => None,
    });
    for (number, (place, title)) in sides.into_iter().enumerate() {
        let title = wrap_text(title, ctx.style(Role::Dim), usize::from(place.width), 0);
        draw_lines(title, None, false, Rect { height: place.height.min(1), ..place }, buf);
        let below = Rect { y: place.y + 1, height: place.height.saturating_sub(1), ..place };
        let point = |at: usize| point(ctx, &steps[at], at, number == 1, recovered);
        let chart = Chart {
            count: steps.len(),
            point: &point,
            slots: 0,
            span: None,
            cursor: None,
            past: steps.len(),
            series: &[],
        };
        chart.draw(below, buf, ctx.theme);
    }
}

fn point(ctx: &Ctx<'_>, step: &Step, at: usize, score: bool, recovered: Option<usize>) -> Point {
    let (sign, style) = if at == 0 {
        let (sign, role) = mark_sign(MarkKind::Noise);
        (sign, ctx.style(role))
    } else if score && recovered == Some(at) {
        ("✔", ctx.style(Role::Good))
    } else {
        (" ", Style::new())
    };
    Point {
        value: if score { step.total } else { Some(step.distance) },
        level: step.before.filter(|_| score),
        others: Vec::new(),
        mark: (sign, style),
        signs: Vec::new(),
        label: at.to_string(),
    }
}
