//! The sessions of the folder that this one lies in, as the tree that forks make of them, and the way from one to
//! another.

mod draw;
mod rows;
mod visits;

use std::path::{Path, PathBuf};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    commands::{CommandError, session_on},
    compare::{self, View},
    jobs::Job,
    look::Popup,
    model::Model,
    msg::Effect,
    notices::Level,
    typing,
    widgets::input::Input,
};
use session::{Manifest, find, name_of};

pub use draw::{draw, draw_question};
pub use rows::Row;
use visits::whole;
pub use visits::{Place, Visits};

/// Rows that a page key goes over.
const PAGE: isize = 10;

/// Which sessions there are around the one that is shown.
#[derive(Debug, Clone, Default)]
pub struct Sessions {
    /// The directory of the session that is shown, as a whole path; absent where it lies nowhere.
    pub here: Option<PathBuf>,
    /// The session that was shown before this one.
    pub before: Option<PathBuf>,
    /// Names of the others that can be opened, with a few words on each; absent until they were asked for.
    others: Option<Vec<(String, String)>>,
    /// The list, while it is open.
    list: Option<List>,
    /// The session that the person asked to look at.
    wanted: Option<PathBuf>,
    /// The comparison that is shown.
    pub comparison: Option<View>,
}

impl Sessions {
    /// Returns the names of the other sessions as far as they are known, with a few words on each.
    pub fn others(&self) -> &[(String, String)] {
        self.others.as_deref().unwrap_or_default()
    }

    /// Returns the folder that the sessions lie in.
    fn base(&self) -> Option<&Path> {
        self.here.as_deref()?.parent()
    }

    /// Returns whether the session at the whole path `path` is the one that is shown.
    fn is_here(&self, path: &Path) -> bool {
        self.here.as_deref() == Some(path)
    }
}

/// The list with its filter and cursor.
#[derive(Debug, Clone, Default)]
struct List {
    /// All sessions; absent until they are read, and a sentence where that did not work.
    rows: Option<Result<Vec<Row>, String>>,
    filter: Input,
    /// Places of the rows that the filter lets through.
    shown: Vec<usize>,
    /// The row under the cursor.
    selected: usize,
    /// Why what was asked for last could not be done.
    refusal: Option<String>,
}

impl List {
    fn rows(&self) -> &[Row] {
        self.rows.as_ref().and_then(|rows| rows.as_deref().ok()).unwrap_or_default()
    }

    fn row(&self) -> Option<&Row> {
        self.rows().get(*self.shown.get(self.selected)?)
    }

    fn sieve(&mut self) {
        let words: Vec<String> = self.filter.value().split_whitespace().map(str::to_lowercase).collect();
        let passing = self.rows().iter().enumerate().filter(|(_, row)| row.has(&words));
        self.shown = passing.map(|(at, _)| at).collect();
        self.selected = self.selected.min(self.shown.len().saturating_sub(1));
    }

    fn step(&mut self, step: isize) {
        let last = self.shown.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(step).min(last);
    }
}

fn not_now<T>(text: &str) -> Result<T, CommandError> {
    Err(CommandError::NotNow(text.to_owned()))
}

/// Opens the list, or closes it.
///
/// # Errors
/// When the session that is shown lies nowhere.
pub fn open(model: &mut Model) -> Result<Vec<Effect>, CommandError> {
    if model.look.popup == Some(Popup::Sessions) {
        model.look.popup = None;
        return Ok(Vec::new());
    }
    let Some(base) = model.sessions.base().map(Path::to_path_buf) else {
        return not_now("It is not known where this session lies.");
    };
    model.sessions.list = Some(List::default());
    model.look.popup = Some(Popup::Sessions);
    Ok(vec![Effect::Begin(Job::List(base))])
}

/// Has the names of sessions read for a line on which one is written. They are read afresh where the name begins.
pub fn ask_for_names(model: &mut Model, line: &str) -> Vec<Effect> {
    let wanted = session_on(line).filter(|name| name.is_empty() || model.sessions.others.is_none());
    let (Some(_), Some(base)) = (wanted, model.sessions.base().map(Path::to_path_buf)) else {
        return Vec::new();
    };
    model.sessions.others.get_or_insert_default();
    vec![Effect::Begin(Job::List(base))]
}

/// The names that a person can write, and what is known of those sessions.
fn names_of(sessions: &Sessions, rows: &[Row]) -> Vec<(String, String)> {
    let readable = |row: &&Row| row.manifest.is_ok() && !sessions.is_here(&row.path);
    let about = |row: &Row| {
        let title = row.manifest.as_ref().map_or_else(|_| String::new(), Manifest::about);
        format!("{title} · {} · {}", row.end(false), row.age)
    };
    rows.iter().filter(readable).map(|row| (row.name.clone(), about(row))).collect()
}

/// Goes back to the session that was shown before.
///
/// # Errors
/// When there is none.
pub fn switch_back(model: &mut Model) -> Result<Vec<Effect>, CommandError> {
    match model.sessions.before.clone() {
        Some(path) => Ok(want(model, path)),
        None => not_now("There is no previous session; the command sessions lists them."),
    }
}

/// Compares the session that is shown with the one that a person named.
///
/// # Errors
/// When it is the same, or the session that is shown lies nowhere.
pub fn compare_with(model: &mut Model, named: &str) -> Result<Vec<Effect>, CommandError> {
    let other = whole(&find(model.sessions.base(), named));
    match model.sessions.here.clone() {
        None => not_now("It is not known where this session lies."),
        Some(_) if model.sessions.is_here(&other) => {
            not_now("This is the session that is shown; name another one to compare it with.")
        }
        Some(here) => Ok(compare::open(model, here, other)),
    }
}

