//! What the screen knows: the recorded events with a cursor among them, and how it is looked at.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use ratatui::layout::Rect;
use tui_input::Input;

use super::{
    answers::Answers,
    calls::CallView,
    edit::{Dialog, Pending},
    highlight::Highlighter,
    keymap::Keymap,
    layout::Sizes,
    ledger::Ledger,
    moments::Moments,
    mouse::{Drag, Regions},
    notices::Notices,
    overview::Overview,
    panes::{
        Pane,
        plan::{
            marks::{self, ItemMarks},
            outline::Outline,
        },
    },
    probes::Probing,
    prompt::History,
    script::Queue,
    search::Search,
    sessions::Sessions,
    stream::Stream,
    theme::Themes,
    tour::Tour,
    typing::Typing,
    widgets::scroll::Extent,
};
use crate::{
    plan::{DiffRow, ItemId, Plan, PlanDiff, diff},
    session::{CandidateView, Outcome, Phase, PlanView, Record, Ruling, State, replay::Replay},
};

/// Where the events come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// From an engine that may still run.
    Live(Live),
    /// From a record.
    Replay,
}

/// What is known of the engine's present, whatever moment is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Live {
    /// Whether the run stands still.
    pub paused: bool,
    /// Whether a pause was asked for that has not come yet.
    pub pausing: bool,
    /// How the run ended; absent while it goes on.
    pub outcome: Option<Outcome>,
    /// Whether the engine tells nothing more.
    pub done: bool,
    /// When the newest phase or call began.
    pub since: Duration,
    /// When the person asked to stop and leave.
    pub stopping: Option<Duration>,
    /// How many commands were sent to the engine.
    pub sent: u64,
    /// Whether the engine stands still after all of them.
    pub still: bool,
}

impl Live {
    /// Returns whether the run is over.
    pub fn over(&self) -> bool {
        self.done || self.outcome.is_some()
    }
}

/// What lies over the panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Popup {
    /// The help screen.
    Help,
    /// All messages.
    Messages,
    /// The problem's text.
    Problem,
    /// The question whether to stop the run.
    ConfirmQuit,
    /// Candidates that were not taken.
    Ledger,
    /// One call to the model.
    Call,
    /// Breakpoints and what else looks at events.
    Probes,
    /// The sessions of the folder.
    Sessions,
    /// The question whether to stop the run for another session.
    ConfirmSwitch,
    /// Two sessions side by side.
    Compare,
    /// The recovery from noise.
    Recovery,
    /// Answers from several moments.
    Answers,
}

/// How the changes of a candidate are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffLayout {
    /// Side by side where there is room.
    #[default]
    Auto,
    /// The new item below the old one.
    Unified,
    /// The new item beside the old one.
    SideBySide,
}

impl DiffLayout {
    /// Returns what comes next when a person asks for another layout.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Auto => Self::SideBySide,
            Self::SideBySide => Self::Unified,
            Self::Unified => Self::Auto,
        }
    }

    /// Returns the words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "side by side where there is room",
            Self::Unified => "one below the other",
            Self::SideBySide => "side by side",
        }
    }
}

/// Going through the record by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Play {
    /// Which way.
    pub forwards: bool,
    /// When the next event is due.
    pub next: Duration,
}

/// Digits that were pressed and may count what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The number so far.
    pub number: u32,
    /// When its last digit was pressed.
    pub at: Duration,
    /// The pane that had the focus before the first digit gave it to another one.
    pub before: Option<Pane>,
}

impl Count {
    /// Returns when it is forgotten: soon, where its digit also did something else.
    pub fn expiry(&self) -> Option<Duration> {
        self.before.map(|_| self.at + COUNT)
    }
}

