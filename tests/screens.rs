//! The screen, driven as a person and an engine drive it, and looked at as text.

#[path = "screens/panes.rs"]
mod panes;
mod screen_fixture;

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use planscope::{
    engine::{Command, Update},
    session::{CallId, Event, Phase, Purpose, Record, replay::Replay},
    tui::{
        model::Model,
        msg::{Effect, Msg},
        theme::Theme,
        update::update,
        view,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// A screen of a given size with its clock.
struct Driver {
    model: Model,
    size: (u16, u16),
    now: Duration,
    effects: Vec<Effect>,
}

impl Driver {
    fn live(size: (u16, u16)) -> Self {
        Self { model: Model::live(), size, now: Duration::ZERO, effects: Vec::new() }
    }

    fn replay(size: (u16, u16)) -> Self {
        let model = Model::of_record(Replay::new(screen_fixture::pens()));
        Self { model, size, now: Duration::ZERO, effects: Vec::new() }
    }

    fn tell(&mut self, msg: Msg) {
        self.now += Duration::from_millis(40);
        self.effects.extend(update(&mut self.model, msg, self.now));
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
                "<home>" => (KeyCode::Home, KeyModifiers::NONE),
                "<left>" => (KeyCode::Left, KeyModifiers::NONE),
                "<up>" => (KeyCode::Up, KeyModifiers::NONE),
                "<enter>" => (KeyCode::Enter, KeyModifiers::NONE),
                "<backspace>" => (KeyCode::Backspace, KeyModifiers::NONE),
                "<right>" => (KeyCode::Right, KeyModifiers::NONE),
                "<ctrl-c>" => (KeyCode::Char('c'), KeyModifiers::CONTROL),
                "<ctrl-d>" => (KeyCode::Char('d'), KeyModifiers::CONTROL),
                letter => (KeyCode::Char(letter.parse().unwrap()), KeyModifiers::NONE),
            };
            self.draw();
            self.tell(Msg::Key(KeyEvent::new(code, modifiers)));
        }
    }

    fn draw(&mut self) -> Buffer {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buf = Buffer::empty(area);
        let theme = Theme::bundled("dark").unwrap();
        self.model.extents = view::draw_buffer(&self.model, &theme, area, &mut buf);
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
    let records = screen_fixture::pens();
    let mut driver = Driver::live(size);
    driver.events(&records[..until(&records, Phase::Propose, 2) + 2]);
    let call = driver.model.state().open_call;
    assert!(matches!(call, Some((CallId(4 | 5), Purpose::Propose))), "{call:?}");
    for progress in [
        planscope::llm::Progress::Prefill { done: 310, total: 310 },
        screen_fixture::text(0, "replace C2: 45 pens are alr"),
        screen_fixture::text(1, "replace C1: 20 boxes"),
        screen_fixture::text(2, "tighten T1: "),
        screen_fixture::text(3, "replace S2: remaining = total"),
    ] {
        driver.tell(Msg::Update(Update::Progress { call, progress }));
    }
    driver
}

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (160, 50), (200, 60)];

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

#[test]
fn at_the_start_empty_panes_say_what_will_come() {
    for size in SIZES {
        let mut driver = Driver::live(size);
        driver.events(&screen_fixture::pens()[..2]);
        let progress = planscope::llm::Progress::Loading { share: 0.42 };
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
    let records = screen_fixture::pens();
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
        driver.events(&screen_fixture::pens());
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
    let count = driver.model.replay.len();
    for moment in (0..count).rev() {
        driver.keys("<left>");
        assert_eq!(driver.model.replay.position(), moment);
    }
    driver.keys("G");
    assert_eq!(driver.screen().lines().nth(10), last.lines().nth(10));
    driver.keys("S s");
    assert!(driver.model.replay.at_end());
}

#[test]
fn a_live_run_goes_on_while_its_past_is_looked_at() {
    let records = screen_fixture::pens();
    let mut driver = proposing((120, 40));
    driver.keys("N");
    let here = driver.model.replay.position();
    assert!(here < driver.model.replay.len());
    let next = driver.model.replay.len();
    driver.events(&records[next..]);
    assert_eq!(driver.model.replay.position(), here);
    assert!(driver.screen().contains("VIEWING"));
    driver.keys("G");
    assert!(driver.model.replay.at_end());
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
    driver.keys("g c");
    for _ in 0..10 {
        driver.now += Duration::from_millis(250);
        driver.tell(Msg::Tick);
    }
    let played = driver.model.replay.position();
    assert_eq!(played, 10);
    driver.keys("<space>");
    driver.now += Duration::from_secs(1);
    driver.tell(Msg::Tick);
    assert_eq!(driver.model.replay.position(), played);
    assert_eq!(driver.model.play, None);
}

#[test]
fn nothing_moves_by_itself_once_a_run_is_over() {
    let mut driver = Driver::live((120, 40));
    driver.events(&screen_fixture::pens());
    driver.tell(Msg::EngineDone);
    driver.now += Duration::from_secs(60);
    driver.tell(Msg::Tick);
    assert_eq!(driver.model.wake(), None);
}
