//! The list of problems and sessions: what is typed narrows it.

use crossterm::event::KeyEvent;
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Choice, Choices, PickEntry, Picked, Picking, SessionEntry, rows::DrawnRows};
use crate::{
    commands::{Action, InOverlay, OverlayKind},
    overlays::overlay::motion,
    theme::Theme,
    widgets::{
        input::{Input, paste},
        list::Cursor,
        scroll::Extent,
    },
};

/// What the row of the tour says.
pub(super) const TOUR: [&str; 2] = ["Take the tour", "two minutes"];

/// One row that can be selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// A problem, by its number among those offered.
    Problem(usize),
    /// A problem of the file whose path was typed.
    InFile(usize),
    /// A session.
    Session(usize),
    /// The tour of the program.
    Tour,
}

/// The list of problems and sessions with a filter and a preview.
#[derive(Debug, Clone)]
pub struct Picker {
    pub(super) choices: Choices,
    /// The present model's name.
    pub(super) model: String,
    pub(super) filter: Input,
    /// The problems of the file whose path was typed, or why there are none.
    pub(super) file: Option<Result<Vec<PickEntry>, String>>,
    /// What passes the filter: problems, then sessions.
    pub(super) shown: Vec<Row>,
    pub(super) cursor: Cursor,
    pub(super) drawn: DrawnRows,
}

impl Picker {
    /// Returns a picker of `choices`, for a run with the model called `model`.
    pub fn new(choices: Choices, model: &str) -> Self {
        let mut picker = Self {
            choices,
            model: model.to_owned(),
            filter: Input::default(),
            file: None,
            shown: Vec::new(),
            cursor: Cursor::default(),
            drawn: DrawnRows::default(),
        };
        picker.refilter();
        picker
    }

    pub(super) fn problem(&self, row: Row) -> Option<&PickEntry> {
        match row {
            Row::Problem(at) => self.choices.problems.get(at),
            Row::InFile(at) => self.file.as_ref()?.as_ref().ok()?.get(at),
            Row::Session(_) | Row::Tour => None,
        }
    }

    pub(super) fn session(&self, row: Row) -> Option<&SessionEntry> {
        match row {
            Row::Session(at) => self.choices.sessions.get(at),
            Row::Problem(_) | Row::InFile(_) | Row::Tour => None,
        }
    }

    /// Returns the number of the row under the cursor.
    pub(super) fn row(&self) -> usize {
        self.cursor.row(self.shown.len())
    }

    fn take(&self) -> Choice<Picked> {
        let Some(row) = self.shown.get(self.row()).copied() else { return Choice::None };
        let session = self.session(row).map(|session| Picked::Session(session.path.clone()));
        if row == Row::Tour {
            return Choice::Take(Picked::Tour);
        }
        let problem = || self.problem(row).map(|problem| Picked::Problem(problem.reference.clone()));
        session.or_else(problem).map_or(Choice::None, Choice::Take)
    }

    /// Keeps what fits the filter, the best first. The problems of a file whose path is typed all do.
    fn refilter(&mut self) {
        let wanted = self.filter.value().trim().to_owned();
        self.file = (self.choices.read_file)(&wanted);
        self.cursor = Cursor::default();
        if let Some(Ok(problems)) = &self.file {
            self.shown = (0..problems.len()).map(Row::InFile).collect();
            return;
        }
        let mut refilter = Sieve::new(&wanted);
        let problems = self.choices.problems.iter().map(|entry| {
            let short = [&entry.title, &entry.reference, &entry.family, &entry.difficulty];
            refilter.rank(&short.map(String::as_str), &entry.preview)
        });
        let mut shown = best_first(problems.collect(), Row::Problem);
        let sessions = self.choices.sessions.iter().map(|entry| {
            let path = entry.path.to_string_lossy();
            refilter.rank(&[&entry.title, &entry.when, &entry.outcome, &path], &entry.preview)
        });
        let sessions: Vec<Option<u32>> = sessions.collect();
        shown.extend(best_first(sessions, Row::Session));
        // Who has no session yet is offered the tour first, and others at the end.
        let tour = refilter.rank(&TOUR, "").is_some();
        let place = if self.choices.sessions.is_empty() { 0 } else { shown.len() };
        shown.splice(place..place, tour.then_some(Row::Tour));
        self.shown = shown;
    }
}

impl Picking for Picker {
    type Taken = Picked;
    const KIND: OverlayKind = OverlayKind::PickProblem;

    fn act(&mut self, action: &Action) -> Choice<Picked> {
        let extent = Extent { page: self.drawn.page(), ..Extent::default() };
        if let Some(motion) = motion(action, extent) {
            self.cursor.go(motion, self.shown.len());
        } else if *action == Action::Open {
            return self.take();
        } else if *action == Action::InOverlay(InOverlay::ChooseModel) {
            return Choice::Take(Picked::Model);
        } else if *action == Action::Back && !self.filter.value().is_empty() {
            self.filter.reset();
            self.refilter();
        } else if matches!(action, Action::Back | Action::Interrupt | Action::Quit) {
            return Choice::Leave;
        }
        Choice::None
    }