/// How the screen is looked at.
#[derive(Debug, Clone)]
pub struct Look {
    /// The pane with the focus.
    pub focus: Pane,
    /// Whether it has the whole screen.
    pub zoom: bool,
    /// How far each pane is scrolled; none where the pane decides.
    pub scroll: [Option<usize>; Pane::COUNT],
    /// The item of the plan under the cursor, once one was chosen; it may be missing at this moment.
    pub item: Option<ItemId>,
    /// Where that item stood in the plan when it was last there.
    pub item_place: usize,
    /// The candidate that was chosen, and in which iteration.
    pub chosen: Option<(u32, usize)>,
    /// The citation under the cursor of the answer.
    pub citation: Option<usize>,
    /// The place of the iteration under the cursor of the charts; without one it is the moment's.
    pub point: Option<usize>,
    /// How many iterations the charts show at once; as many as fit well without a wish.
    pub span: Option<usize>,
    /// How the changes of a candidate are shown.
    pub diff: DiffLayout,
    /// What lies over the panes.
    pub popup: Option<Popup>,
    /// How far that is scrolled.
    pub popup_scroll: usize,
    /// What is chosen in it, where it is a list.
    pub row: usize,
    /// What the help is searched for.
    pub help: Input,
    /// What the person is in the middle of typing.
    pub typing: Option<Typing>,
    /// Digits that may count what comes next.
    pub count: Option<Count>,
    /// Time from one event to the next while the record plays by itself.
    pub play_step: Duration,
    /// The sizes that the person gave to the parts of the screen.
    pub sizes: Sizes,
    /// The divider that is being dragged.
    pub drag: Option<Drag>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            focus: Pane::default(),
            zoom: false,
            scroll: [None; Pane::COUNT],
            item: None,
            item_place: 0,
            chosen: None,
            citation: None,
            point: None,
            span: None,
            diff: DiffLayout::default(),
            popup: None,
            popup_scroll: 0,
            row: 0,
            help: Input::default(),
            typing: None,
            count: None,
            play_step: PLAY,
            sizes: Sizes::default(),
            drag: None,
        }
    }
}

/// How far things could be scrolled when they were last drawn, and what lay where.
#[derive(Debug, Clone, Default)]
pub struct Extents {
    /// One a pane; of panes not shown the last known.
    pub panes: [Extent; Pane::COUNT],
    /// Of what lies over them.
    pub popup: Extent,
    /// The whole screen.
    pub area: Rect,
    /// What can be clicked.
    pub regions: Regions,
}

/// Everything that the screen knows. It changes only through [`update`](super::update::update).
#[derive(Debug, Clone)]
pub struct Model {
    /// Where the events come from.
    pub source: Source,
    /// The events, and the moment that is looked at.
    pub replay: Replay,
    /// The session as a whole, whatever moment is looked at.
    pub overview: Overview,
    /// What the model is writing right now.
    pub stream: Stream,
    /// How the screen is looked at.
    pub look: Look,
    /// What the person is typing or choosing.
    pub dialog: Option<Dialog>,
    /// Hand edits that the engine has not taken yet.
    pub pending: Pending,
    /// Messages to the person.
    pub notices: Notices,
    /// Which key asks for what.
    pub keymap: Keymap,
    /// Lines that were typed before.
    pub history: History,
    /// Moments that were looked at, and bookmarks.
    pub moments: Moments,
    /// What the panes are searched for.
    pub search: Option<Search>,
    /// Breakpoints and what else looks at events.
    pub probing: Probing,
    /// Commands that wait for their turn.
    pub queue: Queue,
    /// Names of the themes that can be chosen.
    pub themes: Vec<String>,
    /// Finds expressions in texts; absent until it is ready.
    pub highlighter: Option<Arc<Highlighter>>,
    /// The list of candidates that were not taken, while it is open.
    pub ledger: Option<Ledger>,
    /// The call to the model that is looked at.
    pub call: Option<CallView>,
    /// The sessions around the one that is shown.
    pub sessions: Sessions,
    /// Answers from several moments, and those that were asked for.
    pub answers: Answers,
    /// The tour that is being taken.
    pub tour: Option<Tour>,
    /// Going through the record by itself.
    pub play: Option<Play>,
    /// Time since the screen was opened.
    pub now: Duration,
    /// When the last interrupt came.
    pub interrupted: Option<Duration>,
    /// How far things could be scrolled when they were last drawn.
    pub extents: Extents,
    /// What the shown candidate changes. Kept up by [`refresh`](Self::refresh).
    pub diff: PlanDiff,
    /// Items that the last decision changed. Kept up by [`refresh`](Self::refresh).
    pub changed: HashSet<ItemId>,
    /// Where the checker's word on each item of the plan stands in its list. Kept up likewise.
    pub checked: HashMap<ItemId, usize>,
    /// What checker and answer say of each item. Kept up likewise.
    pub marks: HashMap<ItemId, ItemMarks>,
    /// The rows of the plan. Kept up likewise.
    pub outline: Outline,
    /// The moment that those above belong to.
    refreshed: Option<(usize, usize)>,
}

impl Model {
    /// Returns the screen of a run that begins.
    pub fn live() -> Self {
        Self::live_after(Vec::new())
    }

    /// Returns the screen of a run that goes on after what is `past`.
    pub fn live_after(past: Vec<Record>) -> Self {
        let mut replay = Replay::new(past);
        replay.seek(usize::MAX);
        let live = Live { paused: replay.state().paused, ..Live::default() };
        let mut model = Self::new(Source::Live(live), replay);
        model.refresh();
        model
    }

