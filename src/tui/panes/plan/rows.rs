//! The rows of the plan pane, made one by one.

use ratatui::{
    style::{Modifier, Style},
    text::{Line, Span},
};

use crate::{
    commands::pane::Pane,
    panes::ctx::{Ctx, text_of},
};
use crate::{
    core::{
        plan_cursor,
        plan_slots::{self, PlanSlot},
    },
    panes::plan::{marks, tokens},
};
use crate::{
    theme::Role,
    widgets::{text::width, wrap::wrap},
};
use plan::{Item, Plan};
use session::{CheckSummary, CheckedItem, PlanView, Severity};

/// What a row is made of.
pub enum Row {
    /// Text.
    Lines(Vec<Line<'static>>),
    /// The line that the person is typing.
    Input,
}

/// The plan's items, then what the checker says of them. A line that is being typed takes the place of
/// its item, or is a row of its own where it will be inserted.
pub struct Rows<'a> {
    ctx: &'a Ctx<'a>,
    plan: &'a Plan,
    check: Option<&'a CheckSummary>,
    cursor: Option<usize>,
    /// What stands in the rows of the plan, the line that is being typed apart.
    slots: Vec<PlanSlot>,
    /// The row of the line that is being typed, and whether an item gives way to it.
    input: Option<(usize, bool)>,
    width: usize,
}

impl<'a> Rows<'a> {
    /// Returns the rows of the plan that is shown, in a pane of `width` columns.
    pub fn new(ctx: &'a Ctx<'a>, view: &'a PlanView, width: usize) -> Self {
        let model = ctx.model;
        let plan = model.session.plan().unwrap_or(&view.plan);
        let place = ctx.typed.and_then(|line| line.position(plan));
        let input = place.map(|(position, replaces)| {
            let rows = model.derived.outline.rows();
            let row = rows.partition_point(|at| *at < position);
            (row, replaces && rows.get(row) == Some(&position))
        });
        let slots = match input {
            // Only items are counted while a line is typed between them.
            Some(_) => (0..model.derived.outline.rows().len()).map(PlanSlot::Item).collect(),
            None => plan_slots::slots(model),
        };
        Self { ctx, plan, check: view.check.as_ref(), cursor: plan_cursor::row(model), slots, input, width }
    }

    /// Returns the row to be kept in sight.
    pub fn target(&self) -> Option<usize> {
        let of_cursor = || self.slots.iter().position(|slot| Some(*slot) == self.cursor.map(PlanSlot::Item));
        self.input.map(|(row, _)| row).or_else(of_cursor)
    }

    /// One row an item, one a finding, one for the derived value; an empty one between.
    pub fn count(&self) -> usize {
        let findings = self.check.map_or(0, |check| check.findings.len());
        let derived = self.check.is_some_and(|check| check.derived.is_some());
        let below = findings + usize::from(derived);
        self.item_rows() + if below > 0 { below + 1 } else { 0 }
    }

    fn item_rows(&self) -> usize {
        let inserted = matches!(self.input, Some((_, false)));
        self.slots.len() + usize::from(inserted)
    }

    /// Returns the first row of a page that ends before row `end`.
    pub fn page_that_ends_at(&self, end: usize, page: usize) -> usize {
        let (mut at, mut used) = (end, 0);
        while at > 0 {
            used += match self.row(at - 1) {
                Row::Lines(lines) => lines.len(),
                Row::Input => self.ctx.typed.map_or(0, |line| usize::from(line.height(self.width as u16))),
            };
            if used > page {
                break;
            }
            at -= 1;
        }
        // A row taller than the page is still the one to be shown.
        at.min(end.saturating_sub(1))
    }

    /// Returns row `at`.
    pub fn row(&self, at: usize) -> Row {
        let row = match self.input {
            Some((input, _)) if at == input => return Row::Input,
            Some((input, false)) if at > input => at - 1,
            Some(_) | None => at,
        };
        if at >= self.item_rows() {
            return Row::Lines(self.below(at - self.item_rows()));
        }
        Row::Lines(match self.slots.get(row) {
            Some(PlanSlot::Item(row)) => self.item_at(*row),
            Some(PlanSlot::Masked(line)) => self.masked(*line),
            None => Vec::new(),
        })
    }

