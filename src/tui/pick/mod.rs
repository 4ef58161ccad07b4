//! The screens on which a problem, a recorded session, a model or a cell of an experiment is picked.

mod cells;
mod cells_draw;
mod download;
mod draw;
mod list;
mod models;
mod models_draw;
mod rows;

use std::path::PathBuf;

use crossterm::event::{
    Event as TerminalEvent, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position, Rect},
    widgets::Widget,
};

pub use cells::{CellEnd, CellEntry, CellPicker};
pub use download::{Download, PullUpdate};
pub use list::Picker;
pub use models::{ModelEntry, ModelSource, pick_model};

use crate::{
    commands::{
        Action, OverlayKey, OverlayKind,
        keymap::{Bound, Key, Keymap},
    },
    overlays::overlay::{Hint, hints_for},
    run::TuiError,
    terminal::{
        appearance::Appearance,
        events::TerminalEvents,
        screen::Screen,
        signals::{HANGUP, Signal, Signals},
    },
    theme::{Role, Theme},
    widgets::hints::hint_line,
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
    /// The bundled ones.
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

/// What a person asked of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice<T> {
    /// Nothing is decided yet.
    None,
    /// The person leaves without picking anything.
    Leave,
    /// The person leaves to the shell for a while.
    Suspend,
    /// The person takes this.
    Take(T),
}

/// A list on a screen of its own, before a session is open. Its keys are those of its [`OverlayKind`].
trait Picking {
    /// What is taken.
    type Taken;
    /// Which list it is.
    const KIND: OverlayKind;

    /// Does what `action` means here.
    fn act(&mut self, action: &Action) -> Choice<Self::Taken>;

    /// Takes in a key that is no command here; returns whether it wrote something.
    fn type_key(&mut self, _key: KeyEvent) -> bool {
        false
    }

    /// Takes in pasted text.
    fn paste(&mut self, _text: &str) {}

    /// Takes in a click: on the row under the cursor it takes it, on another one it moves the cursor there.
    fn click(&mut self, _position: Position) -> Choice<Self::Taken> {
        Choice::None
    }

    /// Waits for what works in the background; forever where nothing does. May be dropped and called again.
    async fn work(&mut self) -> Choice<Self::Taken> {
        std::future::pending().await
    }

    /// Returns the word in the footer for one of its keys; `None` where the key means nothing now.
    fn hint(&self, key: &OverlayKey) -> Option<&'static str> {
        Some(key.hint).filter(|hint| !hint.is_empty())
    }

    /// Draws all but the footer; returns where the terminal's cursor belongs.
    fn draw(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<Position>;
}

/// How lists look, and their keys.
#[derive(Debug, Clone, Copy)]
pub struct PickerSetup<'a> {
    /// How the screen appears on this terminal.
    pub appearance: &'a Appearance,
    /// Which key asks for what.
    pub keymap: &'a Keymap,
}

/// Lets the person pick one of `choices`. `model` is the name of the present model.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn pick(choices: Choices, model: &str, setup: PickerSetup<'_>) -> Result<Pick<Picked>, TuiError> {
    show(&mut Picker::new(choices, model), setup).await
}

/// Lets the person pick a cell; returns its session's directory.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn pick_cell(picker: &mut CellPicker, setup: PickerSetup<'_>) -> Result<Pick<PathBuf>, TuiError> {
    show(picker, setup).await
}

/// Shows a list until something is taken, or the person leaves.
async fn show<P: Picking>(list: &mut P, setup: PickerSetup<'_>) -> Result<Pick<P::Taken>, TuiError> {
    let PickerSetup { appearance, keymap } = setup;
    let theme = appearance.load_theme()?;
    let mut screen = Screen::enter(appearance.glyphs, appearance.mouse)?;
    let (mut keys, mut signals) = (TerminalEvents::listen(), Signals::listen()?);
    loop {
        screen.draw(|frame| {
            let area = frame.area();
            if let Some(position) = draw(list, keymap, &theme, area, frame.buffer_mut()) {
                frame.set_cursor_position(position);
            }
        })?;
        let choice = tokio::select! {
            key = keys.next() => match key.transpose()? {
                Some(event) => on_event(list, keymap, &event),
                None => return Ok(Pick::Signal(HANGUP)),
            },
            signal = signals.next() => match ends(signal) {
                Some(signal) => return Ok(Pick::Signal(signal)),
                None => {
                    screen.resume()?;
                    Choice::None
                }
            },
            choice = list.work() => choice,
        };
        match choice {
            Choice::None => {}
            Choice::Suspend => screen.suspend()?,
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

/// Draws a list with its footer; returns where the terminal's cursor belongs.
fn draw<P: Picking>(
    list: &mut P,
    keymap: &Keymap,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    buf.set_style(area, theme[Role::Text]);
    let [body, footer] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(area);
    let hints = hints_for(P::KIND, keymap, |key| list.hint(key));
    let words: Vec<_> = hints.iter().map(Hint::words).collect();
    hint_line(&words, &[], usize::from(footer.width), theme).0.render(footer, buf);
    list.draw(theme, body, buf).filter(|position| area.contains(*position))
}

/// Returns what an event of the terminal means to a list.
fn on_event<P: Picking>(list: &mut P, keymap: &Keymap, event: &TerminalEvent) -> Choice<P::Taken> {
    match event {
        TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => on_key(list, keymap, *key),
        TerminalEvent::Mouse(mouse) => on_mouse(list, *mouse),
        TerminalEvent::Paste(text) => {
            list.paste(text);
            Choice::None
        }
        TerminalEvent::Key(_)
        | TerminalEvent::FocusGained
        | TerminalEvent::FocusLost
        | TerminalEvent::Resize(..) => Choice::None,
    }
}

/// Takes in a key: the list's own keys come first, then text, then the keys that hold everywhere.
fn on_key<P: Picking>(list: &mut P, keymap: &Keymap, event: KeyEvent) -> Choice<P::Taken> {
    let key = Key::from(event);
    if let Some(action) = keymap.bound_over(P::KIND, key) {
        return list.act(action);
    }
    if !keymap.means_the_same_everywhere(key) && list.type_key(event) {
        return Choice::None;
    }
    match keymap.bound_anywhere(key) {
        Some(Bound::Asked(asked)) if asked.action == Action::Suspend => Choice::Suspend,
        Some(Bound::Asked(asked)) => list.act(&asked.action),
        Some(Bound::Needs(_)) | None => Choice::None,
    }
}

fn on_mouse<P: Picking>(list: &mut P, mouse: MouseEvent) -> Choice<P::Taken> {
    match mouse.kind {
        MouseEventKind::ScrollDown => list.act(&Action::Down),
        MouseEventKind::ScrollUp => list.act(&Action::Up),
        MouseEventKind::Down(MouseButton::Left) => list.click(Position::new(mouse.column, mouse.row)),
        MouseEventKind::Down(_)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => Choice::None,
    }
}
