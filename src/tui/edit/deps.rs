//! Picking what an item builds on.

use std::collections::{HashMap, HashSet};

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::dialog::Reply;
use crate::{
    panes::Ctx,
    theme::Role,
    view::overlay,
    widgets::{scroll::draw_lines, wrap::wrap_text},
};
use plan::{Edit, ItemId, Plan};

/// One item that can be built on.
#[derive(Debug, Clone)]
struct Choice {
    id: ItemId,
    depth: u8,
    text: String,
    /// Whether it builds on the item itself, so that a dependency would go in a circle.
    circular: bool,
}

/// The list of the other items, with marks.
#[derive(Debug, Clone)]
pub struct DepsDialog {
    of: ItemId,
    choices: Vec<Choice>,
    /// In the order in which they were marked.
    marked: Vec<ItemId>,
    selected: usize,
}

impl DepsDialog {
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
                circular: above.contains(&other.id),
            })
            .collect();
        Self { of: item.id, choices, marked: item.deps.clone(), selected: position.saturating_sub(1) }
    }

    /// Takes in a key.
    pub fn on_key(&mut self, plan: Option<&Plan>, key: KeyEvent) -> Reply {
        let last = self.choices.len().saturating_sub(1);
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "no other key of the terminal means anything here"
        )]
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return Reply::Close,
            KeyCode::Enter => return self.take(plan),
            KeyCode::Char(' ' | 'x') => self.mark(),
            KeyCode::Char('j') | KeyCode::Down => self.selected = (self.selected + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.selected = self.selected.saturating_sub(1),
            KeyCode::Char('g') | KeyCode::Home => self.selected = 0,
            KeyCode::Char('G') | KeyCode::End => self.selected = last,
            KeyCode::PageDown => self.selected = (self.selected + 10).min(last),
            KeyCode::PageUp => self.selected = self.selected.saturating_sub(10),
            _ => {}
        }
        Reply::Stay
    }

    fn mark(&mut self) {
        let Some(choice) = self.choices.get(self.selected).filter(|choice| !choice.circular) else { return };
        match self.marked.iter().position(|id| *id == choice.id) {
            Some(at) => drop(self.marked.remove(at)),
            None => self.marked.push(choice.id),
        }
    }

    fn take(&self, plan: Option<&Plan>) -> Reply {
        match plan.and_then(|plan| plan.get(self.of)) {
            Some(item) if item.deps != self.marked => {
                Reply::Change(Edit::SetDeps { id: self.of, deps: self.marked.clone() })
            }
            Some(_) | None => Reply::Close,
        }
    }

    /// Draws the list over the panes.
    pub fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
        let title = format!("What {} builds on", self.of);
        let rows = (self.choices.len().max(1) as u16).saturating_add(2).min(area.height - 4);
        let inner = overlay(ctx, &title, ((area.width - 4).min(92), rows), area, buf);
        if self.choices.is_empty() {
            let text = "There is no other item to build on.";
            let lines = wrap_text(text, ctx.style(Role::Dim), usize::from(inner.width), 0);
            draw_lines(lines, None, false, inner, buf);
            return;
        }
        let page = usize::from(inner.height).max(1);
        let first = (self.selected + 1).saturating_sub(page);
        let shown = self.choices.iter().enumerate().skip(first).take(page);
        let lines = shown.map(|(at, choice)| self.line(ctx, at, choice)).collect();
        draw_lines(lines, Some(0), false, inner, buf);
    }

    fn line(&self, ctx: &Ctx<'_>, at: usize, choice: &Choice) -> Line<'static> {
        let here = at == self.selected;
        let mark = match (self.marked.contains(&choice.id), choice.circular) {
            (true, _) => ctx.span(Role::Good, "[x] "),
            (false, true) => ctx.span(Role::Dim, " ↻  "),
            (false, false) => ctx.span(Role::Dim, "[ ] "),
        };
        let text = crate::widgets::text::sanitise(&choice.text).into_owned();
        let role = if choice.circular { Role::Dim } else { Role::Text };
        let note = if choice.circular { format!("  builds on {}", self.of) } else { String::new() };
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

    /// Returns the keys that matter.
    pub fn hints() -> Vec<(String, &'static str)> {
        [("space", "mark"), ("enter", "take"), ("esc", "leave as it was"), ("j k", "move")]
            .map(|(key, word)| (key.to_owned(), word))
            .to_vec()
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
