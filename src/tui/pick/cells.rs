//! The screen on which a cell of an experiment is picked, to look at its run.

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Choice, Picking, rows::DrawnRows};
use crate::{
    commands::{Action, InOverlay, OverlayKey, OverlayKind},
    overlays::overlay::motion,
    theme::Theme,
    widgets::{
        list::{Filtered, Words},
        scroll::Extent,
    },
};

/// The result of a cell.
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

/// A cell that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellEntry {
    /// Its session's directory.
    pub path: PathBuf,
    /// The problem's name.
    pub problem: String,
    /// The model's name.
    pub model: String,
    /// In decimal.
    pub seed: String,
    /// The budget with its meter.
    pub budget: String,
    /// The arm's name in the experiment.
    pub arm: String,
    /// Its result.
    pub end: CellEnd,
    /// How much of the budget was spent.
    pub spent: String,
    /// The score of the plan that was answered from, or a sign that there is none.
    pub score: String,
    /// What else is known of it, a paragraph a line.
    pub about: String,
}

impl CellEntry {
    /// Returns whether `other` is the same problem with the same model, seed and budget: a cell to compare it with.
    pub(super) fn is_alongside(&self, other: &Self) -> bool {
        self.problem == other.problem
            && self.model == other.model
            && self.seed == other.seed
            && self.budget == other.budget
    }

    /// Returns whether each of `words` occurs in what its row shows.
    fn has(&self, words: &Words) -> bool {
        let Self { problem, model, seed, budget, arm, end, .. } = self;
        words.are_in(&format!("{problem} {model} seed {seed} {budget} {arm} {}", end.word()))
    }
}

/// The list of an experiment's cells with a filter. It is kept while a cell is shown, so that the person comes back
/// to where they were.
#[derive(Debug, Clone)]
pub struct CellPicker {
    /// The experiment's name.
    pub(super) name: String,
    /// All cells; those to compare with each other stand together.
    pub(super) cells: Vec<CellEntry>,
    pub(super) list: Filtered,
    /// Whether only cells are shown whose arms came out differently.
    pub(super) split: bool,
    /// For each cell, whether the other arms came out differently.
    pub(super) differs: Vec<bool>,
    pub(super) drawn: DrawnRows,
    /// Why the last one could not be shown.
    pub(super) refusal: Option<String>,
}

impl CellPicker {
    /// Returns a picker of the cells of the experiment called `name`. Cells to compare with each other must stand
    /// together.
    pub fn new(name: &str, cells: Vec<CellEntry>) -> Self {
        let mut picker = Self {
            name: name.to_owned(),
            differs: differing(&cells),
            cells,
            list: Filtered::default(),
            split: false,
            drawn: DrawnRows::default(),
            refusal: None,
        };
        picker.refilter();
        picker
    }

    /// Says why the cell that was picked could not be shown.
    pub fn refuse(&mut self, why: String) {
        self.refusal = Some(why);
    }

    /// Returns the cell under the cursor.
    pub(super) fn cell(&self) -> Option<&CellEntry> {
        self.cells.get(self.list.chosen()?)
    }

    fn take(&self) -> Choice<PathBuf> {
        self.cell().map_or(Choice::None, |cell| Choice::Take(cell.path.clone()))
    }

    /// Keeps what fits the filter, and the cursor on its cell where that is still shown.
    fn refilter(&mut self) {
        let Self { cells, differs, split, list, .. } = self;
        list.refilter(cells.len(), |at, words| (!*split || differs[at]) && cells[at].has(words));
    }
}

impl Picking for CellPicker {
    type Taken = PathBuf;
    const KIND: OverlayKind = OverlayKind::PickCell;

    fn act(&mut self, action: &Action) -> Choice<PathBuf> {
        self.refusal = None;
        let extent = Extent { page: self.drawn.page(), ..Extent::default() };
        if let Some(motion) = motion(action, extent) {
            self.list.go(motion);
        } else if *action == Action::Open {
            return self.take();
        } else if *action == Action::InOverlay(InOverlay::Toggle) {
            self.split = !self.split;
            self.refilter();
        } else if *action == Action::Back && self.list.reset() {
            self.refilter();
        } else if matches!(action, Action::Back | Action::Interrupt | Action::Quit) {
            return Choice::Leave;
        }
        Choice::None
    }

    fn type_key(&mut self, key: KeyEvent) -> bool {
        self.refusal = None;
        let changed = self.list.on_key(key);
        if changed == Some(true) {
            self.refilter();
        }
        changed.is_some()
    }