    /// Returns the screen of a record, at its end.
    pub fn of_record(mut replay: Replay) -> Self {
        let mut overview = Overview::default();
        replay.go_to_end(|record| overview.take_in(record));
        let mut model = Self { overview, ..Self::new(Source::Replay, replay) };
        model.refresh();
        model
    }

    fn new(source: Source, replay: Replay) -> Self {
        Self {
            source,
            overview: Overview::default(),
            replay,
            stream: Stream::default(),
            look: Look::default(),
            dialog: None,
            pending: Pending::default(),
            notices: Notices::default(),
            keymap: Keymap::default(),
            history: History::default(),
            moments: Moments::default(),
            search: None,
            probing: Probing::default(),
            queue: Queue::default(),
            themes: Themes::bundled().names().into_iter().map(|(name, _)| name).collect(),
            highlighter: None,
            ledger: None,
            call: None,
            sessions: Sessions::default(),
            answers: Answers::default(),
            tour: None,
            play: None,
            now: Duration::ZERO,
            interrupted: None,
            extents: Extents::default(),
            diff: PlanDiff::default(),
            changed: HashSet::new(),
            checked: HashMap::new(),
            marks: HashMap::new(),
            outline: Outline::default(),
            refreshed: None,
        }
    }

    /// Returns the state at the moment that is looked at.
    pub fn state(&self) -> &State {
        self.replay.state()
    }

    /// Returns what is known of the engine, when there is one.
    pub fn engine(&self) -> Option<&Live> {
        match &self.source {
            Source::Live(live) => Some(live),
            Source::Replay => None,
        }
    }

    /// Returns whether the newest moment of a run is looked at.
    pub fn at_present(&self) -> bool {
        self.engine().is_some() && self.replay.at_end()
    }

    /// Returns whether the engine is working at something right now. Also while a run stands still, what a person
    /// changed is scored.
    pub fn busy(&self) -> bool {
        let calls = || self.at_present() && self.state().open_call.is_some();
        self.engine().is_some_and(|live| !live.over() && (!live.paused || calls()))
    }

    /// Returns whether the next command that waits has its turn: the run stands still, and nothing plays.
    pub fn has_turn(&self) -> bool {
        let still = || self.engine().is_none_or(|live| live.still || live.over());
        let moves = self.play.is_some() || self.probing.is_seeking();
        !self.queue.is_empty() && !moves && (!self.queue.waits() || still())
    }

    /// Returns the count that holds for the next key.
    pub fn count(&self) -> Option<Count> {
        self.look.count.filter(|count| count.expiry().is_none_or(|expiry| self.now < expiry))
    }

    /// Returns what the model is writing, when that belongs to the moment that is looked at.
    pub fn writing(&self) -> Option<&Stream> {
        let call = self.stream.call;
        (self.at_present() && call.is_some() && call == self.state().open_call).then_some(&self.stream)
    }

    /// Returns the number of the candidate that is shown: the chosen one, else the accepted one, else the
    /// one with the highest score so far.
    pub fn candidate_index(&self) -> usize {
        let state = self.state();
        let count = state.candidates.len().max(1);
        match self.look.chosen {
            Some((iteration, index)) if iteration == state.iteration => index.min(count - 1),
            Some(_) | None => best_candidate(&state.candidates),
        }
    }

    /// Returns the candidate that is shown.
    pub fn candidate(&self) -> Option<&CandidateView> {
        self.state().candidates.get(self.candidate_index())
    }

    /// Returns the plan that the candidates change.
    pub fn base(&self) -> Option<&PlanView> {
        let state = self.state();
        if state.candidates.is_empty() { state.incumbent.as_ref() } else { state.base.as_ref() }
    }

    /// Returns the place of the iteration under the cursor of the charts.
    pub fn iteration(&self) -> Option<usize> {
        let last = self.overview.iterations.len().checked_sub(1);
        let here = || self.overview.iteration_at(self.replay.position());
        self.look.point.and_then(|at| last.map(|last| at.min(last))).or_else(here)
    }

    /// Returns the plan that is shown: the incumbent, in the present with hand edits that are on their way.
    pub fn plan(&self) -> Option<&Plan> {
        let pending = if self.at_present() { self.pending.plan() } else { None };
        pending.or_else(|| self.state().incumbent.as_ref().map(|view| &view.plan))
    }