    fn type_key(&mut self, key: KeyEvent) -> bool {
        let changed = self.filter.on_key(key);
        if changed == Some(true) {
            self.refilter();
        }
        changed.is_some()
    }

    fn paste(&mut self, text: &str) {
        // What is too long for the line names nothing that could be picked.
        if paste(&mut self.filter, text.trim()).is_ok() {
            self.refilter();
        }
    }

    fn click(&mut self, position: Position) -> Choice<Picked> {
        match self.drawn.at(position) {
            Some(row) if row == self.row() => return self.take(),
            Some(row) => self.cursor = Cursor::at(row),
            None => {}
        }
        Choice::None
    }

    fn draw(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<Position> {
        Some(self.draw_screen(theme, area, buf))
    }
}

/// What is typed, matched as fzf does: letters in order, each word by itself.
struct Sieve {
    pattern: Pattern,
    words: Vec<String>,
    matcher: Matcher,
}

impl Sieve {
    fn new(wanted: &str) -> Self {
        Self {
            pattern: Pattern::parse(wanted, CaseMatching::Smart, Normalization::Smart),
            words: wanted.to_lowercase().split_whitespace().map(str::to_owned).collect(),
            matcher: Matcher::new(Config::DEFAULT),
        }
    }

    /// Returns how well an entry fits. In a long text letters in order are found everywhere, so there whole
    /// words are looked for, and they count less.
    fn rank(&mut self, short: &[&str], text: &str) -> Option<u32> {
        let mut buffer = Vec::new();
        let name = short.join(" ");
        let score = self.pattern.score(Utf32Str::new(&name, &mut buffer), &mut self.matcher);
        let text = text.to_lowercase();
        score.or_else(|| self.words.iter().all(|word| text.contains(word)).then_some(0))
    }
}

/// Returns the rows that have a rank, the highest first and otherwise in their order.
fn best_first(ranks: Vec<Option<u32>>, row: fn(usize) -> Row) -> Vec<Row> {
    let mut ranked: Vec<(u32, usize)> =
        ranks.into_iter().enumerate().filter_map(|(at, rank)| Some((rank?, at))).collect();
    ranked.sort_by_key(|(rank, at)| (std::cmp::Reverse(*rank), *at));
    ranked.into_iter().map(|(_, at)| row(at)).collect()
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

    fn picker() -> Picker {
        let entry = |reference: &str, title: &str, family: &str| PickEntry {
            reference: reference.to_owned(),
            title: title.to_owned(),
            family: family.to_owned(),
            difficulty: "easy".to_owned(),
            preview: format!("The text of {reference}, which is long enough to be wrapped."),
        };
        let session = |name: &str, title: &str| SessionEntry {
            path: name.into(),
            title: title.to_owned(),
            when: "2026-05-01 10:00".to_owned(),
            outcome: "answered".to_owned(),
            preview: "with the model qwen".to_owned(),
        };
        let problems = vec![
            entry("pens", "Money from the remaining pens", "math"),
            entry("blocks-3", "Three blocks", "blocks"),
            entry("blocks-5", "Five blocks", "blocks"),
        ];
        let sessions = vec![session("sessions/b", "Five blocks"), session("sessions/a", "Money")];
        let read_file = |path: &str| match path {
            "./mine.toml" => Some(Ok(vec![PickEntry {
                reference: "./mine.toml#one".to_owned(),
                title: "My own".to_owned(),
                family: "free".to_owned(),
                difficulty: String::new(),
                preview: String::new(),
            }])),
            "./bad.toml" => Some(Err("bad.toml has no problem".to_owned())),
            _ => None,
        };
        Picker::new(Choices { problems, sessions, read_file }, "a-model")
    }

    fn press(picker: &mut Picker, code: KeyCode) -> Choice<Picked> {
        on_event(picker, &Keymap::default(), &TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    fn type_in(picker: &mut Picker, text: &str) {
        for letter in text.chars() {
            assert_eq!(press(picker, KeyCode::Char(letter)), Choice::None);
        }
    }

    fn problem(reference: &str) -> Choice<Picked> {
        Choice::Take(Picked::Problem(reference.to_owned()))
    }

    fn rows(picker: &mut Picker, size: (u16, u16)) -> Vec<String> {
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = ratatui::buffer::Buffer::empty(area);
        pick::draw(picker, &Keymap::default(), &Theme::bundled("dark").unwrap(), area, &mut buf);
        (0..size.1).map(|y| (0..size.0).map(|x| buf[(x, y)].symbol()).collect()).collect()
    }

    #[test]
    fn the_tour_comes_first_where_there_is_no_session_and_last_elsewhere() {
        let mut later = picker();
        assert_eq!(later.shown.last(), Some(&Row::Tour));
        type_in(&mut later, "tour");
        assert_eq!(press(&mut later, KeyCode::Enter), Choice::Take(Picked::Tour));
        let choices = Choices { sessions: Vec::new(), ..picker().choices };
        let mut first = Picker::new(choices, "a-model");
        assert!(rows(&mut first, (80, 12)).iter().any(|row| row.contains("A recorded run, step by")));
        assert_eq!(press(&mut first, KeyCode::Enter), Choice::Take(Picked::Tour));
        type_in(&mut first, "blocks-5");
        assert_eq!(press(&mut first, KeyCode::Enter), problem("blocks-5"));
    }

    #[test]
    fn typing_narrows_and_enter_takes() {
        let mut picker = picker();
        type_in(&mut picker, "blk five");
        assert_eq!(press(&mut picker, KeyCode::Enter), problem("blocks-5"));
        type_in(&mut picker, "xyzzy");
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::None);
        assert_eq!(press(&mut picker, KeyCode::Esc), Choice::None);
        press(&mut picker, KeyCode::Down);
        press(&mut picker, KeyCode::Up);
        assert_eq!(press(&mut picker, KeyCode::Enter), problem("pens"));
        assert_eq!(press(&mut picker, KeyCode::Esc), Choice::Leave);
    }

    #[test]
    fn keys_of_the_configuration_and_of_the_profile_hold() {
        let bind = [("ctrl-o", ""), ("ctrl-e", "choose-model")];
        let bind = bind.map(|(key, line)| (key.to_owned(), line.to_owned())).into();
        let keymap = Keymap::new("vim", &bind).unwrap();
        let mut picker = picker();
        let mut press = |key, held| {
            on_event(&mut picker, &keymap, &TerminalEvent::Key(KeyEvent::new(KeyCode::Char(key), held)))
        };
        assert_eq!(press('o', KeyModifiers::CONTROL), Choice::None);
        assert_eq!(press('e', KeyModifiers::CONTROL), Choice::Take(Picked::Model));
        assert_eq!(press('z', KeyModifiers::CONTROL), Choice::Suspend);
        assert_eq!(press('c', KeyModifiers::CONTROL), Choice::Leave);
        assert_eq!(press('q', KeyModifiers::NONE), Choice::None, "a letter belongs to the filter");
        assert_eq!(picker.filter.value(), "q");
    }

    #[test]
    fn names_go_before_texts_and_sessions_come_last() {
        let mut picker = picker();
        type_in(&mut picker, "blocks-5");
        assert_eq!(picker.shown.first(), Some(&Row::Problem(2)));
        press(&mut picker, KeyCode::Esc);
        type_in(&mut picker, "money");
        assert_eq!(picker.shown, [Row::Problem(0), Row::Session(1)]);
        press(&mut picker, KeyCode::Down);
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::Take(Picked::Session("sessions/a".into())));
    }

    #[test]
    fn a_path_that_is_typed_or_pasted_lists_the_file() {
        let mut picker = picker();
        on_event(&mut picker, &Keymap::default(), &TerminalEvent::Paste("./mine.toml\n".to_owned()));
        assert_eq!(press(&mut picker, KeyCode::Enter), problem("./mine.toml#one"));
        press(&mut picker, KeyCode::Esc);
        type_in(&mut picker, "./bad.toml");
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::None);
        assert!(rows(&mut picker, (80, 24)).join("\n").contains("bad.toml has no problem"));
    }

    #[test]
    fn a_click_selects_and_a_second_one_takes() {
        let mut picker = picker();
        let shown = rows(&mut picker, (80, 24));
        let row = shown.iter().position(|line| line.contains("Three blocks")).unwrap() as u16;
        let kind = MouseEventKind::Down(MouseButton::Left);
        let click = TerminalEvent::Mouse(MouseEvent { kind, column: 5, row, modifiers: KeyModifiers::NONE });
        assert_eq!(on_event(&mut picker, &Keymap::default(), &click), Choice::None);
        assert_eq!(on_event(&mut picker, &Keymap::default(), &click), problem("blocks-3"));
    }

    #[test]
    fn the_screen_shows_list_and_preview_at_any_size() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Down);
        for size in [(80, 24), (20, 5), (3, 2), (1, 1)] {
            let shown = rows(&mut picker, size);
            if size == (80, 24) {
                insta::assert_snapshot!(
                    shown.iter().map(|row| format!("{}\n", row.trim_end())).collect::<String>()
                );
                assert!(shown.iter().all(|row| text::width(row) == 80));
            }
        }
    }
}