    fn item_at(&self, row: usize) -> Vec<Line<'static>> {
        let item = self.ctx.model.derived.outline.rows().get(row).and_then(|at| self.plan.items().get(*at));
        item.map_or_else(Vec::new, |item| self.item(row, item))
    }

    /// A line with masked tokens: no item yet, so that nothing is said of it.
    fn masked(&self, line: usize) -> Vec<Line<'static>> {
        let ctx = self.ctx;
        let Some(now) = &ctx.model.session.state().denoising else { return Vec::new() };
        let id = now.layout.id(line);
        let mut spans = vec![
            ctx.span(Role::Dim, " ▒ "),
            ctx.id_span(id),
            Span::raw(" ".repeat(3 - id.to_string().len().clamp(1, 2))),
        ];
        spans.extend(tokens::spans(ctx, &now.layout, line, &now.canvas));
        wrap(&spans, self.width, 6)
    }

    /// Returns the text of row `at`, for a search.
    pub fn text(&self, at: usize) -> String {
        match self.row(at) {
            Row::Lines(lines) => lines.iter().map(text_of).collect::<Vec<_>>().join(" "),
            Row::Input => String::new(),
        }
    }

    /// What stands below the items: an empty row, the findings, what the steps give.
    fn below(&self, at: usize) -> Vec<Line<'static>> {
        let Some(check) = self.check else { return Vec::new() };
        let Some(at) = at.checked_sub(1) else { return vec![Line::default()] };
        if let Some(finding) = check.findings.get(at) {
            let (sign, role) = severity_sign(finding.severity);
            let mut spans = vec![self.ctx.span(role, format!(" {sign} "))];
            if let Some(id) = finding.item {
                spans.push(self.ctx.id_span(id));
                spans.push(Span::raw("  "));
            }
            spans.push(self.ctx.span(Role::Text, finding.message.clone()));
            return wrap(&spans, self.width, 3);
        }
        let derived = check.derived.clone().unwrap_or_default();
        let spans = [self.ctx.span(Role::Dim, " = the steps give "), self.ctx.span(Role::Strong, derived)];
        wrap(&spans, self.width, 3)
    }

    /// What the checker says of the item as it stands; nothing yet of an edit that is on its way.
    fn checked(&self, item: &Item) -> Option<&'a CheckedItem> {
        let known = !self.ctx.model.session.is_pending(item.id);
        self.check.filter(|_| known)?.items.get(*self.ctx.model.derived.checked.get(&item.id)?)
    }

    fn item(&self, row: usize, item: &Item) -> Vec<Line<'static>> {
        let ctx = self.ctx;
        let is_new = ctx.model.derived.changed.contains(&item.id);
        let checked = self.checked(item);
        let (sign, role) = self.sign(item, checked);
        let here = self.cursor == Some(row);
        let focused = ctx.model.look.focus == Pane::Plan;
        let indent = 2 * usize::from(item.depth).min(self.width / 6);
        let id = item.id.to_string();
        let hang = 3 + indent + id.len().max(2) + 1;
        let mut text_style = ctx.style(if is_new { Role::Strong } else { Role::Text });
        if item.muted {
            text_style = ctx.style(Role::Dim).add_modifier(Modifier::CROSSED_OUT);
        }
        let pointer = if here && focused { "›" } else { " " };
        let mut id_span = ctx.id_span(item.id);
        if here && !focused && ctx.model.look.cursors.item == Some(item.id) {
            id_span.style = id_span.style.add_modifier(Modifier::UNDERLINED);
        }
        let mut spans = vec![
            ctx.span(Role::Accent, if is_new { "▎" } else { " " }),
            ctx.span(role, sign),
            ctx.span(Role::Accent, pointer),
            Span::raw(" ".repeat(indent)),
            id_span,
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
        let hidden = ctx.model.derived.outline.hidden(row, self.plan.len());
        if hidden > 0 {
            spans.push(ctx.span(Role::Accent, format!("  ▸ {hidden}")));
        }
        spans.extend(marks::signs(ctx, item, self.width));
        let lines = wrap(&spans, self.width, hang);
        if here && focused { self.lit(lines) } else { lines }
    }

    /// The worst finding on the item; else whether its statement holds.
    fn sign(&self, item: &Item, checked: Option<&CheckedItem>) -> (&'static str, Role) {
        let model = self.ctx.model;
        let marks = model.derived.marks.get(&item.id).filter(|_| !model.session.is_pending(item.id));
        let worst = marks.and_then(|marks| marks.worst);
        match (worst, checked.map(|checked| checked.satisfied)) {
            (Some(Severity::Error), _) => severity_sign(Severity::Error),
            (_, Some(false)) => ("✗", Role::Bad),
            (Some(Severity::Warning), _) => severity_sign(Severity::Warning),
            (None, Some(true)) => ("✓", Role::Good),
            (None, None) => ("·", Role::Border),
        }
    }

    /// The lines with the background of the row under the cursor, to the pane's edge.
    fn lit(&self, lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
        let back = self.ctx.style(Role::Cursor);
        lines
            .into_iter()
            .map(|mut line| {
                let used: usize = line.spans.iter().map(|span| width(&span.content)).sum();
                line.spans.push(Span::raw(" ".repeat(self.width.saturating_sub(used))));
                for span in &mut line.spans {
                    span.style = span.style.patch(Style { fg: None, ..back });
                }
                line
            })
            .collect()
    }
}

/// Returns the sign for a finding.
pub const fn severity_sign(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Warning => ("!", Role::Care),
        Severity::Error => ("✗", Role::Bad),
    }
}
