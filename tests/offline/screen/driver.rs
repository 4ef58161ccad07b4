//! The screen, driven by a string of keys as a person would press them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use diagnose::runner::ModelProvider;
use engine::{Command, Handle, Run, Start, Update};
use model::scripted::{CannedReply, ReplyScript, ScriptedBackend};
use problem::Problem;
use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};
use session::{Blobs, Manifest, Record, SessionWriter, Settings, replay::Replay};
use tui::{
    commands::OverlayKind,
    jobs::{Bench, Job, JobKind},
    model::Model,
    msg::{Effect, Msg},
    outside,
    screen::Screen,
    theme::{Theme, Themes},
    update::update,
    view,
};
use unicode_width::UnicodeWidthStr;

/// A run with one proposal per iteration and no self-check, which is paused at first.
pub fn one_proposal(iterations: u32) -> Settings {
    let mut settings =
        Settings { iterations, fruitless: 0, proposals: 1, paused: true, ..Settings::default() };
    settings.scorers.set("self_check", 0.0);
    settings
}

/// A real engine that records below `dir`, and whose model says the same each time: of `replies`, pairs of a part of the
/// prompt and a text, the first one whose part occurs.
pub fn canned_engine(dir: &Path, problem: Problem, settings: Settings, replies: &[(&str, &str)]) -> Handle {
    let reply = |(when, text): &(&str, &str)| CannedReply {
        fill: None,
        when: Some((*when).to_owned()),
        text: Some((*text).to_owned()),
        thinking: None,
        pressure: None,
        logprobs: None,
        repeat: true,
    };
    let replies: Vec<CannedReply> = replies.iter().map(reply).collect();
    let script = ReplyScript { name: "canned".into(), delay_ms: 0, replies: replies.into() };
    let card = engine::machine::card(&problem);
    let created = "2026-01-01T00:00:00Z".parse().unwrap();
    let manifest = Manifest::new(&card, "canned", settings.seed, created);
    engine::start(Run {
        problem: problem.into(),
        start: Start::New(Box::new(settings)),
        backend: Box::new(ScriptedBackend::new(script)),
        writer: SessionWriter::create(&dir.join("session"), manifest).unwrap(),
    })
}

/// A screen with its clock, which does what the loop does around it.
pub struct Driver {
    pub tui: Screen,
    pub theme: Theme,
    pub size: (u16, u16),
    pub now: Duration,
    pub sent: Vec<Command>,
    pub copied: Vec<String>,
    /// Texts that went to the person's editor.
    pub opened: Vec<String>,
    /// How often what the editor saved late was asked for.
    pub reads: usize,
    /// The event to fork after.
    pub forked: Option<u64>,
    /// The session to look at instead.
    pub switched: Option<PathBuf>,
    /// Where the exact texts of calls are; without them they are never read.
    pub blobs: Option<Blobs>,
    /// Where the problem of the session is had; without it nothing is judged.
    pub means: Option<Arc<dyn ModelProvider>>,
    /// Checks that the model was to be asked for.
    pub examined: Vec<&'static str>,
    /// The time of day, for work in the background.
    pub clock: jiff::Timestamp,
    pub left: bool,
    engine: Option<Handle>,
}

