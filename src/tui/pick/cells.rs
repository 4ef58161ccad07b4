//! The screen on which a cell of an experiment is picked, to look at its run.

use std::path::PathBuf;

use crossterm::event::{
    Event as TerminalEvent, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton,
    MouseEvent, MouseEventKind,
};
use futures::StreamExt;
use ratatui::layout::{Position, Rect};
use tui_input::{Input, backend::crossterm::EventHandler};

use super::suspends;
use crate::tui::{appearance::Appearance, msg::Msg, run::TuiError, signals::Signals, terminal::Screen};

/// Rows that a page key goes over.
const PAGE: isize = 10;

/// What came of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellEnd {
    /// The answer is right.
    Right,
    /// The answer is wrong, or cannot be read.
    Wrong,
    /// Nobody can judge it.
    NotJudged,
    /// The run failed by something else than what the model wrote.
    Failed,
}

impl CellEnd {
    /// Returns it in words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::NotJudged => "not judged",
            Self::Failed => "failed",
        }
    }
}

/// A cell that can be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellEntry {
    /// Its session's directory.
    pub path: PathBuf,
    /// The problem's name.
    pub problem: String,
    /// The model's name.
    pub model: String,
    /// The seed.
    pub seed: String,
    /// The budget with its meter.
    pub budget: String,
    /// The arm's name in the experiment.
    pub arm: String,
    /// What came of it.
    pub end: CellEnd,
    /// How much of the budget was spent.
    pub spent: String,
    /// The score of the plan that was answered from; empty where there is none.
    pub score: String,
    /// What else is known of it, a paragraph a line.
    pub about: String,
}

impl CellEntry {
    /// Returns whether `other` is the same problem with the same model, seed and budget: a cell to compare it with.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let key =
            |entry: &Self| [&entry.problem, &entry.model, &entry.seed, &entry.budget].map(String::clone);
        key(self) == key(other)
    }

    /// Returns whether each of `words` occurs in what its row shows.
    fn has(&self, words: &[String]) -> bool {
        let Self { problem, model, seed, budget, arm, end, .. } = self;
        let text = format!("{problem} {model} seed {seed} {budget} {arm} {}", end.word()).to_lowercase();
        words.iter().all(|word| text.contains(word))
    }
}

/// What a key meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CellChoice {
    /// Nothing is decided yet.
    None,
    /// The person leaves.
    Leave,
    /// The session in this directory is to be looked at.
    Take(PathBuf),
}

/// The list of an experiment's cells with a filter. It is kept while a cell is looked at, so that the person comes back
/// to where they were.
#[derive(Debug, Clone)]
pub struct CellPicker {
    /// The experiment's name.
    pub(super) name: String,
    /// All cells; those to compare with each other stand together.
    pub(super) cells: Vec<CellEntry>,
    pub(super) filter: Input,
    /// Whether only cells are shown whose arms came out differently.
    pub(super) split: bool,
    /// For each cell, whether the arms beside it came out differently.
    pub(super) differs: Vec<bool>,
    /// Numbers of the cells that are shown.
    pub(super) shown: Vec<usize>,
    pub(super) selected: usize,
    /// Why the last one could not be looked at.
    pub(super) refusal: Option<String>,
    /// Where the rows were drawn last, with the number of each among those shown.
    pub(super) drawn: Vec<(Rect, usize)>,
}

impl CellPicker {
    /// Returns a picker of the cells of the experiment called `name`. Cells to compare with each other must stand
    /// together.
    pub fn new(name: &str, cells: Vec<CellEntry>) -> Self {
        let mut picker = Self {
            name: name.to_owned(),
            differs: differing(&cells),
            cells,
            filter: Input::default(),
            split: false,
            shown: Vec::new(),
            selected: 0,
            refusal: None,
            drawn: Vec::new(),
        };
        picker.sieve();
        picker
    }

    /// Says why the cell that was picked could not be looked at.
    pub fn refuse(&mut self, why: String) {
        self.refusal = Some(why);
    }

    /// Returns the cell under the cursor.
    pub(super) fn cell(&self) -> Option<&CellEntry> {
        self.cells.get(*self.shown.get(self.selected)?)
    }

    /// Takes in what the terminal tells.
    pub(super) fn on_event(&mut self, event: &TerminalEvent) -> CellChoice {
        let changed = match event {
            TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => {
                self.refusal = None;
                match self.on_key(*key) {
                    Some(choice) => return choice,
                    None => self.filter.handle_event(event).is_some_and(|change| change.value),
                }
            }
            TerminalEvent::Mouse(mouse) => return self.on_mouse(*mouse),
            TerminalEvent::Key(_)
            | TerminalEvent::Paste(_)
            | TerminalEvent::FocusGained
            | TerminalEvent::FocusLost
            | TerminalEvent::Resize(..) => false,
        };
        if changed {
            self.sieve();
        }
        CellChoice::None
    }

