//! The loop: keys, the engine and the clock come in; frames and commands go out.

use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use crossterm::event::{Event as TerminalEvent, EventStream};
use futures::StreamExt;
use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, spawn_blocking},
    time::{sleep_until, timeout},
};

use super::{
    calls::CallText,
    highlight::{Highlighter, SyntaxError},
    keymap::Keymap,
    model::{Model, STOP_WAIT},
    msg::{Effect, Msg},
    notices::Level,
    outside,
    script::Script,
    signals::Signals,
    terminal::Screen,
    theme::Theme,
    update::update,
    view,
};
use crate::{
    engine::{Command, Handle, Update},
    session::{Blobs, Outcome, replay::Replay},
};

/// The least time between frames after a key.
const AFTER_KEY: Duration = Duration::from_millis(16);
/// The least time between frames while text streams in.
const STREAMING: Duration = Duration::from_millis(33);
/// The most updates taken in before keys are looked at again.
const AT_ONCE: usize = 256;

/// How the screen is to look.
#[derive(Debug, Clone)]
pub struct Options {
    /// The theme.
    pub theme: Theme,
    /// Something to say at the start, such as that a record is torn off.
    pub note: Option<String>,
    /// Which key asks for what.
    pub keymap: Keymap,
    /// Commands that are done at the start.
    pub script: Option<Script>,
    /// Where the exact texts of model calls are read.
    pub blobs: Blobs,
}

/// How the person left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The run had ended in this way.
    Ended(Outcome),
    /// The run was stopped, or its end was not waited for.
    Stopped,
    /// A record was looked at.
    Replayed,
}

/// Why the screen could not go on. The terminal is given back.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The terminal cannot be used.
    #[error("the terminal cannot be used: {0}; planscope's screen needs an interactive terminal")]
    Terminal(#[from] io::Error),
}

/// Shows a run while it goes on, until the person leaves. The engine is stopped then if it still runs,
/// and its record is complete on return.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used; the engine is stopped too.
pub async fn debug(handle: Handle, options: Options) -> Result<Exit, TuiError> {
    let Handle { commands, updates, done } = handle;
    let mut engine = Engine { commands, updates: Some(updates), done };
    let mut model = Model::live();
    let shown = show(&mut model, Some(&mut engine), options).await;
    engine.wind_up().await;
    shown?;
    let outcome = model.engine().and_then(|live| live.outcome.clone());
    Ok(outcome.map_or(Exit::Stopped, Exit::Ended))
}

/// Shows a record until the person leaves.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn replay(replay: Replay, options: Options) -> Result<Exit, TuiError> {
    let mut model = Model::of_record(replay);
    show(&mut model, None, options).await?;
    Ok(Exit::Replayed)
}

/// The engine's end of the screen.
struct Engine {
    commands: mpsc::Sender<Command>,
    /// Gone once the engine has closed it.
    updates: Option<mpsc::Receiver<Update>>,
    done: watch::Receiver<bool>,
}

impl Engine {
    /// Waits for the next update, and forever once there are none.
    async fn next(&mut self) -> Option<Update> {
        match &mut self.updates {
            Some(updates) => updates.recv().await,
            None => std::future::pending().await,
        }
    }

    /// Stops the engine if it still runs, and waits until its record is complete.
    async fn wind_up(&mut self) {
        let _ = self.commands.try_send(Command::Stop);
        // What still comes is taken off the channel, or the engine could wait for room in it forever.
        let drain = async {
            while self.next_before_done().await.is_some() {}
            let _ = self.done.wait_for(|done| *done).await;
        };
        let _ = timeout(STOP_WAIT, drain).await;
    }

    async fn next_before_done(&mut self) -> Option<Update> {
        match &mut self.updates {
            Some(updates) => updates.recv().await,
            None => None,
        }
    }
}

async fn show(model: &mut Model, engine: Option<&mut Engine>, options: Options) -> Result<(), TuiError> {
    let mut shown = Show {
        model,
        engine,
        theme: options.theme,
        blobs: options.blobs,
        highlighter: None,
        screen: Screen::enter()?,
        begun: Instant::now(),
        due: Some(Instant::now()),
        drawn: None,
    };
    shown.model.keymap = options.keymap;
    if let Some(script) = options.script {
        shown.model.queue.load(script);
        // What is live is being loaded, and stands still once it is there.
        shown.model.queue.wait();
    }
    if let Some(note) = options.note {
        shown.model.notices.say(Level::Warning, note, Duration::ZERO);
    }
    shown.run().await
}

struct Show<'a> {
    model: &'a mut Model,
    engine: Option<&'a mut Engine>,
    theme: Theme,
    blobs: Blobs,
    /// Makes the syntax of plans ready, beside the first frame.
    highlighter: Option<JoinHandle<Result<Highlighter, SyntaxError>>>,
    screen: Screen,
    begun: Instant,
    /// When the next frame is to be drawn; none when nothing changed.
    due: Option<Instant>,
    drawn: Option<Instant>,
}

