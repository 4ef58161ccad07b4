//! What was spent, by purpose, what may be, how fast it went, and the model that did it.

use std::time::Duration;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{commands::pane::Pane, panes::ctx::Ctx};
use crate::{
    format,
    theme::Role,
    widgets::{
        scroll::Extent,
        table::{Column, Table},
        text::{sanitise, width},
        wrap::{wrap, wrap_text},
    },
};
use model::{Cost, ModelInfo};
use session::folds::CallEnd;

/// What stands for a value that nobody reported.
const UNKNOWN: &str = "not known";
/// Columns for the names at the left.
const NAMES: usize = 9;

/// Returns how many tokens were drawn a second.
pub fn summary(ctx: &Ctx<'_>) -> String {
    let total = ctx.model.session.state().total_cost();
    format::rate(total.generated, total.wall_ms).map_or_else(String::new, |rate| format!("{rate} tokens/s"))
}

/// Draws the table of costs, the limits, the speed and the model.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.session.state();
    let columns = usize::from(area.width);
    let mut lines = Vec::new();
    if state.calls.cost.is_empty() {
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
    let mut facts = Vec::new();
    let thinking = state.total_cost().thinking;
    if thinking > 0 {
        facts.push(("thinking", format!("{} of the tokens written", format::count(thinking))));
    }
    if !state.calls.cost.is_empty() {
        facts.extend(speed(ctx));
    }
    if let Some(model) = &state.model {
        facts.extend(model_facts(ctx, model));
    }
    if !facts.is_empty() {
        lines.push(Line::default());
    }
    for (name, value) in facts {
        let spans = [ctx.span(Role::Dim, format!("{name:<NAMES$}")), ctx.span(Role::Text, value)];
        lines.extend(wrap(&spans, columns, NAMES));
    }
    ctx.scrolled(Pane::Budget, lines, false, area, buf)
}

const COLUMNS: [Column; 8] = [
    Column::words("for"),
    Column::numbers("calls").gives_way(2),
    Column::numbers("written"),
    Column::numbers("read"),
    Column::numbers("cached"),
    Column::numbers("time").gives_way(3),
    Column::numbers("share").gives_way(0),
    Column::numbers("work").gives_way(1),
];

fn table(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let state = ctx.model.session.state();
    let total = state.total_cost();
    let cache_known = cache_known(ctx);
    let row = |name: &str, cost: &Cost, role: Role| -> Vec<Span<'static>> {
        let time = Duration::from_secs_f64((cost.wall_ms / 1000.0).max(0.0));
        let cached = if cache_known { format::count(cost.cached) } else { format::NONE.to_owned() };
        let share = if total.wall_ms > 0.0 {
            format!("{:.0} %", 100.0 * cost.wall_ms / total.wall_ms)
        } else {
            format::NONE.to_owned()
        };
        let cells = [
            name.to_owned(),
            cost.calls.to_string(),
            format::count(cost.generated),
            format::count(cost.fresh),
            cached,
            format::time(time),
            share,
            format::flops(cost.flops),
        ];
        cells.map(|cell| ctx.span(role, cell)).to_vec()
    };
    let mut table = Table::new(COLUMNS);
    for (purpose, cost) in &state.calls.cost {
        table.row(row(purpose.name(), cost, Role::Text));
    }
    table.sum(row("total", &total, Role::Strong));
    table.lines(columns, ctx.theme)
}

/// The last call that came back before the current position shows whether the model counts what it
/// finds in its cache; a server may not.
fn cache_known(ctx: &Ctx<'_>) -> bool {
    prompts_of_last_call(ctx).is_some_and(|(_, prompts)| !prompts.is_empty())
}

fn prompts_of_last_call<'a>(ctx: &Ctx<'a>) -> Option<(u32, &'a [model::PromptUse])> {
    let (overview, position) = (&ctx.model.session.overview, ctx.model.session.replay.position());
    let begun = &overview.calls[..overview.call_at(position)? + 1];
    let open = ctx.model.session.state().calls.open.map(|(open, _)| open);
    let mut over = begun.iter().rev().filter(|call| Some(call.id) != open);
    let done = over.find(|call| matches!(call.end, CallEnd::Done { .. }));
    done.map(|call| (call.id.0, call.prompts()))
}

