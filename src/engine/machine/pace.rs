//! How far the machine runs by itself, and why it pauses.

use super::Machine;
use crate::gate;
use session::{CandidateStatus, Event, GateSettings, Mode, PauseCause, Phase, Settings};

/// How far the machine runs by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// To the end.
    Run,
    /// Not into another phase.
    Hold,
    /// Into one phase more.
    OnePhase,
    /// Until the timeline, this long when it was asked for, has grown and the next phase starts.
    Iteration {
        /// Points of the timeline at that moment.
        after: usize,
    },
    /// To the end of this iteration.
    Until { iteration: u32 },
    /// To the end of refinement.
    Refinement,
}

/// Which phase comes next, and whether it may begin.
#[derive(Debug)]
pub(super) struct Steering {
    pub(super) pace: Pace,
    /// Why the machine is paused, when it is.
    pub(super) cause: PauseCause,
    pub(super) next: Phase,
    /// Whether the next phase comes from a person's change: it begins though the run is paused.
    pub(super) at_once: bool,
    /// The iteration in which the run has paused before the gate.
    pub(super) stood_before_gate: Option<u32>,
    /// Whether refinement is to end with the plan that is there.
    pub(super) answer_asked: bool,
    /// Whether the session is to end.
    pub(super) stopping: bool,
}

impl Steering {
    /// Returns the steering with which a run with `settings` begins.
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            pace: if settings.paused { Pace::Hold } else { Pace::Run },
            cause: PauseCause::Asked,
            next: Phase::Draft,
            at_once: false,
            stood_before_gate: None,
            answer_asked: false,
            stopping: false,
        }
    }
}

impl Machine {
    /// Pauses before the next phase.
    pub(super) fn hold(&mut self, cause: PauseCause) {
        self.steering.pace = Pace::Hold;
        self.steering.cause = cause;
    }

    pub(super) fn pause(&mut self, cause: PauseCause) {
        if self.steering.pace == Pace::Hold && !self.waits() {
            return self.refuse("The run is already paused.");
        }
        self.hold(cause);
    }

    pub(super) fn interrupt(&mut self) {
        self.pause(PauseCause::Interrupted);
        self.cancel();
    }

    pub(super) fn go_on(&mut self, pace: Pace) {
        self.steering.pace = pace;
        self.probing.hit = false;
        if self.state.paused {
            self.emit(Event::Paused { paused: false, cause: None });
        }
    }

    pub(super) fn until(&mut self, iteration: u32) {
        let over = self.state.finished_iterations();
        if self.state.settings.mode != Mode::Refine {
            self.refuse("This run has no iterations: its mode is not \"refine\".");
        } else if !self.state.timeline.is_empty() && iteration <= over {
            self.refuse(format!("Iteration {iteration} is already over; the last one that ended is {over}."));
        } else if self.steering.next == Phase::Answer {
            self.refuse("Refinement is over; what comes next is the answer.");
        } else {
            self.go_on(Pace::Until { iteration });
        }
    }

    pub(super) fn finish_refinement(&mut self) {
        if self.state.settings.mode == Mode::Direct {
            self.refuse("This run answers without a plan, so there is no refinement to finish.");
        } else if self.steering.next == Phase::Answer && self.state.model.is_some() {
            self.refuse("Refinement is over; what comes next is the answer.");
        } else {
            self.go_on(Pace::Refinement);
        }
    }

    pub(super) fn set_intercept(&mut self, on: bool) {
        if self.state.intercept == on {
            return self.refuse(if on {
                "Interception is already on."
            } else {
                "Interception is already off."
            });
        }
        self.emit(Event::InterceptSet { on });
    }

    pub(super) fn set_gate(&mut self, gate: &GateSettings) {
        match gate::settled(gate) {
            Err(why) => self.refuse(why.to_string()),
            Ok(gate) if self.state.settings.gate == gate => {
                self.refuse(format!("The gate is already {gate}."));
            }
            Ok(gate) => self.emit(Event::GateSet { gate }),
        }
    }

    /// Whether the next phase may begin; uses up a single step.
    pub(super) fn may_begin(&mut self) -> bool {
        if self.steering.at_once {
            return true;
        }
        if self.steering.pace != Pace::Hold && self.waits_for_rulings() {
            self.hold(PauseCause::Intercept);
        }
        let finished = self.state.finished_iterations();
        let over = match self.steering.pace {
            Pace::Run => false,
            Pace::Hold => return false,
            Pace::OnePhase => {
                self.hold(PauseCause::Step);
                return true;
            }
            Pace::Iteration { after } => self.state.timeline.len() > after && self.between_iterations(),
            Pace::Until { iteration } => {
                self.steering.next == Phase::Answer || (finished >= iteration && self.between_iterations())
            }
            Pace::Refinement => self.steering.next == Phase::Answer,
        };
        if over {
            self.hold(PauseCause::Step);
        }
        !over
    }

    /// Records that the run is paused now, if it was running until now.
    pub(super) fn stand_still(&mut self) {
        if self.steering.next == Phase::Decide {
            self.steering.stood_before_gate = Some(self.state.iteration);
        }
        // A probe counts though the run is paused for another reason, and once.
        let hit = std::mem::take(&mut self.probing.hit);
        if !self.state.paused || hit {
            self.emit(Event::Paused { paused: true, cause: Some(self.steering.cause.clone()) });
        }
    }

    /// Whether the gate is next and a person wants to rule before it; once an iteration.
    fn waits_for_rulings(&self) -> bool {
        let state = &self.state;
        (state.intercept || gate::find(&state.settings.gate).is_some_and(|gate| gate.waits_for_person()))
            && self.steering.next == Phase::Decide
            && self.steering.stood_before_gate != Some(state.iteration)
            && state.candidates.iter().any(|view| view.candidate.status == CandidateStatus::Ready)
    }

    fn between_iterations(&self) -> bool {
        match self.steering.next {
            Phase::Propose | Phase::TieBreak | Phase::Rescore | Phase::Answer => true,
            Phase::Load | Phase::Draft | Phase::ScoreDraft | Phase::Score | Phase::Decide | Phase::Done => {
                false
            }
        }
    }
}
