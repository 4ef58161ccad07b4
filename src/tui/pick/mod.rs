//! The screens on which a problem, a recorded session, a model or a cell of an experiment is picked.

mod cells;
mod cells_draw;
mod cursor;
mod download;
mod draw;
mod list;
mod models;
mod models_draw;

use std::path::PathBuf;

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyModifiers};
use ratatui::{buffer::Buffer, layout::Rect};

pub use cells::{CellEnd, CellEntry, CellPicker};
pub use download::{Download, PullUpdate};
pub use list::Picker;
pub use models::{ModelEntry, ModelSource, pick_model};

use crate::{
    run::TuiError,
    terminal::{
        appearance::Appearance,
        events::TerminalEvents,
        screen::Screen,
        signals::{HANGUP, Signal, Signals},
    },
    theme::Theme,
};

/// A problem that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickEntry {
    /// What names it: a bundled name, or a file and row.
    pub reference: String,
    /// A few words.
    pub title: String,
    /// Its family's name.
    pub family: String,
    /// How hard it is, in a word; may be empty.
    pub difficulty: String,
    /// Its text.
    pub preview: String,
}

/// A recorded session that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEntry {
    /// Its directory.
    pub path: PathBuf,
    /// The problem in a few words.
    pub title: String,
    /// When it was recorded.
    pub when: String,
    /// How it ended, in a word.
    pub outcome: String,
    /// What else is known of it.
    pub preview: String,
}

/// Reads the problems of a file; none where the text names no file, or a sentence on why it holds none.
pub type ReadFile = fn(&str) -> Option<Result<Vec<PickEntry>, String>>;

/// What can be picked.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The problems.
    pub problems: Vec<PickEntry>,
    /// The newest sessions, newest first.
    pub sessions: Vec<SessionEntry>,
    /// Reads a file whose path is typed.
    pub read_file: ReadFile,
}

/// What was picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// The problem with this reference.
    Problem(String),
    /// The session in this directory.
    Session(PathBuf),
    /// The person wants another model first.
    Model,
    /// The tour of the program.
    Tour,
}

/// How a list was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick<T> {
    /// The person took this.
    Taken(T),
    /// The person left without taking anything.
    Left,
    /// This signal ended it.
    Signal(i32),
}

/// What a key meant to a list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice<T> {
    /// Nothing is decided yet.
    None,
    /// The person leaves without picking anything.
    Leave,
    /// The person takes this.
    Take(T),
}

/// A list on a screen of its own, from which one thing is taken.
trait Picking {
    /// What is taken.
    type Taken;

    /// Draws the screen.
    fn draw(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer);

    /// Handles an event of the terminal.
    fn on_event(&mut self, event: &TerminalEvent) -> Choice<Self::Taken>;
}

/// Lets the person pick one of `choices`. `model` is the name of the present model.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn pick(choices: Choices, model: &str, appearance: &Appearance) -> Result<Pick<Picked>, TuiError> {
    show(&mut Picker::new(choices, model), appearance).await
}

/// Lets the person pick a cell; returns its session's directory.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn pick_cell(picker: &mut CellPicker, appearance: &Appearance) -> Result<Pick<PathBuf>, TuiError> {
    show(picker, appearance).await
}

/// Shows a list until something is taken, or the person leaves.
async fn show<P: Picking>(list: &mut P, appearance: &Appearance) -> Result<Pick<P::Taken>, TuiError> {
    let theme = appearance.load_theme()?;
    let mut screen = Screen::enter(appearance.glyphs, appearance.mouse)?;
    let (mut keys, mut signals) = (TerminalEvents::listen(), Signals::listen()?);
    loop {
        screen.draw(|frame| list.draw(&theme, frame.area(), frame.buffer_mut()))?;
        let event = tokio::select! {
            key = keys.next() => match key.transpose()? {
                Some(event) => event,
                None => return Ok(Pick::Signal(HANGUP)),
            },
            signal = signals.next() => match ends(signal) {
                Some(signal) => return Ok(Pick::Signal(signal)),
                None => {
                    screen.resume()?;
                    continue;
                }
            },
        };
        if suspends(&event) {
            screen.suspend()?;
            continue;
        }
        match list.on_event(&event) {
            Choice::None => {}
            Choice::Leave => return Ok(Pick::Left),
            Choice::Take(taken) => return Ok(Pick::Taken(taken)),
        }
    }
}

/// Returns the number of a signal that ends a list: all but the one after a pause.
fn ends(signal: Signal) -> Option<i32> {
    match signal {
        Signal::Interrupt => Some(libc::SIGINT),
        Signal::End(signal) => Some(signal),
        Signal::Resumed => None,
    }
}

/// Returns whether the event asks to leave to the shell for a while.
fn suspends(event: &TerminalEvent) -> bool {
    matches!(event, TerminalEvent::Key(key)
        if key.code == KeyCode::Char('z') && key.modifiers.contains(KeyModifiers::CONTROL))
}
