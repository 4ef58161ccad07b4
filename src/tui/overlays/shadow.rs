//! Refinement next to plain decoding at the same cost: who is ahead after each iteration.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::overlay::{Outcome, Overlay, motion};
use crate::{
    commands::{Action, OverlayKey, OverlayKind},
    core::{model::Model, overview::MarkKind},
    format,
    panes::{ctx::Ctx, status::short, timeline::mark_sign},
    theme::Role,
    widgets::{
        list::Cursor,
        scroll::{Extent, draw_lines},
        table::{Column, Table},
        text::{fit, sanitise},
        wrap::wrap,
    },
};
use session::{Judgement, Shadow, ShadowPoint, ShadowSide, ShadowStanding, State};

/// The longest value in a table, in columns; the detail shows all of it.
const VALUE: usize = 24;

/// The comparison, an iteration per row.
#[derive(Debug)]
pub struct ShadowView {
    cursor: Cursor,
}

impl ShadowView {
    /// Returns the comparison, at its end.
    pub fn new(state: &State) -> Self {
        Self { cursor: Cursor::at(state.shadow.points.len().saturating_sub(1)) }
    }
}

impl Overlay for ShadowView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Shadow
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        let points = &model.session.state().shadow.points;
        let rows = points.len();
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.cursor.go(motion, rows);
            return Outcome::stay();
        }
        if *action != Action::Open {
            return Outcome::Pass;
        }
        let Some(seq) = points.get(self.cursor.row(rows)).map(|(seq, _)| *seq) else {
            return Outcome::stay();
        };
        model.go_to(seq);
        Outcome::Panes
    }

    fn hint(&self, model: &Model, key: &OverlayKey) -> Option<&'static str> {
        if key.action == Some(Action::ShadowLane) {
            let word = if model.session.state().settings.shadow { "stop it" } else { key.hint };
            return model.session.engine().map(|_| word);
        }
        Some(key.hint).filter(|hint| !hint.is_empty())
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw(ctx, self.cursor, area, buf)
    }
}

/// Draws who is ahead, a row an iteration, and the answers of the one under the cursor.
fn draw(ctx: &Ctx<'_>, cursor: Cursor, area: Rect, buf: &mut Buffer) -> Extent {
    let size = (area.width, area.height.saturating_sub(2));
    let inner = ctx.window("Refinement and plain decoding at the same cost", size, area, buf);
    let state = ctx.model.session.state();
    let shadow = &state.shadow;
    if shadow.points.is_empty() {
        return ctx.empty(&nothing(ctx), inner, buf);
    }
    let columns = usize::from(inner.width);
    let chosen = cursor.row(shadow.points.len());
    let head = wrap(&[ctx.span(Role::Strong, sentence(shadow)), ctx.span(Role::Dim, ORACLE)], columns, 0);
    let mut table = table(ctx, shadow, chosen).lines(columns, ctx.theme);
    let details = shadow.points.get(chosen).map_or_else(Vec::new, |(_, point)| details(ctx, point, columns));

    let above = head.len() as u16 + 1;
    draw_lines(head, None, false, Rect { height: above.min(inner.height), ..inner }, buf);
    let rest = inner.height.saturating_sub(above);
    let below = (details.len() as u16 + 1).min(rest / 2);
    let list = Rect { y: inner.y + above, height: rest - below, ..inner };
    let detail = Rect { y: list.bottom() + 1, height: below.saturating_sub(1), ..inner };
    draw_lines(details, None, false, detail, buf);
    let titles = vec![table.remove(0)];
    draw_lines(titles, None, false, Rect { height: list.height.min(1), ..list }, buf);
    let rows = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
    let offset = cursor.offset(table.len(), usize::from(rows.height));
    let extent = draw_lines(table, Some(offset), false, rows, buf);
    ctx.put_cursor_on_line(extent, rows, chosen);
    extent
}

const ORACLE: &str = " Right and wrong are the oracle's: by the gold answer, which steers nothing.";

fn nothing(ctx: &Ctx<'_>) -> String {
    if ctx.model.session.state().settings.shadow {
        return "Nothing is compared yet: the first comparison comes once the draft has its score."
            .to_owned();
    }
    let key = ctx.model.setup.keymap.labels("plain").first().cloned();
    let key = key.unwrap_or_else(|| ":plain".to_owned());
    format!(
        "Plain decoding did not run next to this run. In a run, {key} starts it: after each iteration the model \
         answers from the plan as it stands, and without a plan as often as the same tokens allow. The run does \
         not pay for it."
    )
}

