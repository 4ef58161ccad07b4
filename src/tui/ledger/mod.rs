//! The ledger: every candidate of the session that was not taken, with the reason.

mod list;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    look::Popup,
    model::Model,
    overview::{Overview, Reject},
    widgets::input::Input,
};

pub use list::draw;

/// Rows that a page key goes over.
const PAGE: isize = 10;

/// The list with its filter and cursor.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    filter: Input,
    /// Places in [`Overview::rejects`] that the filter lets through.
    shown: Vec<usize>,
    /// The row under the cursor.
    selected: usize,
    /// How many candidates were read so far.
    counted: usize,
}

impl Ledger {
    /// Looks at candidates that came since the last time.
    fn follow(&mut self, overview: &Overview) {
        let words: Vec<String> = self.filter.value().split_whitespace().map(str::to_lowercase).collect();
        let new = overview.rejects.iter().enumerate().skip(self.counted);
        self.shown.extend(new.filter(|(_, reject)| passes(reject, &words)).map(|(at, _)| at));
        self.counted = overview.rejects.len();
    }

    /// Applies the filter again.
    fn refilter(&mut self, overview: &Overview) {
        self.shown.clear();
        self.counted = 0;
        self.follow(overview);
        self.selected = self.selected.min(self.shown.len().saturating_sub(1));
    }

    fn step(&mut self, step: isize) {
        let last = self.shown.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(step).min(last);
    }

    fn reject<'a>(&self, overview: &'a Overview) -> Option<&'a Reject> {
        overview.rejects.get(*self.shown.get(self.selected)?)
    }
}

/// Returns whether each of `words` occurs somewhere in what is shown of `reject`.
fn passes(reject: &Reject, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let Reject { iteration, kind, summary, why, reason, .. } = reject;
    let text = format!("{iteration} {} {kind} {summary} {reason}", why.name()).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// Opens the ledger at the last candidate before the current position, or closes it.
pub fn open(model: &mut Model) {
    if model.look.popup == Some(Popup::Ledger) {
        close(model);
        return;
    }
    let mut ledger = Ledger::default();
    ledger.follow(&model.overview);
    let position = model.replay.position() as u64;
    ledger.selected = model.overview.rejects.partition_point(|r| r.seq < position).saturating_sub(1);
    model.ledger = Some(ledger);
    model.look.popup = Some(Popup::Ledger);
}

fn close(model: &mut Model) {
    model.look.popup = None;
    model.ledger = None;
}

/// Takes in candidates that came while the ledger is open.
pub fn follow(model: &mut Model) {
    if let Some(ledger) = &mut model.ledger {
        ledger.follow(&model.overview);
    }
}

/// Returns the keys that matter in the ledger.
pub fn hints() -> Vec<(String, &'static str)> {
    vec![
        ("enter".to_owned(), "go there"),
        ("↑ ↓".to_owned(), "choose"),
        ("type".to_owned(), "filter"),
        ("esc".to_owned(), "close"),
    ]
}

/// Takes in a key while the ledger is open; returns whether it was meant for it.
pub fn on_key(model: &mut Model, key: KeyEvent) -> bool {
    if model.look.popup != Some(Popup::Ledger) || key.modifiers.contains(KeyModifiers::CONTROL) {
        return false;
    }
    let Some(ledger) = &mut model.ledger else { return false };
    let steps = [(KeyCode::Up, -1), (KeyCode::Down, 1), (KeyCode::PageUp, -PAGE), (KeyCode::PageDown, PAGE)];
    if key.code == KeyCode::Esc {
        close(model);
    } else if key.code == KeyCode::Enter {
        go(model);
    } else if let Some((_, step)) = steps.into_iter().find(|(code, _)| *code == key.code) {
        ledger.step(step);
    } else if let Some(changed) = ledger.filter.on_key(key) {
        if changed {
            ledger.refilter(&model.overview);
        }
    } else {
        return false;
    }
    true
}

/// Goes to the decision on the candidate under the cursor, and shows that candidate.
fn go(model: &mut Model) {
    let chosen = model.ledger.as_ref().and_then(|ledger| ledger.reject(&model.overview));
    let Some((seq, iteration, candidate)) = chosen.map(|r| (r.seq, r.iteration, r.candidate)) else { return };
    close(model);
    model.play = None;
    model.look.point = None;
    model.replay.seek(seq as usize + 1);
    model.look.chosen = Some((iteration, candidate as usize));
}
