//! The lines below the plan: what matters about the item under the cursor.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use crate::panes::ctx::Ctx;
use crate::{
    core::plan_cursor,
    panes::plan::{marks, rows::severity_sign},
};
use crate::{
    format,
    theme::Role,
    widgets::{scroll::draw_lines, wrap::wrap},
};
use plan::Item;
use session::CheckFinding;

/// Returns how many rows of a pane of `height` rows belong to it.
pub const fn height(height: u16) -> u16 {
    match height {
        0..=8 => 0,
        9..=15 => 1,
        _ => 3,
    }
}

/// Draws the checker's worst word on the item, or where the item comes from.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let Some(item) = plan_cursor::item(ctx.model) else { return };
    let mut spans = vec![Span::raw(" "), ctx.id_span(item.id), Span::raw("  ")];
    match worst(ctx, item) {
        Some((finding, others)) => {
            let (sign, role) = severity_sign(finding.severity);
            spans.push(ctx.span(role, format!("{sign} {}", finding.message)));
            if others > 0 {
                spans.push(ctx.span(Role::Dim, format!(", and {others} more: w")));
            }
        }
        None => spans.push(ctx.span(Role::Dim, words(ctx, item))),
    }
    let mut lines = wrap(&spans, usize::from(area.width), 1);
    // A line of its own above sets it off, where there is room.
    let room = usize::from(area.height - u16::from(area.height > 1));
    if lines.len() > room {
        lines.truncate(room);
        if let Some(span) = lines.last_mut().and_then(|line| line.spans.last_mut()) {
            span.content.to_mut().push_str(" …");
        }
    }
    let used = lines.len() as u16;
    draw_lines(lines, Some(0), false, Rect { y: area.bottom() - used, height: used, ..area }, buf);
}

fn worst<'a>(ctx: &Ctx<'a>, item: &Item) -> Option<(&'a CheckFinding, usize)> {
    let own = ctx.model.derived.marks.get(&item.id).filter(|_| !ctx.model.session.is_pending(item.id))?;
    let check = ctx.model.session.state().incumbent.as_ref()?.check.as_ref()?;
    let findings = own.findings.iter().filter_map(|at| check.findings.get(*at));
    let worst = findings.rev().max_by_key(|finding| finding.severity)?;
    Some((worst, own.findings.len() - 1))
}

/// Kind, origin, age and citations of an item, in words.
pub fn words(ctx: &Ctx<'_>, item: &Item) -> String {
    let mut words = format!("{}, {}", item.id.kind.name(), marks::origin_words(item.origin));
    match marks::age(ctx.model.session.state(), item.id) {
        None => {}
        Some(0) => words.push_str(" in this iteration"),
        Some(age) => {
            words.push_str(&format!(" {} ago", format::plural(age as usize, "iteration", "iterations")))
        }
    }
    match ctx.model.derived.marks.get(&item.id).and_then(|marks| marks.cited) {
        None => {}
        Some(0) => words.push_str("; the answer does not cite it"),
        Some(1) => words.push_str("; cited once"),
        Some(cited) => words.push_str(&format!("; cited {cited} times")),
    }
    let flags = ctx.model.background.findings.flags(item.id);
    if !flags.is_empty() {
        words.push_str(&format!("; findings: {}", flags.join(", ")));
    }
    if item.pinned {
        words.push_str("; pinned: refinement may not touch it");
    }
    if item.muted {
        words.push_str("; muted: left out of prompts");
    }
    words
}
