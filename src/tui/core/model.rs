//! What the screen knows: the recorded events with a cursor among them, and the view state.

use std::time::Duration;

use crate::{
    commands::{Pane, Place},
    core::{
        background::Background,
        derived::Derived,
        moments::Moments,
        notices::{Level, Notices},
        open_session::OpenSession,
        overview::Overview,
        pending::Pending,
        probes::Probing,
        script::Queue,
        setup::Setup,
    },
    layout::{Places, places, shape::Shape},
};
use session::{CandidateView, Phase, PlanView, Record, Ruling, replay::Replay};

pub use crate::core::{
    live::{Live, Source},
    look::{Count, Cursors, DiffLayout, Extents, Look, Play},
};

/// Everything that the screen knows. It changes only through [`update`](crate::update::update).
#[derive(Debug, Clone)]
pub struct Model {
    /// Its record, the cursor in it, and the run that adds to it.
    pub session: OpenSession,
    /// What is derived from the current position.
    pub derived: Derived,
    /// The view state of the screen.
    pub look: Look,
    /// How far things could be scrolled when they were last drawn.
    pub extents: Extents,
    /// How the screen is set up, whatever session is open.
    pub setup: Setup,
    /// What comes from the background.
    pub background: Background,
    /// Messages to the person.
    pub notices: Notices,
    /// The jump list, and bookmarks.
    pub moments: Moments,
    /// Breakpoints and what else looks at events.
    pub probing: Probing,
    /// Commands that wait for their turn.
    pub queue: Queue,
    /// Going through the record by itself.
    pub play: Option<Play>,
    /// Time since the screen was opened.
    pub now: Duration,
    /// When the last interrupt came.
    pub interrupted: Option<Duration>,
}

impl Model {
    /// Returns the screen of a run that begins.
    pub fn live() -> Self {
        Self::live_after(Vec::new())
    }

    /// Returns the screen of a run that continues after what is `past`.
    pub fn live_after(past: Vec<Record>) -> Self {
        let mut overview = Overview::default();
        past.iter().for_each(|record| overview.receive(record));
        let mut replay = Replay::new(past);
        replay.seek(usize::MAX);
        let live = Live { paused: replay.state().paused, ..Live::default() };
        let mut model = Self::new(Source::Live(live), replay);
        model.session.overview = overview;
        model.refresh();
        model
    }

    /// Returns the screen of a record, at its end. All of it is read now; see `scan` for long ones.
    pub fn of_record(replay: Replay) -> Self {
        let mut model = Self::new(Source::Replay, replay);
        let OpenSession { replay, overview, .. } = &mut model.session;
        replay.go_on(usize::MAX, |record| overview.receive(record));
        model.refresh();
        model
    }

    /// Returns the screen of what `replay` stands at, with nothing known of the rest.
    pub(crate) fn new(source: Source, replay: Replay) -> Self {
        Self {
            session: OpenSession::new(source, replay),
            derived: Derived::default(),
            look: Look::default(),
            extents: Extents::default(),
            setup: Setup::default(),
            background: Background::default(),
            notices: Notices::default(),
            moments: Moments::default(),
            probing: Probing::default(),
            queue: Queue::default(),
            play: None,
            now: Duration::ZERO,
            interrupted: None,
        }
    }

    /// Returns whether the next command that waits has its turn: the run is paused, and nothing plays.
    pub(crate) fn has_turn(&self) -> bool {
        let still = || self.session.engine().is_none_or(|live| live.still || live.over());
        let moves =
            self.play.is_some() || self.probing.is_seeking() || self.session.replay.heads_for().is_some();
        !self.queue.is_empty() && !moves && (!self.queue.waits() || still())
    }

    /// Returns the count that holds for the next key.
    pub fn count(&self) -> Option<Count> {
        self.look.count.filter(|count| count.expiry().is_none_or(|expiry| self.now < expiry))
    }

    /// Returns the number of the candidate that is shown: the chosen one, else the accepted one, else the
    /// one with the highest score so far.
    pub fn candidate_index(&self) -> usize {
        let state = self.session.state();
        let count = state.candidates.len().max(1);
        match self.look.cursors.chosen {
            Some((iteration, index)) if iteration == state.iteration => index.min(count - 1),
            Some(_) | None => best_candidate(&state.candidates),
        }
    }

