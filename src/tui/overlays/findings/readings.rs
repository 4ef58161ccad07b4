//! A number for each item of the plan: a bar each, and where citations matter the matrix of cited and causal.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    panes::ctx::Ctx,
    theme::Role,
    widgets::{text::pad, wrap::wrap},
};
use plan::ItemId;
use session::{ItemReading, Readings, finding::number};

/// Columns of a bar.
const BAR: usize = 24;
/// Columns of an item's name and of its number.
const NAME: usize = 6;
const NUMBER: usize = 10;

/// Returns the matrix, where there is one, and a bar for each item.
pub(super) fn lines(ctx: &Ctx<'_>, readings: &Readings, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if readings.rows.iter().any(|row| row.cited.is_some()) {
        lines.extend(matrix(ctx, readings, columns));
    }
    let head = format!("  {}; │ stands at {}", readings.label, number(readings.mark));
    lines.push(Line::from(ctx.span(Role::Dim, head)));
    lines.extend(readings.rows.iter().map(|row| bar_line(ctx, readings, row)));
    lines
}

/// The items by whether the answer cites them (rows) and depends on them (columns).
fn matrix(ctx: &Ctx<'_>, readings: &Readings, columns: usize) -> Vec<Line<'static>> {
    let cell = |cited: bool, causal: bool| -> Vec<ItemId> {
        let fits = |row: &&ItemReading| row.cited == Some(cited) && (row.value >= readings.mark) == causal;
        readings.rows.iter().filter(fits).map(|row| row.item).collect()
    };
    let mut lines = Vec::new();
    for (cited, causal, name, role) in [
        (true, true, "cited and causal", Role::Good),
        (true, false, "cited only: decorative", Role::Care),
        (false, true, "causal only: hidden", Role::Care),
        (false, false, "neither: fluff", Role::Dim),
    ] {
        let items = cell(cited, causal);
        let mut spans = vec![ctx.span(role, format!("  {}{:>3}  ", pad(name, 24), items.len()))];
        for id in items {
            spans.push(Span::styled(id.to_string(), ctx.kind_style(id.kind)));
            spans.push(Span::raw(" "));
        }
        lines.extend(wrap(&spans, columns, 31));
    }
    lines
}

fn bar_line(ctx: &Ctx<'_>, readings: &Readings, row: &ItemReading) -> Line<'static> {
    let most = readings.rows.iter().map(|row| row.value).fold(readings.mark, f64::max);
    let cells = |value: f64| ((value / most).clamp(0.0, 1.0) * BAR as f64).round() as usize;
    let (filled, mark) = (cells(row.value), cells(readings.mark).min(BAR - 1));
    let heat = heat(ctx, row.value / most);
    let mut spans = vec![
        Span::styled(format!("  {}", pad(&row.item.to_string(), NAME)), ctx.kind_style(row.item.kind)),
        ctx.span(Role::Text, format!("{:>NUMBER$} ", number(row.value))),
    ];
    for at in 0..BAR {
        spans.push(match (at == mark, at < filled) {
            (true, _) => ctx.span(Role::Accent, "│"),
            (false, true) => Span::styled("█", heat),
            (false, false) => ctx.span(Role::BarRest, "░"),
        });
    }
    if let Some(class) = readings.class(row) {
        let role = if class.contains(':') { Role::Care } else { Role::Dim };
        spans.push(ctx.span(role, format!("  {class}")));
    }
    Line::from(spans)
}

/// The colour of a share of the largest number.
fn heat(ctx: &Ctx<'_>, share: f64) -> Style {
    const ROLES: [Role; 5] = [Role::Heat4, Role::Heat3, Role::Heat2, Role::Heat1, Role::Heat0];
    let at = (share.clamp(0.0, 1.0) * (ROLES.len() - 1) as f64).round() as usize;
    ctx.style(ROLES[at])
}
