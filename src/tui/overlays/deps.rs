//! Picking what an item builds on.

use std::collections::{HashMap, HashSet};

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::overlays::{
    overlay::{Outcome, Overlay, motion},
    submit::submit,
};
use crate::{
    commands::{Action, InOverlay, OverlayKind},
    core::model::Model,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{list::Cursor, scroll::Extent, text::sanitise},
};
use plan::{Edit, ItemId, Plan};

/// One item that can be built on.
#[derive(Debug, Clone)]
struct Choice {
    id: ItemId,
    depth: u8,
    text: String,
    /// Whether it builds on the item itself, so that a dependency would close a cycle.
    in_cycle: bool,
}

/// The list of the other items, with marks.
#[derive(Debug, Clone)]
pub struct DepsView {
    of: ItemId,
    choices: Vec<Choice>,
    /// In the order in which they were marked.
    marked: Vec<ItemId>,
    cursor: Cursor,
}

impl DepsView {
    /// Returns the list for the item at `position`.
    pub fn new(plan: &Plan, position: usize) -> Self {
        let item = &plan.items()[position];
        let above = built_on(plan, item.id);
        let choices = plan
            .items()
            .iter()
            .filter(|other| other.id != item.id)
            .map(|other| Choice {
                id: other.id,
                depth: other.depth,
                text: other.text.clone(),
                in_cycle: above.contains(&other.id),
            })
            .collect();
        let cursor = Cursor::at(position.saturating_sub(1));
        Self { of: item.id, choices, marked: item.deps.clone(), cursor }
    }

    fn mark(&mut self) {
        let chosen = self.choices.get(self.cursor.row(self.choices.len()));
        let Some(choice) = chosen.filter(|choice| !choice.in_cycle) else { return };
        match self.marked.iter().position(|id| *id == choice.id) {
            Some(at) => drop(self.marked.remove(at)),
            None => self.marked.push(choice.id),
        }
    }

    fn take(&self, model: &mut Model) -> Outcome {
        match model.session.plan().and_then(|plan| plan.get(self.of)) {
            Some(item) if item.deps != self.marked => {
                submit(model, Edit::SetDeps { id: self.of, deps: self.marked.clone() })
            }
            Some(_) | None => Outcome::close(),
        }
    }

    fn line(&self, ctx: &Ctx<'_>, at: usize, here: bool) -> Line<'static> {
        let choice = &self.choices[at];
        let mark = match (self.marked.contains(&choice.id), choice.in_cycle) {
            (true, _) => ctx.span(Role::Good, "[x] "),
            (false, true) => ctx.span(Role::Dim, " ↻  "),
            (false, false) => ctx.span(Role::Dim, "[ ] "),
        };
        let text = sanitise(&choice.text).into_owned();
        let role = if choice.in_cycle { Role::Dim } else { Role::Text };
        let note = if choice.in_cycle { format!("  builds on {}", self.of) } else { String::new() };
        let line = Line::from(vec![
            ctx.span(Role::Accent, if here { "› " } else { "  " }),
            mark,
            Span::raw("  ".repeat(usize::from(choice.depth.min(8)))),
            ctx.id_span(choice.id),
            ctx.span(role, format!(" {text}")),
            ctx.span(Role::Dim, note),
        ]);
        if here { line.patch_style(ctx.style(Role::Cursor)) } else { line }
    }
}

impl Overlay for DepsView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Deps
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.cursor.go(motion, self.choices.len());
        } else if *action == Action::InOverlay(InOverlay::Toggle) {
            self.mark();
        } else if *action == Action::Open {
            return self.take(model);
        } else {
            return Outcome::Pass;
        }
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let title = format!("What {} builds on", self.of);
        let rows = (self.choices.len().max(1) as u16).saturating_add(2).min(area.height - 4);
        let inner = ctx.window(&title, ((area.width - 4).min(92), rows), area, buf);
        if self.choices.is_empty() {
            return ctx.empty("There is no other item to build on.", inner, buf);
        }
        ctx.list(self.cursor, self.choices.len(), inner, buf, |at, here| self.line(ctx, at, here))
    }
}

/// The items that build on `id`, directly or by way of others.
fn built_on(plan: &Plan, id: ItemId) -> HashSet<ItemId> {
    let mut dependants: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    for item in plan.items() {
        for dep in &item.deps {
            dependants.entry(*dep).or_default().push(item.id);
        }
    }
    let (mut found, mut open) = (HashSet::new(), vec![id]);
    while let Some(next) = open.pop() {
        for item in dependants.get(&next).into_iter().flatten() {
            if found.insert(*item) {
                open.push(*item);
            }
        }
    }
    found
}
