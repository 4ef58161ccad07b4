//! What a key does to the plan: an edit at once, or a dialog.

use super::{
    change,
    deps::DepsDialog,
    dialog::Dialog,
    fork::ForkDialog,
    line::LineDialog,
    noise::NoiseDialog,
    question::{KindDialog, RemoveDialog},
    whole::WholeDialog,
    why::WhyDialog,
};
use crate::{
    commands::{CommandError, Hand},
    model::Model,
    msg::Effect,
    panes::plan::cursor,
};
use engine::Command;
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Origin, Plan};
use session::Phase;

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

/// Why the plan cannot be changed at the current position.
pub(super) fn refusal(model: &Model) -> Option<&'static str> {
    let Some(live) = model.engine() else {
        return Some("A recording cannot be changed; fork it to continue with another plan.");
    };
    if live.over() {
        return Some("The run is over; fork it to continue with another plan.");
    }
    if !model.at_present() {
        return Some("The past cannot be changed; return to the newest event, or fork here.");
    }
    let phase = model.state().phase;
    matches!(phase, Phase::Answer | Phase::Done)
        .then_some("The answer is being decoded from the plan; fork at an earlier moment to change it.")
}

/// The result of a command on the plan.
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
        (Hand::Whole, _) => Begun::Whole(WholeDialog::new(plan, model.now)),
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
        Hand::Whole => Begun::Whole(WholeDialog::new(plan, model.now)),
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
pub(super) fn change(model: &mut Model, edit: Edit) -> Result<Vec<Effect>, CommandError> {
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

/// The run is paused while the plan is edited elsewhere, or it would change meanwhile.
pub(super) fn open_editor(model: &Model, text: String) -> Vec<Effect> {
    let pause = model.busy().then_some(Effect::Send(Command::Pause));
    pause.into_iter().chain([Effect::OpenEditor(text)]).collect()
}

/// Returns what hands out ids for new items of the plan that is shown.
pub(super) fn ids(model: &Model) -> IdSource {
    let mut ids = model.state().ids.clone();
    if let Some(plan) = model.plan() {
        ids.observe_plan(plan);
    }
    ids
}

/// Takes back the last change of the plan by hand or noise.
///
/// # Errors
/// When the plan cannot be changed now, in a sentence.
pub fn undo(model: &Model) -> Result<Vec<Effect>, CommandError> {
    tell(model, Command::Undo)
}

/// Brings back what was taken back last.
///
/// # Errors
/// When the plan cannot be changed now, in a sentence.
pub fn redo(model: &Model) -> Result<Vec<Effect>, CommandError> {
    tell(model, Command::Redo)
}

fn tell(model: &Model, command: Command) -> Result<Vec<Effect>, CommandError> {
    match refusal(model) {
        Some(why) => Err(CommandError::NotNow(why.to_owned())),
        None => Ok(vec![Effect::Send(command)]),
    }
}

/// Opens the settings of noise.
///
/// # Errors
/// When the plan cannot be changed now, in a sentence.
pub fn noise(model: &mut Model) -> Result<Vec<Effect>, CommandError> {
    if let Some(why) = refusal(model) {
        return Err(CommandError::NotNow(why.to_owned()));
    }
    let here = cursor::item(model).and_then(|item| model.plan()?.position(item.id));
    model.dialog = Some(Dialog::Noise(Box::new(NoiseDialog::new(model, here))));
    Ok(Vec::new())
}

/// Shows the history of an item, or of the one under the cursor.
///
/// # Errors
/// When there is no such item, or the record cannot be read.
pub fn why(model: &mut Model, item: Option<ItemId>) -> Result<Vec<Effect>, CommandError> {
    let id = item.or_else(|| cursor::item(model).map(|item| item.id));
    let id = id.ok_or_else(|| CommandError::NotNow("There is no plan yet.".to_owned()))?;
    model.dialog = Some(Dialog::Why(WhyDialog::new(model, id)?));
    Ok(Vec::new())
}

/// Asks whether to fork the session at the current position.
///
/// # Errors
/// When nothing can continue from there, as a sentence.
pub fn fork(model: &mut Model) -> Result<Vec<Effect>, CommandError> {
    model.dialog = Some(Dialog::Fork(ForkDialog::new(model)?));
    Ok(Vec::new())
}
