//! Two sessions side by side: where they part, their timelines, and their plans at the iteration under the cursor.

mod draw;

use std::path::{Path, PathBuf};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{jobs::Job, look::Popup, model::Model, moving::scroll_popup, msg::Effect, update::go_to};
use plan::{Plan, PlanDiff, diff};
use session::{Comparison, name_of};

pub use draw::draw;

/// The comparison that is shown. The left session is the one that the screen shows.
#[derive(Debug, Clone)]
pub struct View {
    left: PathBuf,
    right: PathBuf,
    /// The names of both.
    names: [String; 2],
    /// Absent until both are read; a sentence where that did not work.
    found: Option<Result<Box<Comparison>, String>>,
    /// The row under the cursor: an iteration, or after all of them the end.
    selected: usize,
    /// What differs in the plans there; absent where one of them is missing.
    diff: Option<PlanDiff>,
}

impl View {
    fn found(&self) -> Option<&Comparison> {
        self.found.as_ref()?.as_deref().ok()
    }

    /// Returns the plans at the row under the cursor; at the end the final ones.
    fn plans(&self) -> [Option<&Plan>; 2] {
        let Some(found) = self.found() else { return [None; 2] };
        match found.iterations.get(self.selected) {
            Some(pair) => [&pair.left, &pair.right].map(|stage| stage.as_ref()?.plan.as_ref()),
            None => [&found.left, &found.right].map(|side| side.plan.as_ref()),
        }
    }

    /// Puts the cursor on another row.
    fn select(&mut self, row: usize) {
        let last = self.found().map_or(0, |found| found.iterations.len());
        self.selected = row.min(last);
        self.diff = match self.plans() {
            [Some(old), Some(new)] => Some(diff(old, new)),
            [_, _] => None,
        };
    }
}

/// Opens the comparison of two sessions, the left one being shown.
pub fn open(model: &mut Model, left: PathBuf, right: PathBuf) -> Vec<Effect> {
    let job = Job::Compare(left.clone(), right.clone());
    let names = [&left, &right].map(|path| name_of(path));
    model.sessions.comparison = Some(View { left, right, names, found: None, selected: 0, diff: None });
    model.look.popup = Some(Popup::Compare);
    model.look.popup_scroll = 0;
    vec![Effect::Begin(job)]
}

/// Stores the result, unless other sessions are compared by now. The cursor is where the outcomes of
/// them parts.
pub fn take_in(model: &mut Model, paths: (&Path, &Path), found: Result<Box<Comparison>, String>) {
    let Some(view) = &mut model.sessions.comparison else { return };
    if (view.left.as_path(), view.right.as_path()) != paths {
        return;
    }
    view.found = Some(found);
    view.select(view.found().map_or(0, parting_row));
}

/// The row of the iteration in which the sessions part; the end where they do not.
fn parting_row(found: &Comparison) -> usize {
    let parted = found.outcomes.as_ref().and_then(|parted| parted.left.as_ref().or(parted.right.as_ref()));
    let row =
        parted.and_then(|note| found.iterations.iter().position(|pair| pair.iteration == note.iteration));
    row.unwrap_or(found.iterations.len())
}

/// Returns the keys that matter in the comparison.
pub fn hints() -> Vec<(String, &'static str)> {
    [
        ("j k", "iteration"),
        ("enter", "go there at the left"),
        ("esc", "close"),
        ("PgUp PgDn", "scroll"),
        ("|", "layout"),
    ]
    .map(|(key, word)| (key.to_owned(), word))
    .to_vec()
}

/// Takes in a key; none when it means the same as elsewhere.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other keys of the terminal mean what they always do")]
pub(super) fn on_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let view = model.sessions.comparison.as_mut()?;
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let (at, page) = (view.selected, (model.extents.popup.page / 2).max(1) as isize);
    match key.code {
        KeyCode::Char('d') if ctrl => scroll_popup(model, page),
        KeyCode::Char('u') if ctrl => scroll_popup(model, -page),
        _ if ctrl => return None,
        KeyCode::Down | KeyCode::Char('j') => select(model, at + 1),
        KeyCode::Up | KeyCode::Char('k') => select(model, at.saturating_sub(1)),
        KeyCode::Home | KeyCode::Char('g') => select(model, 0),
        KeyCode::End | KeyCode::Char('G') => select(model, usize::MAX),
        KeyCode::PageDown => scroll_popup(model, page),
        KeyCode::PageUp => scroll_popup(model, -page),
        KeyCode::Enter => go(model),
        _ => return None,
    }
    Some(Vec::new())
}

fn select(model: &mut Model, row: usize) {
    model.look.popup_scroll = 0;
    if let Some(view) = &mut model.sessions.comparison {
        view.select(row);
    }
}

/// Goes to the end of the iteration under the cursor, where the session that is shown has it.
fn go(model: &mut Model) {
    let view = model.sessions.comparison.as_ref();
    let pair = view.and_then(|view| view.found()?.iterations.get(view.selected));
    let Some(seq) = pair.and_then(|pair| pair.left.as_ref()).map(|stage| stage.seq) else { return };
    model.look.popup = None;
    model.look.point = None;
    go_to(model, seq);
}