    /// Brings up to date what is derived from the moment that is looked at.
    pub fn refresh(&mut self) {
        let place = (self.replay.position(), self.candidate_index());
        if self.refreshed == Some(place) {
            return;
        }
        self.refreshed = Some(place);
        let new = self.candidate().and_then(|shown| shown.view.as_ref());
        self.diff = match (self.base(), new) {
            (Some(base), Some(new)) => diff(&base.plan, &new.plan),
            (None | Some(_), None) | (None, Some(_)) => PlanDiff::default(),
        };
        self.changed = self.last_change();
        let check = self.state().incumbent.as_ref().and_then(|view| view.check.as_ref());
        let items = check.map_or(&[][..], |check| &check.items);
        self.checked = items.iter().enumerate().map(|(at, checked)| (checked.item, at)).collect();
        self.marks = marks::collect(self.state());
        self.refresh_rows();
    }

    /// Brings up to date what is derived from the plan that is shown.
    fn refresh_rows(&mut self) {
        if self.at_present() {
            let incumbent = self.replay.state().incumbent.as_ref().map(|view| &view.plan);
            self.pending.rebuild(incumbent);
        }
        let mut outline = std::mem::take(&mut self.outline);
        outline.rebuild(self.plan());
        self.outline = outline;
        if let Some(place) = self.look.item.and_then(|id| self.plan()?.position(id)) {
            self.look.item_place = place;
        }
    }

    /// Returns whether a hand edit of `id` is on its way to the engine.
    pub fn is_pending(&self, id: ItemId) -> bool {
        self.at_present() && self.pending.touches(id)
    }

    /// Adds a hand edit that goes out, or takes out those that came back.
    pub fn change_pending(&mut self, change: impl FnOnce(&mut Pending)) {
        change(&mut self.pending);
        self.refresh_rows();
    }

    /// The items that are new or different in the incumbent since the present iteration began.
    fn last_change(&self) -> HashSet<ItemId> {
        let state = self.state();
        let (Some(base), Some(now)) = (&state.base, &state.incumbent) else { return HashSet::new() };
        let changed = |row: DiffRow| match row {
            DiffRow::Changed { new, .. } | DiffRow::Moved { new, .. } | DiffRow::Added { new } => Some(new),
            DiffRow::Same { .. } | DiffRow::Removed { .. } => None,
        };
        let rows = diff(&base.plan, &now.plan).rows;
        rows.into_iter().filter_map(changed).map(|at| now.plan.items()[at].id).collect()
    }

    /// Returns when the screen wants to be woken next though nothing comes in.
    pub fn wake(&self) -> Option<Duration> {
        let spinner = (self.busy() && self.at_present()).then(|| next_multiple(self.now, SPIN));
        let play = self.play.map(|play| play.next);
        let stopping = self.engine().and_then(|live| live.stopping).map(|since| since + STOP_WAIT);
        let turn = self.has_turn().then_some(self.now);
        let count = self.count().and_then(|count| count.expiry());
        let all = [spinner, play, stopping, turn, count, self.notices.expiry(self.now)];
        all.into_iter().flatten().min()
    }

    /// Returns whether the answer is what matters at the moment that is looked at.
    pub fn answering(&self) -> bool {
        let state = self.state();
        matches!(state.phase, Phase::Answer | Phase::Done) || state.answer.is_some()
    }
}

/// Time from one event to the next while the record plays by itself, unless set otherwise.
const PLAY: Duration = Duration::from_millis(250);
/// How long a digit that gave the focus to a pane may still become a count.
const COUNT: Duration = Duration::from_secs(1);
/// How long one picture of the spinner stands.
pub const SPIN: Duration = Duration::from_millis(120);
/// How long a run that was told to stop may take before the screen leaves it.
pub const STOP_WAIT: Duration = Duration::from_secs(5);

fn next_multiple(now: Duration, step: Duration) -> Duration {
    step * (u32::try_from(now.as_millis() / step.as_millis()).unwrap_or(u32::MAX - 1) + 1)
}

fn best_candidate(candidates: &[CandidateView]) -> usize {
    let accepted = |view: &CandidateView| view.verdict.as_ref().is_some_and(|v| v.ruling == Ruling::Accept);
    if let Some(at) = candidates.iter().position(accepted) {
        return at;
    }
    let total = |view: &CandidateView| view.view.as_ref().and_then(PlanView::total);
    let mut best: Option<(usize, f64)> = None;
    for (at, value) in candidates.iter().enumerate().filter_map(|(at, view)| Some((at, total(view)?))) {
        if best.is_none_or(|(_, top)| value > top) {
            best = Some((at, value));
        }
    }
    let usable = || candidates.iter().position(|view| view.view.is_some());
    best.map(|(at, _)| at).or_else(usable).unwrap_or(0)
}

impl Model {
    /// Returns whether there is no run that goes on.
    pub fn source_over(&self) -> bool {
        self.engine().is_none_or(Live::over)
    }
}
