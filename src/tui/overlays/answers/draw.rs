//! How the answers look: side by side where there is room, one below the other where there is not.

use std::time::Duration;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::AnswersView;
use crate::{
    core::{answers::Entry, stream::Stream},
    format,
    panes::{answer, ctx::Ctx},
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        wrap::{wrap, wrap_text},
    },
};
use session::{Purpose, folds::CallEnd};

/// From this width on answers stand side by side.
const ROOM_FOR_COLUMNS: u16 = 100;
/// The least width of one of them.
const COLUMN: u16 = 36;
/// What lies between two of them.
const GAP: u16 = 3;

/// Draws all answers, the chosen one in sight.
pub(super) fn draw(ctx: &Ctx<'_>, view: &AnswersView, area: Rect, buf: &mut Buffer) -> Extent {
    let count = ctx.model.background.answers.count();
    // Messages below stay in sight: they say why nothing was asked for.
    let size = (area.width, area.height.saturating_sub(3));
    let inner = ctx.window("Answers from several moments", size, area, buf);
    if count == 0 {
        return ctx.empty(&nothing(ctx), inner, buf);
    }
    if area.width >= ROOM_FOR_COLUMNS {
        side_by_side(ctx, view, count, inner, buf)
    } else {
        one_below_the_other(ctx, view, count, inner, buf)
    }
}

fn nothing(ctx: &Ctx<'_>) -> String {
    let key = ctx.model.setup.keymap.labels("answer-from-here").first().cloned();
    let how = key.unwrap_or_else(|| ":answer-from-here".to_owned());
    format!(
        "There is no answer yet. During a run, step back to a moment and press {how}: the model decodes an \
         answer from the plan of that moment, and the run continues."
    )
}

fn side_by_side(ctx: &Ctx<'_>, view: &AnswersView, count: usize, area: Rect, buf: &mut Buffer) -> Extent {
    let chosen = view.cursor.row(count);
    let shown = usize::from((area.width + GAP) / (COLUMN + GAP)).clamp(1, count);
    let first = chosen.saturating_sub(shown / 2).min(count - shown);
    let width = (area.width + GAP) / shown as u16 - GAP;
    let scroll = Some(view.scroll.offset);
    let mut extent = Extent::default();
    for (number, at) in (first..first + shown).enumerate() {
        let x = area.x + number as u16 * (width + GAP);
        let place = Rect { x, width, ..area };
        let own = draw_lines(lines(ctx, at, at == chosen, usize::from(width)), scroll, false, place, buf);
        if own.max >= extent.max {
            extent = own;
        }
        if number > 0 {
            for y in area.top()..area.bottom() {
                buf.set_string(x - 2, y, "│", ctx.style(Role::Border));
            }
        }
    }
    extent
}

/// The chosen answer stands at the top; scrolling continues to those below it.
fn one_below_the_other(
    ctx: &Ctx<'_>,
    view: &AnswersView,
    count: usize,
    area: Rect,
    buf: &mut Buffer,
) -> Extent {
    let chosen = view.cursor.row(count);
    let width = usize::from(area.width);
    let mut all = Vec::new();
    let mut start = 0;
    for at in 0..count {
        if at == chosen {
            start = all.len();
        }
        all.extend(lines(ctx, at, at == chosen, width));
        if at + 1 < count {
            all.push(Line::from(ctx.span(Role::Border, "─".repeat(width))));
        }
    }
    let extent = draw_lines(all, Some(start + view.scroll.offset), false, area, buf);
    Extent { offset: extent.offset.saturating_sub(start), max: extent.max.saturating_sub(start), ..extent }
}