    /// Returns what the key meant, unless it belongs to the filter.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other keys of the terminal are the filter's")]
    fn on_key(&mut self, key: KeyEvent) -> Option<CellChoice> {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Some(self.take()),
            KeyCode::Esc if !self.filter.value().is_empty() => {
                self.filter.reset();
                self.sieve();
            }
            KeyCode::Esc => return Some(CellChoice::Leave),
            KeyCode::Char('c') if ctrl => return Some(CellChoice::Leave),
            KeyCode::Tab => {
                self.split = !self.split;
                self.sieve();
            }
            KeyCode::Down => self.go(1),
            KeyCode::Up => self.go(-1),
            KeyCode::Char('n') if ctrl => self.go(1),
            KeyCode::Char('p') if ctrl => self.go(-1),
            KeyCode::PageDown => self.go(PAGE),
            KeyCode::PageUp => self.go(-PAGE),
            KeyCode::Home => self.go(isize::MIN),
            KeyCode::End => self.go(isize::MAX),
            _ => return None,
        }
        Some(CellChoice::None)
    }

    /// A click selects; one on what is selected takes it.
    fn on_mouse(&mut self, mouse: MouseEvent) -> CellChoice {
        let position = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollDown => self.go(1),
            MouseEventKind::ScrollUp => self.go(-1),
            MouseEventKind::Down(MouseButton::Left) => {
                let hit = self.drawn.iter().find(|(place, _)| place.contains(position));
                match hit.map(|(_, at)| *at) {
                    Some(at) if at == self.selected => return self.take(),
                    Some(at) => self.selected = at,
                    None => {}
                }
            }
            MouseEventKind::Down(_)
            | MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => {}
        }
        CellChoice::None
    }

    fn go(&mut self, step: isize) {
        let last = self.shown.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(step).min(last);
    }

    fn take(&self) -> CellChoice {
        self.cell().map_or(CellChoice::None, |cell| CellChoice::Take(cell.path.clone()))
    }

    /// Keeps what fits the filter, and the cursor on its cell where that is still shown.
    fn sieve(&mut self) {
        let under = self.shown.get(self.selected).copied();
        let words: Vec<String> = self.filter.value().split_whitespace().map(str::to_lowercase).collect();
        let fits = |at: &usize| (!self.split || self.differs[*at]) && self.cells[*at].has(&words);
        self.shown = (0..self.cells.len()).filter(fits).collect();
        self.selected = under.and_then(|under| self.shown.iter().position(|at| *at == under)).unwrap_or(0);
    }
}

/// Returns for each cell whether some of those beside it are right and others wrong.
fn differing(cells: &[CellEntry]) -> Vec<bool> {
    let groups = cells.chunk_by(|a, b| a.is_beside(b));
    let split = |group: &[CellEntry]| {
        let any = |end: CellEnd| group.iter().any(|cell| cell.end == end);
        vec![any(CellEnd::Right) && any(CellEnd::Wrong); group.len()]
    };
    groups.flat_map(split).collect()
}

