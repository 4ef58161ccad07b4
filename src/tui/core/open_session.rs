//! The session that is open.

use crate::core::{
    live::{Live, Source},
    overview::Overview,
    pending::Pending,
    stream::Stream,
};
use plan::{ItemId, Plan};
use session::{Phase, PlanView, State, replay::Replay};

/// The session that is open: its events, the current position among them, and what is on its way to the engine or
/// from it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// Where the events come from.
    pub source: Source,
    /// The events, and the current position.
    pub replay: Replay,
    /// The session as a whole, whatever the current position.
    pub overview: Overview,
    /// What the model is writing right now.
    pub stream: Stream,
    /// Hand edits that the engine has not taken yet.
    pub pending: Pending,
}

impl OpenSession {
    /// Returns a session at the position of `replay`, with nothing known of the rest.
    pub(crate) fn new(source: Source, replay: Replay) -> Self {
        Self {
            source,
            replay,
            overview: Overview::default(),
            stream: Stream::default(),
            pending: Pending::default(),
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

    /// Returns whether there is no live run.
    pub(crate) fn source_over(&self) -> bool {
        self.engine().is_none_or(Live::over)
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
        let works = state.calls.open.is_some() || (state.phase == Phase::Load && !live.still);
        !live.paused || (self.at_present() && works)
    }

    /// Returns what the model is writing, when that belongs to the current position.
    pub fn writing(&self) -> Option<&Stream> {
        let call = self.stream.call;
        (self.at_present() && call.is_some() && call == self.state().calls.open).then_some(&self.stream)
    }

    /// Returns whether the answer is what matters at the current position.
    pub fn answering(&self) -> bool {
        let state = self.state();
        matches!(state.phase, Phase::Answer | Phase::Done) || state.answer.is_some()
    }

    /// Returns the plan that the candidates change.
    pub fn base(&self) -> Option<&PlanView> {
        let state = self.state();
        if state.candidates.is_empty() { state.incumbent.as_ref() } else { state.base.as_ref() }
    }

    /// Returns the plan that is shown: the incumbent, in the present with hand edits that are on their way.
    pub fn plan(&self) -> Option<&Plan> {
        let pending = if self.at_present() { self.pending.plan() } else { None };
        pending.or_else(|| self.state().incumbent.as_ref().map(|view| &view.plan))
    }

    /// Returns whether a hand edit of `id` is on its way to the engine.
    pub(crate) fn is_pending(&self, id: ItemId) -> bool {
        self.at_present() && self.pending.touches(id)
    }
}
