//! What a pressed key leads to: text where something is typed, and otherwise what the table of commands says.

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::{
    commands::{
        Action, Asked, OverlayKind, is_counted,
        keymap::{Bound, Key},
    },
    core::{
        look::{Count, Look},
        model::Model,
        msg::Effect,
        notices::Level,
    },
    overlays::{
        self,
        overlay::{Outcome, Overlay},
        screen::Screen,
    },
    run::dispatch::{MOST_TIMES, settle, try_by_hand},
};

/// Takes a key in.
pub fn on_key(screen: &mut Screen, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let key = Key::from(event);
    let always = screen.model.setup.keymap.means_the_same_everywhere(key);
    for kind in screen.overlays.reach() {
        let Screen { model, overlays } = &mut *screen;
        if let Some(action) = model.setup.keymap.bound_over(kind, key).cloned() {
            model.look.count = None;
            return try_by_hand(screen, Asked::once(action));
        }
        let overlay = overlays.get_mut(kind).filter(|_| !always);
        if let Some(outcome) = overlay.and_then(|overlay| overlay.type_key(model, event)) {
            return settled(screen, kind, outcome);
        }
    }
    if screen.overlays.top().is_some_and(Overlay::is_modal) {
        let bound = screen.model.setup.keymap.bound_anywhere(key).cloned();
        let Some(Bound::Asked(asked)) = bound else { return Vec::new() };
        return try_by_hand(screen, asked);
    }
    elsewhere(screen, key)
}

/// Takes in a key that nothing over the panes has for itself: a digit of a count, or a command.
fn elsewhere(screen: &mut Screen, key: Key) -> Vec<Effect> {
    let over = screen.overlays.top_kind().is_some();
    let model = &mut screen.model;
    let count = model.count();
    let count = match key.digit() {
        Some(digit) if digit > 0 || count.is_some() => {
            if add_digit(model, count, key, digit) {
                return Vec::new();
            }
            None
        }
        Some(_) | None => {
            model.look.count = None;
            count
        }
    };
    match bound(model, over, key).cloned() {
        Some(Bound::Asked(asked)) => {
            let asked = counted(&mut model.look, asked, count);
            try_by_hand(screen, asked)
        }
        Some(Bound::Needs(spec)) => overlays::ask_for(screen, spec),
        None => {
            not_here(model, over, key);
            Vec::new()
        }
    }
}

/// Applies the outcome of a key, and says why where that cannot be done.
fn settled(screen: &mut Screen, kind: OverlayKind, outcome: Outcome) -> Vec<Effect> {
    match settle(screen, kind, outcome) {
        Ok(effects) => effects.unwrap_or_default(),
        Err(error) => {
            screen.model.warn(error.to_string());
            Vec::new()
        }
    }
}

/// The keys of a pane hold only while nothing lies over it.
fn bound(model: &Model, over: bool, key: Key) -> Option<&Bound> {
    if over {
        model.setup.keymap.bound_anywhere(key)
    } else {
        model.setup.keymap.bound(model.look.focus, key)
    }
}

/// Says where a key that does nothing here would do something.
fn not_here(model: &mut Model, over: bool, key: Key) {
    let panes = model.setup.keymap.elsewhere((!over).then_some(model.look.focus), key);
    let names: Vec<String> =
        panes.iter().map(|pane| format!("{} ({})", pane.title(), *pane as usize + 1)).collect();
    if !names.is_empty() {
        let text = format!("{} means something only in {}.", key.label(), names.join(" and "));
        model.notices.say(Level::Info, text, model.now);
    }
}

/// Takes pasted text in, where something is being typed; elsewhere it means nothing.
pub fn on_paste(screen: &mut Screen, text: &str) -> Vec<Effect> {
    for kind in screen.overlays.reach() {
        let Screen { model, overlays } = &mut *screen;
        let Some(overlay) = overlays.get_mut(kind) else { continue };
        let outcome = overlay.paste(model, text);
        if !matches!(outcome, Outcome::Pass) {
            return settled(screen, kind, outcome);
        }
    }
    Vec::new()
}

/// Adds a digit to the count; returns whether the key means nothing else.
fn add_digit(model: &mut Model, count: Option<Count>, key: Key, digit: u32) -> bool {
    let number = count.map_or(0, |count| count.number).saturating_mul(10).saturating_add(digit);
    let only_counts =
        model.setup.keymap.digits_count() || model.setup.keymap.bound(model.look.focus, key).is_none();
    // Where the first digit gave the focus to a pane, each of those that follow does, and only what is counted takes it back.
    let before = match &count {
        Some(count) => count.before,
        None => (!only_counts).then_some(model.look.focus),
    };
    model.look.count = Some(Count { number: number.min(MOST_TIMES), at: model.now, before });
    only_counts || count.is_some_and(|count| count.before.is_none())
}

/// Returns what was asked, as often as the count before it says. A digit that gave the focus to a pane
/// counts driving and travelling, after which the focus goes back; moving within the pane it does not.
fn counted(look: &mut Look, asked: Asked, count: Option<Count>) -> Asked {
    let Some(count) = count.filter(|_| is_counted(&asked.action)) else { return asked };
    let moves_on = matches!(asked.action, Action::Drive(_) | Action::Travel(_));
    match count.before {
        Some(_) if !moves_on => return asked,
        Some(before) => look.focus = before,
        None => {}
    }
    Asked { count: asked.count.saturating_mul(count.number), ..asked }
}
