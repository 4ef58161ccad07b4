//! The answer, what it cites, and how it fared.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{Ctx, Pane};
use crate::{
    plan::ItemId,
    session::{Answer, Judgement, Outcome, Phase, Purpose},
    tui::{
        format,
        theme::Role,
        widgets::{
            scroll::Extent,
            table::{Cell, Column, table_lines},
            wrap::{wrap, wrap_text},
        },
    },
};

/// Returns how much of the plan the answer cites.
pub fn summary(ctx: &Ctx<'_>) -> String {
    match &ctx.model.state().answer {
        Some(answer) if answer.cite && !answer.coverage.is_empty() => {
            let cited = answer.coverage.iter().filter(|row| row.cited > 0).count();
            format!("cites {cited} of {}", format::plural(answer.coverage.len(), "item", "items"))
        }
        Some(_) | None => String::new(),
    }
}

/// Draws the answer, or as much of it as is written.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.state();
    let width = usize::from(area.width);
    if let Some(answer) = &state.answer {
        return ctx.scrolled(Pane::Answer, answer_lines(ctx, answer, width), false, area, buf);
    }
    let writes = |purpose: Purpose| matches!(purpose, Purpose::Answer | Purpose::Direct);
    let stream = ctx.model.writing().filter(|stream| stream.call.is_some_and(|(_, purpose)| writes(purpose)));
    if let Some(text) = stream.and_then(|stream| stream.text(0)) {
        let mut spans = cited_spans(ctx, text);
        spans.push(ctx.span(Role::Accent, "▏"));
        return ctx.scrolled(Pane::Answer, wrap(&spans, width, 0), true, area, buf);
    }
    if let Some(outcome) = &state.outcome {
        return ctx.scrolled(Pane::Answer, ended_lines(ctx, outcome, width), false, area, buf);
    }
    let why = match state.phase {
        Phase::Answer => "The model is about to write the answer.",
        Phase::Done
        | Phase::Load
        | Phase::Draft
        | Phase::ScoreDraft
        | Phase::Propose
        | Phase::Score
        | Phase::Decide => "The answer appears here after refinement, with the plan items that it cites.",
    };
    ctx.empty(why, area, buf)
}

