//! How the list of probes looks.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        list::Cursor,
        scroll::{Extent, draw_lines},
        text::{fit_line, pad_left, sanitise},
        wrap::wrap_text,
    },
};
use probe::Probe;

/// The widest that the list becomes.
const WIDEST: u16 = 100;

/// What stands where there is no probe yet.
const NONE: &str = "There are none yet. A probe stops the run where something happens, or says something there. \
Press a, or type one after a colon:";

/// One of each kind.
const EXAMPLES: [(&str, &str); 5] = [
    ("break accept", "pauses after a candidate is accepted"),
    ("break if best - score > 0.2", "when it becomes true"),
    ("catch reject if delta > 0", "when something goes another way than hoped"),
    ("watch C3", "when that item changes"),
    ("log \"best {best}\" at decide", "prints a message and continues"),
];

/// Draws the probes with the hits of each.
pub(super) fn draw(ctx: &Ctx<'_>, cursor: Cursor, area: Rect, buf: &mut Buffer) -> Extent {
    let probes = &ctx.model.probing.probes;
    let columns = (area.width - 4).min(WIDEST);
    let inside = usize::from(columns) - 4;
    let count = probes.iter().len();
    let height = |rows: usize| (rows as u16).saturating_add(2).min(area.height - 2);
    if count == 0 {
        let lines = nothing(ctx, inside);
        let inner = ctx.window("Probes", (columns, height(lines.len())), area, buf);
        return draw_lines(lines, None, false, inner, buf);
    }
    let inner = ctx.window(&format!("Probes: {count}"), (columns, height(count)), area, buf);
    let all: Vec<&Probe> = probes.iter().collect();
    ctx.list(cursor, count, inner, buf, |at, chosen| row(ctx, all[at], chosen, inside))
}

fn nothing(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let mut lines = wrap_text(NONE, ctx.style(Role::Text), columns, 0);
    lines.push(Line::default());
    for (probe, doc) in EXAMPLES {
        let spans = vec![ctx.span(Role::Key, format!("  {probe:<29}")), ctx.span(Role::Dim, doc)];
        lines.push(fit_line(Line::from(spans), columns));
    }
    lines
}

fn row(ctx: &Ctx<'_>, probe: &Probe, selected: bool, columns: usize) -> Line<'static> {
    let (glyph, role) = if probe.enabled { ("●", Role::Accent) } else { ("○", Role::Dim) };
    let text = match (selected, probe.enabled) {
        (true, _) => Role::Strong,
        (false, true) => Role::Text,
        (false, false) => Role::Dim,
    };
    let mut about = match probe.hits {
        0 => "no hit yet".to_owned(),
        hits => format::plural(usize::try_from(hits).unwrap_or(usize::MAX), "hit", "hits"),
    };
    if probe.ignore > 0 {
        about += &format!(", lets {} pass", probe.ignore);
    }
    if !probe.enabled {
        about += ", off";
    }
    let definition = sanitise(&probe.definition.to_string()).into_owned();
    let spans = vec![
        ctx.span(Role::Accent, if selected { "▸ " } else { "  " }),
        ctx.span(Role::Dim, format!("{} ", pad_left(&probe.number.to_string(), 3))),
        ctx.span(role, format!("{glyph} ")),
        ctx.span(text, definition),
        Span::raw("  "),
        ctx.span(Role::Dim, about),
    ];
    fit_line(Line::from(spans), columns)
}
