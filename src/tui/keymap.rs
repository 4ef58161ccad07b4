//! From keys to actions.

use std::collections::HashMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    commands::{Action, COMMANDS},
    panes::Pane,
};

/// A key with what is held down beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    shift: bool,
}

/// The text names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no key; a key is a character, a name such as space, tab, esc or left, or one of those after ctrl- or shift-"
)]
pub struct InvalidKey(String);

impl std::str::FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (mut rest, mut ctrl, mut shift) = (text, false, false);
        while let Some((held, key)) = rest.split_once('-').filter(|(_, key)| !key.is_empty()) {
            match held {
                "ctrl" => ctrl = true,
                "shift" => shift = true,
                _ => return Err(InvalidKey(text.to_owned())),
            }
            rest = key;
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(letter), None) => KeyCode::Char(letter),
            _ => named(rest).ok_or_else(|| InvalidKey(text.to_owned()))?,
        };
        Ok(Self { code, ctrl, shift })
    }
}

fn named(name: &str) -> Option<KeyCode> {
    Some(match name {
        "space" => KeyCode::Char(' '),
        "tab" => KeyCode::Tab,
        "esc" => KeyCode::Esc,
        "enter" => KeyCode::Enter,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        _ => return None,
    })
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        // Terminals tell of shift in different ways: letters already say it by their case.
        let code = event.code;
        if code == KeyCode::BackTab {
            return Self { code: KeyCode::Tab, ctrl, shift: true };
        }
        let KeyCode::Char(letter) = code else { return Self { code, ctrl, shift } };
        let letter = if ctrl {
            letter.to_ascii_lowercase()
        } else if shift {
            letter.to_uppercase().next().unwrap_or(letter)
        } else {
            letter
        };
        Self { code: KeyCode::Char(letter), ctrl, shift: false }
    }
}

/// Which key asks for what.
#[derive(Debug, Clone)]
pub struct Keymap {
    actions: HashMap<(Option<Pane>, Key), Action>,
}

impl Default for Keymap {
    fn default() -> Self {
        let actions = COMMANDS
            .iter()
            .flat_map(|spec| {
                spec.all_keys().filter_map(|(pane, key)| Some(((pane, key.parse().ok()?), spec.action)))
            })
            .collect();
        Self { actions }
    }
}

impl Keymap {
    /// Returns what `key` asks for while `focus` has the focus.
    pub fn action(&self, key: Key, focus: Pane) -> Option<Action> {
        self.actions.get(&(Some(focus), key)).or_else(|| self.actions.get(&(None, key))).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::commands::Travel;

    #[test]
    fn every_key_of_the_table_can_be_pressed() {
        let keymap = Keymap::default();
        for spec in COMMANDS {
            for (pane, key) in spec.all_keys() {
                // The answer has no keys of its own.
                let focus = pane.unwrap_or(Pane::Answer);
                assert_eq!(keymap.action(key.parse().unwrap(), focus), Some(spec.action), "{key}");
            }
        }
    }

    #[test]
    fn terminals_that_tell_of_shift_differently_agree() {
        let keymap = Keymap::default();
        let press = |code, modifiers| keymap.action(KeyEvent::new(code, modifiers).into(), Pane::default());
        for (letter, modifiers) in
            [('S', KeyModifiers::NONE), ('S', KeyModifiers::SHIFT), ('s', KeyModifiers::SHIFT)]
        {
            assert_eq!(press(KeyCode::Char(letter), modifiers), Some(Action::Travel(Travel::PreviousPhase)));
        }
        assert_eq!(press(KeyCode::BackTab, KeyModifiers::SHIFT), Some(Action::FocusPrevious));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Action::Interrupt));
    }

    #[test]
    fn nonsense_is_no_key() {
        assert!("hyper-x".parse::<Key>().is_err());
        assert!("returm".parse::<Key>().unwrap_err().to_string().contains("returm"));
        assert!("".parse::<Key>().is_err());
    }
}
