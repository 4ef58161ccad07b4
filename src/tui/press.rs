//! What a pressed key leads to, and whose turn it is: the person's, a count's or a script's.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::{
    calls,
    commands::{Action, Asked, CommandError, is_counted},
    cursors, edit, findings,
    keymap::{Bound, Key},
    ledger,
    look::{Count, Popup},
    model::Model,
    msg::Effect,
    notices::Level,
    probes,
    script::{Place, Step},
    sessions, tour, typing,
    update::{act, stop_and_quit},
};

/// The most often that a count repeats a command.
const MOST_TIMES: u32 = 10_000;

/// Takes a key in.
pub fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if let Some(effects) = tour::on_key(model, key) {
        return effects;
    }
    if model.dialog.is_some() && !always(model, key) {
        return edit::on_key(model, key);
    }
    if model.look.popup == Some(Popup::ConfirmQuit) {
        if matches!(key.code, KeyCode::Char('y' | 'Y')) {
            return stop_and_quit(model);
        }
        if matches!(key.code, KeyCode::Char('n' | 'N')) {
            model.look.popup = None;
            return Vec::new();
        }
    }
    if let Some(effects) = typing::on_key(model, key) {
        return effects;
    }
    if let Some(effects) = sessions::on_key(model, key) {
        return effects;
    }
    if ledger::on_key(model, key) {
        return Vec::new();
    }
    if calls::on_key(model, key) {
        return Vec::new();
    }
    if let Some(effects) = probes::on_key(model, key) {
        return effects;
    }
    if let Some(effects) = findings::on_key(model, key) {
        return effects;
    }
    if typing::in_help(model, key) {
        return Vec::new();
    }
    let key = Key::from(key);
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
    match model.keymap.bound(model.look.focus, key).cloned() {
        Some(Bound::Asked(asked)) => {
            let asked = counted(model, asked, count);
            by_hand(model, asked).unwrap_or_else(|error| {
                model.notices.say(Level::Warning, error.to_string(), model.now);
                Vec::new()
            })
        }
        Some(Bound::Needs(spec)) => typing::ask_for(model, spec),
        None => {
            not_here(model, key);
            Vec::new()
        }
    }
}

/// Says where a key that does nothing here would do something.
fn not_here(model: &mut Model, key: Key) {
    let panes = model.keymap.elsewhere(model.look.focus, key);
    let names: Vec<String> =
        panes.iter().map(|pane| format!("{} ({})", pane.spec().title, *pane as usize + 1)).collect();
    if !names.is_empty() {
        let text = format!("{} means something only in {}.", key.label(), names.join(" and "));
        model.notices.say(Level::Info, text, model.now);
    }
}

/// Returns whether the key means the same whatever is open.
fn always(model: &Model, key: KeyEvent) -> bool {
    let bound = model.keymap.bound(model.look.focus, Key::from(key));
    let Some(Bound::Asked(asked)) = bound else { return false };
    matches!(asked.action, Action::Interrupt | Action::Suspend)
}

/// Takes pasted text in, where something is being typed; elsewhere it means nothing.
pub fn on_paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.dialog.is_some() {
        edit::paste(model, text);
        return Vec::new();
    }
    typing::on_paste(model, text)
}

/// Adds a digit to the count; returns whether the key means nothing else.
fn add_digit(model: &mut Model, count: Option<Count>, key: Key, digit: u32) -> bool {
    let number = count.map_or(0, |count| count.number).saturating_mul(10).saturating_add(digit);
    let only_counts = model.keymap.digits_count() || model.keymap.bound(model.look.focus, key).is_none();
    let before = match count {
        // A second digit says that the first was one of a count.
        Some(count) => {
            model.look.focus = count.before.unwrap_or(model.look.focus);
            None
        }
        None => (!only_counts).then_some(model.look.focus),
    };
    model.look.count = Some(Count { number: number.min(MOST_TIMES), at: model.now, before });
    only_counts || count.is_some()
}

/// Returns what was asked, as often as the count before it says. A digit that gave the focus to a pane
/// counts driving and travelling, after which the focus goes back; moving within the pane it does not.
fn counted(model: &mut Model, asked: Asked, count: Option<Count>) -> Asked {
    let Some(count) = count.filter(|_| is_counted(&asked.action)) else { return asked };
    let moves_on =
        matches!(asked.action, Action::Drive(_) | Action::Travel(_)) && !cursors::moves(model, &asked.action);
    match count.before {
        Some(_) if !moves_on => return asked,
        Some(before) => model.look.focus = before,
        None => {}
    }
    Asked { count: asked.count.saturating_mul(count.number), ..asked }
}

/// Does what a person asks for. Driving by hand takes over from a script.
///
/// # Errors
/// When it cannot be done.
pub fn by_hand(model: &mut Model, asked: Asked) -> Result<Vec<Effect>, CommandError> {
    let drives = matches!(
        asked.action,
        Action::Drive(_)
            | Action::Interrupt
            | Action::Noise(_)
            | Action::Chaos(_)
            | Action::Adopt(_)
            | Action::Gate(_)
            | Action::ShadowLane
            | Action::Rescore(_)
    );
    if drives {
        take_over(model);
    }
    model.queue.by_hand();
    run(model, asked, None)
}

/// Drops what waits for its turn.
pub fn take_over(model: &mut Model) {
    if let Some(place) = model.queue.clear() {
        let text = format!("The script ends before {place}, since you took over.");
        model.notices.say(Level::Info, text, model.now);
    }
}

/// Does an action as often as asked. What has to wait for the run is put in the queue.
fn run(model: &mut Model, asked: Asked, place: Option<Place>) -> Result<Vec<Effect>, CommandError> {
    let mut effects = Vec::new();
    let count = asked.count.min(MOST_TIMES);
    for done in 1..=count {
        match act(model, asked.action.clone()) {
            Ok(more) => effects.extend(more),
            Err(error) if done == 1 => return Err(error),
            // As often as could be.
            Err(_) => break,
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Send(_))) {
            if done < count || place.is_some() {
                model.queue.wait();
            }
            if done < count {
                let rest = Asked { count: count - done, ..asked };
                model.queue.put_first(Step { asked: rest, place });
            }
            break;
        }
    }
    Ok(effects)
}

/// Does the next command of the queue.
pub fn next_turn(model: &mut Model) -> Vec<Effect> {
    let Some(step) = model.queue.take_next() else { return Vec::new() };
    run(model, step.asked, step.place).unwrap_or_else(|error| {
        fail(model, &error.to_string());
        Vec::new()
    })
}

/// Says that something failed. A script in which it did ends.
pub fn fail(model: &mut Model, text: &str) {
    let text = match model.queue.current() {
        Some(place) => format!("{place}: {text}"),
        None => text.to_owned(),
    };
    if model.queue.current().is_some() {
        model.queue.clear();
    }
    model.notices.say(Level::Warning, text, model.now);
}