impl Show<'_> {
    async fn run(&mut self) -> Result<(), TuiError> {
        let mut keys = EventStream::new();
        let mut signals = Signals::listen()?;
        loop {
            let wake = self.wake();
            let (msg, patience) = tokio::select! {
                biased;
                key = keys.next() => match key {
                    Some(Ok(event)) => (key_msg(event), AFTER_KEY),
                    Some(Err(error)) => return Err(error.into()),
                    None => (Some(Msg::Terminate), AFTER_KEY),
                },
                signal = signals.next() => {
                    if matches!(signal, Msg::Redraw) {
                        self.screen.resume()?;
                    }
                    (Some(signal), AFTER_KEY)
                }
                ready = loaded(&mut self.highlighter) => (self.highlighter_msg(ready), STREAMING),
                () = until(wake) => (Some(Msg::Tick), Duration::ZERO),
                update = next_update(&mut self.engine) => (Some(self.engine_msg(update)), STREAMING),
            };
            if let Some(msg) = msg {
                let redraw = !matches!(msg, Msg::Tick) || self.wants_tick();
                if self.take_in(msg)? {
                    return Ok(());
                }
                if redraw {
                    self.ask_for_frame(patience);
                }
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

    /// Takes in a message and as many updates as are there already; returns whether to leave.
    fn take_in(&mut self, msg: Msg) -> Result<bool, TuiError> {
        let from_engine = matches!(msg, Msg::Update(_));
        if self.perform(msg)? {
            return Ok(true);
        }
        for _ in 0..if from_engine { AT_ONCE } else { 0 } {
            let more = self.engine.as_mut().and_then(|engine| engine.updates.as_mut()?.try_recv().ok());
            let Some(update) = more else { break };
            if self.perform(Msg::Update(update))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn perform(&mut self, msg: Msg) -> Result<bool, TuiError> {
        let mut waiting = VecDeque::from(update(self.model, msg, self.begun.elapsed()));
        while let Some(effect) = waiting.pop_front() {
            let answer = match effect {
                Effect::Quit => return Ok(true),
                Effect::Suspend => {
                    self.screen.suspend()?;
                    None
                }
                Effect::Copy(text) => {
                    self.screen.copy(&text)?;
                    None
                }
                Effect::ReadCall { call, request, reply } => {
                    let text = CallText::read(&self.blobs, call, &request, reply.as_ref());
                    Some(Msg::CallRead(Box::new(text)))
                }
                Effect::Send(command) => self.send(command).map(Msg::Undelivered),
                Effect::Search(_) | Effect::Read(_) | Effect::Screenshot(_) | Effect::Theme(_) => {
                    let area = self.screen.area()?;
                    outside::perform(&effect, self.model, &mut self.theme, area)
                }
            };
            if let Some(msg) = answer {
                waiting.extend(update(self.model, msg, self.begun.elapsed()));
            }
        }
        Ok(false)
    }

    /// Hands a command to the engine without waiting; returns it when that does not work.
    fn send(&self, command: Command) -> Option<Command> {
        let engine = self.engine.as_ref()?;
        engine.commands.try_send(command).err().map(|error| match error {
            mpsc::error::TrySendError::Full(command) | mpsc::error::TrySendError::Closed(command) => command,
        })
    }

    fn engine_msg(&mut self, update: Option<Update>) -> Msg {
        if let Some(update) = update {
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
                self.model.notices.say(Level::Warning, error.to_string(), self.begun.elapsed());
                None
            }
        }
    }

    /// Returns when to wake up though nothing comes in: for a frame, or because the screen moves by itself.
    fn wake(&self) -> Option<Instant> {
        let own = self.model.wake().map(|since| self.begun + since);
        [self.due, own].into_iter().flatten().min()
    }

    /// Returns whether the screen looks different by now though nothing came in.
    fn wants_tick(&self) -> bool {
        self.model.wake().is_some_and(|since| self.begun.elapsed() >= since)
    }

    fn ask_for_frame(&mut self, patience: Duration) {
        let now = Instant::now();
        let earliest = self.drawn.map_or(now, |drawn| (drawn + patience).max(now));
        self.due = Some(self.due.map_or(earliest, |due| due.min(earliest)));
    }

    fn draw(&mut self) -> Result<(), TuiError> {
        self.due = None;
        let (model, theme) = (&*self.model, &self.theme);
        let mut extents = model.extents;
        self.screen.draw(|frame| extents = view::draw(model, theme, frame))?;
        self.model.extents = extents;
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

async fn until(wake: Option<Instant>) {
    match wake {
        Some(instant) => sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

fn key_msg(event: TerminalEvent) -> Option<Msg> {
    match event {
        TerminalEvent::Key(key) => Some(Msg::Key(key)),
        TerminalEvent::Resize(..) | TerminalEvent::FocusGained => Some(Msg::Redraw),
        TerminalEvent::FocusLost | TerminalEvent::Mouse(_) | TerminalEvent::Paste(_) => None,
    }
}
