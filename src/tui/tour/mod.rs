//! A guided tour through a recorded session. A box says what is seen; the debugger below is driven by the same
//! commands as by a person's keys, and the keys in the sentences come from the keymap.

mod draw;
mod steps;

use crossterm::event::{KeyCode, KeyEvent};

use super::{
    edit::Dialog,
    keymap::{Bound, Key},
    look::Look,
    model::Model,
    msg::Effect,
    notices::Level,
    press::by_hand,
};
pub use draw::draw;
pub use steps::{Piece, Step, Tour, script};

/// Begins the tour at its first step. What has to be done outside the screen comes back.
pub fn begin(model: &mut Model, tour: Tour) -> Vec<Effect> {
    model.tour = Some(tour);
    enter(model, 0)
}

/// Takes in a key during the tour; none when it is not meant for it. All other keys do what they always do, and the
/// next step brings the screen to where it has to be.
pub(crate) fn on_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let asks = !matches!(model.dialog, None | Some(Dialog::Why(_)));
    if asks || model.look.typing.is_some() {
        return None;
    }
    let tour = model.tour.as_ref()?;
    let at = tour.at();
    if key.code == KeyCode::Esc {
        leave(model);
        return Some(Vec::new());
    }
    if key.code == KeyCode::Left {
        return Some(enter(model, at.saturating_sub(1)));
    }
    let next = tour.steps().get(at + 1);
    let does_it = next.and_then(|step| step.commands.first()).is_some_and(|first| {
        let bound = model.keymap.bound(model.look.focus, Key::from(key));
        matches!(bound, Some(Bound::Asked(asked)) if asked == first)
    });
    if !does_it && !matches!(key.code, KeyCode::Enter | KeyCode::Right) {
        return None;
    }
    if next.is_none() {
        leave(model);
        return Some(Vec::new());
    }
    Some(enter(model, at + 1))
}

/// Ends the tour; the record stays open.
fn leave(model: &mut Model) {
    model.tour = None;
    model.look.popup = None;
    model.dialog = None;
    let quit = model.keymap.labels("quit").first().cloned().unwrap_or_else(|| ":quit".to_owned());
    let text = format!("The tour is over. Look around in this record as you like; {quit} leaves.");
    model.notices.say(Level::Info, text, model.now);
}

/// Goes to a step: from the beginning through the commands of all steps up to it, so that it looks the same
/// whichever way one comes, and whatever the person did between.
fn enter(model: &mut Model, at: usize) -> Vec<Effect> {
    restart(model);
    let Some(tour) = &mut model.tour else { return Vec::new() };
    tour.go_to(at);
    let commands: Vec<_> = tour.steps()[..=tour.at()].iter().flat_map(|step| step.commands.clone()).collect();
    let mut effects = Vec::new();
    for asked in commands {
        match by_hand(model, asked) {
            Ok(more) => effects.extend(more),
            Err(error) => model.notices.say(Level::Warning, error.to_string(), model.now),
        }
    }
    effects
}

/// Brings everything back to how it was when the record was opened, at its first moment.
fn restart(model: &mut Model) {
    let sizes = model.look.sizes.clone();
    model.look = Look { sizes, ..Look::default() };
    (model.dialog, model.search, model.ledger) = (None, None, None);
    (model.call, model.play) = (None, None);
    model.queue.clear();
    model.notices.dismiss();
    model.replay.seek(0);
    model.refresh();
}
