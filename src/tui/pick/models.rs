//! The screen on which a model is picked and fetched.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};
use tokio::sync::mpsc;

use super::{
    Choice, Pick, PickerSetup, Picking,
    download::{Download, PullUpdate},
    show,
};
use crate::{
    commands::{Action, OverlayKey, OverlayKind},
    overlays::overlay::motion,
    run::TuiError,
    theme::Theme,
    widgets::{list::Cursor, scroll::Extent},
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
    /// Whether it is already there.
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
    setup: PickerSetup<'_>,
) -> Result<Pick<String>, TuiError> {
    show(&mut ModelPicker::new(source, why), setup).await
}

/// The list of models, and the running download.
pub(super) struct ModelPicker<'a> {
    source: &'a dyn ModelSource,
    pub models: Vec<ModelEntry>,
    cursor: Cursor,
    /// What led here, or what became of the last download.
    pub said: Option<String>,
    /// The model that is being fetched.
    pub fetching: Option<(String, Download)>,
    pull: Option<Pull<'a>>,
    begun: Instant,
}

impl<'a> ModelPicker<'a> {
    pub fn new(source: &'a dyn ModelSource, why: Option<String>) -> Self {
        let models = source.list();
        let cursor = Cursor::at(models.iter().position(|model| model.default).unwrap_or(0));
        Self { source, models, cursor, said: why, fetching: None, pull: None, begun: Instant::now() }
    }

    /// Returns the number of the model under the cursor.
    pub fn row(&self) -> usize {
        self.cursor.row(self.models.len())
    }

    /// Ends the download where there is one, and leaves otherwise.
    fn give_up(&mut self) -> Choice<String> {
        let Some((name, _)) = self.fetching.take() else { return Choice::Leave };
        self.pull = None;
        self.said = Some(format!("The download of {name} is cancelled; what has arrived is kept."));
        Choice::None
    }

    /// Takes the model under the cursor, or begins to fetch it.
    fn take(&mut self) -> Choice<String> {
        let Some(model) = self.models.get(self.row()) else { return Choice::None };
        let name = model.name.clone();
        if model.installed {
            return Choice::Take(name);
        }
        self.said = None;
        self.pull = Some(Pull::begin(self.source, name.clone()));
        self.fetching = Some((name, Download::default()));
        Choice::None
    }

    /// Handles a report of the download. A model that is there is used at once: that was the wish.
    fn on_step(&mut self, step: PullStep, now: Duration) -> Choice<String> {
        let Some((name, download)) = &mut self.fetching else { return Choice::None };
        match step {
            PullStep::Update(update) => {
                download.receive(update, now);
                Choice::None
            }
            PullStep::Ended(Ok(())) => Choice::Take(name.clone()),
            PullStep::Ended(Err(reason)) => {
                self.said = Some(reason);
                (self.fetching, self.pull) = (None, None);
                Choice::None
            }
        }
    }
}

impl Picking for ModelPicker<'_> {
    type Taken = String;
    const KIND: OverlayKind = OverlayKind::PickModel;

    fn act(&mut self, action: &Action) -> Choice<String> {
        let extent = Extent { page: self.models.len(), ..Extent::default() };
        if let Some(motion) = motion(action, extent) {
            self.cursor.go(motion, self.models.len());
        } else if *action == Action::Open && self.fetching.is_none() {
            return self.take();
        } else if matches!(action, Action::Back | Action::Interrupt | Action::Quit) {
            return self.give_up();
        }
        Choice::None
    }

    async fn work(&mut self) -> Choice<String> {
        let Some(pull) = &mut self.pull else { return std::future::pending().await };
        let step = pull.next().await;
        self.on_step(step, self.begun.elapsed())
    }

    fn hint(&self, key: &OverlayKey) -> Option<&'static str> {
        let opens = key.action == Some(Action::Open);
        let installed = self.models.get(self.row()).is_some_and(|model| model.installed);
        let word = match &self.fetching {
            Some(_) if key.action == Some(Action::Back) => "cancel the download",
            Some(_) => "",
            None if opens && installed => "use",
            None => key.hint,
        };
        Some(word).filter(|word| !word.is_empty())
    }

    fn draw(&mut self, theme: &Theme, area: Rect, buf: &mut Buffer) -> Option<Position> {
        Some(self.draw_screen(theme, area, buf))
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::{
        commands::keymap::Keymap,
        pick::{self, on_event},
    };

    fn models() -> Vec<ModelEntry> {
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
        vec![
            model("small", true, Some(true)),
            model("middle", false, Some(true)),
            model("large", false, Some(false)),
        ]
    }

    fn picker() -> ModelPicker<'static> {
        ModelPicker::new(&Slow, Some("The model middle is not there yet.".to_owned()))
    }

    fn press(picker: &mut ModelPicker<'_>, code: KeyCode) -> Choice<String> {
        on_event(picker, &Keymap::default(), &TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    fn screen(picker: &mut ModelPicker<'_>, size: (u16, u16)) -> String {
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = Buffer::empty(area);
        pick::draw(picker, &Keymap::default(), &Theme::bundled("dark").unwrap(), area, &mut buf);
        let row = |y: u16| (0..size.0).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..size.1).map(|y| format!("{}\n", row(y).trim_end())).collect()
    }

    #[test]
    fn what_is_there_is_taken_and_what_is_not_is_fetched_first() {
        let mut picker = picker();
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::None);
        press(&mut picker, KeyCode::Up);
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::None, "one download at a time");
        assert_eq!(picker.fetching.as_ref().map(|(name, _)| name.as_str()), Some("middle"));
        let done = picker.on_step(PullStep::Ended(Ok(())), Duration::ZERO);
        assert_eq!(done, Choice::Take("middle".to_owned()));
        picker.fetching = None;
        assert_eq!(press(&mut picker, KeyCode::Enter), Choice::Take("small".to_owned()));
    }

    #[test]
    fn escape_gives_a_download_up_before_it_leaves() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Enter);
        assert_eq!(press(&mut picker, KeyCode::Char('q')), Choice::None);
        assert!(picker.pull.is_none());
        assert!(picker.said.as_deref().is_some_and(|said| said.contains("what has arrived is kept")));
        assert_eq!(press(&mut picker, KeyCode::Esc), Choice::Leave);
    }

    #[test]
    fn a_download_that_fails_says_why() {
        let mut picker = picker();
        press(&mut picker, KeyCode::Enter);
        let failed = PullStep::Ended(Err("The disk is full.".to_owned()));
        assert_eq!(picker.on_step(failed, Duration::ZERO), Choice::None);
        assert!(picker.fetching.is_none() && screen(&mut picker, (100, 20)).contains("The disk is full."));
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
        insta::assert_snapshot!(screen(&mut picker, (80, 24)));
        screen(&mut picker, (3, 2));
    }

    #[test]
    fn the_list_says_what_is_here_and_what_fits() {
        insta::assert_snapshot!(screen(&mut picker(), (120, 24)));
    }

    struct Slow;

    impl ModelSource for Slow {
        fn list(&self) -> Vec<ModelEntry> {
            models()
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
