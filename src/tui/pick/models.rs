//! The screen on which a model is picked and fetched.

use std::time::{Duration, Instant};

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEventKind, KeyModifiers};
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::{
    Pick,
    download::{Download, PullUpdate},
    ends, suspends,
};
use crate::{
    run::TuiError,
    terminal::{
        appearance::Appearance,
        events::TerminalEvents,
        screen::Screen,
        signals::{HANGUP, Signals},
    },
};

/// A model that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelEntry {
    /// The name that users type.
    pub name: String,
    /// The name that its makers gave it.
    pub title: String,
    /// How many parameters, and how they are stored.
    pub size: String,
    /// The size of its file.
    pub file: String,
    /// The memory that running it takes.
    pub memory: String,
    /// Whether this machine has as much; not known on some systems.
    pub fits: Option<bool>,
    /// The licence of the weights.
    pub licence: String,
    /// What it is good for.
    pub notes: String,
    /// Whether it is there already.
    pub installed: bool,
    /// Whether it is the one that is used when none is named.
    pub default: bool,
}

/// Where models come from. The screen knows no more of them than this.
pub trait ModelSource: Sync {
    /// Returns all models.
    fn list(&self) -> Vec<ModelEntry>;

    /// Fetches a model and says through `tell` how far it is; the error is a sentence. Dropping it ends the
    /// download, and what has arrived is kept for the next time.
    fn pull(&self, name: String, tell: mpsc::Sender<PullUpdate>) -> BoxFuture<'_, Result<(), String>>;
}

/// A download with its reports.
struct Pull<'a> {
    work: BoxFuture<'a, Result<(), String>>,
    updates: mpsc::Receiver<PullUpdate>,
}

impl<'a> Pull<'a> {
    fn begin(source: &'a dyn ModelSource, name: String) -> Self {
        let (tell, updates) = mpsc::channel(16);
        Self { work: source.pull(name, tell), updates }
    }

    async fn next(&mut self) -> PullStep {
        tokio::select! {
            Some(update) = self.updates.recv() => PullStep::Update(update),
            end = &mut self.work => PullStep::Ended(end),
        }
    }
}

/// What a download reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PullStep {
    /// A report.
    Update(PullUpdate),
    /// It is over, well or not.
    Ended(Result<(), String>),
}

/// Lets the person pick a model, fetching it where it is not there yet. `why` says what led here, where it was not their
/// own wish.
///
/// # Errors
/// [`TuiError`] when the terminal cannot be used.
pub async fn pick_model(
    source: &dyn ModelSource,
    why: Option<String>,
    appearance: &Appearance,
) -> Result<Pick<String>, TuiError> {
    let mut picker = ModelPicker::new(source.list(), why);
    let theme = appearance.load_theme()?;
    let mut screen = Screen::enter(appearance.glyphs, appearance.mouse)?;
    let (mut keys, mut signals) = (TerminalEvents::listen(), Signals::listen()?);
    let begun = Instant::now();
    let mut pull: Option<Pull<'_>> = None;
    loop {
        screen.draw(|frame| picker.draw(&theme, frame.area(), frame.buffer_mut()))?;
        let wish = tokio::select! {
            key = keys.next() => match key.transpose()? {
                Some(event) if suspends(&event) => {
                    screen.suspend()?;
                    Wish::None
                }
                Some(event) => picker.on_event(&event),
                None => return Ok(Pick::Signal(HANGUP)),
            },
            signal = signals.next() => match ends(signal) {
                Some(signal) => return Ok(Pick::Signal(signal)),
                None => {
                    screen.resume()?;
                    Wish::None
                }
            },
            step = next(&mut pull) => {
                if matches!(step, PullStep::Ended(_)) {
                    pull = None;
                }
                picker.on_step(step, begun.elapsed())
            }
        };
        match wish {
            Wish::None => {}
            Wish::Leave => return Ok(Pick::Left),
            Wish::Take(name) => return Ok(Pick::Taken(name)),
            Wish::Fetch(name) => pull = Some(Pull::begin(source, name)),
            Wish::Cancel => pull = None,
        }
    }
}

async fn next(pull: &mut Option<Pull<'_>>) -> PullStep {
    match pull {
        Some(pull) => pull.next().await,
        None => std::future::pending().await,
    }
}

/// What the person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing yet.
    None,
    /// To leave without a model.
    Leave,
    /// To use the model with this name, which is there.
    Take(String),
    /// To fetch the model with this name.
    Fetch(String),
    /// To give the download up.
    Cancel,
}

/// The list of models, and the running download.
#[derive(Debug, Clone)]
pub(super) struct ModelPicker {
    pub models: Vec<ModelEntry>,
    pub selected: usize,
    /// What led here, or what became of the last download.
    pub said: Option<String>,
    /// The model that is being fetched.
    pub fetching: Option<(String, Download)>,
}

impl ModelPicker {
    pub fn new(models: Vec<ModelEntry>, why: Option<String>) -> Self {
        let selected = models.iter().position(|model| model.default).unwrap_or(0);
        Self { models, selected, said: why, fetching: None }
    }

    /// Handles an event of the terminal.
    pub fn on_event(&mut self, event: &TerminalEvent) -> Wish {
        let TerminalEvent::Key(key) = event else { return Wish::None };
        if key.kind == KeyEventKind::Release {
            return Wish::None;
        }
        let ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        if ctrl_c || matches!(key.code, KeyCode::Esc | KeyCode::Char('q')) {
            return self.give_up();
        }
        let last = self.models.len().saturating_sub(1);
        if matches!(key.code, KeyCode::Down | KeyCode::Char('j') | KeyCode::Tab) {
            self.selected = (self.selected + 1).min(last);
        } else if matches!(key.code, KeyCode::Up | KeyCode::Char('k') | KeyCode::BackTab) {
            self.selected = self.selected.saturating_sub(1);
        } else if key.code == KeyCode::Enter && self.fetching.is_none() {
            return self.take();
        }
        Wish::None
    }