    fn paste(&mut self, text: &str) {
        match self.list.paste(text) {
            Ok(()) => self.refilter(),
            Err(why) => self.refusal = Some(why),
        }
    }

    fn click(&mut self, position: Position) -> Choice<PathBuf> {
        match self.drawn.at(position) {
            Some(cell) if self.list.chosen() == Some(cell) => return self.take(),
            Some(cell) => self.list.choose(Some(cell)),
            None => {}
        }
        Choice::None
    }

    fn hint(&self, key: &OverlayKey) -> Option<&'static str> {
        let toggles = key.action == Some(Action::InOverlay(InOverlay::Toggle));
        Some(if toggles && self.split { "all cells" } else { key.hint }).filter(|hint| !hint.is_empty())
    }

    fn draw(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<Position> {
        Some(self.draw_screen(theme, area, buf))
    }
}

/// Returns for each cell whether some of the same problem are right and others wrong.
fn differing(cells: &[CellEntry]) -> Vec<bool> {
    let groups = cells.chunk_by(|a, b| a.is_alongside(b));
    let split = |group: &[CellEntry]| {
        let any = |end: CellEnd| group.iter().any(|cell| cell.end == end);
        vec![any(CellEnd::Right) && any(CellEnd::Wrong); group.len()]
    };
    groups.flat_map(split).collect()
}

#[cfg(test)]
mod tests {
    use crossterm::event::{
        Event as TerminalEvent, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
    };

    use super::*;
    use crate::{
        commands::keymap::Keymap,
        pick::{self, on_event},
        widgets::text,
    };

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
            score: if arm == "direct" { "–".to_owned() } else { "0.71".to_owned() },
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

    fn press(picker: &mut CellPicker, code: KeyCode) -> Choice<PathBuf> {
        on_event(picker, &Keymap::default(), &TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    fn type_in(picker: &mut CellPicker, text: &str) {
        for letter in text.chars() {
            assert_eq!(press(picker, KeyCode::Char(letter)), Choice::None);
        }
    }

    fn screen(picker: &mut CellPicker, size: (u16, u16)) -> String {
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = ratatui::buffer::Buffer::empty(area);
        pick::draw(picker, &Keymap::default(), &Theme::bundled("dark").unwrap(), area, &mut buf);
        let row = |y| (0..size.0).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..size.1).map(|y| format!("{}\n", row(y).trim_end())).collect()
    }

    #[test]
    fn words_narrow_and_the_cursor_stays_on_its_cell() {
        let mut picker = picker();
        press(&mut picker, KeyCode::End);
        press(&mut picker, KeyCode::Up);
        type_in(&mut picker, "direct");
        assert_eq!(picker.list.shown(), [0, 2, 4]);
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::Take("lists:1#0-direct".into()));
        press(&mut picker, KeyCode::Esc);
        type_in(&mut picker, "refine wrong");
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::Take("chain:1#0-refine".into()));
        type_in(&mut picker, " nothing");
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::None);
        assert_eq!(press(&mut picker, KeyCode::Esc), Choice::None);
        assert_eq!(press(&mut picker, KeyCode::Esc), Choice::Leave);
    }

    #[test]
    fn tab_keeps_the_cells_whose_arms_came_out_differently() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Tab);
        assert_eq!(picker.list.shown(), [0, 1], "what is not judged or failed differs from nothing");
        type_in(&mut picker, "refine");
        assert_eq!(picker.list.shown(), [1], "the arm that it differs from need not be shown");
        press(&mut picker, KeyCode::Tab);
        assert_eq!(picker.list.shown(), [1, 3, 5]);
    }

    #[test]
    fn a_click_selects_and_a_second_one_takes() {
        let mut picker = picker();
        let shown = screen(&mut picker, (100, 24));
        let row = shown.lines().position(|line| line.contains("not judged")).unwrap() as u16;
        let kind = MouseEventKind::Down(MouseButton::Left);
        let click = TerminalEvent::Mouse(MouseEvent { kind, column: 5, row, modifiers: KeyModifiers::NONE });
        assert_eq!(on_event(&mut picker, &Keymap::default(), &click), Choice::None);
        assert_eq!(
            on_event(&mut picker, &Keymap::default(), &click),
            Choice::Take("lists:1#0-direct".into())
        );
    }

    #[test]
    fn the_screen_shows_cells_and_what_they_measure_at_any_size() {
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
