//! The loop: keys, the engine and the clock come in; frames and commands go out.

mod asking;
mod available;
pub(crate) mod carried;
mod copy;
mod cursors;
pub(crate) mod dispatch;
mod drive;
mod editor;
mod effects;
mod jobs;
mod link;
mod memory;
mod mouse;
mod moving;
mod news;
pub mod outside;
mod press;
mod quit;
mod record_scan;
mod search;
mod settings;
pub mod update;
pub mod view;
pub(crate) mod visits;

use std::{
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use crossterm::event::{Event as TerminalEvent, MouseEventKind};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::sleep_until,
};

use self::{
    asking::Asking,
    carried::Carried,
    dispatch::begin_tour,
    editor::{Draft, Editing},
    jobs::Jobs,
    link::Engine,
    memory::Memory,
    visits::{Place, Visits},
};
use crate::{
    commands::keymap::Keymap,
    core::{
        examine, jobs::Job, live::Unrecorded, model::Model, msg::Msg, notices::Level,
        open_session::OpenSession, probing, script::Script,
    },
    format::sentence,
    highlight::{Highlighter, SyntaxError},
    overlays::{screen::Screen as Shown, tour::Tour},
    terminal::{
        appearance::Appearance,
        events::TerminalEvents,
        screen::Screen,
        signals::{HANGUP, Signal, Signals, leave_without_terminal, terminal_is_gone},
    },
    theme::{Theme, ThemeError, Watch},
    widgets::text::sanitise,
};
use diagnose::runner::ModelProvider;
use engine::{Handle, Update};
use session::{Blobs, Outcome, Record, State, replay::Replay};

/// The least time between frames after a key.
const AFTER_KEY: Duration = Duration::from_millis(16);
/// The least time between frames while text streams in.
const STREAMING: Duration = Duration::from_millis(33);
/// The most updates taken in before keys are read again.
const AT_ONCE: usize = 256;

/// How the screen is to look.
#[derive(Debug, Clone)]
pub struct Options {
    /// How it appears on this terminal.
    pub appearance: Appearance,
    /// Something to say at the start, such as that a record is torn off.
    pub note: Option<String>,
    /// Which key asks for what.
    pub keymap: Keymap,
    /// Commands that are done at the start.
    pub script: Option<Script>,
    /// Where the exact texts of model calls are read.
    pub blobs: Blobs,
    /// What comes along from the session before; with nothing before it, all is as the configuration says.
    pub carried: Option<Carried>,
    /// The position before.
    pub visits: Visits,
    /// A tour to be taken through the record.
    pub tour: Option<Tour>,
    /// What it takes to ask the model about a moment; without it nobody is asked.
    pub means: Option<Arc<dyn ModelProvider>>,
}

impl Options {
    /// Returns options for the session whose exact texts are in `blobs`, with nothing before it.
    pub fn new(appearance: Appearance, keymap: Keymap, blobs: Blobs) -> Self {
        Self {
            appearance,
            note: None,
            keymap,
            script: None,
            blobs,
            carried: None,
            visits: Visits::default(),
            tour: None,
            means: None,
        }
    }
}

/// How the person left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The run had ended in this way.
    Ended(Outcome),
    /// The run was stopped, or its end was not waited for.
    Stopped,
    /// The run ended because it could not be recorded any more.
    Unrecorded {
        /// Why, as a sentence.
        reason: String,
        /// What can be done about it, where something is known.
        hint: Option<String>,
    },
    /// This signal ended the screen; a run was stopped in order first.
    Signal(i32),
    /// A record was shown.
    Replayed,
    /// The person wants to continue after this event as another session.
    Fork(u64),
    /// The person wants to look at the session in this directory, and left this one at a place to come back to.
    Switch(PathBuf, Place),
}

