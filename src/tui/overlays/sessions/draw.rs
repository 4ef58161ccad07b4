//! How the list of sessions looks.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::SessionsView;
use crate::{
    commands::OverlayKind,
    core::{model::Model, session_rows::Row},
    format,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        text::{fit_line, pad, pad_left, sanitise, width},
        wrap::wrap_text,
    },
};
use session::{Manifest, Phase};

/// Rows for what is known of the session under the cursor, with an empty one above.
const ABOUT: u16 = 4;
/// Rows that are no sessions: the border, the filter, the line on the branch, an empty one.
const FRAME: u16 = 2 + 3 + ABOUT;
/// Columns of the end and the age.
const END: usize = 11;
const AGE: usize = 7;
/// The fewest columns in which a title is worth showing.
const TITLE: usize = 12;

/// Draws the filter, where the present session branched, the tree, and what is known of the row under the cursor.
pub(super) fn draw(ctx: &Ctx<'_>, list: &SessionsView, area: Rect, buf: &mut Buffer) -> Extent {
    let all = u16::try_from(list.rows().len()).unwrap_or(u16::MAX).max(1);
    let size = (area.width, all.saturating_add(FRAME).min(area.height.saturating_sub(2)));
    let title = format!("Sessions: {} of {}", list.list.shown().len(), list.rows().len());
    let inner = ctx.window(&title, size, area, buf);
    let columns = usize::from(inner.width);
    let branched = Line::from(ctx.span(Role::Dim, branched(ctx.model, list).unwrap_or_default()));
    let second = Rect { y: inner.y + 1, height: 1, ..inner }.intersection(inner);
    draw_lines(vec![branched], None, false, second, buf);
    ctx.input("filter ", list.list.filter(), inner, buf);
    let rows = inner.height.saturating_sub(3 + ABOUT);
    let place = Rect { y: inner.y + 3, height: rows, ..inner };
    let below = Rect { y: place.bottom() + 1, height: ABOUT - 1, ..inner };
    let extent = draw_rows(ctx, list, place.intersection(inner), buf);
    draw_lines(about(ctx, list, columns), None, false, below.intersection(inner), buf);
    extent
}

/// Says where in its parent the session that is shown began. Both have the events before in common, so that its
/// own record says in which phase that was.
fn branched(model: &Model, list: &SessionsView) -> Option<String> {
    let here = model.background.sessions.here.as_deref()?;
    let row = list.rows().iter().find(|row| row.path == here)?;
    let parent = row.manifest.as_ref().ok()?.parent.as_ref()?;
    let before = |(at, ..): &&(usize, Phase, u32)| *at as u64 <= parent.at;
    let place = match model.session.replay.phase_starts().iter().take_while(before).last() {
        Some((_, phase, 0)) => format!(" ({phase})"),
        Some((_, phase, iteration)) => format!(" (iteration {iteration}, {phase})"),
        None => String::new(),
    };
    let parent_name = sanitise(&parent.session);
    Some(format!("Branched from {parent_name} after event {}{place}", parent.at))
}

fn draw_rows(ctx: &Ctx<'_>, list: &SessionsView, area: Rect, buf: &mut Buffer) -> Extent {
    let all = list.list.shown();
    if all.is_empty() {
        let why = match &list.rows {
            None => "Reading the sessions…".to_owned(),
            Some(Err(error)) => format!("The sessions cannot be listed: {error}."),
            Some(Ok(rows)) if rows.is_empty() => "There are no sessions here.".to_owned(),
            Some(Ok(_)) => "The filter lets nothing through.".to_owned(),
        };
        return ctx.empty(&why, area, buf);
    }
    let columns = usize::from(area.width);
    let room = columns.saturating_sub(4 + END + AGE + 1);
    let (cursor, page) = (list.list.cursor(), usize::from(area.height));
    let shown = all.iter().skip(cursor.offset(all.len(), page)).take(page).map(|at| &list.rows()[*at]);
    let widest = shown.map(|row| width(&branch(row)) + width(&after(row))).max().unwrap_or(0);
    let names = if room >= widest + TITLE { widest } else { room };
    let extent = cursor.draw(all.len(), area, buf, |at, chosen| {
        line(ctx, &list.rows()[all[at]], chosen, (names, room), columns)
    });
    ctx.clickable_rows(OverlayKind::Sessions, extent, all.len(), area);
    extent
}

