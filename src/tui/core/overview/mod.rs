//! The whole session at a glance, whatever the current position: its iterations, its calls to the model, and
//! every candidate that was not taken.
//!
//! The [`State`] describes one moment; charts and lists need all of them. This grows
//! with each record and is never taken back.

mod marks;

pub use marks::{Mark, MarkKind};

use session::{
    CandidateStatus, Event, Payoffs, Record, Ruling, State, events,
    folds::{Calls, Iterations},
};

/// Why a candidate was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotTaken {
    /// The gate rejected it.
    Rejected,
    /// The numbers did not tell.
    Indecisive,
    /// It changes nothing; not scored.
    NoOp,
    /// Its plan was seen before; not scored again.
    Duplicate,
    /// It is no edit, or one that cannot be applied; not scored.
    Invalid,
}

impl NotTaken {
    /// Returns the words for it on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Indecisive => "indecisive",
            Self::NoOp => "no change",
            Self::Duplicate => "seen before",
            Self::Invalid => "not usable",
        }
    }

    fn of(status: &CandidateStatus, ruling: Ruling) -> Option<Self> {
        match (status, ruling) {
            (_, Ruling::Accept) | (CandidateStatus::Control, _) => None,
            (CandidateStatus::NoOp, _) => Some(Self::NoOp),
            (CandidateStatus::Duplicate { .. }, _) => Some(Self::Duplicate),
            (CandidateStatus::Invalid { .. }, _) | (CandidateStatus::Ready, Ruling::Invalid) => {
                Some(Self::Invalid)
            }
            (CandidateStatus::Ready, Ruling::Reject) => Some(Self::Rejected),
            (CandidateStatus::Ready, Ruling::Indecisive) => Some(Self::Indecisive),
        }
    }
}

/// A candidate that was not taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Reject {
    /// The event that decided.
    pub seq: u64,
    /// From 1.
    pub iteration: u32,
    /// Its place among the candidates.
    pub candidate: u32,
    /// Which kind of edit was asked for.
    pub kind: String,
    /// The edit in one line, or what the model wrote instead of one.
    pub summary: String,
    /// Why, in a word.
    pub why: NotTaken,
    /// The gate's sentence.
    pub reason: String,
    /// The incumbent's total.
    pub before: Option<f64>,
    /// The candidate's total; absent when it was not scored.
    pub after: Option<f64>,
    /// The grammar pressure on what the model wrote, where there was a choice, in nats; absent where it was not
    /// measured.
    pub pressure: Option<f64>,
}

/// A candidate that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The event that decided.
    pub seq: u64,
    /// From 1.
    pub iteration: u32,
    /// Its place among the candidates.
    pub candidate: u32,
    /// Which kind of edit was asked for.
    pub kind: String,
    /// The edit in one line.
    pub summary: String,
    /// The gate's sentence.
    pub reason: String,
    /// The incumbent's total.
    pub before: Option<f64>,
    /// The candidate's total.
    pub after: Option<f64>,
}

/// A fold over all records, for what is shown of the session as a whole.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// The names of the score's parts, in the order in which they came up.
    pub parts: Vec<String>,
    /// The draft and the iterations that are over.
    pub iterations: Iterations,
    /// Candidates that were not taken, oldest first.
    pub rejects: Vec<Reject>,
    /// Candidates that were taken, oldest first.
    pub taken: Vec<Taken>,
    /// Calls to the model, in their order.
    pub calls: Calls,
    /// What happened since the last iteration was over.
    pub since: Vec<Mark>,
    /// The event that recorded the answer.
    pub answered: Option<u64>,
    /// The state after the last record.
    state: State,
    /// The values of [`parts`](Self::parts) after each iteration.
    values: Vec<Vec<Option<f64>>>,
    /// What happened in each iteration besides proposals.
    marks: Vec<Vec<Mark>>,
}

impl Overview {
    /// Returns the overview of `records`.
    pub fn of(records: &[Record]) -> Self {
        let mut overview = Self::default();
        records.iter().for_each(|record| overview.receive(record));
        overview
    }

    /// Takes in the next record.
    pub fn receive(&mut self, record: &Record) {
        self.mark(record);
        self.state.apply(record);
        self.calls.receive(record);
        if self.iterations.receive(&self.state) {
            self.close_iteration();
        }
        match &record.event {
            Event::Decided { .. } => self.decide(record.seq),
            Event::Answered { .. } => self.answered = Some(record.seq),
            // The branch has its own answer.
            Event::Forked { .. } => self.answered = None,
            Event::Started { .. }
            | Event::ModelReady { .. }
            | Event::PhaseBegan { .. }
            | Event::Paused { .. }
            | Event::RefinementEnded { .. }
            | Event::Ended { .. }
            | Event::Drafted { .. }
            | Event::CanvasSet { .. }
            | Event::Checked { .. }
            | Event::Proposed { .. }
            | Event::Scored { .. }
            | Event::Voted { .. }
            | Event::Rescored { .. }
            | Event::Turned { .. }
            | Event::SideAnswered { .. }
            | Event::Judged { .. }
            | Event::Shadowed { .. }
            | events!(Call | Setting | Change | Person) => {}
        }
    }

    /// Returns what each proposer has brought.
    pub const fn payoffs(&self) -> &Payoffs {
        &self.state.proposals.payoffs
    }

    /// Returns the values of [`parts`](Self::parts) after the iteration at this place; those that came up later lack.
    pub fn values_at(&self, at: usize) -> &[Option<f64>] {
        self.values.get(at).map_or(&[], Vec::as_slice)
    }

    /// Returns the place in [`iterations`](Self::iterations) of the last one that is over after the first
    /// `position` events.
    pub(crate) fn iteration_at(&self, position: usize) -> Option<usize> {
        self.iterations.partition_point(|iteration| iteration.seq < position as u64).checked_sub(1)
    }

    /// Returns the place in [`calls`](Self::calls) of the last one that began within the first `position`
    /// events.
    pub(crate) fn call_at(&self, position: usize) -> Option<usize> {
        self.calls.partition_point(|call| call.seq < position as u64).checked_sub(1)
    }

    fn decide(&mut self, seq: u64) {
        for view in &self.state.candidates {
            let (candidate, Some(verdict)) = (&view.candidate, &view.verdict) else { continue };
            let (kind, reason) = (candidate.kind.clone(), verdict.reason.clone());
            let summary = candidate.summary();
            let (iteration, before, after) = (self.state.iteration, verdict.before, verdict.after);
            match NotTaken::of(&candidate.status, verdict.ruling) {
                Some(why) => self.rejects.push(Reject {
                    seq,
                    iteration,
                    candidate: verdict.candidate,
                    kind,
                    summary,
                    why,
                    reason,
                    before,
                    after,
                    pressure: candidate.pressure.as_ref().map(|pressure| pressure.choice),
                }),
                None if candidate.status == CandidateStatus::Control => {}
                None => self.taken.push(Taken {
                    seq,
                    iteration,
                    candidate: verdict.candidate,
                    kind,
                    summary,
                    reason,
                    before,
                    after,
                }),
            }
        }
    }

    fn close_iteration(&mut self) {
        let score = self.state.incumbent.as_ref().and_then(|view| view.score.as_ref());
        for part in score.map_or(&[][..], |score| &score.parts) {
            if !self.parts.contains(&part.name) {
                self.parts.push(part.name.clone());
            }
        }
        let value = |name: &String| score.and_then(|score| score.part(name)).and_then(|part| part.value);
        self.values.push(self.parts.iter().map(value).collect());
        self.marks.push(std::mem::take(&mut self.since));
    }
}
