//! From keys to commands.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    str::FromStr,
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    action::{Action, Asked},
    overlays::{OverlayKey, OverlayKind},
    pane::Pane,
    parse::{CommandError, find, parse},
    profile::{Profile, UnknownProfile},
    spec::CommandSpec,
    table::all,
};

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
    shift: bool,
}

/// The text names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown key \"{0}\"; expected a character, a name such as space, tab, esc, left or f5, optionally with ctrl-, alt- or shift-"
)]
pub struct InvalidKey(String);

/// Keys that have a name.
const NAMED: [(&str, KeyCode); 14] = [
    ("space", KeyCode::Char(' ')),
    ("tab", KeyCode::Tab),
    ("esc", KeyCode::Esc),
    ("enter", KeyCode::Enter),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
];

/// Signs and short words for some of them, for hints.
const SIGNS: [(&str, &str); 6] =
    [("left", "←"), ("right", "→"), ("up", "↑"), ("down", "↓"), ("pagedown", "PgDn"), ("pageup", "PgUp")];

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (mut rest, mut ctrl, mut alt, mut shift) = (text, false, false, false);
        while let Some((held, key)) = rest.split_once('-').filter(|(_, key)| !key.is_empty()) {
            match held {
                "ctrl" => ctrl = true,
                "alt" => alt = true,
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
        let mut modifiers = KeyModifiers::NONE;
        modifiers.set(KeyModifiers::CONTROL, ctrl);
        modifiers.set(KeyModifiers::ALT, alt);
        modifiers.set(KeyModifiers::SHIFT, shift);
        Ok(KeyEvent::new(code, modifiers).into())
    }
}

fn named(name: &str) -> Option<KeyCode> {
    let function = || name.strip_prefix('f')?.parse().ok().filter(|number| (1..=24).contains(number));
    NAMED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, code)| *code)
        .or_else(|| function().map(KeyCode::F))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        let named = NAMED.iter().find(|(_, code)| *code == self.code);
        match (named, self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::Char(letter)) => write!(f, "{letter}"),
            (None, code) => write!(f, "{}", code.to_string().to_lowercase()),
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        // Terminals tell of shift in different ways: letters already say it by their case.
        let code = event.code;
        if code == KeyCode::BackTab {
            return Self { code: KeyCode::Tab, ctrl, alt, shift: true };
        }
        let KeyCode::Char(letter) = code else { return Self { code, ctrl, alt, shift } };
        let letter = if ctrl {
            letter.to_ascii_lowercase()
        } else if shift {
            letter.to_uppercase().next().unwrap_or(letter)
        } else {
            letter
        };
        Self { code: KeyCode::Char(letter), ctrl, alt, shift: false }
    }
}

impl Key {
    /// Returns how it is shown in hints, shorter than its name.
    pub fn label(self) -> String {
        let name = if let KeyCode::Char(letter) = self.code
            && letter != ' '
        {
            if self.ctrl { letter.to_uppercase().to_string() } else { letter.to_string() }
        } else {
            let plain = Self { ctrl: false, alt: false, shift: false, ..self }.to_string();
            let sign = SIGNS.iter().find(|(name, _)| *name == plain).map(|(_, sign)| (*sign).to_owned());
            sign.unwrap_or(plain)
        };
        let held = [(self.ctrl, "^"), (self.alt, "alt-"), (self.shift, "⇧")];
        let held: String = held.iter().filter(|(held, _)| *held).map(|(_, sign)| *sign).collect();
        held + &name
    }

    /// Returns the digit that it is.
    pub fn digit(self) -> Option<u32> {
        let KeyCode::Char(letter) = self.code else { return None };
        letter.to_digit(10).filter(|_| !self.ctrl && !self.alt)
    }

    /// Returns the character that it writes.
    pub fn char(self) -> Option<char> {
        let KeyCode::Char(letter) = self.code else { return None };
        (!self.ctrl && !self.alt).then_some(letter)
    }
}