/// Why the screen could not continue. The terminal is given back.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The terminal cannot be used.
    #[error("the terminal cannot be used: {0}; planscope's screen needs an interactive terminal")]
    Terminal(#[from] io::Error),
    /// The theme cannot be used.
    #[error(transparent)]
    Theme(#[from] ThemeError),
}

/// Shows a live run that continues what is `past`, until the person leaves. The engine is stopped then if it
/// still runs, and its record is complete on return. Returns how they left, and what is kept for the next session.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used; the engine is stopped too.
pub async fn debug(handle: Handle, past: Vec<Record>, options: Options) -> Result<(Exit, Carried), TuiError> {
    let mut engine = Engine::of(handle);
    let mut shown = Shown::from(Model::live_after(past));
    let left = show(&mut shown, Some(&mut engine), None, options).await;
    engine.wind_up().await;
    let (exit, carried) = left?;
    Ok((exit.unwrap_or_else(|| ended(&shown.model.session)), carried))
}

/// How the run ended, as far as the screen knows.
fn ended(session: &OpenSession) -> Exit {
    let Some(live) = session.engine() else { return Exit::Replayed };
    match (&live.unrecorded, &live.outcome) {
        (Some(Unrecorded { reason, hint }), _) => {
            Exit::Unrecorded { reason: reason.clone(), hint: hint.clone() }
        }
        (None, Some(outcome)) => Exit::Ended(outcome.clone()),
        (None, None) => Exit::Stopped,
    }
}

/// Shows a record until the person leaves; returns as [`debug`].
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn replay(replay: Replay, options: Options) -> Result<(Exit, Carried), TuiError> {
    let (mut model, scan) = record_scan::open(replay);
    let first = match scan {
        Some(scan) => Some(Job::RecordScan(Box::new(scan))),
        None => examine::wanted(&mut model),
    };
    let (exit, carried) = show(&mut model.into(), None, first, options).await?;
    Ok((exit.unwrap_or(Exit::Replayed), carried))
}

/// Shows `shown`, and starts with the job `first`. Returns what the person left for, if it was another
/// session, and what is kept for it.
async fn show(
    shown: &mut Shown,
    engine: Option<&mut Engine>,
    first: Option<Job>,
    options: Options,
) -> Result<(Option<Exit>, Carried), TuiError> {
    let mut options = options;
    let theme = match &options.carried {
        Some(carried) => {
            options.appearance.theme.clone_from(&carried.theme_name);
            carried.theme.clone()
        }
        None => options.appearance.load_theme()?,
    };
    let mut jobs = Jobs::default();
    jobs.means.clone_from(&options.means);
    let asking = Asking::begin(options.means.take(), engine.as_deref());
    let mut show = Show {
        shown,
        engine,
        theme,
        screen: Screen::enter(options.appearance.glyphs, options.appearance.mouse)?,
        watch: options.appearance.themes.dir().and_then(Watch::begin),
        appearance: options.appearance.clone(),
        blobs: options.blobs.clone(),
        highlighter: None,
        begun: Instant::now(),
        due: Some(Instant::now()),
        drawn: None,
        to_edit: None,
        drafts: Vec::new(),
        exit: None,
        jobs,
        asking,
    };
    show.prepare(options, first);
    match show.run().await {
        // Whichever error comes first then, the reason is the same.
        Err(TuiError::Terminal(_)) if terminal_is_gone() => show.exit = Some(Exit::Signal(HANGUP)),
        left => left?,
    }
    let carried = Carried::of(&show.shown.model, &show.appearance.theme, &show.theme);
    Ok((show.exit, carried))
}

struct Show<'a> {
    shown: &'a mut Shown,
    engine: Option<&'a mut Engine>,
    appearance: Appearance,
    theme: Theme,
    blobs: Blobs,
    /// Loads the syntax of plans, after the first frame.
    highlighter: Option<JoinHandle<Result<Highlighter, SyntaxError>>>,
    /// Notifies of changes to the user's themes.
    watch: Option<Watch>,
    screen: Screen,
    begun: Instant,
    /// When the next frame is to be drawn; none when nothing changed.
    due: Option<Instant>,
    drawn: Option<Instant>,
    /// A text that is to go to the person's own editor.
    to_edit: Option<String>,
    /// The files of editors that were open. They go after the screen, so that they can say what they keep.
    drafts: Vec<Draft>,
    /// What the screen is left for, if it is another session or a signal.
    exit: Option<Exit>,
    /// The background jobs.
    jobs: Jobs,
    /// The side requests to the model.
    asking: Asking,
}

