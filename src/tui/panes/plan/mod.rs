//! The plan that stands, as a tree.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::{Ctx, Pane};
use crate::{
    plan::{Item, Origin},
    session::{CheckSummary, CheckedItem, Phase, PlanView, Severity},
    tui::{
        format,
        theme::Role,
        widgets::{
            scroll::{Extent, draw_lines},
            wrap::{wrap, wrap_text},
        },
    },
};

/// From this height on the problem's text stands above the plan.
const ROOM_FOR_PROBLEM: u16 = 14;
/// The most lines of it there.
const PROBLEM_LINES: usize = 4;

/// Returns how long the plan is and how good.
pub fn summary(ctx: &Ctx<'_>) -> String {
    match &ctx.model.state().incumbent {
        Some(view) => {
            let items = format::plural(view.plan.len(), "item", "items");
            view.total()
                .map_or(items.clone(), |total| format!("{items} · score {}", format::score(Some(total))))
        }
        None => String::new(),
    }
}

/// Draws the plan, or the draft as it is being written.
pub fn draw(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.state();
    match &state.incumbent {
        Some(view) => draw_plan(ctx, view, area, buf),
        None => draw_draft(ctx, area, buf),
    }
}

fn draw_draft(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
    let state = ctx.model.state();
    let width = usize::from(area.width);
    let mut lines = Vec::new();
    if let Some(problem) = &state.problem {
        lines.extend(wrap_text(&problem.text, ctx.style(Role::Text), width, 0));
        lines.push(Line::default());
    }
    let written = ctx.model.writing().and_then(|stream| stream.text(0)).filter(|text| !text.is_empty());
    match written {
        Some(text) => lines.extend(wrap_text(&format!("{text}▏"), ctx.style(Role::Dim), width, 4)),
        None => {
            let why = match state.phase {
                Phase::Load => "The plan appears here once the model is loaded and has written a draft.",
                Phase::Draft
                | Phase::ScoreDraft
                | Phase::Propose
                | Phase::Score
                | Phase::Decide
                | Phase::Answer
                | Phase::Done => "The plan appears here as the model writes it.",
            };
            lines.extend(wrap_text(why, ctx.style(Role::Dim), width, 0));
        }
    }
    ctx.scrolled(Pane::Plan, lines, written.is_some(), area, buf)
}

/// Draws only the rows that are in sight, so that a plan of any length takes the same time.
fn draw_plan(ctx: &Ctx<'_>, view: &PlanView, area: Rect, buf: &mut Buffer) -> Extent {
    let mut area = area;
    if area.height >= ROOM_FOR_PROBLEM {
        let used = draw_problem(ctx, area, buf);
        area.y += used;
        area.height -= used;
    }
    let rows = Rows { ctx, view, width: usize::from(area.width) };
    let page = usize::from(area.height);
    let count = rows.count();
    let last_page = rows.rows_that_end_at(count, page);
    let offset = ctx.model.look.scroll[Pane::Plan as usize].unwrap_or(0).min(last_page);
    let mut lines = Vec::new();
    let mut at = offset;
    while at < count && lines.len() < page {
        lines.extend(rows.row(at));
        at += 1;
    }
    draw_lines(lines, Some(0), false, area, buf);
    Extent { offset, max: last_page, page }
}

fn draw_problem(ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    let Some(problem) = &ctx.model.state().problem else { return 0 };
    let mut lines = wrap_text(&problem.text, ctx.style(Role::Dim), usize::from(area.width), 0);
    let most = PROBLEM_LINES.min(usize::from(area.height) / 5);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(span) = lines.last_mut().and_then(|line| line.spans.last_mut()) {
            span.content.to_mut().push_str(" …");
        }
    }
    let used = lines.len() as u16 + 1;
    draw_lines(lines, Some(0), false, Rect { height: used, ..area }, buf);
    used
}

/// The plan's items, then what the checker says of them, as rows that can be made one by one.
struct Rows<'a> {
    ctx: &'a Ctx<'a>,
    view: &'a PlanView,
    width: usize,
}