/// Lets the person pick a cell; returns its session's directory, or none when they leave.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn pick_cell(
    picker: &mut CellPicker,
    appearance: &Appearance,
) -> Result<Option<PathBuf>, TuiError> {
    let theme = appearance.load_theme()?;
    let mut screen = Screen::enter(appearance.glyphs, appearance.mouse)?;
    let (mut keys, mut signals) = (EventStream::new(), Signals::listen()?);
    loop {
        screen.draw(|frame| picker.draw(&theme, frame.area(), frame.buffer_mut()))?;
        let event = tokio::select! {
            key = keys.next() => match key.transpose()? {
                Some(event) => event,
                None => return Ok(None),
            },
            signal = signals.next() => {
                if !matches!(signal, Msg::Redraw) {
                    return Ok(None);
                }
                screen.resume()?;
                continue;
            }
        };
        if suspends(&event) {
            screen.suspend()?;
            continue;
        }
        match picker.on_event(&event) {
            CellChoice::None => {}
            CellChoice::Leave => return Ok(None),
            CellChoice::Take(path) => return Ok(Some(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{theme::Theme, widgets::text};

    fn cell(problem: &str, arm: &str, end: CellEnd) -> CellEntry {
        CellEntry {
            path: format!("{problem}-{arm}").into(),
            problem: problem.to_owned(),
            model: "a-model".to_owned(),
            seed: "1".to_owned(),
            budget: "512 generated".to_owned(),
            arm: arm.to_owned(),
            end,
            spent: "96 %".to_owned(),
            score: if arm == "direct" { String::new() } else { "0.71".to_owned() },
            about: "answer: 77, judged correct\n492 tokens drawn in 9 calls".to_owned(),
        }
    }

    fn picker() -> CellPicker {
        let cells = vec![
            cell("chain:1#0", "direct", CellEnd::Right),
            cell("chain:1#0", "refine", CellEnd::Wrong),
            cell("chain:1#1", "direct", CellEnd::Right),
            cell("chain:1#1", "refine", CellEnd::Right),
            cell("lists:1#0", "direct", CellEnd::NotJudged),
            cell("lists:1#0", "refine", CellEnd::Failed),
        ];
        CellPicker::new("pilot", cells)
    }

    fn press(picker: &mut CellPicker, code: KeyCode) -> CellChoice {
        picker.on_event(&TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    fn type_in(picker: &mut CellPicker, text: &str) {
        for letter in text.chars() {
            assert_eq!(press(picker, KeyCode::Char(letter)), CellChoice::None);
        }
    }

    fn screen(picker: &mut CellPicker, size: (u16, u16)) -> String {
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = ratatui::buffer::Buffer::empty(area);
        picker.draw(&Theme::bundled("dark").unwrap(), area, &mut buf);
        let row = |y| (0..size.0).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..size.1).map(|y| format!("{}\n", row(y).trim_end())).collect()
    }

    #[test]
    fn words_narrow_and_the_cursor_stays_on_its_cell() {
        let mut picker = picker();
        press(&mut picker, KeyCode::End);
        press(&mut picker, KeyCode::Up);
        type_in(&mut picker, "direct");
        assert_eq!(picker.shown, [0, 2, 4]);
        assert_eq!(press(&mut picker, KeyCode::Enter), CellChoice::Take("lists:1#0-direct".into()));
        press(&mut picker, KeyCode::Esc);
        type_in(&mut picker, "refine wrong");
        assert_eq!(press(&mut picker, KeyCode::Enter), CellChoice::Take("chain:1#0-refine".into()));
        type_in(&mut picker, " nothing");
        assert_eq!(press(&mut picker, KeyCode::Enter), CellChoice::None);
        assert_eq!(press(&mut picker, KeyCode::Esc), CellChoice::None);
        assert_eq!(press(&mut picker, KeyCode::Esc), CellChoice::Leave);
    }

    #[test]
    fn tab_keeps_the_cells_whose_arms_came_out_differently() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Tab);
        assert_eq!(picker.shown, [0, 1], "what is not judged or failed differs from nothing");
        type_in(&mut picker, "refine");
        assert_eq!(picker.shown, [1], "the arm that it differs from need not be shown");
        press(&mut picker, KeyCode::Tab);
        assert_eq!(picker.shown, [1, 3, 5]);
    }

    #[test]
    fn a_click_selects_and_a_second_one_takes() {
        let mut picker = picker();
        let shown = screen(&mut picker, (100, 24));
        let row = shown.lines().position(|line| line.contains("not judged")).unwrap() as u16;
        let kind = MouseEventKind::Down(MouseButton::Left);
        let click = TerminalEvent::Mouse(MouseEvent { kind, column: 5, row, modifiers: KeyModifiers::NONE });
        assert_eq!(picker.on_event(&click), CellChoice::None);
        assert_eq!(picker.on_event(&click), CellChoice::Take("lists:1#0-direct".into()));
    }

    #[test]
    fn the_screen_shows_cells_and_what_stands_beside_them_at_any_size() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Down);
        insta::assert_snapshot!("cells_120", screen(&mut picker, (120, 24)));
        insta::assert_snapshot!("cells_80", screen(&mut picker, (80, 24)));
        picker.refuse("The session is torn.".to_owned());
        assert!(screen(&mut picker, (80, 24)).contains("The session is torn."));
        press(&mut picker, KeyCode::Down);
        assert!(!screen(&mut picker, (80, 24)).contains("torn"), "said once");
        for size in [(200, 60), (20, 5), (3, 2), (1, 1)] {
            let shown = screen(&mut picker, size);
            assert!(shown.lines().all(|line| text::width(line) <= usize::from(size.0)));
        }
        assert!(screen(&mut CellPicker::new("empty", Vec::new()), (80, 24)).contains("0 of 0"));
    }
}
