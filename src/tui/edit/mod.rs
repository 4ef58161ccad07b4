//! Changing the plan by hand.
//!
//! A key opens a dialog or makes an edit at once. Every edit goes to the engine and comes back as an
//! event; until then it is [`Pending`], and the plan pane shows the plan with it.

pub mod change;
mod deps;
pub mod editor;
mod line;
mod pending;
mod question;
mod whole;

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::{buffer::Buffer, layout::Rect};

pub use deps::DepsDialog;
pub use line::LineDialog;
pub use pending::Pending;
pub use question::{KindDialog, RemoveDialog};
pub use whole::WholeDialog;

use super::{
    commands::{CommandError, Hand},
    model::Model,
    msg::Effect,
    notices::Level,
    panes::{Ctx, plan::cursor},
};
use crate::{
    engine::Command,
    plan::{Edit, IdSource, Item, ItemKind, Origin, Plan},
    session::Phase,
};

/// What the person is typing or choosing. While one is open, all keys are its own.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// A line in its place in the plan.
    Line(Box<LineDialog>),
    /// What an item builds on.
    Deps(DepsDialog),
    /// Which kind an item becomes.
    Kind(KindDialog),
    /// Whether an item may go.
    Remove(RemoveDialog),
    /// The whole plan in another program.
    Whole(WholeDialog),
}

/// What a key meant to a dialog.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It stays.
    Stay,
    /// It closes, and nothing changes.
    Close,
    /// It closes, and the plan changes.
    Change(Edit),
    /// The text is to be edited in another program.
    OpenEditor(String),
}

/// Does what a person wants with the plan.
///
/// # Errors
/// When it cannot be done now, in a sentence.
pub fn act(model: &mut Model, hand: Hand) -> Result<Vec<Effect>, CommandError> {
    if let Some(why) = refusal(model) {
        return Err(CommandError::NotNow(why.to_owned()));
    }
    match begin(model, hand) {
        Begun::Edit(edit) => change(model, edit),
        Begun::Dialog(dialog) => {
            model.dialog = Some(dialog);
            Ok(Vec::new())
        }
        Begun::Whole(whole) => {
            let text = whole.text().to_owned();
            model.dialog = Some(Dialog::Whole(whole));
            Ok(open_editor(model, text))
        }
        Begun::Nothing(why) => Err(CommandError::NotNow(why)),
    }
}

/// Why the plan cannot be changed at the moment that is looked at.
fn refusal(model: &Model) -> Option<&'static str> {
    let Some(live) = model.engine() else {
        return Some("A record cannot be changed; fork it to go on from here with another plan.");
    };
    if live.over() {
        return Some("The run is over; fork it to go on from here with another plan.");
    }
    if !model.at_present() {
        return Some("The past cannot be changed; return to the newest event, or fork here.");
    }
    let phase = model.state().phase;
    matches!(phase, Phase::Answer | Phase::Done)
        .then_some("The answer is being decoded from the plan; fork at an earlier moment to change it.")
}

/// What comes of wanting something with the plan.
enum Begun {
    Edit(Edit),
    Dialog(Dialog),
    Whole(WholeDialog),
    Nothing(String),
}

fn begin(model: &Model, hand: Hand) -> Begun {
    let Some(plan) = model.plan() else {
        return Begun::Nothing("There is no plan yet.".to_owned());
    };
    let here = cursor::item(model).and_then(|item| Some((item, plan.position(item.id)?)));
    match (hand, here) {
        (Hand::Whole, _) => Begun::Whole(WholeDialog::new(plan)),
        (Hand::Below | Hand::Above, None) => new_line(model, None, hand),
        (_, None) => Begun::Nothing("The plan has no items; o adds one.".to_owned()),
        (_, Some((item, position))) => with_item(model, plan, item, position, hand),
    }
}

fn with_item(model: &Model, plan: &Plan, item: &Item, position: usize, hand: Hand) -> Begun {
    let id = item.id;
    match hand {
        Hand::Edit => Begun::Dialog(Dialog::Line(Box::new(LineDialog::of_item(item)))),
        Hand::Below | Hand::Above => new_line(model, Some(item), hand),
        Hand::Remove => {
            let dependants = change::dependants(plan, id);
            if dependants.is_empty() {
                return Begun::Edit(Edit::Remove { id });
            }
            Begun::Dialog(Dialog::Remove(RemoveDialog { of: id, dependants }))
        }
        Hand::Shift(shift) => match change::shift(plan, position, shift) {
            Ok(edit) => Begun::Edit(edit),
            Err(why) => Begun::Nothing(format!("{why}.")),
        },
        Hand::Deps => Begun::Dialog(Dialog::Deps(DepsDialog::new(plan, position))),
        Hand::Kind => Begun::Dialog(Dialog::Kind(KindDialog { of: id })),
        Hand::Pin => Begun::Edit(Edit::Pin { id, on: !item.pinned }),
        Hand::Mute => Begun::Edit(Edit::Mute { id, on: !item.muted }),
        Hand::Whole => Begun::Whole(WholeDialog::new(plan)),
    }
}