/// One bar a limit that is set.
fn limits(ctx: &Ctx<'_>, columns: usize) -> Vec<Line<'static>> {
    let state = ctx.model.session.state();
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
    let set = meters.into_iter().filter_map(|(name, used, limit)| Some((name, used, limit?)));
    set.map(|(name, used, limit)| meter(ctx, name, used, limit, columns)).collect()
}

fn meter(ctx: &Ctx<'_>, name: &str, used: f64, limit: f64, columns: usize) -> Line<'static> {
    let say = |value: f64| match name {
        "work" => format::flops(value),
        "time" => format::time(Duration::from_secs_f64(value.max(0.0))),
        _ => format::count(value as u64),
    };
    let share = if limit > 0.0 { (used / limit).clamp(0.0, 1.0) } else { 1.0 };
    let text = format!(" {} of {}", say(used), say(limit));
    let bar = columns.saturating_sub(NAMES + width(&text)).min(24);
    let full = (share * bar as f64).round() as usize;
    let role = if share >= 0.9 { Role::Care } else { Role::Bar };
    Line::from(vec![
        ctx.span(Role::Text, format!("{name:<NAMES$}")),
        ctx.span(role, "━".repeat(full)),
        ctx.span(Role::BarRest, "━".repeat(bar - full)),
        ctx.span(Role::Dim, text),
    ])
}

/// How fast prompts are read and text is written.
///
/// A call reports only its whole time. Calls that write nothing give the speed of prefill; of the others the
/// speed of decoding is known from below, since their time holds their prefill too.
fn speed(ctx: &Ctx<'_>) -> [(&'static str, String); 2] {
    let cost = ctx.model.session.state().calls.cost.values();
    let (reads, writes): (Vec<&Cost>, Vec<&Cost>) = cost.partition(|cost| cost.generated == 0);
    let sum = |costs: Vec<&Cost>| costs.into_iter().fold(Cost::default(), |sum, cost| sum + *cost);
    let (reads, writes) = (sum(reads), sum(writes));
    let prefill = format::rate(reads.fresh, reads.wall_ms)
        .map_or_else(|| UNKNOWN.to_owned(), |rate| format!("{rate} tokens/s, from calls that only read"));
    let decode = format::rate(writes.generated, writes.wall_ms)
        .map_or_else(|| UNKNOWN.to_owned(), |rate| format!("at least {rate} tokens/s, prefill included"));
    [("prefill", prefill), ("decode", decode)]
}

fn model_facts(ctx: &Ctx<'_>, model: &ModelInfo) -> Vec<(&'static str, String)> {
    let known = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let count = |value: Option<u32>| value.map(|value| format::count(u64::from(value)));
    let longest = prompts_of_last_call(ctx)
        .and_then(|(call, prompts)| Some((call, prompts.iter().map(|prompt| prompt.tokens).max()?)));
    let limit = known(count(model.context));
    let kv = match longest {
        Some((call, tokens)) => {
            format!("{tokens} of {limit} positions, in the longest prompt of call {call}")
        }
        None => format!("{UNKNOWN} of {limit} positions"),
    };
    let layers = match (model.gpu_layers, model.layers) {
        (Some(on_gpu), Some(all)) => format!("{on_gpu} of {all} layers offloaded"),
        (Some(on_gpu), None) => format!("{on_gpu} layers offloaded"),
        (None, _) => format!("offloaded layers {UNKNOWN}"),
    };
    let threads = model.threads.map(|threads| format::plural(threads as usize, "thread", "threads"));
    let place = [Some(known(model.device.clone())), threads, Some(layers)];
    let size = [
        model.parameters.map(|parameters| format!("{:.2}B parameters", parameters as f64 / 1e9)),
        model.bytes.map(|bytes| format!("{:.2} GB", bytes as f64 / 1e9)),
    ];
    let mode = model.exact.map(|exact| if exact { "exact mode" } else { "fast mode" }.to_owned());
    let name = [Some(model_name(model)), Some(model.backend.clone()), mode];
    let join = |parts: &[Option<String>]| {
        let there = parts.iter().flatten().filter(|part| !part.is_empty());
        there.map(|part| sanitise(part).into_owned()).collect::<Vec<_>>().join(" · ")
    };
    let mut facts = vec![("kv", kv), ("model", join(&name)), ("device", join(&place))];
    let size = join(&size);
    facts.push(("size", if size.is_empty() { UNKNOWN.to_owned() } else { size }));
    facts.extend(model.notes.iter().map(|note| ("note", note.clone())));
    facts
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
