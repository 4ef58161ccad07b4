//! The screen, driven as a person and an engine drive it, and read as text.

mod panes;

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use engine::{Command, Update};
use ratatui::{buffer::Buffer, layout::Rect};
use session::{CallId, Event, Phase, Purpose, Record, replay::Replay};
use tui::{
    Glyphs,
    commands::{OverlayKind, Pane},
    jobs::Job,
    model::Model,
    msg::{Effect, Msg},
    screen::Screen,
    theme::Theme,
    update::update,
    view,
};

use super::fixture;

/// A screen of a given size with its clock.
struct Driver {
    tui: Screen,
    size: (u16, u16),
    now: Duration,
    effects: Vec<Effect>,
    glyphs: Glyphs,
}

impl Driver {
    fn live(size: (u16, u16)) -> Self {
        Self::of(Model::live(), size)
    }

    fn of(model: Model, size: (u16, u16)) -> Self {
        Self { tui: model.into(), size, now: Duration::ZERO, effects: Vec::new(), glyphs: Glyphs::Unicode }
    }

    fn replay(size: (u16, u16)) -> Self {
        let model = Model::of_record(Replay::new(fixture::pens()));
        Self::of(model, size)
    }

    fn tell(&mut self, msg: Msg) {
        self.now += Duration::from_millis(40);
        let effects = update(&mut self.tui, msg, self.now);
        // The record is examined in the background; no test here waits for that.
        self.effects.extend(effects.into_iter().filter(|e| !matches!(e, Effect::Begin(Job::Look(_)))));
    }

    fn events(&mut self, records: &[Record]) {
        for record in records {
            self.tell(Msg::Update(Update::Event(Box::new(record.clone()))));
        }
    }

    /// Presses keys: letters, and names in angle brackets.
    fn keys(&mut self, keys: &str) {
        for word in keys.split_whitespace() {
            let (code, modifiers) = match word {
                "<tab>" => (KeyCode::Tab, KeyModifiers::NONE),
                "<esc>" => (KeyCode::Esc, KeyModifiers::NONE),
                "<space>" => (KeyCode::Char(' '), KeyModifiers::NONE),
                "<end>" => (KeyCode::End, KeyModifiers::NONE),
                "<home>" => (KeyCode::Home, KeyModifiers::NONE),
                "<left>" => (KeyCode::Left, KeyModifiers::NONE),
                "<up>" => (KeyCode::Up, KeyModifiers::NONE),
                "<enter>" => (KeyCode::Enter, KeyModifiers::NONE),
                "<backspace>" => (KeyCode::Backspace, KeyModifiers::NONE),
                "<right>" => (KeyCode::Right, KeyModifiers::NONE),
                "<ctrl-c>" => (KeyCode::Char('c'), KeyModifiers::CONTROL),
                "<ctrl-right>" => (KeyCode::Right, KeyModifiers::CONTROL),
                "<ctrl-up>" => (KeyCode::Up, KeyModifiers::CONTROL),
                "<ctrl-home>" => (KeyCode::Home, KeyModifiers::CONTROL),
                "<ctrl-d>" => (KeyCode::Char('d'), KeyModifiers::CONTROL),
                letter => (KeyCode::Char(letter.parse().unwrap()), KeyModifiers::NONE),
            };
            self.draw();
            self.tell(Msg::Key(KeyEvent::new(code, modifiers)));
        }
    }

    /// What lies over the panes.
    fn open(&self) -> Option<OverlayKind> {
        self.tui.overlays.top_kind()
    }

    fn draw(&mut self) -> Buffer {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buf = Buffer::empty(area);
        let theme = Theme::bundled("dark").unwrap();
        self.tui.model.extents = view::draw_buffer(&self.tui, &theme, area, &mut buf);
        self.glyphs.apply(&mut buf);
        buf
    }

