//! What a person is in the middle of typing, and what the keys mean meanwhile.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    commands::{self, Action, Asked, CommandSpec, Takes},
    keymap::Key,
    look::Popup,
    model::Model,
    msg::Effect,
    notices::Level,
    palette::{self, Palette},
    press::by_hand,
    prompt::{self, Asks, Prompt},
    sessions,
    widgets::input::paste,
};

/// What a person is in the middle of.
#[derive(Debug, Clone)]
pub enum Typing {
    /// Writing a command or a text to search for.
    Prompt(Box<Prompt>),
    /// Looking for a command.
    Palette(Box<Palette>),
    /// About to press the letter that a command needs.
    Letter(&'static CommandSpec),
}

/// Opens the prompt with the name of a command that needs something, or waits for its letter.
pub fn ask_for(model: &mut Model, spec: &'static CommandSpec) -> Vec<Effect> {
    if spec.takes_letter() {
        model.look.typing = Some(Typing::Letter(spec));
        return Vec::new();
    }
    let line = format!("{} ", spec.name);
    model.look.typing = Some(Typing::Prompt(Box::new(Prompt::new(Asks::Command, &line, model))));
    sessions::ask_for_names(model, &line)
}

/// Looks once more for what could come next on the line that is being typed, after more is known.
pub fn complete_again(model: &mut Model) {
    let mut typing = model.look.typing.take();
    if let Some(Typing::Prompt(prompt)) = &mut typing {
        prompt.complete_again(model);
    }
    model.look.typing = typing;
}

/// Takes a key in while something is being typed; returns none when nothing is.
pub fn on_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    Some(match model.look.typing.take()? {
        Typing::Prompt(prompt) => in_prompt(model, prompt, key),
        Typing::Palette(palette) => in_palette(model, palette, key),
        Typing::Letter(spec) => the_letter(model, spec, key),
    })
}

fn in_prompt(model: &mut Model, mut prompt: Box<Prompt>, key: KeyEvent) -> Vec<Effect> {
    let line = match prompt.on_key(key, model) {
        prompt::Answer::Leave => return Vec::new(),
        prompt::Answer::Stay => return stay(model, prompt),
        prompt::Answer::Enter(line) => line,
    };
    model.history.add(prompt.asks(), &line);
    let asked = match prompt.asks() {
        Asks::Search => Ok(Asked::once(Action::SearchFor(line))),
        Asks::Command => commands::parse(&line),
    };
    match asked.and_then(|asked| by_hand(model, asked)) {
        Ok(effects) => effects,
        Err(error) => {
            prompt.refuse(error.to_string());
            model.look.typing = Some(Typing::Prompt(prompt));
            Vec::new()
        }
    }
}

/// Typing continues.
fn stay(model: &mut Model, prompt: Box<Prompt>) -> Vec<Effect> {
    let effects = match prompt.asks() {
        Asks::Command => sessions::ask_for_names(model, prompt.line()),
        Asks::Search => Vec::new(),
    };
    model.look.typing = Some(Typing::Prompt(prompt));
    effects
}

/// Takes pasted text in where something is being typed, the search of the help included.
pub fn on_paste(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.look.typing.take() {
        Some(Typing::Prompt(mut prompt)) => {
            prompt.paste(text, model);
            return stay(model, prompt);
        }
        Some(Typing::Palette(mut palette)) => {
            palette.paste(text);
            model.look.typing = Some(Typing::Palette(palette));
        }
        letter @ Some(Typing::Letter(_)) => model.look.typing = letter,
        None if model.look.popup == Some(Popup::Help) => {
            model.look.popup_scroll = 0;
            if let Err(why) = paste(&mut model.look.help, text) {
                // Shown where the help leaves room for it, and once it is closed.
                model.notices.say(Level::Error, why, model.now);
            }
        }
        None => {}
    }
    Vec::new()
}

fn in_palette(model: &mut Model, mut palette: Box<Palette>, key: KeyEvent) -> Vec<Effect> {
    match palette.on_key(key) {
        palette::Answer::Leave => Vec::new(),
        palette::Answer::Stay => {
            model.look.typing = Some(Typing::Palette(palette));
            Vec::new()
        }
        palette::Answer::Take(spec) => match spec.action() {
            Some(action) => done(model, Asked::once(action.clone())),
            None => ask_for(model, spec),
        },
    }
}

fn the_letter(model: &mut Model, spec: &CommandSpec, key: KeyEvent) -> Vec<Effect> {
    let (Takes::Letter(make) | Takes::Mark(make)) = spec.takes else { return Vec::new() };
    match Key::from(key).char().filter(|letter| letter.is_alphanumeric()) {
        Some(letter) => done(model, Asked::once(make(letter))),
        None => Vec::new(),
    }
}

/// Does what was asked; what cannot be done is reported.
fn done(model: &mut Model, asked: Asked) -> Vec<Effect> {
    by_hand(model, asked).unwrap_or_else(|error| {
        model.notices.say(Level::Warning, error.to_string(), model.now);
        Vec::new()
    })
}

/// Takes a key in while the help is open; returns whether it was one for its search.
pub fn in_help(model: &mut Model, key: KeyEvent) -> bool {
    let empty = model.look.help.value().is_empty();
    let held = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    if model.look.popup != Some(Popup::Help) || held {
        return false;
    }
    if key.code == KeyCode::Esc && !empty {
        model.look.help.reset();
        return true;
    }
    let writes = matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Left | KeyCode::Right);
    if !writes || (empty && key.code == KeyCode::Char('?')) {
        return false;
    }
    model.look.help.on_key(key);
    model.look.popup_scroll = 0;
    true
}
