//! What a call cost, and how its tokens were drawn.

use std::time::Duration;

use ratatui::text::Line;

use super::CallView;
use crate::{format, panes::ctx::Ctx, theme::Role, widgets::wrap::wrap};
use model::{Completion, Cost, Generation, Output, Request};
use session::folds::{Call, CallEnd};

/// Columns for the names at the left.
const NAMES: usize = 12;

/// Returns the numbers of a call and of the sequence that is shown.
pub fn lines(ctx: &Ctx<'_>, call: &Call, view: &CallView, columns: usize) -> Vec<Line<'static>> {
    let mut rows: Vec<(&str, String)> = Vec::new();
    let count = call.sequences;
    let sequences = format::plural(count as usize, "sequence", "sequences");
    match &call.end {
        CallEnd::Open => rows.push(("call", format!("running, {sequences}"))),
        CallEnd::Cancelled { cost, .. } => {
            rows.push(("call", format!("cancelled, {sequences}")));
            rows.extend(cost.as_ref().map(|cost| ("cost", cost_words(cost, false))));
        }
        CallEnd::Failed { error, .. } => rows.push(("failed", error.clone())),
        CallEnd::Done { cost, prompts, batch, .. } => {
            rows.push(("call", cost_words(cost, !prompts.is_empty())));
            rows.push(("batch", format!("{sequences}, {batch} decoded side by side")));
            rows.push((
                "prompt",
                prompts.get(view.sequence).map_or_else(
                    || "its length is not known".to_owned(),
                    |prompt| {
                        let fresh = prompt.tokens.saturating_sub(prompt.cached);
                        format!("{} tokens: {} cached, {fresh} fresh", prompt.tokens, prompt.cached)
                    },
                ),
            ));
        }
    }
    if let Some(Ok(Request::Generate { generations })) = view.text.as_ref().map(|text| &text.request)
        && let Some(generation) = generations.get(view.sequence)
    {
        rows.push(("sampling", sampling_words(generation)));
        rows.extend(pressure_words(generation, view).map(|words| ("pressure", words)));
    }
    rows.push(("sequence", format!("{} of {}", view.sequence + 1, count.max(1))));
    let line = |(name, value): (&str, String)| {
        wrap(&[ctx.span(Role::Dim, format!("{name:<NAMES$}")), ctx.span(Role::Text, value)], columns, NAMES)
    };
    rows.into_iter().flat_map(line).collect()
}

fn cost_words(cost: &Cost, cache_known: bool) -> String {
    let time = Duration::from_secs_f64((cost.wall_ms / 1000.0).max(0.0));
    let cached = if cache_known { format::count(cost.cached) } else { "not known".to_owned() };
    let mut parts = vec![
        format!("{} written{}", format::count(cost.generated), thought(cost)),
        format!("{} fresh", format::count(cost.fresh)),
        format!("{cached} cached"),
        format::time(time),
    ];
    if let Some(rate) = format::rate(cost.generated, cost.wall_ms) {
        parts.push(format!("{rate} written/s"));
    }
    if let Some(rate) = format::rate(cost.fresh, cost.wall_ms) {
        parts.push(format!("{rate} evaluated/s"));
    }
    parts.join(" · ")
}

/// How much of what was written was thought.
fn thought(cost: &Cost) -> String {
    if cost.thinking == 0 { String::new() } else { format!(" ({} thought)", format::count(cost.thinking)) }
}

/// The grammar pressure on the text that is shown, and on all of the call; none without a grammar or a reply.
fn pressure_words(generation: &Generation, view: &CallView) -> Option<String> {
    generation.grammar.as_ref()?;
    let Some(Ok(reply)) = view.text.as_ref()?.reply.as_ref() else { return None };
    let Output::Generated { completions } = &reply.output else { return None };
    let Some(own) = completions.get(view.sequence).and_then(Completion::pressure) else {
        return Some("of the grammar not known: servers and older versions do not record it".to_owned());
    };
    let all = reply.output.pressure().filter(|_| completions.len() > 1);
    let all = all
        .map_or_else(String::new, |all| format!(" · the whole call {:.2} and {:.2}", all.choice, all.fixed));
    Some(format!("of the grammar {}{all}", own.words()))
}

fn sampling_words(generation: &Generation) -> String {
    let sampling = &generation.sampling;
    let mut parts = if sampling.temperature == 0.0 {
        vec!["the most probable token each time".to_owned()]
    } else {
        vec![
            format!("temperature {}", sampling.temperature),
            format!("top-k {}", sampling.top_k),
            format!("top-p {}", sampling.top_p),
            format!("seed {}", sampling.seed),
        ]
    };
    if generation.thinking > 0 {
        parts.push(format!("at most {} tokens of thinking", generation.thinking));
    }
    parts.push(format!("at most {} tokens", generation.max_tokens));
    if !generation.stop.is_empty() {
        parts.push(format!("stops at {:?}", generation.stop));
    }
    parts.push(if generation.grammar.is_some() { "under a grammar" } else { "without a grammar" }.to_owned());
    parts.join(" · ")
}