impl Show<'_> {
    /// Sets the screen up: what was kept from the session before, a script, a tour, and what there is to say.
    fn prepare(&mut self, options: Options, first: Option<Job>) {
        options.visits.enter(&mut self.shown.model, self.blobs.session());
        self.shown.model.setup.themes =
            self.appearance.themes.names().into_iter().map(|(name, _)| name).collect();
        self.shown.model.setup.keymap = options.keymap;
        let probes = options.carried.map(|carried| carried.bring(&mut self.shown.model)).unwrap_or_default();
        if let Some(command) = probing::bring(&mut self.shown.model, probes) {
            // The engine has just begun, so that its channel is empty.
            self.send(command);
        }
        if let Some(script) = options.script {
            self.shown.model.queue.load(script);
            // A live run is being loaded, and is paused once it is there.
            self.shown.model.queue.wait();
        }
        match self.appearance.memory.as_deref().map(Memory::load).transpose() {
            Ok(Some(memory)) => self.shown.model.look.sizes = memory.sizes,
            Ok(None) => {}
            Err(error) => {
                self.shown.model.notices.say(Level::Warning, sentence(&error.to_string()), Duration::ZERO)
            }
        }
        if let Some(tour) = options.tour {
            // The first step asks for nothing outside the screen.
            drop(begin_tour(self.shown, tour));
        }
        record_scan::say_fault(&mut self.shown.model);
        if let Some(note) = options.note {
            self.shown.model.notices.say(Level::Warning, note, Duration::ZERO);
        }
        if let Some(job) = first {
            self.jobs.begin(job, &self.shown.model.session.replay, &self.blobs);
        }
    }

    async fn run(&mut self) -> Result<(), TuiError> {
        let mut keys = TerminalEvents::listen();
        let mut signals = Signals::listen()?;
        leave_without_terminal(self.engine.as_ref().map(|engine| engine.commands.clone()));
        loop {
            let wake = self.wake();
            let (msg, patience) = tokio::select! {
                biased;
                key = keys.next() => match key {
                    Some(Ok(event)) => (key_msg(event), AFTER_KEY),
                    Some(Err(error)) => return Err(error.into()),
                    None => (Some(self.end_by(HANGUP)), AFTER_KEY),
                },
                signal = signals.next() => (Some(self.signal_msg(signal)?), AFTER_KEY),
                ready = loaded(&mut self.highlighter) => (self.highlighter_msg(ready), STREAMING),
                done = self.jobs.next() => (Some(done), AFTER_KEY),
                reported = self.asking.next() => (Some(Msg::Examined(reported)), STREAMING),
                () = changed(&mut self.watch) => (self.read_theme_again(), AFTER_KEY),
                () = until(wake) => (Some(Msg::Tick), Duration::ZERO),
                update = next_update(&mut self.engine) => (Some(self.engine_msg(update)), STREAMING),
            };
            if let Some(msg) = msg {
                let redraw = !matches!(msg, Msg::Tick) || self.wants_tick();
                if self.receive(msg)? {
                    return Ok(());
                }
                if redraw {
                    self.ask_for_frame(patience);
                }
            }
            if let Some(text) = self.to_edit.take() {
                // The editor gets all keys from now on.
                keys.stop();
                let edited = self.lend_to_editor(&text, &mut signals).await?;
                keys = TerminalEvents::listen();
                if self.receive(edited)? {
                    return Ok(());
                }
                self.ask_for_frame(AFTER_KEY);
            }
            if self.due.is_some_and(|due| Instant::now() >= due) {
                let first = self.drawn.is_none();
                self.draw()?;
                if first {
                    self.highlighter = Some(spawn_blocking(Highlighter::load));
                }
            }
        }
    }

    /// Lends the terminal to the person's editor until they leave it. Updates are taken in meanwhile, or
    /// the engine would wait for room.
    async fn lend_to_editor(&mut self, text: &str, signals: &mut Signals) -> Result<Msg, TuiError> {
        self.screen.lend();
        let edited = match Editing::begin(&editor::of_environment(), text) {
            Ok(editing) => self.until_edited(editing, signals).await?,
            Err(why) => Msg::Edited(Err(why)),
        };
        self.screen.resume()?;
        Ok(edited)
    }

    async fn until_edited(&mut self, mut editing: Editing, signals: &mut Signals) -> Result<Msg, TuiError> {
        loop {
            tokio::select! {
                outcome = editing.wait() => {
                    self.drafts.push(editing.into_draft());
                    return Ok(Msg::Edited(outcome));
                }
                signal = signals.next() => match signal {
                    Signal::End(signal) => return Ok(self.end_by(signal)),
                    // An interrupt is the editor's own business.
                    Signal::Interrupt | Signal::Resumed => {}
                },
                update = next_update(&mut self.engine) => {
                    let msg = self.engine_msg(update);
                    if self.perform(msg)? {
                        return Ok(Msg::Terminate);
                    }
                }
            }
        }
    }

    fn signal_msg(&mut self, signal: Signal) -> Result<Msg, TuiError> {
        Ok(match signal {
            Signal::Interrupt => Msg::Interrupt,
            Signal::End(signal) => self.end_by(signal),
            Signal::Resumed => {
                self.screen.resume()?;
                Msg::Redraw
            }
        })
    }

    /// The screen is left because of a signal.
    fn end_by(&mut self, signal: i32) -> Msg {
        self.exit = Some(Exit::Signal(signal));
        Msg::Terminate
    }

    fn engine_msg(&mut self, update: Option<Update>) -> Msg {
        if let Some(update) = update {
            self.asking.hand_on(&update);
            return Msg::Update(update);
        }
        if let Some(engine) = &mut self.engine {
            engine.updates = None;
        }
        Msg::EngineDone
    }

    /// Without the syntax of plans the screen lacks only some colours.
    fn highlighter_msg(&mut self, ready: Option<Result<Highlighter, SyntaxError>>) -> Option<Msg> {
        self.highlighter = None;
        match ready? {
            Ok(highlighter) => Some(Msg::Highlighter(Arc::new(highlighter))),
            Err(error) => {
                self.shown.model.notices.say(Level::Warning, error.to_string(), self.begun.elapsed());
                None
            }
        }
    }

    /// Returns when to wake up though nothing comes in: for a frame, or because the screen moves by itself.
    fn wake(&self) -> Option<Instant> {
        let own = self.shown.wake().map(|since| self.begun + since);
        [self.due, own].into_iter().flatten().min()
    }

    /// Returns whether the screen looks different by now though nothing came in.
    fn wants_tick(&self) -> bool {
        self.shown.wake().is_some_and(|since| self.begun.elapsed() >= since)
    }

    fn ask_for_frame(&mut self, patience: Duration) {
        let now = Instant::now();
        let earliest = self.drawn.map_or(now, |drawn| (drawn + patience).max(now));
        self.due = Some(self.due.map_or(earliest, |due| due.min(earliest)));
    }

    fn draw(&mut self) -> Result<(), TuiError> {
        self.due = None;
        self.screen.set_title(&window_title(self.shown.model.session.state()))?;
        let (shown, theme) = (&*self.shown, &self.theme);
        let mut extents = None;
        self.screen.draw(|frame| extents = Some(view::draw(shown, theme, frame)))?;
        self.shown.model.extents = extents.unwrap_or_default();
        self.drawn = Some(Instant::now());
        Ok(())
    }
}