    /// Ends the download where there is one, and leaves otherwise.
    fn give_up(&mut self) -> Wish {
        let Some((name, _)) = self.fetching.take() else { return Wish::Leave };
        self.said = Some(format!("The download of {name} was given up; what has arrived is kept."));
        Wish::Cancel
    }

    fn take(&mut self) -> Wish {
        let Some(model) = self.models.get(self.selected) else { return Wish::None };
        if model.installed {
            return Wish::Take(model.name.clone());
        }
        self.said = None;
        self.fetching = Some((model.name.clone(), Download::default()));
        Wish::Fetch(model.name.clone())
    }

    /// Handles a report of the download. A model that is there is used at once: that was the wish.
    pub fn on_step(&mut self, step: PullStep, now: Duration) -> Wish {
        let Some((name, download)) = &mut self.fetching else { return Wish::None };
        match step {
            PullStep::Update(update) => {
                download.take_in(update, now);
                Wish::None
            }
            PullStep::Ended(Ok(())) => Wish::Take(name.clone()),
            PullStep::Ended(Err(reason)) => {
                self.said = Some(reason);
                self.fetching = None;
                Wish::None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyEvent;
    use ratatui::{buffer::Buffer, layout::Rect};

    use super::*;
    use crate::theme::Theme;

    fn picker() -> ModelPicker {
        let model = |name: &str, installed, fits| ModelEntry {
            name: name.to_owned(),
            title: format!("{name} by its makers"),
            size: "1.5B Q4_K_M".to_owned(),
            file: "1.12 GB".to_owned(),
            memory: "1.70 GB".to_owned(),
            fits,
            licence: "Apache-2.0".to_owned(),
            notes: "writes clean plans".to_owned(),
            installed,
            default: name == "middle",
        };
        let models = vec![
            model("small", true, Some(true)),
            model("middle", false, Some(true)),
            model("large", false, Some(false)),
        ];
        ModelPicker::new(models, Some("The model middle is not there yet.".to_owned()))
    }

    fn press(picker: &mut ModelPicker, code: KeyCode) -> Wish {
        picker.on_event(&TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    fn screen(picker: &ModelPicker, size: (u16, u16)) -> String {
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = Buffer::empty(area);
        picker.draw(&Theme::bundled("dark").unwrap(), area, &mut buf);
        let row = |y: u16| (0..size.0).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..size.1).map(|y| format!("{}\n", row(y).trim_end())).collect()
    }

    #[test]
    fn what_is_there_is_taken_and_what_is_not_is_fetched_first() {
        let mut picker = picker();
        assert_eq!(press(&mut picker, KeyCode::Enter), Wish::Fetch("middle".to_owned()));
        assert_eq!(press(&mut picker, KeyCode::Enter), Wish::None, "one download at a time");
        assert_eq!(picker.on_step(PullStep::Ended(Ok(())), Duration::ZERO), Wish::Take("middle".to_owned()));
        press(&mut picker, KeyCode::Up);
        picker.fetching = None;
        assert_eq!(press(&mut picker, KeyCode::Enter), Wish::Take("small".to_owned()));
    }

    #[test]
    fn escape_gives_a_download_up_before_it_leaves() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Enter);
        assert_eq!(press(&mut picker, KeyCode::Esc), Wish::Cancel);
        assert!(picker.said.as_deref().is_some_and(|said| said.contains("what has arrived is kept")));
        assert_eq!(press(&mut picker, KeyCode::Esc), Wish::Leave);
    }

    #[test]
    fn a_download_that_fails_says_why() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Enter);
        let failed = PullStep::Ended(Err("The disk is full.".to_owned()));
        assert_eq!(picker.on_step(failed, Duration::ZERO), Wish::None);
        assert!(picker.fetching.is_none() && screen(&picker, (100, 20)).contains("The disk is full."));
    }

    #[test]
    fn a_download_shows_how_far_how_fast_and_how_long() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Enter);
        for (seconds, done) in [(0, 0), (10, 200_000_000), (20, 400_000_000)] {
            let what = "downloading from the mirror".to_owned();
            let update = PullUpdate::Bytes { what, done, total: 1_117_000_000 };
            picker.on_step(PullStep::Update(update), Duration::from_secs(seconds));
        }
        insta::assert_snapshot!(screen(&picker, (80, 24)));
        screen(&picker, (3, 2));
    }

    #[test]
    fn the_list_says_what_is_here_and_what_fits() {
        insta::assert_snapshot!(screen(&picker(), (120, 24)));
    }

    struct Slow;

    impl ModelSource for Slow {
        fn list(&self) -> Vec<ModelEntry> {
            picker().models
        }

        fn pull(&self, _: String, tell: mpsc::Sender<PullUpdate>) -> BoxFuture<'_, Result<(), String>> {
            Box::pin(async move {
                let what = "copying".to_owned();
                tell.send(PullUpdate::Bytes { what, done: 1, total: 2 }).await.map_err(|e| e.to_string())?;
                std::future::pending().await
            })
        }
    }

    #[tokio::test]
    async fn dropping_a_download_ends_it() {
        let mut pull = Pull::begin(&Slow, "middle".to_owned());
        assert!(matches!(pull.next().await, PullStep::Update(PullUpdate::Bytes { done: 1, .. })));
        let Pull { work, mut updates } = pull;
        drop(work);
        assert_eq!(updates.recv().await, None, "nobody reports anything any more");
    }
}
