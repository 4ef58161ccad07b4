//! What the screen knows: the recorded events with a cursor among them, and the view state.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    commands::{Pane, Place, keymap::Keymap},
    core::{
        answers::Answers,
        arrived::Arrived,
        findings::Findings,
        history::History,
        item_marks::{ItemMarks, collect},
        moments::Moments,
        notices::{Level, Notices},
        outline::Outline,
        overview::Overview,
        pending::Pending,
        probes::Probing,
        script::Queue,
        search::Search,
        sessions::Sessions,
        stream::Stream,
    },
    highlight::Highlighter,
    layout::{Places, places, shape::Shape},
    theme::Themes,
};
use plan::{DiffRow, ItemId, Plan, PlanDiff, diff};
use session::{CandidateView, Phase, PlanView, Record, Ruling, State, replay::Replay};

pub use crate::core::{
    live::{Live, Source},
    look::{Count, DiffLayout, Extents, Look, Play},
};

/// Everything that the screen knows. It changes only through [`update`](crate::update::update).
#[derive(Debug, Clone)]
pub struct Model {
    /// Where the events come from.
    pub source: Source,
    /// The events, and the current position.
    pub replay: Replay,
    /// The session as a whole, whatever the current position.
    pub overview: Overview,
    /// What the model is writing right now.
    pub stream: Stream,
    /// The view state of the screen.
    pub look: Look,
    /// Hand edits that the engine has not taken yet.
    pub pending: Pending,
    /// Messages to the person.
    pub notices: Notices,
    /// Which key asks for what.
    pub keymap: Keymap,
    /// Lines that were typed before.
    pub history: History,
    /// The jump list, and bookmarks.
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
    /// The sessions around the one that is shown.
    pub sessions: Sessions,
    /// Answers from several moments, and those that were asked for.
    pub answers: Answers,
    /// What is wrong with the session, as far as that is known.
    pub findings: Findings,
    /// What has just come for an overlay.
    pub arrived: Arrived,
    /// Going through the record by itself.
    pub play: Option<Play>,
    /// Time since the screen was opened.
    pub now: Duration,
    /// When the last interrupt came.
    pub interrupted: Option<Duration>,
    /// How far things could be scrolled when they were last drawn.
    pub extents: Extents,
    /// What the shown candidate changes. Kept up by `refresh`.
    pub diff: PlanDiff,
    /// Items that the last decision changed. Kept up by `refresh`.
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

    /// Returns the screen of a run that continues after what is `past`.
    pub fn live_after(past: Vec<Record>) -> Self {
        let mut overview = Overview::default();
        past.iter().for_each(|record| overview.take_in(record));
        let mut replay = Replay::new(past);
        replay.seek(usize::MAX);
        let live = Live { paused: replay.state().paused, ..Live::default() };
        let mut model = Self { overview, ..Self::new(Source::Live(live), replay) };
        model.refresh();
        model
    }

    /// Returns the screen of a record, at its end. All of it is read now; see `survey` for long ones.
    pub fn of_record(mut replay: Replay) -> Self {
        let mut overview = Overview::default();
        replay.go_on(usize::MAX, |record| overview.take_in(record));
        let mut model = Self { overview, ..Self::new(Source::Replay, replay) };
        model.refresh();
        model
    }