fn new_line(model: &Model, beside: Option<&Item>, hand: Hand) -> Begun {
    let kind = beside.map_or(ItemKind::Step, |item| item.id.kind);
    let line = LineDialog::of_new(model, beside.map(|item| item.id), hand == Hand::Below, kind);
    Begun::Dialog(Dialog::Line(Box::new(line)))
}

/// Sends an edit.
///
/// # Errors
/// When it does not fit or would change nothing.
fn change(model: &mut Model, edit: Edit) -> Result<Vec<Effect>, CommandError> {
    let not_now = |why: String| Err(CommandError::NotNow(why));
    let Some(plan) = model.plan() else { return not_now("There is no plan yet.".to_owned()) };
    let changed = match edit.apply(plan, Origin::Human) {
        Ok((changed, _)) if changed.hash() == plan.hash() => {
            return not_now("That changes nothing.".to_owned());
        }
        Ok((changed, _)) => changed,
        Err(error) => return not_now(format!("The edit does not fit: {error}.")),
    };
    let gone = model.look.item.is_some_and(|id| changed.get(id).is_none());
    let place = edit.touches().into_iter().find(|id| changed.get(*id).is_some());
    let sent = edit.clone();
    model.change_pending(|pending| pending.push(sent));
    if let Some(id) = place.filter(|_| gone || matches!(edit, Edit::Insert { .. })) {
        cursor::choose(model, id);
    }
    Ok(vec![Effect::Send(Command::Edit(edit))])
}

/// The run stands still while the plan is edited elsewhere, or it would change meanwhile.
fn open_editor(model: &Model, text: String) -> Vec<Effect> {
    let pause = model.busy().then_some(Effect::Send(Command::Pause));
    pause.into_iter().chain([Effect::OpenEditor(text)]).collect()
}

/// Returns what hands out ids for new items of the plan that is shown.
fn ids(model: &Model) -> IdSource {
    let mut ids = model.state().ids.clone();
    if let Some(plan) = model.plan() {
        ids.observe_plan(plan);
    }
    ids
}

/// Gives the open dialog a key.
pub fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(mut dialog) = model.dialog.take() else { return Vec::new() };
    if key.kind == KeyEventKind::Release {
        model.dialog = Some(dialog);
        return Vec::new();
    }
    let reply = match &mut dialog {
        Dialog::Line(line) => line.on_key(model, key),
        Dialog::Deps(deps) => deps.on_key(model.plan(), key),
        Dialog::Kind(kind) => kind.on_key(model, key),
        Dialog::Remove(remove) => remove.on_key(key),
        Dialog::Whole(whole) => whole.on_key(key),
    };
    take(model, dialog, reply)
}

fn take(model: &mut Model, dialog: Dialog, reply: Reply) -> Vec<Effect> {
    match reply {
        Reply::Close => Vec::new(),
        Reply::Stay => {
            model.dialog = Some(dialog);
            Vec::new()
        }
        Reply::Change(edit) => {
            let refused = refusal(model).map(|why| CommandError::NotNow(why.to_owned()));
            let changed = refused.map_or_else(|| change(model, edit), Err);
            changed.unwrap_or_else(|error| {
                // What was typed is not lost.
                model.notices.say(Level::Warning, error.to_string(), model.now);
                model.dialog = Some(dialog);
                Vec::new()
            })
        }
        Reply::OpenEditor(text) => {
            model.dialog = Some(dialog);
            open_editor(model, text)
        }
    }
}

/// Gives the open dialog pasted text.
pub fn paste(model: &mut Model, text: &str) {
    let Some(mut dialog) = model.dialog.take() else { return };
    match &mut dialog {
        Dialog::Line(line) => line.paste(model, text),
        Dialog::Deps(_) | Dialog::Kind(_) | Dialog::Remove(_) | Dialog::Whole(_) => {}
    }
    model.dialog = Some(dialog);
}

/// Takes the text that comes back from another program, or why none does.
pub fn edited(model: &mut Model, outcome: Result<String, String>) -> Vec<Effect> {
    match model.dialog.take() {
        Some(Dialog::Whole(mut whole)) => {
            let reply = whole.back(model.plan(), outcome);
            take(model, Dialog::Whole(whole), reply)
        }
        other => {
            model.dialog = other;
            Vec::new()
        }
    }
}

/// Draws the open dialog over the panes; a line is drawn by the plan pane, in its place.
pub fn draw(ctx: &Ctx<'_>, dialog: &Dialog, area: Rect, buf: &mut Buffer) {
    match dialog {
        Dialog::Line(_) => {}
        Dialog::Deps(deps) => deps.draw(ctx, area, buf),
        Dialog::Kind(kind) => kind.draw(ctx, area, buf),
        Dialog::Remove(remove) => remove.draw(ctx, area, buf),
        Dialog::Whole(whole) => whole.draw(ctx, area, buf),
    }
}

/// Returns the keys that matter to the open dialog.
pub fn hints(dialog: &Dialog) -> Vec<(String, &'static str)> {
    match dialog {
        Dialog::Line(line) => line.hints(),
        Dialog::Deps(_) => DepsDialog::hints(),
        Dialog::Kind(_) => KindDialog::hints(),
        Dialog::Remove(_) => RemoveDialog::hints(),
        Dialog::Whole(_) => WholeDialog::hints(),
    }
}