/// What a key leads to.
#[derive(Debug, Clone)]
pub enum Bound {
    /// Something is done.
    Asked(Asked),
    /// A command needs something first.
    Needs(&'static CommandSpec),
}

/// Why the keys of the configuration cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what they are")]
pub enum KeymapError {
    /// The profile does not exist.
    #[error("ui.keys: {0}")]
    Profile(#[from] UnknownProfile),
    /// A key does not exist.
    #[error("ui.bind: {0}")]
    Key(#[from] InvalidKey),
    /// The command of a key is not one.
    #[error("ui.bind.\"{key}\": {error}")]
    Command { key: String, error: CommandError },
}

/// Which key asks for what: those of a profile, then those of the configuration.
#[derive(Debug, Clone)]
pub struct Keymap {
    profile: Profile,
    /// Keys of the configuration; none for one that was taken away.
    own: Vec<(Key, Option<(&'static str, Bound)>)>,
    bound: HashMap<(Option<Pane>, Key), Bound>,
    /// Keys that hold while an overlay is open.
    over: HashMap<(OverlayKind, Key), Action>,
    labels: HashMap<&'static str, Vec<String>>,
    /// The label of each row of [`OverlayKind::keys`], one list per overlay; none for a row that has no key.
    over_labels: Vec<Vec<Option<String>>>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::of(Profile::default(), Vec::new())
    }
}

impl Keymap {
    /// Returns the keys of a profile, with `bind` (keys and command lines) in place of theirs.
    ///
    /// # Errors
    /// When the profile, a key or a command does not exist; the error names the setting.
    pub fn new(profile: &str, bind: &BTreeMap<String, String>) -> Result<Self, KeymapError> {
        let mut own = Vec::new();
        for (name, line) in bind {
            let key: Key = name.parse()?;
            let failed = |error| KeymapError::Command { key: name.clone(), error };
            own.push((key, bound_to(line).map_err(failed)?));
        }
        Ok(Self::of(profile.parse()?, own))
    }

    fn of(profile: Profile, own: Vec<(Key, Option<(&'static str, Bound)>)>) -> Self {
        let mut keymap = Self {
            profile,
            own,
            bound: HashMap::new(),
            over: HashMap::new(),
            labels: HashMap::new(),
            over_labels: Vec::new(),
        };
        keymap.set_profile(profile);
        keymap
    }

    /// Takes the keys of `profile`; those of the configuration stay.
    pub(crate) fn set_profile(&mut self, profile: Profile) {
        self.profile = profile;
        self.bound.clear();
        let mut labels: Vec<(&'static str, Option<Pane>, Key)> = Vec::new();
        for spec in all() {
            // The test of the table makes sure that each of its keys can be read.
            let keys = spec.keys_in(profile).filter_map(|(pane, key)| Some((pane, key.parse().ok()?)));
            for (pane, key) in keys {
                self.bound.insert((pane, key), bound(spec));
                labels.push((spec.name, pane, key));
            }
        }
        self.over = own_keys().map(|(kind, key, action)| ((kind, key), action)).collect();
        for (key, to) in &self.own {
            self.bound.retain(|(_, known), _| known != key);
            self.over.retain(|(_, known), _| known != key);
            labels.retain(|(_, _, known)| known != key);
            if let Some((name, bound)) = to {
                self.bound.insert((None, *key), bound.clone());
                labels.push((name, None, *key));
            }
        }
        self.labels.clear();
        for (name, _, key) in labels {
            self.labels.entry(name).or_default().push(key.label());
        }
        self.over_labels = OverlayKind::all().map(|kind| self.labels_over(kind)).collect();
        self.label_what_only_overlays_have();
    }

    /// Returns the label of each key of an overlay: its own first key, or else that of the command.
    fn labels_over(&self, kind: OverlayKind) -> Vec<Option<String>> {
        let label = |row: &OverlayKey| {
            let Some(action) = &row.action else { return row.keys.first().map(|name| (*name).to_owned()) };
            let mut own = row.keys.iter().filter_map(|key| key.parse().ok());
            let own = own.find(|key: &Key| self.over.get(&(kind, *key)) == Some(action));
            let name = || all().find(|spec| spec.action() == Some(action)).map(|spec| spec.name);
            own.map(Key::label).or_else(|| self.labels.get(name()?)?.first().cloned())
        };
        kind.keys().iter().map(label).collect()
    }

    /// Commands without another key are shown with the keys that they have in overlays.
    fn label_what_only_overlays_have(&mut self) {
        for spec in all().filter(|spec| spec.keys.is_empty()) {
            let Some(action) = spec.action() else { continue };
            if self.labels.contains_key(spec.name) {
                continue;
            }
            let held = own_keys().filter(|(kind, key, _)| self.over.get(&(*kind, *key)) == Some(action));
            let mut labels: Vec<String> = held.map(|(_, key, _)| key.label()).collect();
            labels.dedup();
            if !labels.is_empty() {
                self.labels.insert(spec.name, labels);
            }
        }
    }

    /// Returns what `key` asks for while an overlay is open, where the overlay has that key for itself.
    pub(crate) fn bound_over(&self, kind: OverlayKind, key: Key) -> Option<&Action> {
        self.over.get(&(kind, key))
    }

    /// Returns what `key` leads to while no pane has the focus, since something lies over them.
    pub(crate) fn bound_anywhere(&self, key: Key) -> Option<&Bound> {
        self.bound.get(&(None, key))
    }

    /// Returns whether `key` means the same whatever is typed.
    pub(crate) fn means_the_same_everywhere(&self, key: Key) -> bool {
        let Some(Bound::Asked(asked)) = self.bound_anywhere(key) else { return false };
        matches!(asked.action, Action::Interrupt | Action::Suspend)
    }

    /// Returns the rows of an overlay's keys, each with the label of its key; those without a key are left out.
    pub(crate) fn labels_of(&self, kind: OverlayKind) -> impl Iterator<Item = (&'static OverlayKey, &str)> {
        let labels = self.over_labels.get(kind as usize).map_or(&[][..], Vec::as_slice);
        kind.keys().iter().zip(labels).filter_map(|(row, label)| Some((row, label.as_deref()?)))
    }

    /// Returns what `key` leads to while `focus` has the focus.
    pub fn bound(&self, focus: Pane, key: Key) -> Option<&Bound> {
        self.bound.get(&(Some(focus), key)).or_else(|| self.bound.get(&(None, key)))
    }

    /// Returns the panes, first to last, in which `key` leads to something though it does not with `focus`, or while no
    /// pane has the focus.
    pub fn elsewhere(&self, focus: Option<Pane>, key: Key) -> Vec<Pane> {
        let bound = |pane: &Pane| self.bound.contains_key(&(Some(*pane), key));
        let here = focus.map_or_else(|| self.bound_anywhere(key), |focus| self.bound(focus, key));
        if here.is_some() { Vec::new() } else { Pane::ALL.iter().copied().filter(bound).collect() }
    }

    /// Returns the keys of a command, as they are shown; the first is the one for hints.
    pub fn labels(&self, name: &str) -> &[String] {
        self.labels.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns whether digits are counts and nothing else.
    pub(crate) fn digits_count(&self) -> bool {
        self.profile == Profile::Vim
    }
}

/// Returns the keys that overlays have for themselves, as the table says it.
fn own_keys() -> impl Iterator<Item = (OverlayKind, Key, Action)> {
    OverlayKind::all().flat_map(|kind| {
        let rows = kind.keys().iter().filter_map(|row| Some((row.action.as_ref()?, row.keys)));
        rows.flat_map(move |(action, keys)| {
            // The test of the table makes sure that each of its keys can be read.
            keys.iter().filter_map(move |key| Some((kind, key.parse().ok()?, action.clone())))
        })
    })
}

fn bound(spec: &'static CommandSpec) -> Bound {
    spec.action().map_or(Bound::Needs(spec), |action| Bound::Asked(Asked::once(action.clone())))
}

/// Returns the command of a line and what it leads to; none for an empty line. A line without a needed
/// argument is no error: the argument is asked for.
fn bound_to(line: &str) -> Result<Option<(&'static str, Bound)>, CommandError> {
    let line = line.trim();
    if line.is_empty() {
        return Ok(None);
    }
    let name =
        line.trim_start_matches(|c: char| c.is_ascii_digit()).split_whitespace().next().unwrap_or(line);
    let spec = find(name)?;
    let bound = if name == line { bound(spec) } else { Bound::Asked(parse(line)?) };
    Ok(Some((spec.name, bound)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Action, Drive, Show, Travel};

    fn asked(keymap: &Keymap, key: impl Into<Key>) -> Option<Asked> {
        match keymap.bound(Pane::Plan, key.into())? {
            Bound::Asked(asked) => Some(asked.clone()),
            Bound::Needs(_) => None,
        }
    }

    fn with(pairs: &[(&str, &str)]) -> Result<Keymap, KeymapError> {
        Keymap::new("gdb", &pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn every_key_of_the_table_can_be_pressed_and_is_shown() {
        for &profile in Profile::ALL {
            let keymap = Keymap::new(profile.name(), &BTreeMap::new()).unwrap();
            for spec in all() {
                for (pane, key) in spec.keys_in(profile) {
                    let parsed: Key = key.parse().unwrap();
                    assert_eq!(parsed.to_string(), key);
                    assert!(keymap.bound(pane.unwrap_or_default(), parsed).is_some(), "{key}");
                    assert!(keymap.labels(spec.name).contains(&parsed.label()), "{key}");
                }
            }
        }
    }

    #[test]
    fn terminals_that_tell_of_shift_differently_agree() {
        let keymap = Keymap::default();
        let press = |code, modifiers| asked(&keymap, KeyEvent::new(code, modifiers)).map(|a| a.action);
        for (letter, modifiers) in
            [('S', KeyModifiers::NONE), ('S', KeyModifiers::SHIFT), ('s', KeyModifiers::SHIFT)]
        {
            assert_eq!(press(KeyCode::Char(letter), modifiers), Some(Action::Travel(Travel::PreviousPhase)));
        }
        assert_eq!(press(KeyCode::BackTab, KeyModifiers::SHIFT), Some(Action::FocusPrevious));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Action::Interrupt));
        let bracket = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(asked(&keymap, bracket), Some(Asked::once(Action::Show(Show::Help))));
    }

    #[test]
    fn nonsense_is_no_key() {
        assert!("hyper-x".parse::<Key>().is_err());
        assert!("returm".parse::<Key>().unwrap_err().to_string().contains("returm"));
        assert!("".parse::<Key>().is_err());
        assert_eq!("f5".parse::<Key>().unwrap().to_string(), "f5");
        assert_eq!("ctrl--".parse::<Key>().unwrap().label(), "^-");
    }

    #[test]
    fn the_configuration_gives_and_takes_keys() {
        let keymap = with(&[("ctrl-x", "next 3"), ("h", "zoom"), ("q", ""), ("B", "goto")]).unwrap();
        let next = Asked { action: Action::Drive(Drive::NextIteration), count: 3 };
        assert_eq!(asked(&keymap, "ctrl-x".parse::<Key>().unwrap()), Some(next));
        assert_eq!(keymap.labels("next"), ["n", "^X"]);
        // It holds in every pane, those that have the key for themselves too.
        let zoom = keymap.bound(Pane::Proposal, "h".parse().unwrap());
        assert!(matches!(zoom, Some(Bound::Asked(Asked { action: Action::Zoom, .. }))));
        assert!(keymap.bound(Pane::Plan, "q".parse().unwrap()).is_none() && keymap.labels("quit").is_empty());
        assert!(matches!(keymap.bound(Pane::Plan, "B".parse().unwrap()), Some(Bound::Needs(_))));
    }

    #[test]
    fn faults_name_the_setting() {
        let error = |pairs: &[(&str, &str)]| with(pairs).unwrap_err().to_string();
        assert!(error(&[("ctrlx", "next")]).starts_with("ui.bind: unknown key \"ctrlx\""));
        assert!(error(&[("x", "nxet 3")]).starts_with("ui.bind.\"x\": There is no command \"nxet\""));
        assert!(error(&[("x", "until five")]).contains("not a whole number"));
        let profile = Keymap::new("emacs", &BTreeMap::new()).unwrap_err().to_string();
        assert_eq!(profile, "ui.keys: there is no set of keys called \"emacs\"; there are gdb and vim");
    }
}