    fn screen(&mut self) -> String {
        let buf = self.draw();
        let mut text = String::new();
        for y in 0..self.size.1 {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..self.size.0 {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buf[(x, y)].symbol();
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                row.push_str(symbol);
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }
}

/// The records up to the moment before the `number`th phase of this sort begins.
fn until(records: &[Record], phase: Phase, iteration: u32) -> usize {
    let wanted = Event::PhaseBegan { phase, iteration };
    records.iter().position(|record| record.event == wanted).unwrap()
}

/// A run in which the model writes the proposals of the second iteration.
fn proposing(size: (u16, u16)) -> Driver {
    let records = fixture::pens();
    let mut driver = Driver::live(size);
    driver.events(&records[..until(&records, Phase::Propose, 2) + 2]);
    let call = driver.tui.model.session.state().calls.open;
    assert!(matches!(call, Some((CallId(4 | 5), Purpose::Propose))), "{call:?}");
    for progress in [
        model::Progress::Prefill { done: 310, total: 310 },
        fixture::text(0, "replace C2: 45 pens are alr"),
        fixture::text(1, "replace C1: 20 boxes"),
        fixture::text(2, "tighten T1: "),
        fixture::text(3, "replace S2: remaining = total"),
    ] {
        driver.tell(Msg::Update(Update::Progress { call, progress }));
    }
    driver
}

const SIZES: [(u16, u16); 5] = [(80, 24), (120, 40), (160, 50), (200, 60), (250, 70)];

impl Driver {
    fn mouse(&mut self, kind: MouseEventKind, (column, row): (u16, u16)) {
        self.draw();
        self.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    fn click(&mut self, at: (u16, u16)) {
        self.mouse(MouseEventKind::Down(MouseButton::Left), at);
        self.mouse(MouseEventKind::Up(MouseButton::Left), at);
    }

    /// Returns where `text` stands on the screen.
    fn find(&mut self, text: &str) -> (u16, u16) {
        let screen = self.screen();
        let found = screen.lines().enumerate().find_map(|(y, line)| Some((line.find(text)?, y, line)));
        let (at, y, line) = found.unwrap_or_else(|| panic!("no \"{text}\" on\n{screen}"));
        (unicode_width::UnicodeWidthStr::width(&line[..at]) as u16, y as u16)
    }
}

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

#[test]
fn at_the_start_empty_panes_say_what_will_come() {
    for size in SIZES {
        let mut driver = Driver::live(size);
        driver.events(&fixture::pens()[..2]);
        let progress = model::Progress::Loading { share: 0.42 };
        driver.tell(Msg::Update(Update::Progress { call: None, progress }));
        snapshot("loading", &mut driver);
    }
}

#[test]
fn while_the_model_writes_proposals() {
    for size in SIZES {
        snapshot("proposing", &mut proposing(size));
    }
}

#[test]
fn after_the_verdict() {
    let records = fixture::pens();
    for size in SIZES {
        let mut driver = Driver::live(size);
        driver.events(&records[..until(&records, Phase::Propose, 2)]);
        snapshot("verdict", &mut driver);
    }
}

#[test]
fn done_with_an_answer() {
    for size in SIZES {
        let mut driver = Driver::live(size);
        driver.events(&fixture::pens());
        driver.tell(Msg::EngineDone);
        snapshot("done", &mut driver);
    }
}

#[test]
fn back_in_a_replay() {
    for size in SIZES {
        let mut driver = Driver::replay(size);
        driver.keys("N N >");
        snapshot("replay_back", &mut driver);
    }
}

#[test]
fn help_over_the_panes() {
    for size in [(80, 24), (120, 40)] {
        let mut driver = proposing(size);
        driver.keys("?");
        snapshot("help", &mut driver);
    }
}

#[test]
fn a_zoomed_pane_has_the_screen() {
    let mut driver = Driver::replay((80, 24));
    driver.keys("5 =");
    snapshot("zoom", &mut driver);
}

#[test]
fn a_tiny_terminal_gets_a_sentence() {
    let mut driver = Driver::replay((40, 10));
    assert!(driver.screen().contains("planscope"));
    for columns in 1..70 {
        for rows in 1..20 {
            driver.size = (columns, rows);
            driver.draw();
        }
    }
}

#[test]
fn stepping_back_reaches_every_moment_and_comes_back() {
    let mut driver = Driver::replay((120, 40));
    let last = driver.screen();
    let count = driver.tui.model.session.replay.len();
    for moment in (0..count).rev() {
        driver.keys("<left>");
        assert_eq!(driver.tui.model.session.replay.position(), moment);
    }
    driver.keys("G");
    assert_eq!(driver.screen().lines().nth(10), last.lines().nth(10));
    driver.keys("S s");
    assert!(driver.tui.model.session.replay.at_end());
}

#[test]
fn a_live_run_goes_on_while_its_past_is_looked_at() {
    let records = fixture::pens();
    let mut driver = proposing((120, 40));
    driver.keys("N");
    let here = driver.tui.model.session.replay.position();
    assert!(here < driver.tui.model.session.replay.len());
    let next = driver.tui.model.session.replay.len();
    driver.events(&records[next..]);
    assert_eq!(driver.tui.model.session.replay.position(), here);
    assert!(driver.screen().contains("VIEWING"));
    driver.keys("<end>");
    assert!(driver.tui.model.session.replay.at_end());
    assert!(driver.screen().contains("DONE"));
}

#[test]
fn keys_drive_the_engine_only_in_the_present() {
    let mut driver = proposing((120, 40));
    driver.keys("<space>");
    assert!(driver.screen().contains("PAUSING"));
    driver.keys("<space> s n c a");
    use Command::{AnswerNow, Continue, NextIteration, Pause, StepPhase};
    let sent = [Pause, Continue, StepPhase, NextIteration, Continue, AnswerNow].map(Effect::Send);
    assert_eq!(driver.effects, sent);
    driver.keys("S s");
    assert_eq!(driver.effects.len(), sent.len());
}

#[test]
fn an_interrupt_pauses_and_never_ends_the_program() {
    let mut driver = proposing((120, 40));
    driver.keys("<ctrl-c>");
    assert_eq!(driver.effects, [Effect::Send(Command::Interrupt)]);
    driver.keys("<ctrl-c> <ctrl-c>");
    assert!(!driver.effects.contains(&Effect::Quit));
    assert!(driver.screen().contains("Press q to quit."));
}

#[test]
fn quitting_a_run_asks_first() {
    let mut driver = proposing((120, 40));
    driver.keys("q");
    assert!(driver.effects.is_empty() && driver.screen().contains("Stop it and quit?"));
    driver.keys("n q y");
    assert_eq!(driver.effects, [Effect::Send(Command::Stop)]);
    driver.tell(Msg::EngineDone);
    assert_eq!(driver.effects.last(), Some(&Effect::Quit));
    let mut replay = Driver::replay((120, 40));
    replay.keys("q");
    assert_eq!(replay.effects, [Effect::Quit]);
}

#[test]
fn a_replay_plays_and_stops() {
    let mut driver = Driver::replay((120, 40));
    driver.keys("<home> c");
    for _ in 0..10 {
        driver.now += Duration::from_millis(250);
        driver.tell(Msg::Tick);
    }
    let played = driver.tui.model.session.replay.position();
    assert_eq!(played, 10);
    driver.keys("<space>");
    driver.now += Duration::from_secs(1);
    driver.tell(Msg::Tick);
    assert_eq!(driver.tui.model.session.replay.position(), played);
    assert_eq!(driver.tui.model.play, None);
}

#[test]
fn nothing_moves_by_itself_once_a_run_is_over() {
    let mut driver = Driver::live((120, 40));
    driver.events(&fixture::pens());
    driver.tell(Msg::EngineDone);
    driver.now += Duration::from_secs(60);
    driver.tell(Msg::Tick);
    assert_eq!(driver.tui.wake(), None);
}

#[test]
fn a_click_gives_a_pane_the_focus_and_a_tab_its_place() {
    let mut driver = proposing((80, 24));
    let (x, y) = driver.find("· 5 ·");
    driver.click((x + 2, y));
    assert_eq!(driver.tui.model.look.focus, Pane::Answer);
    assert!(driver.screen().contains("The answer appears here"));
    driver.click((10, 10));
    assert_eq!(driver.tui.model.look.focus, Pane::Plan);
}

#[test]
fn a_click_on_the_timeline_goes_to_that_iteration() {
    let mut driver = Driver::replay((120, 40));
    let (x, top) = driver.find("4 Timeline");
    let labels = driver.screen().lines().nth(usize::from(top) + 5).unwrap().to_owned();
    let at = labels.find('1').unwrap();
    let column = unicode_width::UnicodeWidthStr::width(&labels[..at]) as u16;
    assert!(column > x);
    driver.click((column, top + 3));
    assert_eq!(driver.tui.model.session.state().timeline.last().map(|point| point.iteration), Some(1));
    assert_eq!(driver.tui.model.look.focus, Pane::Timeline);
}

#[test]
fn a_click_on_a_candidate_shows_it_and_one_on_a_hint_runs_it() {
    let records = fixture::pens();
    let mut driver = Driver::live((120, 40));
    driver.events(&records[..until(&records, Phase::Propose, 2)]);
    let tab = driver.find(" 3 ");
    driver.click(tab);
    assert_eq!(driver.tui.model.candidate_index(), 2);
    let hint = driver.find("s step");
    driver.click(hint);
    assert_eq!(driver.effects, [Effect::Send(Command::StepPhase)]);
    let help = driver.find("? help");
    driver.click(help);
    assert_eq!(driver.open(), Some(OverlayKind::Help));
    driver.click((60, 20));
    assert_eq!(driver.open(), Some(OverlayKind::Help));
    driver.click((1, 1));
    assert_eq!(driver.open(), None);
}

#[test]
fn the_wheel_scrolls_the_pane_under_the_pointer_and_leaves_the_focus() {
    let mut driver = Driver::replay((80, 16));
    driver.keys("1");
    driver.mouse(MouseEventKind::ScrollDown, (60, 10));
    let shown = Pane::Answer as usize;
    driver.draw();
    let max = driver.tui.model.extents.panes[shown].max;
    assert!(max > 0);
    assert_eq!(driver.tui.model.extents.panes[shown].offset, max.min(3));
    assert_eq!(driver.tui.model.look.focus, Pane::Plan);
    driver.mouse(MouseEventKind::ScrollUp, (60, 10));
    driver.draw();
    assert_eq!(driver.tui.model.extents.panes[shown].offset, 0);
}

#[test]
fn a_divider_can_be_dragged_and_is_remembered_once() {
    let mut driver = Driver::replay((120, 40));
    let (edge, _) = driver.find("2 Proposals");
    let divider = edge - 2;
    driver.mouse(MouseEventKind::Down(MouseButton::Left), (divider, 12));
    for column in [divider + 5, divider + 20] {
        driver.mouse(MouseEventKind::Drag(MouseButton::Left), (column, 12));
    }
    driver.mouse(MouseEventKind::Up(MouseButton::Left), (divider + 20, 12));
    assert_eq!(driver.find("2 Proposals").0, edge + 20);
    assert_eq!(driver.effects, [Effect::Remember]);
    driver.keys("<ctrl-home>");
    assert_eq!(driver.find("2 Proposals").0, edge);
}

#[test]
fn keys_move_the_borders_of_the_focused_pane() {
    let mut driver = Driver::replay((120, 40));
    let edge = driver.find("2 Proposals").0;
    driver.keys("1 <ctrl-right> <ctrl-right>");
    assert_eq!(driver.find("2 Proposals").0, edge + 4);
    driver.keys("2 <ctrl-right>");
    assert_eq!(driver.find("2 Proposals").0, edge + 6);
    let top = driver.find("4 Timeline").1;
    driver.keys("4 <ctrl-up>");
    assert_eq!(driver.find("5 Answer"), driver.find("5 Answer"));
    assert!(driver.find("4 Timeline").1 <= top);
    driver.keys("= <ctrl-right>");
    assert!(driver.screen().contains("no border that could be moved"));
}

#[test]
fn selecting_text_by_dragging_gets_a_hint_once() {
    let mut driver = Driver::replay((120, 40));
    for column in [20, 25] {
        driver.mouse(MouseEventKind::Drag(MouseButton::Left), (column, 10));
    }
    assert!(driver.screen().contains("hold shift"));
    assert_eq!(driver.tui.model.notices.all().len(), 1);
}

#[test]
fn a_long_message_is_whole_on_a_small_screen() {
    let mut driver = proposing((80, 24));
    driver.keys("S");
    assert!(driver.screen().contains("the live run continues"));
    snapshot("message", &mut driver);
    let last = driver.screen().lines().last().unwrap().to_owned();
    assert!(last.trim_end().ends_with('.'), "{last}");
}

#[test]
fn scoring_says_how_far_it_is() {
    let records = fixture::pens();
    let mut driver = Driver::live((120, 40));
    driver.events(&records[..until(&records, Phase::Score, 1) + 3]);
    assert!(driver.screen().contains("score · 0 of "), "{}", driver.screen());
    driver.now += Duration::from_secs(4);
    driver.tell(Msg::Tick);
    let first = driver.screen().lines().next().unwrap().to_owned();
    assert!(first.contains(", 4.1 s"), "{first}");
}

#[test]
fn ascii_terminals_get_ascii_alone() {
    for size in [(80, 24), (120, 40)] {
        let mut driver = Driver::replay(size);
        driver.glyphs = Glyphs::Ascii;
        assert!(driver.screen().is_ascii(), "{}", driver.screen());
        driver.keys("N N");
        snapshot("ascii", &mut driver);
    }
}
