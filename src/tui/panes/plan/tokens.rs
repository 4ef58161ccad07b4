//! Lines of tokens, each in the colour of how sure the model was of it.

use ratatui::{
    style::Modifier,
    text::{Line, Span},
};

use crate::{
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        heat::{self, HEAT},
        wrap::wrap,
    },
};
use denoise::{Canvas, TokenLayout};
use session::Denoising;

/// Returns a line: words dim, masked tokens as shades, tokens that a person gave in that person's colour.
pub fn spans(ctx: &Ctx<'_>, layout: &TokenLayout, line: usize, canvas: &Canvas) -> Vec<Span<'static>> {
    let style = |place: Option<usize>| {
        let Some(place) = place.and_then(|at| canvas.places.get(at)) else { return ctx.style(Role::Dim) };
        match (place.token, place.confidence) {
            (None, _) => ctx.style(Role::Border),
            (Some(_), _) if place.pinned => ctx.style(Role::Human),
            (Some(_), Some(sure)) => ctx.style(heat::role(sure)),
            (Some(_), None) => ctx.style(Role::Text),
        }
    };
    let shown = layout.shown(line, canvas);
    shown.iter().map(|part| Span::styled(part.text.to_owned(), style(part.place))).collect()
}

/// Returns the lines of which a step reveals tokens, masks some again or exchanges some, before and after it.
pub fn step_lines(ctx: &Ctx<'_>, now: &Denoising, after: &Canvas, columns: usize) -> Vec<Line<'static>> {
    let (layout, before) = (&now.layout, &now.base);
    let mut lines = Vec::new();
    for line in now.changed_lines(after) {
        for (sign, role, canvas, other) in
            [("−", Role::Removed, before, after), ("+", Role::Added, after, before)]
        {
            let id = layout.id(line);
            let mut row = vec![
                ctx.span(role, format!("{sign} ")),
                ctx.id_span(id),
                Span::raw(" ".repeat(3 - id.to_string().len().clamp(1, 2))),
            ];
            row.extend(marked(ctx, layout, line, canvas, other));
            lines.extend(wrap(&row, columns, 5));
        }
    }
    if lines.is_empty() {
        return vec![Line::from(ctx.span(Role::Dim, "The tokens stay as they are."))];
    }
    lines.push(legend(ctx));
    lines
}

/// A line in which the tokens that `other` has not stand out.
fn marked(
    ctx: &Ctx<'_>,
    layout: &TokenLayout,
    line: usize,
    canvas: &Canvas,
    other: &Canvas,
) -> Vec<Span<'static>> {
    let token = |canvas: &Canvas, place: usize| canvas.places.get(place).and_then(|place| place.token);
    let parts = layout.shown(line, canvas);
    let mut spans = spans(ctx, layout, line, canvas);
    for (part, span) in parts.iter().zip(&mut spans) {
        if part.place.is_some_and(|place| token(canvas, place) != token(other, place)) {
            span.style = span.style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
    }
    spans
}

/// What the colours mean.
fn legend(ctx: &Ctx<'_>) -> Line<'static> {
    let mut spans = vec![ctx.span(Role::Dim, "probability ")];
    spans.extend(HEAT.map(|(_, role, words)| ctx.span(role, format!("{words} "))));
    spans.push(ctx.span(Role::Human, "pinned"));
    Line::from(spans)
}
