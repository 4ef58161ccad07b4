//! What is typed or chosen over the panes. While one is open, all keys are its own.

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    deps::DepsDialog,
    fork::ForkDialog,
    hand::{change, open_editor, refusal},
    line::LineDialog,
    noise::NoiseDialog,
    question::{KindDialog, RemoveDialog},
    whole::WholeDialog,
    why::WhyDialog,
};
use crate::{commands::CommandError, model::Model, msg::Effect, notices::Level, panes::Ctx};
use engine::Command;
use plan::Edit;

/// What the person is typing or choosing.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// A line in its place in the plan, or that of a candidate.
    Line(Box<LineDialog>),
    /// What an item builds on.
    Deps(DepsDialog),
    /// Which kind an item becomes.
    Kind(KindDialog),
    /// Whether an item may go.
    Remove(RemoveDialog),
    /// The whole plan in another program.
    Whole(WholeDialog),
    /// Why an item is what it is.
    Why(WhyDialog),
    /// Noise to be injected.
    Noise(Box<NoiseDialog>),
    /// Whether to continue as another session.
    Fork(ForkDialog),
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
    /// It closes, and sends the engine a command.
    Tell(Command),
    /// It closes, and the position after so many events is shown.
    Go(usize),
    /// It closes, and another session continues after this event.
    Fork(u64),
    /// The text is to be edited in another program.
    OpenEditor(String),
    /// What the other program has saved by now is to be read.
    ReadSaved,
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
        Dialog::Why(why) => why.on_key(key),
        Dialog::Noise(noise) => noise.on_key(model, key),
        Dialog::Fork(fork) => fork.on_key(key),
    };
    take(model, dialog, reply)
}

fn take(model: &mut Model, mut dialog: Dialog, reply: Reply) -> Vec<Effect> {
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
        Reply::Tell(command) => vec![Effect::Send(command)],
        Reply::Go(moment) => {
            model.replay.seek(moment);
            Vec::new()
        }
        Reply::Fork(seq) => vec![Effect::Fork(seq)],
        Reply::OpenEditor(text) => {
            if let Dialog::Whole(whole) = &mut dialog {
                whole.reopened(model.now);
            }
            model.dialog = Some(dialog);
            open_editor(model, text)
        }
        Reply::ReadSaved => {
            model.dialog = Some(dialog);
            vec![Effect::ReadSaved]
        }
    }
}

/// Gives the open dialog pasted text.
pub fn paste(model: &mut Model, text: &str) {
    let Some(mut dialog) = model.dialog.take() else { return };
    match &mut dialog {
        Dialog::Line(line) => line.paste(model, text),
        Dialog::Deps(_)
        | Dialog::Kind(_)
        | Dialog::Remove(_)
        | Dialog::Whole(_)
        | Dialog::Why(_)
        | Dialog::Noise(_)
        | Dialog::Fork(_) => {}
    }
    model.dialog = Some(dialog);
}

/// Takes the text that comes back from another program, or why none does.
pub fn edited(model: &mut Model, outcome: Result<String, String>) -> Vec<Effect> {
    match model.dialog.take() {
        Some(Dialog::Whole(mut whole)) => {
            let reply = whole.back(model.plan(), outcome, model.now);
            if reply == Reply::Close {
                model.notices.say(Level::Info, "The text came back unchanged; the plan stays.", model.now);
            }
            take(model, Dialog::Whole(whole), reply)
        }
        other => {
            model.dialog = other;
            Vec::new()
        }
    }
}

/// Draws the open dialog over the panes; a line of the plan is drawn by its pane, in its place.
pub fn draw(ctx: &Ctx<'_>, dialog: &Dialog, area: Rect, buf: &mut Buffer) {
    match dialog {
        Dialog::Line(line) => line.draw(ctx, area, buf),
        Dialog::Deps(deps) => deps.draw(ctx, area, buf),
        Dialog::Kind(kind) => kind.draw(ctx, area, buf),
        Dialog::Remove(remove) => remove.draw(ctx, area, buf),
        Dialog::Whole(whole) => whole.draw(ctx, area, buf),
        Dialog::Why(why) => why.draw(ctx, area, buf),
        Dialog::Noise(noise) => noise.draw(ctx, area, buf),
        Dialog::Fork(fork) => fork.draw(ctx, area, buf),
    }
}

/// Returns the keys that matter to the open dialog.
pub fn hints(dialog: &Dialog) -> Vec<(String, &'static str)> {
    match dialog {
        Dialog::Line(line) => line.hints(),
        Dialog::Deps(_) => DepsDialog::hints(),
        Dialog::Kind(_) => KindDialog::hints(),
        Dialog::Remove(_) => RemoveDialog::hints(),
        Dialog::Whole(whole) => whole.hints(),
        Dialog::Why(_) => WhyDialog::hints(),
        Dialog::Noise(_) => NoiseDialog::hints(),
        Dialog::Fork(_) => ForkDialog::hints(),
    }
}