/// Asks for another session to be shown. A live run has to be stopped for it.
fn want(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    model.sessions.wanted = Some(path.clone());
    if model.source_over() {
        model.look.popup = None;
        return vec![Effect::Begin(Job::TryOpen(path))];
    }
    model.look.popup = Some(Popup::ConfirmSwitch);
    Vec::new()
}

/// Handles whether the session at `path` can be opened: it is shown, unless another one is wanted by now.
pub fn tried(model: &mut Model, path: PathBuf, opened: Result<(), String>) -> Vec<Effect> {
    if model.sessions.wanted.take_if(|wanted| *wanted == path).is_none() {
        return Vec::new();
    }
    if let Err(error) = opened {
        let text = format!("{} cannot be opened: {error}.", name_of(&path));
        model.notices.say(Level::Warning, text, model.now);
        return Vec::new();
    }
    vec![Effect::Switch(path)]
}

/// Takes in the sessions in `base`, and shows them with the cursor on the one that is shown.
pub fn listed(model: &mut Model, base: &Path, rows: Result<Vec<Row>, String>) {
    let sessions = &mut model.sessions;
    if sessions.base() != Some(base) {
        return;
    }
    if let Ok(rows) = &rows {
        sessions.others = Some(names_of(sessions, rows));
    }
    typing::complete_again(model);
    let sessions = &mut model.sessions;
    let Some(list) = &mut sessions.list else { return };
    list.rows = Some(rows);
    list.sieve();
    let here = sessions.here.as_deref();
    let at = list.shown.iter().position(|at| here == Some(&list.rows()[*at].path));
    list.selected = at.unwrap_or(0);
}

/// Returns the keys that matter in the list.
pub fn hints() -> Vec<(String, &'static str)> {
    [("enter", "look at it"), ("^O", "compare"), ("↑ ↓", "choose"), ("type", "filter"), ("esc", "close")]
        .map(|(key, word)| (key.to_owned(), word))
        .to_vec()
}

/// Takes in a key while something of this room is open; none when it was not meant for it.
pub fn on_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    match model.look.popup? {
        Popup::Sessions => in_list(model, key),
        Popup::ConfirmSwitch => in_question(model, key),
        Popup::Compare => compare::on_key(model, key),
        Popup::Help
        | Popup::Messages
        | Popup::Problem
        | Popup::ConfirmQuit
        | Popup::Ledger
        | Popup::Call
        | Popup::Probes
        | Popup::Recovery
        | Popup::Answers
        | Popup::Shadow
        | Popup::Findings => None,
    }
}

/// The question whether to stop the run.
fn in_question(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    if matches!(key.code, KeyCode::Char('y' | 'Y') | KeyCode::Enter) {
        model.look.popup = None;
        let wanted = model.sessions.wanted.clone();
        return Some(wanted.map(|path| Effect::Begin(Job::TryOpen(path))).into_iter().collect());
    }
    if matches!(key.code, KeyCode::Char('n' | 'N') | KeyCode::Esc) {
        model.look.popup = None;
        model.sessions.wanted = None;
        return Some(Vec::new());
    }
    None
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other keys of the terminal are the filter's")]
fn in_list(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let list = model.sessions.list.as_mut()?;
    list.refusal = None;
    match key.code {
        KeyCode::Enter => return Some(look_at(model)),
        KeyCode::Char('o') if ctrl => return Some(compare_row(model)),
        KeyCode::Char('n') if ctrl => list.step(1),
        KeyCode::Char('p') if ctrl => list.step(-1),
        KeyCode::Char(_) if ctrl => return None,
        KeyCode::Esc if !list.filter.value().is_empty() => {
            list.filter.reset();
            list.sieve();
        }
        KeyCode::Esc => model.look.popup = None,
        KeyCode::Down => list.step(1),
        KeyCode::Up => list.step(-1),
        KeyCode::PageDown => list.step(PAGE),
        KeyCode::PageUp => list.step(-PAGE),
        _ => {
            if list.filter.on_key(key)? {
                list.sieve();
            }
        }
    }
    Some(Vec::new())
}

/// The row under the cursor, or the sentence why nothing can be done with it.
fn chosen(model: &Model) -> Result<PathBuf, String> {
    let row =
        model.sessions.list.as_ref().and_then(List::row).ok_or("There is no session to choose here.")?;
    match &row.manifest {
        Err(error) => Err(format!("{} is broken: {error}.", row.name)),
        Ok(_) if model.sessions.is_here(&row.path) => {
            Err("This is the session that is shown; choose another one.".to_owned())
        }
        Ok(_) => Ok(row.path.clone()),
    }
}

fn look_at(model: &mut Model) -> Vec<Effect> {
    match chosen(model) {
        Ok(path) => want(model, path),
        Err(text) => refuse(model, text),
    }
}

fn compare_row(model: &mut Model) -> Vec<Effect> {
    match (chosen(model), model.sessions.here.clone()) {
        (Ok(path), Some(here)) => compare::open(model, here, path),
        (Ok(_), None) => Vec::new(),
        (Err(text), _) => refuse(model, text),
    }
}

/// Says in the list why something cannot be done; messages may lie below it.
fn refuse(model: &mut Model, text: String) -> Vec<Effect> {
    if let Some(list) = &mut model.sessions.list {
        list.refusal = Some(text);
    }
    Vec::new()
}