    /// Returns the screen of what `replay` stands at, with nothing known of the rest.
    pub(crate) fn new(source: Source, replay: Replay) -> Self {
        Self {
            source,
            overview: Overview::default(),
            replay,
            stream: Stream::default(),
            look: Look::default(),
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
            sessions: Sessions::default(),
            answers: Answers::default(),
            findings: Findings::default(),
            arrived: Arrived::default(),
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

    /// Returns the state at the current position.
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

    /// Returns whether the newest moment of a run is shown.
    pub(crate) fn at_present(&self) -> bool {
        self.engine().is_some() && self.replay.at_end()
    }

    /// Returns whether the engine is working at something right now. Also while a run is paused, the model is
    /// loaded and what a person changed is scored.
    pub fn busy(&self) -> bool {
        let Some(live) = self.engine().filter(|live| !live.over()) else { return false };
        let state = self.state();
        let works = state.open_call.is_some() || (state.phase == Phase::Load && !live.still);
        !live.paused || (self.at_present() && works)
    }

    /// Returns whether the next command that waits has its turn: the run is paused, and nothing plays.
    pub(crate) fn has_turn(&self) -> bool {
        let still = || self.engine().is_none_or(|live| live.still || live.over());
        let moves = self.play.is_some() || self.probing.is_seeking() || self.replay.heads_for().is_some();
        !self.queue.is_empty() && !moves && (!self.queue.waits() || still())
    }

    /// Returns the count that holds for the next key.
    pub fn count(&self) -> Option<Count> {
        self.look.count.filter(|count| count.expiry().is_none_or(|expiry| self.now < expiry))
    }

    /// Returns what the model is writing, when that belongs to the current position.
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

    /// Brings up to date what is derived from the current position.
    pub(crate) fn refresh(&mut self) {
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
        self.marks = collect(self.state());
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
    pub(crate) fn is_pending(&self, id: ItemId) -> bool {
        self.at_present() && self.pending.touches(id)
    }

    /// Adds a hand edit that goes out, or takes out those that came back.
    pub(crate) fn change_pending(&mut self, change: impl FnOnce(&mut Pending)) {
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
        let asking = self.findings.underway().then(|| next_multiple(self.now, SPIN));
        let all = [spinner, play, stopping, turn, count, asking, self.notices.expiry(self.now)];
        all.into_iter().flatten().min()
    }

    /// Returns whether the answer is what matters at the current position.
    pub fn answering(&self) -> bool {
        let state = self.state();
        matches!(state.phase, Phase::Answer | Phase::Done) || state.answer.is_some()
    }
}

/// How long one picture of the spinner stands.
pub(crate) const SPIN: Duration = Duration::from_millis(120);
/// How long a run that was asked to stop may take before the screen leaves it.
pub(crate) const STOP_WAIT: Duration = Duration::from_secs(5);

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
    /// Goes to the moment after the event with this number.
    pub(crate) fn go_to(&mut self, seq: u64) {
        self.play = None;
        self.replay.seek(usize::try_from(seq).map_or(usize::MAX, |seq| seq.saturating_add(1)));
    }

    /// Says that something is not as wished.
    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.notices.say(Level::Warning, text, self.now);
    }

    /// Says that something failed. A script in which it did ends.
    pub(crate) fn fail(&mut self, text: &str) {
        let text = match self.queue.current() {
            Some(place) => format!("{place}: {text}"),
            None => text.to_owned(),
        };
        if self.queue.current().is_some() {
            self.queue.clear();
        }
        self.warn(text);
    }

    /// Drops what waits for its turn.
    pub(crate) fn take_over(&mut self) {
        if let Some(place) = self.queue.clear() {
            let text = format!("The script ends before {place}, since you took over.");
            self.notices.say(Level::Info, text, self.now);
        }
    }

    /// Returns whether the screen is in that place.
    pub fn is_in(&self, place: Place) -> bool {
        let drives = self.at_present() && !self.source_over();
        match place {
            Place::Live => drives,
            Place::Past => !drives,
            Place::Beside => !drives && !self.source_over() && self.state().incumbent.is_some(),
            Place::Plan => drives && self.look.focus == Pane::Plan,
            Place::Ruling => {
                drives && self.look.focus == Pane::Proposal && self.state().paused && self.state().deciding()
            }
            Place::Proposals => self.look.focus == Pane::Proposal,
            Place::Charts => matches!(self.look.focus, Pane::Score | Pane::Timeline),
            Place::Steps | Place::Anywhere | Place::Always => true,
            Place::Help => false,
        }
    }

    /// Returns what the places of the panes depend on.
    pub(crate) fn shape(&self) -> Shape {
        let telling = match self.state().phase {
            Phase::Load | Phase::Draft | Phase::Propose => Pane::Proposal,
            Phase::ScoreDraft | Phase::Score | Phase::Decide | Phase::Rescore => Pane::Score,
            Phase::TieBreak | Phase::Answer | Phase::Done => Pane::Answer,
        };
        Shape { focus: self.look.focus, zoom: self.look.zoom, answering: self.answering(), telling }
    }

    /// Returns where things stand on the screen that was drawn last.
    pub(crate) fn places(&self) -> Places {
        places(self.shape(), &self.look.sizes, self.extents.area)
    }

    /// Returns whether there is no live run.
    pub(crate) fn source_over(&self) -> bool {
        self.engine().is_none_or(Live::over)
    }
}
