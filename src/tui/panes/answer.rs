//! The answer, what it cites, and how it fared.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

use crate::{commands::pane::Pane, panes::ctx::Ctx};
use crate::{
    core::sentences::answer_next,
    format,
    theme::Role,
    widgets::{
        scroll::{Extent, draw_lines},
        table::{Column, Table},
        text::sanitise,
        wrap::{wrap, wrap_text},
    },
};
use engine::answer::citation_spans;
use plan::ItemId;
use session::{Answer, Judgement, Outcome, Phase, Purpose};

/// Returns how much of the plan the answer cites.
pub fn summary(ctx: &Ctx<'_>) -> String {
    match &ctx.model.session.state().answer {
        Some(answer) if answer.cite && !answer.coverage.is_empty() => {
            let cited = answer.coverage.iter().filter(|row| row.cited > 0).count();
            format!("cites {cited} of {}", format::plural(answer.coverage.len(), "item", "items"))
        }
        Some(_) | None => String::new(),
    }
}

/// Draws the answer, or as much of it as is written.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.session.state();
    let width = usize::from(area.width);
    if let Some(answer) = &state.answer {
        return draw_answer(ctx, answer, area, buf);
    }
    let writes = |purpose: Purpose| matches!(purpose, Purpose::Answer | Purpose::Direct);
    let stream =
        ctx.model.session.writing().filter(|stream| stream.call.is_some_and(|(_, purpose)| writes(purpose)));
    if let Some(text) = stream.and_then(|stream| stream.text(0)) {
        let (mut spans, _) = cited_spans(ctx, text);
        spans.push(ctx.span(Role::Accent, "▏"));
        return ctx.scrolled(Pane::Answer, wrap(&spans, width, 0), true, area, buf);
    }
    if let Some(outcome) = &state.outcome {
        return ctx.scrolled(Pane::Answer, ended_lines(ctx, outcome, width), false, area, buf);
    }
    let waits = || match state.phase {
        Phase::TieBreak => {
            "Independent drafts differ; the model is writing a chain of thought that decides.".to_owned()
        }
        Phase::Answer => "The model is about to write the answer.".to_owned(),
        Phase::Done
        | Phase::Load
        | Phase::Draft
        | Phase::ScoreDraft
        | Phase::Propose
        | Phase::Score
        | Phase::Decide
        | Phase::Rescore => {
            "The answer appears here after refinement, with the plan items that it cites.".to_owned()
        }
    };
    // A notice has said why refinement ended, but whoever pauses here may come back when it is gone.
    let ended = state.refinement_stop.as_ref().filter(|_| state.phase != Phase::Answer);
    let why = ended.map_or_else(waits, answer_next);
    ctx.empty(&why, area, buf)
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

/// Draws the whole answer; the citation under the cursor stays in sight.
fn draw_answer(ctx: &Ctx<'_>, answer: &Answer, area: Rect, buf: &mut Buffer) -> Extent {
    let width = usize::from(area.width);
    let mut lines = value_lines(ctx, answer, ctx.model.session.state().judgement.as_ref(), width);
    if let Some(stages) = ctx.model.background.findings.stages(ctx.model.session.state()) {
        lines.extend(wrap_text(&stages.to_string(), ctx.style(Role::Dim), width, 2));
        lines.push(Line::default());
    }
    lines.extend(taken_lines(ctx, answer, width));
    let (spans, cursor) = cited_spans(ctx, answer.shown());
    let row = cursor.map(|at| lines.len() + wrap(&spans[..=at], width, 0).len());
    lines.extend(wrap(&spans, width, 0));
    if answer.truncated {
        let note = "The text stops at the limit of tokens, so it may be cut.";
        lines.extend(wrap_text(note, ctx.style(Role::Care), width, 0));
    }
    if !answer.coverage.is_empty() && answer.cite {
        lines.push(Line::default());
        lines.extend(coverage_lines(ctx, answer, width));
    }
    let in_sight = row.map(|row| row.saturating_sub(usize::from(area.height)));
    let scroll = ctx.model.look.scroll[Pane::Answer as usize].or(in_sight);
    draw_lines(lines, scroll, false, area, buf)
}