/// The name below that of its parent.
fn branch(row: &Row) -> String {
    let lead = if row.depth == 0 { String::new() } else { format!("{}└ ", "  ".repeat(row.depth - 1)) };
    format!("{lead}{}", sanitise(&row.name))
}

fn after(row: &Row) -> String {
    row.forked_after().map_or_else(String::new, |event| format!("  after event {event}"))
}

fn line(
    ctx: &Ctx<'_>,
    row: &Row,
    selected: bool,
    (names, room): (usize, usize),
    columns: usize,
) -> Line<'static> {
    let sessions = &ctx.model.background.sessions;
    let here = sessions.is_here(&row.path);
    let before = sessions.before.as_deref() == Some(&row.path);
    let (sign, role) = match (&row.manifest, here, before) {
        (Err(_), ..) => ("! ", Role::Care),
        (Ok(_), true, _) => ("● ", Role::Accent),
        (Ok(_), false, true) => ("○ ", Role::Accent),
        (Ok(_), false, false) => ("  ", Role::Dim),
    };
    let note = after(row);
    // A long name gives way to the note, which the tree is about.
    let name = branch(row);
    let left = names.saturating_sub(width(&note));
    let name = if width(&name) <= left { name } else { pad(&name, left) };
    let fill = names.saturating_sub(width(&name) + width(&note));
    let mut spans = vec![
        ctx.span(Role::Accent, if selected { "▸ " } else { "  " }),
        ctx.span(role, sign),
        ctx.span(if selected { Role::Strong } else { Role::Text }, name),
        ctx.span(Role::Dim, note),
        Span::raw(" ".repeat(fill)),
    ];
    if room > names {
        let title = row.manifest.as_ref().map_or_else(|_| String::new(), Manifest::about);
        let title = sanitise(&title).replace('\n', " ");
        spans.push(ctx.span(Role::Dim, pad(&format!("  {title}"), room - names)));
    }
    let end = row.end(here && !ctx.model.session.source_over());
    let role = match end {
        "failed" => Role::Bad,
        "broken" | "unfinished" => Role::Care,
        _ => Role::Text,
    };
    spans.push(ctx.span(role, format!(" {}", pad(end, END))));
    spans.push(ctx.span(Role::Dim, pad_left(&row.age, AGE)));
    fit_line(Line::from(spans), columns)
}

/// What is known of the session under the cursor, or why it cannot be chosen.
fn about(ctx: &Ctx<'_>, list: &SessionsView, columns: usize) -> Vec<Line<'static>> {
    if let Some(refusal) = &list.refusal {
        return wrap_text(refusal, ctx.style(Role::Care), columns, 0);
    }
    let Some(row) = list.row() else { return Vec::new() };
    let reported = match &row.manifest {
        Ok(reported) => reported,
        Err(error) => return wrap_text(error, ctx.style(Role::Care), columns, 0),
    };
    let one_line = |text: &str| sanitise(text).replace('\n', " ");
    let spent = reported.finished.as_ref().map_or_else(
        || "its result is not recorded".to_owned(),
        |end| format!("{} events · {} tokens written", end.events, format::count(end.cost.generated)),
    );
    let end = row.end(ctx.model.background.sessions.is_here(&row.path) && !ctx.model.session.source_over());
    let mut text = format!("{} · seed {} · {end} · {spent}", one_line(&reported.model), reported.seed);
    if let Some(parent) = &reported.parent {
        text += &format!(" · forked from {} after event {}", one_line(&parent.session), parent.at);
    }
    let mut lines = vec![Line::from(ctx.span(Role::Strong, one_line(&reported.about())))];
    lines.extend(wrap_text(&text, ctx.style(Role::Dim), columns, 0));
    lines
}
