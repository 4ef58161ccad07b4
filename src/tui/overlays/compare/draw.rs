//! How the comparison looks.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use serde_json::Value;

use super::CompareView;
use crate::{
    core::look::DiffLayout,
    format,
    panes::{
        ctx::Ctx,
        proposal::{diff, ruling_glyph},
    },
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        text::{fit_line, sanitise, width},
        wrap::wrap_text,
    },
};
use plan::{DiffCounts, PlanDiff};
use session::{
    Comparison, Judgement,
    compare::{Divergence, EventNote, RowKind, Side, Stage},
};

/// What stands between left and right.
const MIDDLE: &str = " │ ";
/// Columns for the cursor, the number of the iteration, and the sign for plans that differ.
const NUMBER: usize = 10;

/// Draws where the sessions part, both timelines, and the plans at the iteration under the cursor.
pub(super) fn draw(ctx: &Ctx<'_>, view: &CompareView, area: Rect, buf: &mut Buffer) -> Extent {
    let size = (area.width, area.height.saturating_sub(2));
    let inner = ctx.window("Two sessions", size, area, buf);
    let found = match &view.found {
        Some(Ok(found)) => found,
        Some(Err(error)) => return ctx.empty(&format!("They cannot be compared: {error}."), inner, buf),
        None => return ctx.empty("Reading both sessions…", inner, buf),
    };
    let columns = usize::from(inner.width);
    let mut lines = head(ctx, view, found, columns);
    let page = usize::from(inner.height).saturating_sub(lines.len() + 2);
    lines.extend(timeline(ctx, view, found, (page / 3).max(3), columns));
    let (title, plans) = plans(ctx, view, columns);
    lines.push(Line::from(ctx.span(Role::Strong, title)));
    let top = (lines.len() as u16).min(inner.height);
    draw_lines(lines, None, false, Rect { height: top, ..inner }, buf);
    let rest = Rect { y: inner.y + top, height: inner.height - top, ..inner };
    draw_lines(plans, Some(view.scroll.offset), false, rest, buf)
}

/// Returns two lines side by side, after as many columns as `lead` has.
fn alongside(
    ctx: &Ctx<'_>,
    lead: Span<'static>,
    halves: [Line<'static>; 2],
    columns: usize,
) -> Line<'static> {
    let room = columns.saturating_sub(width(&lead.content) + width(MIDDLE));
    let [left, right] = halves;
    let mut line = fit_line(left, room / 2);
    let used: usize = line.spans.iter().map(|span| width(&span.content)).sum();
    line.spans.insert(0, lead);
    line.spans.push(Span::raw(" ".repeat((room / 2).saturating_sub(used))));
    line.spans.push(ctx.span(Role::Border, MIDDLE));
    line.spans.extend(fit_line(right, room - room / 2).spans);
    line
}

fn one_line(text: &str) -> String {
    sanitise(text).replace('\n', " ")
}

/// The names, where the sessions part, and which settings differ.
fn head(ctx: &Ctx<'_>, view: &CompareView, found: &Comparison, columns: usize) -> Vec<Line<'static>> {
    let names = view.names.each_ref().map(|name| Line::from(ctx.span(Role::Strong, one_line(name))));
    let mut lines = Vec::new();
    let parted = found.outcomes.as_ref().or(found.records.as_ref());
    lines.push(Line::from(ctx.span(Role::Accent, headline(found))));
    lines.push(alongside(ctx, lead(""), names, columns));
    if let Some(Divergence { left, right }) = parted {
        let note = |note: &Option<EventNote>| Line::from(ctx.span(Role::Text, note_text(note)));
        lines.push(alongside(ctx, lead(""), [note(left), note(right)], columns));
    }
    lines.push(fit_line(Line::from(ctx.span(Role::Dim, settings(found))), columns));
    for (place, side) in [("left", &found.left), ("right", &found.right)] {
        if let Some(damage) = &side.damage {
            let text = format!("The {place} record is damaged: {}", one_line(damage));
            lines.push(fit_line(Line::from(ctx.span(Role::Care, text)), columns));
        }
    }
    lines
}

fn lead(text: &str) -> Span<'static> {
    Span::raw(format!("{text:NUMBER$}"))
}

fn headline(found: &Comparison) -> String {
    let event = |note: &Option<EventNote>| {
        note.as_ref().map_or_else(|| "the end".to_owned(), |note| format!("event {}", note.seq))
    };
    match (&found.outcomes, &found.records) {
        (Some(parted), _) => {
            format!(
                "The first difference: {} at the left, {} at the right",
                event(&parted.left),
                event(&parted.right)
            )
        }
        (None, Some(parted)) => format!(
            "Both had the same outcome; their records part at {} and {}",
            event(&parted.left),
            event(&parted.right)
        ),
        (None, None) => "The records are the same, apart from times.".to_owned(),
    }
}

fn note_text(note: &Option<EventNote>) -> String {
    note.as_ref().map_or_else(|| "the record ends".to_owned(), |note| one_line(&note.text))
}

fn settings(found: &Comparison) -> String {
    let value = |value: &Option<Value>| match value {
        Some(Value::String(text)) => one_line(text),
        Some(other) => other.to_string(),
        None => format::NONE.to_owned(),
    };
    let each = found.settings.iter();
    let all: Vec<String> = each
        .map(|differs| format!("{} {} → {}", differs.key, value(&differs.left), value(&differs.right)))
        .collect();
    if all.is_empty() {
        "The settings are the same.".to_owned()
    } else {
        format!("Settings: {}", all.join(" · "))
    }
}