fn lines(ctx: &Ctx<'_>, at: usize, chosen: bool, width: usize) -> Vec<Line<'static>> {
    let answers = &ctx.model.background.answers;
    match answers.entries.get(at) {
        Some(entry) => entry_lines(ctx, entry, chosen, width),
        None => asked_lines(ctx, answers.asked.get(at - answers.entries.len()).copied(), chosen, width),
    }
}

fn head(ctx: &Ctx<'_>, name: String, chosen: bool, width: usize) -> Vec<Line<'static>> {
    let role = if chosen { Role::Strong } else { Role::Text };
    wrap(&[ctx.span(Role::Accent, if chosen { "▸ " } else { "  " }), ctx.span(role, name)], width, 2)
}

fn entry_lines(ctx: &Ctx<'_>, entry: &Entry, chosen: bool, width: usize) -> Vec<Line<'static>> {
    let name = if entry.is_final { "the answer of the run" } else { "on request" };
    let mut lines = head(ctx, name.to_owned(), chosen, width);
    let total = format::score(entry.total);
    let moment = format!("event {} · iteration {} · plan {total}", entry.moment, entry.iteration);
    lines.extend(wrap_text(&moment, ctx.style(Role::Dim), width, 0));
    lines.push(Line::default());
    lines.extend(answer::value_lines(ctx, &entry.answer, entry.judgement.as_ref(), width));
    lines.extend(wrap(&answer::cited_text(ctx, &entry.answer.text), width, 0));
    if entry.answer.truncated {
        lines.extend(wrap_text("Cut at the limit of tokens.", ctx.style(Role::Care), width, 0));
    }
    lines.push(Line::default());
    lines.extend(coverage(ctx, entry, width));
    let cost = entry.cost.map_or_else(
        || "cost not known".to_owned(),
        |cost| {
            let time = format::time(Duration::from_secs_f64(cost.wall_ms / 1e3));
            format!("{} tokens written · {} · {time}", cost.generated, format::flops(cost.flops))
        },
    );
    lines.extend(wrap_text(&cost, ctx.style(Role::Dim), width, 0));
    lines
}

/// How many items the answer cites, and which it does not.
fn coverage(ctx: &Ctx<'_>, entry: &Entry, width: usize) -> Vec<Line<'static>> {
    let rows = &entry.answer.coverage;
    if !entry.answer.cite || rows.is_empty() {
        return wrap_text("Citations were not asked for.", ctx.style(Role::Dim), width, 0);
    }
    let cited = rows.iter().filter(|row| row.cited > 0).count();
    let mut spans = vec![
        ctx.span(Role::Text, format!("cites {cited} of {}", format::plural(rows.len(), "item", "items"))),
    ];
    for (at, row) in rows.iter().filter(|row| row.cited == 0).enumerate() {
        spans.push(ctx.span(Role::Dim, if at == 0 { "; not " } else { " " }));
        spans.push(Span::styled(row.item.to_string(), ctx.cite_style(row.item)));
    }
    wrap(&spans, width, 2)
}

/// An answer that was asked for: what is written of it so far, or what it waits for.
fn asked_lines(ctx: &Ctx<'_>, from: Option<u64>, chosen: bool, width: usize) -> Vec<Line<'static>> {
    let from = from.map_or_else(String::new, |from| format!(" from event {from}"));
    let mut lines = head(ctx, format!("on its way{from}"), chosen, width);
    lines.push(Line::default());
    let stream = writing(ctx);
    let text = stream.and_then(|stream| stream.text(0));
    match (stream, text) {
        (_, Some(text)) => {
            let mut spans = answer::cited_text(ctx, text);
            spans.push(ctx.span(Role::Accent, "▏"));
            lines.extend(wrap(&spans, width, 0));
        }
        (Some(stream), None) => {
            let read =
                stream.prefill.map_or_else(String::new, |(done, total)| format!(": {done} of {total}"));
            let text = format!("The model reads the plan{read} …");
            lines.extend(wrap_text(&text, ctx.style(Role::Dim), width, 0));
        }
        (None, None) => {
            let text = if ctx.model.session.source_over() {
                "The run ended before it was decoded."
            } else {
                "It waits for the running call."
            };
            lines.extend(wrap_text(text, ctx.style(Role::Dim), width, 0));
        }
    }
    lines
}

/// What the model writes, when that is an answer to a side request. The call must not be over: what was written stays
/// known until the next one.
fn writing<'a>(ctx: &Ctx<'a>) -> Option<&'a Stream> {
    let stream = &ctx.model.session.stream;
    let (id, purpose) = stream.call?;
    let call = ctx.model.session.overview.calls.iter().rfind(|call| call.id == id)?;
    (purpose == Purpose::SideAnswer && call.end == CallEnd::Open).then_some(stream)
}
