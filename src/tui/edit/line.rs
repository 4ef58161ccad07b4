//! A line of the plan that is being typed, in its place.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{dialog::Reply, hand::ids};
use crate::{
    model::Model,
    panes::Ctx,
    theme::Role,
    view::overlay,
    widgets::{line_input::LineInput, scroll::draw_lines, wrap::wrap_text},
};
use engine::Command;
use plan::{Edit, Item, ItemId, ItemKind, Origin, ParseError, Plan, Style, parse_item, print_item};

/// Columns before the text.
const MARGIN: u16 = 3;

/// What the line will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The item's new text and dependencies.
    Item(ItemId),
    /// A new item before or behind this one and what is nested below it; at the start without one.
    New {
        /// The item next to it.
        beside: Option<ItemId>,
        /// Whether it comes behind.
        below: bool,
    },
    /// What a candidate makes an item say.
    Candidate {
        /// The candidate's place.
        index: usize,
        /// The item.
        id: ItemId,
    },
}

/// A line that is being typed, with what is wrong with it so far.
#[derive(Debug, Clone)]
pub struct LineDialog {
    target: Target,
    input: LineInput,
    /// The line as it was before anything was typed; empty for a new item.
    first: String,
    error: Option<String>,
}

impl LineDialog {
    /// Returns the line of an item, ready to be changed.
    pub fn of_item(item: &Item) -> Self {
        let bare = Item { depth: 0, ..item.clone() };
        let first = print_item(&bare, Style::Bare);
        Self { target: Target::Item(item.id), input: LineInput::new(&first), first, error: None }
    }

    /// Returns the line of a new item of `kind`.
    pub fn of_new(model: &Model, beside: Option<ItemId>, below: bool, kind: ItemKind) -> Self {
        let input = LineInput::new(&format!("{}: ", ids(model).peek(kind)));
        let mut dialog =
            Self { target: Target::New { beside, below }, input, first: String::new(), error: None };
        dialog.check(model);
        dialog
    }

    /// Returns the line that a candidate changes or brings in; none where it does something else.
    pub fn of_candidate(model: &Model, index: usize) -> Option<Self> {
        let candidate = model.state().candidates.get(index)?;
        let id = *candidate.candidate.edit.as_ref()?.touches().first()?;
        let plan = candidate.view.as_ref().or(model.state().base.as_ref()).map(|view| &view.plan)?;
        Some(Self { target: Target::Candidate { index, id }, ..Self::of_item(plan.get(id)?) })
    }

    /// Takes in a key.
    pub fn on_key(&mut self, model: &Model, key: KeyEvent) -> Reply {
        #[expect(clippy::wildcard_enum_match_arm, reason = "all other keys of the terminal are the editor's")]
        match key.code {
            KeyCode::Esc => return Reply::Close,
            KeyCode::Enter => {
                return match self.edit(model) {
                    Ok(Some(edit)) => self.taken(edit),
                    Ok(None) => Reply::Close,
                    Err(_) => Reply::Stay,
                };
            }
            KeyCode::Tab => self.turn_kind(model, 1),
            KeyCode::BackTab => self.turn_kind(model, ItemKind::ALL.len() - 1),
            _ => self.input.on_key(key),
        }
        self.check(model);
        Reply::Stay
    }

    fn taken(&self, edit: Edit) -> Reply {
        match self.target {
            Target::Item(_) | Target::New { .. } => Reply::Change(edit),
            Target::Candidate { index, .. } => {
                let candidate = u32::try_from(index).unwrap_or(u32::MAX);
                Reply::Tell(Command::EditCandidate { candidate, edit })
            }
        }
    }

    /// Takes in pasted text.
    pub fn paste(&mut self, model: &Model, text: &str) {
        self.input.paste(text);
        self.check(model);
    }

    fn check(&mut self, model: &Model) {
        self.error = self.edit(model).err();
    }

    /// Gives a new item the next kind, and with it another id.
    fn turn_kind(&mut self, model: &Model, by: usize) {
        let Target::New { .. } = self.target else { return };
        let text = self.input.text();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        let now = text.chars().next().and_then(ItemKind::from_letter);
        let at = now.map_or(0, |kind| kind as usize + by) % ItemKind::ALL.len();
        let id = ids(model).peek(ItemKind::ALL[at]).to_string();
        self.input.replace_start(end, &id);
    }

    /// Returns what the line asks for by now; nothing when it is as it was.
    fn edit(&self, model: &Model) -> Result<Option<Edit>, String> {
        let text = self.input.text();
        if text == self.first {
            return Ok(None);
        }
        let plan = model.plan().ok_or("there is no plan yet")?;
        let item = parse_item(text.trim()).map_err(|error| words(&error))?;
        let marked = item.pinned || item.muted || item.origin != Origin::Draft;
        if marked {
            return Err("marks are not typed here; P pins and X mutes".to_owned());
        }
        if let Target::Candidate { index, id } = self.target {
            return proposed(model, index, id, item).map(Some);
        }
        let edit = match self.target {
            Target::Item(id) => changed(plan, id, item)?,
            Target::Candidate { .. } => None,
            Target::New { .. } => Some(self.inserted(model, plan, item)?),
        };
        if let Some(edit) = &edit {
            edit.apply(plan, Origin::Human).map_err(|error| error.to_string())?;
        }
        Ok(edit)
    }

