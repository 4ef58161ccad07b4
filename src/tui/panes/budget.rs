//! What was spent, by purpose, and what may be.

use std::time::Duration;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{Ctx, Pane};
use crate::{
    llm::{Cost, ModelInfo},
    tui::{
        format,
        theme::Role,
        widgets::{
            scroll::Extent,
            table::{Cell, Column, table_lines},
            text::width,
            wrap::wrap_text,
        },
    },
};

/// Returns how many tokens were drawn a second.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let total = ctx.model.state().total_cost();
    if total.generated == 0 || total.wall_ms <= 0.0 {
        return String::new();
    }
    format!("{:.1} tokens/s", total.generated as f64 / (total.wall_ms / 1000.0))
}

/// Draws the table of costs, the limits and the model's line.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.state();
    let columns = usize::from(area.width);
    let mut lines = Vec::new();
    if state.cost.is_empty() {
        let why = "What each call costs appears here once the first has come back.";
        lines.extend(wrap_text(why, ctx.style(Role::Dim), columns, 0));
    } else {
        lines.extend(table(ctx, columns));
    }
    let limits = limits(ctx, columns);
    if !limits.is_empty() {
        lines.push(Line::default());
        lines.extend(limits);
    }
    if let Some(model) = &state.model {
        lines.push(Line::default());
        lines.extend(wrap_text(&model_line(model), ctx.style(Role::Dim), columns, 0));
    }
    ctx.scrolled(Pane::Budget, lines, false, area, buf)
}

const HEADS: [Column; 7] = [
    Column { head: "for", right: false },
    Column { head: "calls", right: true },
    Column { head: "written", right: true },
    Column { head: "read", right: true },
    Column { head: "cached", right: true },
    Column { head: "time", right: true },
    Column { head: "work", right: true },
];

fn table(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let state = ctx.model.state();
    let row = |name: &str, cost: &Cost, role: Role| -> Vec<Cell> {
        let style = ctx.style(role);
        let time = Duration::from_secs_f64((cost.wall_ms / 1000.0).max(0.0));
        vec![
            (name.to_owned(), style),
            (cost.calls.to_string(), style),
            (format::count(cost.generated), style),
            (format::count(cost.fresh), style),
            (format::count(cost.cached), style),
            (format::time(time), style),
            (format::flops(cost.flops), style),
        ]
    };
    let mut rows: Vec<Vec<Cell>> =
        state.cost.iter().map(|(purpose, cost)| row(purpose.name(), cost, Role::Text)).collect();
    rows.push(row("total", &state.total_cost(), Role::Strong));
    table_lines(&HEADS, ctx.style(Role::Dim), &rows, &[6, 1, 5], columns)
}

/// One bar a limit that is set.
fn limits(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let state = ctx.model.state();
    let (limits, spent) = (&state.settings.budget, state.total_cost());
    let seconds = state.at_ms as f64 / 1000.0;
    let whole = |limit: Option<u64>| limit.map(|limit| limit as f64);
    let meters = [
        ("written", spent.generated as f64, whole(limits.generated)),
        ("read", spent.fresh as f64, whole(limits.fresh)),
        ("calls", spent.calls as f64, whole(limits.calls)),
        ("work", spent.flops, limits.flops),
        ("time", seconds, limits.wall_s),
    ];
    let mut lines = Vec::new();
    for (name, used, limit) in meters.into_iter().filter_map(|(name, used, limit)| Some((name, used, limit?)))
    {
        let say = |value: f64| match name {
            "work" => format::flops(value),
            "time" => format::time(Duration::from_secs_f64(value.max(0.0))),
            _ => format::count(value as u64),
        };
        let share = if limit > 0.0 { (used / limit).clamp(0.0, 1.0) } else { 1.0 };
        let text = format!(" {} of {}", say(used), say(limit));
        let bar = columns.saturating_sub(8 + width(&text)).min(24);
        let full = (share * bar as f64).round() as usize;
        let role = if share >= 0.9 { Role::Care } else { Role::Bar };
        lines.push(Line::from(vec![
            ctx.span(Role::Text, format!("{name:<8}")),
            ctx.span(role, "━".repeat(full)),
            ctx.span(Role::BarRest, "━".repeat(bar - full)),
            ctx.span(Role::Dim, text),
        ]));
    }
    lines
}

/// Returns what the model is and where it runs, in one line.
pub fn model_line(model: &ModelInfo) -> String {
    let mut parts = vec![model_name(model), model.backend.clone()];
    parts.extend(model.device.clone());
    parts.extend(model.threads.map(|threads| format::plural(threads as usize, "thread", "threads")));
    parts.extend(
        model.context.map(|context| format!("{} tokens of context", format::count(u64::from(context)))),
    );
    parts.extend(model.exact.map(|exact| if exact { "exact mode" } else { "fast mode" }.to_owned()));
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// Returns the model's name with its quantization.
pub fn model_name(model: &ModelInfo) -> String {
    match &model.quantization {
        Some(quantization) if !model.name.to_lowercase().contains(&quantization.to_lowercase()) => {
            format!("{} {quantization}", model.name)
        }
        Some(_) | None => model.name.clone(),
    }
}