/// Returns the final value and, marked as such, how it compares with the gold answer.
pub fn value_lines(
    ctx: &Ctx<'_>,
    answer: &Answer,
    judgement: Option<&Judgement>,
    width: usize,
) -> Vec<Line<'static>> {
    let mut spans = Vec::new();
    if let Some(value) = &answer.value {
        spans.push(ctx.span(Role::Dim, "answer "));
        spans.push(ctx.span(Role::Strong, value.clone()));
        spans.extend(answer.computed().map(|who| ctx.span(Role::Dim, format!("  {who}"))));
    }
    let (glyph, role, word) = match judgement {
        Some(Judgement::Correct) => ("✓", Role::Good, "right".to_owned()),
        Some(Judgement::Wrong) => ("✗", Role::Bad, "wrong".to_owned()),
        Some(Judgement::Unreadable) => ("?", Role::Care, "no answer could be read from the text".to_owned()),
        Some(Judgement::NotJudged { reason }) => {
            let why = reason.as_ref().map_or_else(String::new, |why| format!(": {}", sanitise(why)));
            ("?", Role::Care, format!("not judged{why}"))
        }
        Some(Judgement::NoGold) | None => ("", Role::Dim, String::new()),
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

/// Returns how one of several answers was taken, and how often a chain of thought was extended.
fn taken_lines(ctx: &Ctx<'_>, answer: &Answer, width: usize) -> Vec<Line<'static>> {
    let mut words: Vec<String> = answer.poll.iter().map(|poll| format!("Taken: {}.", poll.words())).collect();
    if answer.extended > 0 {
        let times = format::plural(answer.extended as usize, "time", "times");
        words.push(format!("The chain of thought was extended {times}."));
    }
    if words.is_empty() {
        return Vec::new();
    }
    let mut lines = wrap_text(&words.join(" "), ctx.style(Role::Dim), width, 0);
    lines.push(Line::default());
    lines
}

const COLUMNS: [Column; 4] =
    [Column::words("item"), Column::numbers("cited"), Column::words("holds"), Column::words("says")];

fn coverage_lines(ctx: &Ctx<'_>, answer: &Answer, width: usize) -> Vec<Line<'static>> {
    let state = ctx.model.session.state();
    let plans = [&state.incumbent, &state.best];
    let plan =
        plans.into_iter().flatten().map(|view| &view.plan).find(|plan| Some(plan.hash()) == answer.plan);
    let mut table = Table::new(COLUMNS);
    for row in &answer.coverage {
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
        let says = plan.and_then(|plan| plan.get(row.item)).map_or("", |item| &item.text);
        table.row(vec![
            Span::styled(row.item.to_string(), cite_style(ctx, row.item)),
            ctx.span(cited_role, cited),
            ctx.span(role, holds),
            ctx.span(Role::Dim, sanitise(says).replace('\n', " ")),
        ]);
    }
    table.lines(width, ctx.theme)
}

/// Returns the items that `text` cites, one an occurrence, in reading order.
pub fn cited(text: &str) -> Vec<ItemId> {
    citation_spans(text.trim()).into_iter().flat_map(|(_, ids)| ids).collect()
}

/// Returns `text` with its citations in the colours of their items.
pub fn cited_text(ctx: &Ctx<'_>, text: &str) -> Vec<Span<'static>> {
    cited_spans(ctx, text.trim()).0
}

/// Returns an item's own colour; the item under the cursor lights up.
fn cite_style(ctx: &Ctx<'_>, id: ItemId) -> Style {
    let style = ctx.cite_style(id);
    if ctx.model.look.cursors.item == Some(id) { style.add_modifier(Modifier::REVERSED) } else { style }
}

/// Returns `text` with citations such as `[S1]` or `[S1, C2]` in the colours of their items, and which of
/// the spans is the citation under the cursor.
fn cited_spans(ctx: &Ctx<'_>, text: &str) -> (Vec<Span<'static>>, Option<usize>) {
    let cursor = ctx.model.look.cursors.citation.filter(|_| ctx.model.look.focus == Pane::Answer);
    let (mut spans, mut at_cursor) = (Vec::new(), None);
    let (mut end, mut count) = (0, 0);
    for (range, ids) in citation_spans(text) {
        spans.push(ctx.span(Role::Text, &text[end..range.start]));
        spans.push(ctx.span(Role::Dim, "["));
        for (at, id) in ids.into_iter().enumerate() {
            if at > 0 {
                spans.push(ctx.span(Role::Dim, " "));
            }
            let mut style = cite_style(ctx, id);
            if cursor == Some(count) {
                at_cursor = Some(spans.len());
                style = style.add_modifier(Modifier::UNDERLINED);
            }
            spans.push(Span::styled(id.to_string(), style));
            count += 1;
        }
        spans.push(ctx.span(Role::Dim, "]"));
        end = range.end;
    }
    spans.push(ctx.span(Role::Text, &text[end..]));
    (spans, at_cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_of_a_citation_counts() {
        let ids: Vec<String> = cited(" A [S1, C2]. B [S1] [no].").iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["S1", "C2", "S1"]);
    }
}