impl<'a> Rows<'a> {
    fn check(&self) -> Option<&'a CheckSummary> {
        self.view.check.as_ref()
    }

    /// One row an item, one a finding, one for the derived value; an empty one between.
    fn count(&self) -> usize {
        let below =
            self.check().map_or(0, |check| check.findings.len() + usize::from(check.derived.is_some()));
        self.view.plan.len() + if below > 0 { below + 1 } else { 0 }
    }

    /// Returns the first row of a page that ends with row `end`.
    fn rows_that_end_at(&self, end: usize, page: usize) -> usize {
        let (mut at, mut used) = (end, 0);
        while at > 0 {
            used += self.row(at - 1).len();
            if used > page {
                break;
            }
            at -= 1;
        }
        at
    }

    /// Returns what the checker says of an item.
    fn checked(&self, item: &Item) -> Option<&'a CheckedItem> {
        self.check()?.items.get(*self.ctx.model.checked.get(&item.id)?)
    }

    fn row(&self, at: usize) -> Vec<Line<'static>> {
        if let Some(item) = self.view.plan.items().get(at) {
            return self.item(item, self.checked(item));
        }
        let below = at - self.view.plan.len();
        let Some(check) = self.check() else { return Vec::new() };
        if below == 0 {
            return vec![Line::default()];
        }
        if let Some(finding) = check.findings.get(below - 1) {
            let (glyph, role) = match finding.severity {
                Severity::Warning => ("!", Role::Care),
                Severity::Error => ("✗", Role::Bad),
            };
            let mut spans = vec![self.ctx.span(role, format!(" {glyph} "))];
            if let Some(id) = finding.item {
                spans.push(self.ctx.id_span(id));
                spans.push(Span::raw("  "));
            }
            spans.push(self.ctx.span(Role::Text, finding.message.clone()));
            return wrap(&spans, self.width, 3);
        }
        let derived = check.derived.clone().unwrap_or_default();
        let spans = [self.ctx.span(Role::Dim, " = the steps come to "), self.ctx.span(Role::Strong, derived)];
        wrap(&spans, self.width, 3)
    }

    fn item(&self, item: &Item, checked: Option<&CheckedItem>) -> Vec<Line<'static>> {
        let ctx = self.ctx;
        let is_new = ctx.model.changed.contains(&item.id);
        let (glyph, role) = match checked.map(|checked| checked.satisfied) {
            Some(true) => ("✓", Role::Good),
            Some(false) => ("✗", Role::Bad),
            None => ("·", Role::Border),
        };
        let indent = 2 * usize::from(item.depth).min(self.width / 6);
        let id = item.id.to_string();
        let hang = 3 + indent + id.len().max(2) + 1;
        let mut text_style = ctx.style(if is_new { Role::Strong } else { Role::Text });
        if item.muted {
            text_style = ctx.style(Role::Dim).add_modifier(Modifier::CROSSED_OUT);
        }
        let mut spans = vec![
            ctx.span(Role::Accent, if is_new { "▎" } else { " " }),
            ctx.span(role, glyph),
            Span::raw(" ".repeat(1 + indent)),
            ctx.id_span(item.id),
            Span::raw(" ".repeat(3 - id.len().clamp(1, 2))),
            Span::styled(item.text.clone(), text_style),
        ];
        if let Some(value) = checked.and_then(|checked| checked.value.as_ref()) {
            spans.push(ctx.span(role, format!("  = {value}")));
        }
        if !item.deps.is_empty() {
            let names: Vec<String> = item.deps.iter().map(ToString::to_string).collect();
            spans.push(ctx.span(Role::Dim, format!("  ← {}", names.join(" "))));
        }
        spans.extend(marks(ctx, item));
        wrap(&spans, self.width, hang)
    }
}

/// Returns the words for who wrote an item and what may be done with it.
pub fn marks(ctx: &Ctx<'_>, item: &Item) -> Vec<Span<'static>> {
    let mut marks = Vec::new();
    match item.origin {
        Origin::Draft => {}
        Origin::Refined => marks.push(ctx.span(Role::Dim, "  refined")),
        Origin::Human => marks.push(ctx.span(Role::Human, "  by hand")),
        Origin::Noise => marks.push(ctx.span(Role::Noise, "  noise")),
    }
    if item.pinned {
        marks.push(ctx.span(Role::Care, "  pinned"));
    }
    if item.muted {
        marks.push(ctx.span(Role::Dim, "  muted"));
    }
    marks
}