/// The iterations around the cursor, and after them the end.
fn timeline(
    ctx: &Ctx<'_>,
    view: &CompareView,
    found: &Comparison,
    page: usize,
    columns: usize,
) -> Vec<Line<'static>> {
    let count = found.iterations.len() + 1;
    let first = view.cursor.offset(count, page);
    let half = columns.saturating_sub(NUMBER + width(MIDDLE)) / 2;
    let row = |at: usize| {
        let chosen = at == view.selected();
        let sign = if chosen { "▸ " } else { "  " };
        let (name, cells) = match found.iterations.get(at) {
            Some(pair) => {
                let name = if pair.iteration == 0 { "draft".to_owned() } else { pair.iteration.to_string() };
                (name, [&pair.left, &pair.right].map(|stage| cell(ctx, stage.as_ref(), half, chosen)))
            }
            None => ("end".to_owned(), [&found.left, &found.right].map(|side| end_cell(ctx, side, chosen))),
        };
        let role = if chosen { Role::Accent } else { Role::Dim };
        let differs = if plans_differ(found, at) { "≠" } else { " " };
        let lead = ctx.span(role, format!("{sign}{name:5} {differs} "));
        alongside(ctx, lead, cells, columns)
    };
    (first..count).take(page).map(row).collect()
}

/// Whether the plans of a row differ, where both sessions have one.
fn plans_differ(found: &Comparison, row: usize) -> bool {
    let at_the_end = || found.plans.as_ref().map(|rows| rows.iter().any(|row| row.kind != RowKind::Same));
    found.iterations.get(row).map_or_else(at_the_end, |pair| pair.plans_differ).unwrap_or(false)
}

/// What one session made of an iteration: total, best, ruling, and the accepted edit.
fn cell(ctx: &Ctx<'_>, stage: Option<&Stage>, columns: usize, chosen: bool) -> Line<'static> {
    let Some(stage) = stage else { return Line::from(ctx.span(Role::Dim, format::NONE)) };
    let (sign, role) = stage.ruling.map_or((" ", Role::Dim), ruling_glyph);
    let mut spans =
        vec![ctx.span(if chosen { Role::Strong } else { Role::Text }, format::score(stage.total))];
    if columns >= 40 {
        spans.push(ctx.span(Role::Dim, format!(" best {}", format::score(stage.best))));
    }
    spans.push(ctx.span(role, format!(" {sign} ")));
    if stage.human {
        spans.push(ctx.span(Role::Care, "✎ "));
    }
    let accepted = one_line(stage.accepted.as_deref().unwrap_or_default());
    spans.extend(ctx.code(&accepted, ctx.style(Role::Text)));
    Line::from(spans)
}

/// The answer, what it is worth, and what the session cost.
fn end_cell(ctx: &Ctx<'_>, side: &Side, chosen: bool) -> Line<'static> {
    let value = side.answer.as_ref().and_then(|answer| answer.value.as_deref());
    let answer = match (&side.answer, value) {
        (None, _) => "no answer".to_owned(),
        (Some(_), None) => "answered".to_owned(),
        (Some(_), Some(value)) => format!("answer {}", one_line(value)),
    };
    let (judged, role) = match side.judgement {
        Some(Judgement::Correct) => (" ✓ right", Role::Good),
        Some(Judgement::Wrong) => (" ✗ wrong", Role::Bad),
        Some(Judgement::Unreadable) => (" ? unreadable", Role::Care),
        Some(Judgement::NotJudged { .. }) => (" ? not judged", Role::Care),
        Some(Judgement::NoGold) | None => ("", Role::Dim),
    };
    let drawn = side.spent.cost.map_or_else(|| format::NONE.to_owned(), |cost| format::count(cost.generated));
    Line::from(vec![
        ctx.span(if chosen { Role::Strong } else { Role::Text }, answer),
        ctx.span(role, judged),
        ctx.span(Role::Dim, format!(" · {drawn} tokens")),
    ])
}

/// The heading over the plans at the cursor, and their items side by side.
fn plans(ctx: &Ctx<'_>, view: &CompareView, columns: usize) -> (String, Vec<Line<'static>>) {
    let iterations = view.found().map_or(&[][..], |found| &found.iterations);
    let place = match iterations.get(view.selected()).map(|pair| pair.iteration) {
        Some(0) => "The drafts".to_owned(),
        Some(iteration) => format!("The plans after iteration {iteration}"),
        None => "The final plans".to_owned(),
    };
    let missing = |text: &str| wrap_text(text, ctx.style(Role::Dim), columns, 0);
    match (view.plans(), &view.diff) {
        ([Some(old), Some(new)], Some(rows)) => {
            let layout = match ctx.model.look.diff {
                DiffLayout::Auto | DiffLayout::SideBySide => DiffLayout::SideBySide,
                DiffLayout::Unified => DiffLayout::Unified,
            };
            (format!("{place}: {}", counted(rows)), diff::lines(ctx, (old, new), rows, layout, columns))
        }
        ([None, Some(_)], _) => (place, missing("Only the right session has a plan there.")),
        ([Some(_), None], _) => (place, missing("Only the left session has a plan there.")),
        ([_, _], _) => (place, missing("Neither session has a plan there.")),
    }
}

fn counted(rows: &PlanDiff) -> String {
    let DiffCounts { same, changed, moved, added, removed } = rows.counts();
    if rows.is_empty() {
        return "the same".to_owned();
    }
    let counts = [
        (changed, "changed"),
        (moved, "moved"),
        (removed, "only left"),
        (added, "only right"),
        (same, "the same"),
    ];
    let reported =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    reported.collect::<Vec<_>>().join(", ")
}
