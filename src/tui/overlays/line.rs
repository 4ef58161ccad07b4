//! A line of the plan, or of a candidate, that is being typed.

use crossterm::event::KeyEvent;
use ratatui::{buffer::Buffer, layout::Rect};

use crate::overlays::{
    overlay::{Outcome, Overlay},
    submit::submit,
};
use crate::{
    commands::{Action, InOverlay, OverlayKey, OverlayKind},
    core::{hand::ids, model::Model, msg::Effect, open_session::OpenSession},
    panes::{
        ctx::Ctx,
        plan::typed::{Target, TypedLine},
    },
    widgets::{line_input::LineInput, scroll::Extent},
};
use engine::Command;
use plan::{Edit, Item, ItemId, ItemKind, Origin, ParseError, Plan, Style, parse_item, print_item};
use session::State;

/// The line. The plan pane draws it in its place; that of a candidate lies over the panes.
#[derive(Debug)]
pub struct LineView {
    line: TypedLine,
    /// The line as it was before anything was typed; empty for a new item.
    first: String,
}

impl LineView {
    /// Returns the line of an item, ready to be changed.
    pub fn of_item(item: &Item) -> Self {
        let bare = Item { depth: 0, ..item.clone() };
        let first = print_item(&bare, Style::Bare);
        let input = LineInput::new(&first);
        Self { line: TypedLine { target: Target::Item(item.id), input, error: None }, first }
    }

    /// Returns the line of a new item of `kind`.
    pub fn of_new(model: &Model, alongside: Option<ItemId>, below: bool, kind: ItemKind) -> Self {
        let input = LineInput::new(&format!("{}: ", ids(&model.session).peek(kind)));
        let line = TypedLine { target: Target::New { alongside, below }, input, error: None };
        let mut view = Self { line, first: String::new() };
        view.check(model);
        view
    }

    /// Returns the line that a candidate changes or brings in; none where it does something else.
    pub fn of_candidate(state: &State, index: usize) -> Option<Self> {
        let candidate = state.candidates.get(index)?;
        let id = *candidate.candidate.edit.as_ref()?.touches().first()?;
        let plan = candidate.view.as_ref().or(state.base.as_ref()).map(|view| &view.plan)?;
        let mut view = Self::of_item(plan.get(id)?);
        view.line.target = Target::Candidate { index, id };
        Some(view)
    }

    fn taken(&self, model: &mut Model, edit: Edit) -> Outcome {
        match self.line.target {
            Target::Item(_) | Target::New { .. } => submit(model, edit),
            Target::Candidate { index, .. } => {
                let candidate = u32::try_from(index).unwrap_or(u32::MAX);
                Outcome::Close(vec![Effect::Send(Command::EditCandidate { candidate, edit })])
            }
        }
    }

    fn check(&mut self, model: &Model) {
        self.line.error = self.edit(model).err();
    }

    /// Gives a new item the next kind, and with it another id.
    fn turn_kind(&mut self, session: &OpenSession, by: usize) {
        let Target::New { .. } = self.line.target else { return };
        let text = self.line.input.text();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        let now = text.chars().next().and_then(ItemKind::from_letter);
        let at = now.map_or(0, |kind| kind as usize + by) % ItemKind::ALL.len();
        let id = ids(session).peek(ItemKind::ALL[at]).to_string();
        self.line.input.replace_start(end, &id);
    }

    /// Returns what the line asks for by now; nothing when it is as it was.
    fn edit(&self, model: &Model) -> Result<Option<Edit>, String> {
        let text = self.line.input.text();
        if text == self.first {
            return Ok(None);
        }
        let plan = model.session.plan().ok_or("there is no plan yet")?;
        let item = parse_item(text.trim()).map_err(|error| words(&error))?;
        let marked = item.pinned || item.muted || item.origin != Origin::Draft;
        if marked {
            return Err("marks are not typed here; P pins and X mutes".to_owned());
        }
        if let Target::Candidate { index, id } = self.line.target {
            return proposed(model.session.state(), index, id, item).map(Some);
        }
        let edit = match self.line.target {
            Target::Item(id) => changed(plan, id, item)?,
            Target::Candidate { .. } => None,
            Target::New { .. } => Some(self.inserted(&model.session, plan, item)?),
        };
        if let Some(edit) = &edit {
            edit.apply(plan, Origin::Human).map_err(|error| error.to_string())?;
        }
        Ok(edit)
    }

    fn inserted(&self, session: &OpenSession, plan: &Plan, item: Item) -> Result<Edit, String> {
        let ids = ids(session);
        if item.id.number <= ids.highest(item.id.kind) {
            return Err(format!("{} was used before; {} is free", item.id, ids.peek(item.id.kind)));
        }
        let (position, _) =
            self.line.position(plan).ok_or("the neighbouring item is gone; leave with esc")?;
        let Target::New { alongside, .. } = self.line.target else {
            return Err("this line is no new item".into());
        };
        let depth = alongside.and_then(|id| plan.get(id)).map_or(0, |alongside| alongside.depth);
        Ok(Edit::Insert { item: Item { depth, ..item }, position })
    }
}

impl Overlay for LineView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Line
    }

    fn is_modal(&self) -> bool {
        true
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        if *action == Action::Open {
            return match self.edit(model) {
                Ok(Some(edit)) => self.taken(model, edit),
                Ok(None) => Outcome::close(),
                Err(_) => Outcome::stay(),
            };
        }
        if *action == Action::InOverlay(InOverlay::NextChoice) {
            self.turn_kind(&model.session, 1);
        } else if *action == Action::InOverlay(InOverlay::PreviousChoice) {
            self.turn_kind(&model.session, ItemKind::ALL.len() - 1);
        } else if *action == Action::Undo {
            self.line.input.undo();
        } else if *action == Action::Redo {
            self.line.input.redo();
        } else {
            return Outcome::Pass;
        }
        self.check(model);
        Outcome::stay()
    }

    fn type_key(&mut self, model: &mut Model, key: KeyEvent) -> Option<Outcome> {
        self.line.input.on_key(key);
        self.check(model);
        Some(Outcome::stay())
    }

    fn paste(&mut self, model: &mut Model, text: &str) -> Outcome {
        self.line.input.paste(text);
        self.check(model);
        Outcome::stay()
    }

    fn hint(&self, _: &Model, key: &OverlayKey) -> Option<&'static str> {
        let turns = key.action == Some(Action::InOverlay(InOverlay::NextChoice));
        let new = matches!(self.line.target, Target::New { .. });
        Some(key.hint).filter(|hint| !hint.is_empty() && (!turns || new))
    }

    fn typed_line(&self) -> Option<&TypedLine> {
        Some(&self.line)
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        let Target::Candidate { index, .. } = self.line.target else { return Extent::default() };
        let columns = (area.width - 4).min(92);
        let rows = self.line.height(columns - 4) + 2;
        let title = format!("What candidate {} proposes", index + 1);
        let inner = ctx.window(&title, (columns, rows.min(area.height - 2)), area, buf);
        self.line.draw_inside(ctx, inner, buf);
        Extent::default()
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
fn proposed(state: &State, index: usize, id: ItemId, new: Item) -> Result<Edit, String> {
    let base = state.base.as_ref().ok_or("there is no plan that it changes")?;
    if base.plan.get(id).is_some() {
        return changed(&base.plan, id, new)?.ok_or_else(|| format!("the plan already says that of {id}"));
    }
    if new.id != id {
        return Err(format!("the id stays {id}"));
    }
    let after = state.candidates.get(index).and_then(|candidate| candidate.view.as_ref());
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