impl Driver {
    fn new(model: Model, size: (u16, u16), engine: Option<Handle>) -> Self {
        let theme = Theme::bundled("dark").unwrap();
        let (sent, copied, opened) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            tui: model.into(),
            theme,
            size,
            now: Duration::ZERO,
            sent,
            copied,
            opened,
            reads: 0,
            forked: None,
            switched: None,
            blobs: None,
            means: None,
            examined: Vec::new(),
            clock: "2026-02-03T00:00:00Z".parse().unwrap(),
            left: false,
            engine,
        }
    }

    pub fn of_model(model: Model, size: (u16, u16)) -> Self {
        Self::new(model, size, None)
    }

    pub fn replay(records: Vec<Record>, size: (u16, u16)) -> Self {
        Self::of_replay(Replay::new(records), size)
    }

    pub fn of_replay(replay: Replay, size: (u16, u16)) -> Self {
        Self::new(Model::of_record(replay), size, None)
    }

    /// A run whose engine is played by the test.
    pub fn live(size: (u16, u16)) -> Self {
        Self::new(Model::live(), size, None)
    }

    /// A run with a real engine.
    pub fn of_engine(engine: Handle, size: (u16, u16)) -> Self {
        Self::new(Model::live(), size, Some(engine))
    }

    pub fn tell(&mut self, msg: Msg) {
        let mut waiting = vec![msg];
        while let Some(msg) = waiting.pop() {
            for effect in update(&mut self.tui, msg, self.now) {
                let area = self.area();
                waiting.extend(outside::perform(&effect, &self.tui, &self.theme, area));
                match effect {
                    Effect::Send(command) => {
                        if let Some(engine) = &self.engine {
                            engine.commands.try_send(command.clone()).unwrap();
                        }
                        self.sent.push(command);
                    }
                    Effect::Copy(text) => self.copied.push(text),
                    Effect::Fork(seq) => self.forked = Some(seq),
                    Effect::Switch(path) => self.switched = Some(path),
                    Effect::Begin(job) => waiting.extend(self.run(job)),
                    Effect::OpenEditor(text) => self.opened.push(text),
                    Effect::ReadSaved => self.reads += 1,
                    Effect::Quit => self.left = true,
                    Effect::Suspend
                    | Effect::Search(_)
                    | Effect::Read(_)
                    | Effect::Remember
                    | Effect::Screenshot(_)
                    | Effect::Stop(_)
                    | Effect::GiveUp(_) => {}
                    Effect::Examine(check) => self.examined.push(check),
                    Effect::Theme(name) => waiting.push(Msg::Told(match Themes::bundled().load(&name) {
                        Ok(theme) => {
                            self.theme = theme;
                            Ok(format!("The theme is {name}."))
                        }
                        Err(error) => Err(error.to_string()),
                    })),
                }
            }
        }
        self.draw();
    }

    /// Does a job at once; the texts of calls are only there where the test says so.
    fn run(&self, job: Job) -> Option<Msg> {
        let nowhere = Blobs::of(Path::new("nowhere"));
        let blobs = match (&self.blobs, job.kind()) {
            (None, JobKind::ReadCall) => return None,
            (blobs, _) => blobs.as_ref().unwrap_or(&nowhere),
        };
        let stop = AtomicBool::new(false);
        let (replay, means) = (&self.tui.model.session.replay, self.means.as_deref());
        Some(Msg::Done(job.run(Bench { replay, blobs, now: self.clock, means, stop: &stop })))
    }

    pub fn events(&mut self, records: &[Record]) {
        for record in records {
            self.tell(Msg::Update(Update::Event(Box::new(record.clone()))));
        }
    }

    /// Lets time pass, and the screen wake up as it wishes.
    pub fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(wake) = self.tui.wake().filter(|wake| *wake <= until) {
            self.now = self.now.max(wake);
            self.tell(Msg::Tick);
        }
        self.now = until;
    }

    /// Presses keys: characters, and names in angle brackets such as `<enter>` and `<ctrl-c>`.
    pub fn keys(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(letter) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
            let key = match named {
                Some((name, after)) => {
                    rest = after;
                    named_key(name)
                }
                None => {
                    rest = &rest[letter.len_utf8()..];
                    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)
                }
            };
            self.tell(Msg::Key(key));
            self.wait(Duration::from_millis(40));
        }
    }

    pub fn mouse(&mut self, kind: MouseEventKind, (column, row): (u16, u16)) {
        self.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    /// Clicks where `text` is first on the screen, a little behind its start.
    #[track_caller]
    pub fn click(&mut self, text: &str) {
        let screen = self.screen();
        let find =
            |(y, line): (usize, &str)| Some((line[..line.find(text)?].chars().count() as u16 + 2, y as u16));
        let place = screen.lines().enumerate().find_map(find);
        let place = place.unwrap_or_else(|| panic!("{text:?} is not on the screen:\n{screen}"));
        self.click_at(place);
    }

    pub fn click_at(&mut self, place: (u16, u16)) {
        self.mouse(MouseEventKind::Down(MouseButton::Left), place);
        self.mouse(MouseEventKind::Up(MouseButton::Left), place);
    }

    /// Handles what the engine reports until it is paused or done, and does what waits for that.
    pub async fn settle(&mut self) {
        loop {
            self.wait(Duration::from_millis(1));
            let live = self.tui.model.session.engine().unwrap();
            if (live.still && self.tui.model.queue.is_empty()) || live.over() || self.left {
                return;
            }
            let next = self.engine.as_mut().unwrap().updates.recv();
            let update =
                tokio::time::timeout(Duration::from_secs(30), next).await.expect("the engine stalls");
            match update {
                Some(update) => self.tell(Msg::Update(update)),
                None => self.tell(Msg::EngineDone),
            }
        }
    }

    /// What lies over the panes, apart from the tour.
    pub fn open(&self) -> Option<OverlayKind> {
        self.tui.overlays.top_kind()
    }

    fn area(&self) -> Rect {
        Rect::new(0, 0, self.size.0, self.size.1)
    }

    pub fn draw(&mut self) -> Buffer {
        let mut buf = Buffer::empty(self.area());
        self.tui.model.extents = view::draw_buffer(&self.tui, &self.theme, self.area(), &mut buf);
        buf
    }

    pub fn screen(&mut self) -> String {
        let buf = self.draw();
        (0..self.size.1).map(|y| row(&buf, y) + "\n").collect()
    }

    /// The last row of the screen.
    pub fn footer(&mut self) -> String {
        let buf = self.draw();
        row(&buf, self.size.1 - 1)
    }

    /// All letters that are drawn on the background of what is selected.
    pub fn selected(&mut self) -> String {
        let style = self.theme[tui::theme::Role::Select];
        let buf = self.draw();
        let same = |x: u16, y: u16| {
            let cell = &buf[(x, y)];
            style.bg.is_some_and(|bg| cell.bg == bg)
                || (style.bg.is_none() && cell.modifier.contains(style.add_modifier | Modifier::REVERSED))
        };
        let places = (0..self.size.1).flat_map(|y| (0..self.size.0).map(move |x| (x, y)));
        places.filter(|(x, y)| same(*x, *y)).map(|place| buf[place].symbol()).collect()
    }

    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not on the screen:\n{screen}");
    }

    #[track_caller]
    pub fn hides(&mut self, text: &str) {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} is on the screen:\n{screen}");
    }
}

fn row(buf: &Buffer, y: u16) -> String {
    let (mut text, mut x) = (String::new(), 0);
    while x < buf.area.width {
        let symbol = buf[(x, y)].symbol();
        text.push_str(symbol);
        x += (symbol.width() as u16).max(1);
    }
    text.trim_end().to_owned()
}

fn named_key(name: &str) -> KeyEvent {
    let (modifiers, name) = match name.split_once('-') {
        Some(("ctrl", name)) => (KeyModifiers::CONTROL, name),
        Some(("alt", name)) => (KeyModifiers::ALT, name),
        Some(_) | None => (KeyModifiers::NONE, name),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "space" => KeyCode::Char(' '),
        "backspace" => KeyCode::Backspace,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "lt" => KeyCode::Char('<'),
        letter => KeyCode::Char(letter.chars().next().expect("a key")),
    };
    KeyEvent::new(code, modifiers)
}