async fn next_update(engine: &mut Option<&mut Engine>) -> Option<Update> {
    match engine {
        Some(engine) => engine.next().await,
        None => std::future::pending().await,
    }
}

/// Waits for the syntax of plans, and forever when it is not being made ready.
async fn loaded(
    loading: &mut Option<JoinHandle<Result<Highlighter, SyntaxError>>>,
) -> Option<Result<Highlighter, SyntaxError>> {
    match loading {
        Some(loading) => loading.await.ok(),
        None => std::future::pending().await,
    }
}

async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

async fn until(wake: Option<Instant>) {
    match wake {
        Some(instant) => sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

/// The problem's title as the window's, without anything that could act on the terminal.
fn window_title(state: &State) -> String {
    let problem = state.problem.as_ref();
    problem.map_or_else(
        || "planscope".to_owned(),
        |problem| format!("{} – planscope", sanitise(&problem.title).replace('\n', " ")),
    )
}

fn key_msg(event: TerminalEvent) -> Option<Msg> {
    match event {
        TerminalEvent::Key(key) => Some(Msg::Key(key)),
        TerminalEvent::Resize(..) | TerminalEvent::FocusGained => Some(Msg::Redraw),
        TerminalEvent::Mouse(event) if event.kind == MouseEventKind::Moved => None,
        TerminalEvent::Mouse(event) => Some(Msg::Mouse(event)),
        TerminalEvent::Paste(text) => Some(Msg::Paste(text)),
        TerminalEvent::FocusLost => None,
    }
}