/// Who is ahead, and since when.
fn sentence(shadow: &Shadow) -> String {
    let Some(last) = shadow.last() else { return String::new() };
    match (last.standing(), shadow.losing_since()) {
        (ShadowStanding::Losing, Some(0)) => "Plain decoding has been ahead from the draft on.".to_owned(),
        (ShadowStanding::Losing, Some(since)) => {
            format!("Plain decoding has been ahead since iteration {since}.")
        }
        (ShadowStanding::Losing, None) => "Plain decoding is ahead.".to_owned(),
        (ShadowStanding::Winning, _) => "Refinement is ahead.".to_owned(),
        (ShadowStanding::Level, _) if last.refined.judgement == Judgement::Correct => {
            "Both are right.".to_owned()
        }
        (ShadowStanding::Level, _) => "Neither is right.".to_owned(),
        (ShadowStanding::Unknown, _) => "Who is ahead is not known.".to_owned(),
    }
}

fn table(ctx: &Ctx<'_>, shadow: &Shadow, chosen: usize) -> Table {
    let mut table = Table::new([
        Column::words(""),
        Column::words("after"),
        Column::numbers("tokens"),
        Column::words("from the plan"),
        Column::numbers("tokens"),
        Column::words("plain, the most"),
        Column::words("refinement"),
    ]);
    let mut answers = 0;
    for (at, (_, point)) in shadow.points.iter().enumerate() {
        answers += point.fresh.len();
        let name = if point.iteration == 0 { "draft".to_owned() } else { point.iteration.to_string() };
        let standing = point.standing();
        let (sign, role) = mark_sign(MarkKind::Shadow(standing));
        let plain = point.plain.as_ref();
        table.row(vec![
            ctx.span(Role::Accent, if at == chosen { "▸" } else { " " }),
            ctx.span(if at == chosen { Role::Strong } else { Role::Text }, name),
            ctx.span(Role::Dim, format::count(point.refined.tokens)),
            value(ctx, Some(&point.refined), ""),
            ctx.span(Role::Dim, plain.map_or_else(|| format::NONE.into(), |side| format::count(side.tokens))),
            value(ctx, plain, &format!(" ({})", format::plural(answers, "answer", "answers"))),
            ctx.span(role, format!("{sign} {}", short(standing))),
        ]);
    }
    table
}

/// What a side answers, shortened, with its verdict.
fn value(ctx: &Ctx<'_>, side: Option<&ShadowSide>, after: &str) -> Span<'static> {
    let Some(side) = side else { return ctx.span(Role::Dim, "no answer yet") };
    let (sign, role) = verdict(&side.judgement);
    let text = side.value.as_deref().map_or_else(|| "unreadable".to_owned(), one_line);
    let text = fit(&text, VALUE).into_owned();
    ctx.span(role, format!("{sign}{text}{after}"))
}

fn verdict(judgement: &Judgement) -> (&'static str, Role) {
    match judgement {
        Judgement::Correct => ("✓ ", Role::Good),
        Judgement::Wrong => ("✗ ", Role::Bad),
        Judgement::Unreadable => ("? ", Role::Care),
        Judgement::NotJudged { .. } | Judgement::NoGold => ("", Role::Text),
    }
}

fn one_line(text: &str) -> String {
    sanitise(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Both answers whole, and the plain answers that came for this point.
fn details(ctx: &Ctx<'_>, point: &ShadowPoint, columns: usize) -> Vec<Line<'static>> {
    let whole = |side: Option<&ShadowSide>| match side.map(|side| side.value.as_deref()) {
        None => "nothing yet: no answer was complete within what may be spent".to_owned(),
        Some(None) => "nothing that can be read".to_owned(),
        Some(Some(value)) => one_line(value),
    };
    let mut lines = Vec::new();
    for (name, side) in [("from the plan ", Some(&point.refined)), ("plain         ", point.plain.as_ref())] {
        let spans = [ctx.span(Role::Dim, name), ctx.span(Role::Text, whole(side))];
        lines.extend(wrap(&spans, columns, 14));
    }
    let mut spans = vec![ctx.span(Role::Dim, "came then     ")];
    for answer in &point.fresh {
        let (sign, role) = verdict(&answer.judgement);
        let text = match answer.ballot.value.as_deref() {
            _ if answer.ballot.truncated => "cut".to_owned(),
            None => "unreadable".to_owned(),
            Some(value) => one_line(value),
        };
        spans.push(ctx.span(role, format!("{sign}{text}")));
        spans.push(ctx.span(Role::Dim, format!(" ({} tokens)  ", answer.ballot.tokens)));
    }
    if point.fresh.is_empty() {
        spans.push(ctx.span(Role::Dim, "no further answer fitted"));
    }
    lines.extend(wrap(&spans, columns, 14));
    lines
}