/// Says why there will be no answer, with the whole reason and what can be done about it.
fn ended_lines(ctx: &Ctx<'_>, outcome: &Outcome, width: usize) -> Vec<Line<'static>> {
    match outcome {
        Outcome::Answered | Outcome::Interrupted => {
            wrap_text("This run ended without an answer.", ctx.style(Role::Dim), width, 0)
        }
        Outcome::Failed { reason, hint } => {
            let mut lines = wrap_text(&format!("The run failed: {reason}"), ctx.style(Role::Bad), width, 0);
            if let Some(hint) = hint {
                lines.push(Line::default());
                lines.extend(wrap_text(&format!("What helps: {hint}"), ctx.style(Role::Text), width, 0));
            }
            lines
        }
    }
}

fn answer_lines(ctx: &Ctx<'_>, answer: &Answer, width: usize) -> Vec<Line<'static>> {
    let mut lines = value_lines(ctx, answer, width);
    lines.extend(wrap(&cited_spans(ctx, answer.text.trim()), width, 0));
    if answer.truncated {
        let note = "The text stops at the limit of tokens, so it may be cut.";
        lines.extend(wrap_text(note, ctx.style(Role::Care), width, 0));
    }
    if !answer.coverage.is_empty() && answer.cite {
        lines.push(Line::default());
        lines.extend(coverage_lines(ctx, answer, width));
    }
    lines
}

/// The final value and, marked as such, how it compares with the gold answer.
fn value_lines(ctx: &Ctx<'_>, answer: &Answer, width: usize) -> Vec<Line<'static>> {
    let judgement = ctx.model.state().judgement.as_ref();
    let mut spans = Vec::new();
    if let Some(value) = &answer.value {
        spans.push(ctx.span(Role::Dim, "answer "));
        spans.push(ctx.span(Role::Strong, value.clone()));
    }
    let (glyph, role, word) = match judgement {
        Some(Judgement::Correct) => ("✓", Role::Good, "right"),
        Some(Judgement::Wrong) => ("✗", Role::Bad, "wrong"),
        Some(Judgement::Unreadable) => ("?", Role::Care, "no answer could be read from the text"),
        Some(Judgement::NoGold) | None => ("", Role::Dim, ""),
    };
    if !word.is_empty() {
        let gap = if spans.is_empty() { "" } else { "   " };
        spans.push(ctx.span(role, format!("{gap}{glyph} {word}")));
        spans.push(ctx.span(Role::Dim, "  (oracle: seen only after the run)"));
    }
    if spans.is_empty() {
        return Vec::new();
    }
    let mut lines = wrap(&spans, width, 2);
    lines.push(Line::default());
    lines
}

const HEADS: [Column; 4] = [
    Column { head: "item", right: false },
    Column { head: "cited", right: true },
    Column { head: "holds", right: false },
    Column { head: "says", right: false },
];

fn coverage_lines(ctx: &Ctx<'_>, answer: &Answer, width: usize) -> Vec<Line<'static>> {
    let state = ctx.model.state();
    let plans = [&state.incumbent, &state.best];
    let plan =
        plans.into_iter().flatten().map(|view| &view.plan).find(|plan| Some(plan.hash()) == answer.plan);
    let row = |row: &crate::session::CoverageRow| -> Vec<Cell> {
        let (holds, role) = match row.satisfied {
            Some(true) => ("✓", Role::Good),
            Some(false) => ("✗", Role::Bad),
            None => ("·", Role::Dim),
        };
        let (cited, cited_role) = if row.cited == 0 {
            ("never".to_owned(), Role::Care)
        } else {
            (format!("{}×", row.cited), Role::Text)
        };
        let says =
            plan.and_then(|plan| plan.get(row.item)).map_or_else(String::new, |item| item.text.clone());
        vec![
            (row.item.to_string(), ctx.kind_style(row.item.kind)),
            (cited, ctx.style(cited_role)),
            (holds.to_owned(), ctx.style(role)),
            (says, ctx.style(Role::Dim)),
        ]
    };
    let rows: Vec<Vec<Cell>> = answer.coverage.iter().map(row).collect();
    // The text column may be cut by the pane's edge; it never pushes the others out.
    table_lines(&HEADS, ctx.style(Role::Dim), &rows, &[], usize::MAX)
        .into_iter()
        .map(|line| crate::tui::widgets::text::fit_line(line, width))
        .collect()
}

/// Returns `text` with citations such as `[S1]` or `[S1, C2]` in the colours of their items.
pub fn cited_spans(ctx: &Ctx<'_>, text: &str) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let Some(close) = rest[open..].find(']').map(|at| open + at) else { break };
        let inside = &rest[open + 1..close];
        let names: Vec<&str> = inside.split([',', ' ', ';']).filter(|name| !name.is_empty()).collect();
        let ids: Vec<ItemId> = names.iter().filter_map(|name| name.parse().ok()).collect();
        if ids.is_empty() || ids.len() != names.len() {
            spans.push(ctx.span(Role::Text, &rest[..=open]));
            rest = &rest[open + 1..];
            continue;
        }
        spans.push(ctx.span(Role::Text, &rest[..open]));
        spans.push(ctx.span(Role::Dim, "["));
        for (at, id) in ids.iter().enumerate() {
            if at > 0 {
                spans.push(ctx.span(Role::Dim, " "));
            }
            spans.push(ctx.id_span(*id));
        }
        spans.push(ctx.span(Role::Dim, "]"));
        rest = &rest[close + 1..];
    }
    spans.push(ctx.span(Role::Text, rest));
    spans
}