    fn inserted(&self, model: &Model, plan: &Plan, item: Item) -> Result<Edit, String> {
        let ids = ids(model);
        if item.id.number <= ids.highest(item.id.kind) {
            return Err(format!("{} was used before; {} is free", item.id, ids.peek(item.id.kind)));
        }
        let (position, _) = self.position(plan).ok_or("the neighbouring item is gone; leave with esc")?;
        let Target::New { beside, .. } = self.target else { return Err("this line is no new item".into()) };
        let depth = beside.and_then(|id| plan.get(id)).map_or(0, |beside| beside.depth);
        Ok(Edit::Insert { item: Item { depth, ..item }, position })
    }

    /// Returns where in `plan` the line stands, and whether an item gives way to it.
    pub fn position(&self, plan: &Plan) -> Option<(usize, bool)> {
        match self.target {
            Target::Candidate { .. } => None,
            Target::Item(id) => plan.position(id).map(|at| (at, true)),
            Target::New { beside: None, .. } => Some((0, false)),
            Target::New { beside: Some(id), below } => {
                let at = plan.position(id)?;
                Some((if below { plan.subtree(at).end } else { at }, false))
            }
        }
    }

    /// Returns how many rows it takes in a pane of `columns`.
    pub fn height(&self, columns: u16) -> u16 {
        self.input.rows(columns.saturating_sub(MARGIN)) + self.error_lines_count(columns)
    }

    fn error_lines_count(&self, columns: u16) -> u16 {
        let count = |error: &String| {
            wrap_text(error, ratatui::style::Style::new(), usize::from(columns.saturating_sub(MARGIN)), 2)
                .len() as u16
        };
        self.error.as_ref().map_or(0, count)
    }

    /// Draws a candidate's line over the panes; the others stand in the plan.
    pub fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
        let Target::Candidate { index, .. } = self.target else { return };
        let columns = (area.width - 4).min(92);
        let rows = self.height(columns - 4) + 2;
        let title = format!("What candidate {} proposes", index + 1);
        let inner = overlay(ctx, &title, (columns, rows.min(area.height - 2)), area, buf);
        self.draw_inside(ctx, inner, buf);
    }

    /// Draws the line and what is wrong with it at the top of `area`; returns the rows used.
    pub fn draw_inside(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> u16 {
        let columns = area.width.saturating_sub(MARGIN);
        let rows = self.input.rows(columns).min(area.height);
        let place = Rect { x: area.x + MARGIN.min(area.width), width: columns, height: rows, ..area };
        buf.set_style(place, ctx.style(Role::Strong));
        self.input.draw(place, buf);
        let bar = vec![Line::from(ctx.span(Role::BorderFocus, "┃")); usize::from(rows)];
        draw_lines(bar, Some(0), false, Rect { width: 1.min(area.width), height: rows, ..area }, buf);
        let Some(error) = &self.error else { return rows };
        let lines = wrap_text(error, ctx.style(Role::Care), usize::from(columns), 2);
        let used = (lines.len() as u16).min(area.height - rows);
        draw_lines(lines, Some(0), false, Rect { y: place.bottom(), height: used, ..place }, buf);
        rows + used
    }

    /// Returns the keys that matter.
    pub fn hints(&self) -> Vec<(String, &'static str)> {
        let mut hints = vec![("enter".to_owned(), "take"), ("esc".to_owned(), "leave as it was")];
        match self.target {
            Target::Item(_) | Target::Candidate { .. } => {}
            Target::New { .. } => hints.push(("tab".to_owned(), "another kind")),
        }
        hints.extend([("^U".to_owned(), "undo"), ("^R".to_owned(), "redo")]);
        hints
    }
}

/// What changes when the item called `id` is written as `new`.
fn changed(plan: &Plan, id: ItemId, new: Item) -> Result<Option<Edit>, String> {
    let old = plan.get(id).ok_or_else(|| format!("{id} is not in the plan any more; leave with esc"))?;
    if new.id != id {
        return Err(format!("the id stays {id}; T gives the item another kind"));
    }
    let mut edits = Vec::new();
    if new.text != old.text {
        edits.push(Edit::Replace { id, text: new.text });
    }
    if new.deps != old.deps {
        edits.push(Edit::SetDeps { id, deps: new.deps });
    }
    Ok(match edits.len() {
        0 | 1 => edits.pop(),
        _ => Some(Edit::Batch { edits }),
    })
}

/// The edit by which a candidate makes the item called `id` say `new`.
fn proposed(model: &Model, index: usize, id: ItemId, new: Item) -> Result<Edit, String> {
    let base = model.state().base.as_ref().ok_or("there is no plan that it changes")?;
    if base.plan.get(id).is_some() {
        return changed(&base.plan, id, new)?.ok_or_else(|| format!("the plan says that of {id} already"));
    }
    if new.id != id {
        return Err(format!("the id stays {id}"));
    }
    let after = model.state().candidates.get(index).and_then(|candidate| candidate.view.as_ref());
    let place = after.and_then(|view| Some((view.plan.position(id)?, view.plan.get(id)?.depth)));
    let (position, depth) = place.ok_or("the candidate is gone; leave with esc")?;
    let edit = Edit::Insert { item: Item { depth, ..new }, position };
    edit.apply(&base.plan, Origin::Human).map_err(|error| error.to_string())?;
    Ok(edit)
}

/// What is wrong with one line, with its column and a hint.
fn words(error: &ParseError) -> String {
    format!("column {}: {}; {}", error.column, error.problem, error.problem.hint())
}