    /// Returns the candidate that is shown.
    pub fn candidate(&self) -> Option<&CandidateView> {
        self.session.state().candidates.get(self.candidate_index())
    }

    /// Returns the place of the iteration under the cursor of the charts.
    pub fn iteration(&self) -> Option<usize> {
        let last = self.session.overview.iterations.len().checked_sub(1);
        let here = || self.session.overview.iteration_at(self.session.replay.position());
        self.look.cursors.point.and_then(|at| last.map(|last| at.min(last))).or_else(here)
    }

    /// Brings up to date what is derived from the current position.
    pub(crate) fn refresh(&mut self) {
        let index = self.candidate_index();
        if self.derived.refresh(&self.session, index) {
            self.refresh_rows();
        }
    }

    /// Brings up to date what is derived from the plan that is shown.
    fn refresh_rows(&mut self) {
        if self.session.at_present() {
            let incumbent = self.session.replay.state().incumbent.as_ref().map(|view| &view.plan);
            self.session.pending.rebuild(incumbent);
        }
        let plan = self.session.plan();
        self.derived.outline.rebuild(plan);
        let cursors = &mut self.look.cursors;
        if let Some(place) = cursors.item.and_then(|id| plan?.position(id)) {
            cursors.item_place = place;
        }
    }

    /// Adds a hand edit that goes out, or takes out those that came back.
    pub(crate) fn change_pending(&mut self, change: impl FnOnce(&mut Pending)) {
        change(&mut self.session.pending);
        self.refresh_rows();
    }

    /// Returns when the screen wants to be woken next though nothing comes in.
    pub fn wake(&self) -> Option<Duration> {
        let spinner =
            (self.session.busy() && self.session.at_present()).then(|| next_multiple(self.now, SPIN));
        let play = self.play.map(|play| play.next);
        let stopping = self.session.engine().and_then(|live| live.stopping).map(|since| since + STOP_WAIT);
        let turn = self.has_turn().then_some(self.now);
        let count = self.count().and_then(|count| count.expiry());
        let asking = self.background.findings.underway().then(|| next_multiple(self.now, SPIN));
        let all = [spinner, play, stopping, turn, count, asking, self.notices.expiry(self.now)];
        all.into_iter().flatten().min()
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
        self.session.replay.seek(usize::try_from(seq).map_or(usize::MAX, |seq| seq.saturating_add(1)));
    }

    /// Says something worth knowing.
    pub(crate) fn inform(&mut self, text: impl Into<String>) {
        self.notices.say(Level::Info, text, self.now);
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
        let (session, focus) = (&self.session, self.look.focus);
        let drives = session.at_present() && !session.source_over();
        match place {
            Place::Live => drives,
            Place::Past => !drives,
            Place::Beside => !drives && !session.source_over() && session.state().incumbent.is_some(),
            Place::Plan => drives && focus == Pane::Plan,
            Place::Ruling => {
                drives && focus == Pane::Proposal && session.state().paused && session.state().deciding()
            }
            Place::Proposals => focus == Pane::Proposal,
            Place::Charts => matches!(focus, Pane::Score | Pane::Timeline),
            // At the end of a run that is over no step is left.
            Place::Steps => !(session.at_present() && session.source_over()),
            Place::Anywhere | Place::Always => true,
            Place::Help => false,
        }
    }

    /// Returns what the places of the panes depend on.
    pub(crate) fn shape(&self) -> Shape {
        let telling = match self.session.state().phase {
            Phase::Load | Phase::Draft | Phase::Propose => Pane::Proposal,
            Phase::ScoreDraft | Phase::Score | Phase::Decide | Phase::Rescore => Pane::Score,
            Phase::TieBreak | Phase::Answer | Phase::Done => Pane::Answer,
        };
        Shape { focus: self.look.focus, zoom: self.look.zoom, answering: self.session.answering(), telling }
    }

    /// Returns whether `pane` is on the screen, as far as that is known.
    pub(crate) fn shows(&self, pane: Pane) -> bool {
        self.extents.area.is_empty() || self.places().panes.iter().any(|(shown, _)| *shown == pane)
    }

    /// Returns where things stand on the screen that was drawn last.
    pub(crate) fn places(&self) -> Places {
        places(self.shape(), &self.look.sizes, self.extents.area)
    }
}
