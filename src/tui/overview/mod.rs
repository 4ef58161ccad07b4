//! The whole session at a glance, whatever moment is looked at: its iterations, its calls to the model, and
//! every candidate that was not taken.
//!
//! The [`State`](session::State) tells of one moment; charts and lists need all of them. This grows
//! with each record and is never taken back.

mod marks;

pub use marks::{Mark, MarkKind};

use model::{Cost, PromptUse};
use plan::Edit;
use session::{
    BlobId, CallId, Candidate, CandidateStatus, Event, Payoffs, Phase, Purpose, Record, Ruling, Score,
    Subject, Verdict, events,
};

/// What an iteration came to; the draft is one too.
#[derive(Debug, Clone, PartialEq)]
pub struct Iteration {
    /// Its number; 0 is the draft.
    pub number: u32,
    /// The event that closed it.
    pub seq: u64,
    /// The total of the plan that stood afterwards.
    pub total: Option<f64>,
    /// The best total so far.
    pub best: Option<f64>,
    /// The parts of that plan's score, in the order of [`Overview::parts`].
    pub parts: Vec<Option<f64>>,
    /// What the gate made of the most promising candidate; absent for the draft.
    pub ruling: Option<Ruling>,
    /// The accepted edit in one line.
    pub accepted: Option<String>,
    /// What else happened in it: changes by hand, noise, and the like.
    pub marks: Vec<Mark>,
}

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
    /// In which iteration.
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
    /// The total of the plan that stood.
    pub before: Option<f64>,
    /// The candidate's total; absent when it was not scored.
    pub after: Option<f64>,
    /// The grammar pressure on what the model wrote, where there was a choice, in nats; absent where it was not
    /// measured.
    pub pressure: Option<f64>,
}

/// How a call to the model ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CallEnd {
    /// It is under way, or the record ends before it does.
    Open,
    /// With a reply.
    Done {
        /// What it cost.
        cost: Cost,
        /// Length and cached part of each prompt; empty where a server does not tell.
        prompts: Vec<PromptUse>,
        /// Sequences decoded side by side.
        batch: u32,
        /// The reply.
        reply: BlobId,
    },
    /// Without one.
    Failed {
        /// Why, as a sentence.
        error: String,
    },
}

/// A call to the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its number.
    pub id: CallId,
    /// What for.
    pub purpose: Purpose,
    /// In which iteration.
    pub iteration: u32,
    /// The event that began it.
    pub seq: u64,
    /// How many sequences.
    pub sequences: u32,
    /// The request.
    pub request: BlobId,
    /// How it ended.
    pub end: CallEnd,
}

/// A fold over all records, for what is shown of the session as a whole.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// The names of the score's parts, in the order in which they came up.
    pub parts: Vec<String>,
    /// The draft and the iterations that are over.
    pub iterations: Vec<Iteration>,
    /// Candidates that were not taken, oldest first.
    pub rejects: Vec<Reject>,
    /// What each proposer has brought.
    pub payoffs: Payoffs,
    /// Calls to the model, in their order.
    pub calls: Vec<Call>,
    /// What happened since the last iteration was over.
    pub since: Vec<Mark>,
    /// The event that told of the answer.
    pub answered: Option<u64>,
    iteration: u32,
    candidates: Vec<Candidate>,
    scores: Vec<Option<Score>>,
    standing: Option<Score>,
    best: Option<f64>,
}

impl Overview {
    /// Returns the overview of `records`.
    pub fn of(records: &[Record]) -> Self {
        let mut overview = Self::default();
        records.iter().for_each(|record| overview.take_in(record));
        overview
    }

    /// Takes in the next record.
    pub fn take_in(&mut self, record: &Record) {
        self.mark(record);
        match &record.event {
            Event::PhaseBegan { phase, iteration } => {
                self.iteration = *iteration;
                if *phase == Phase::Propose {
                    self.candidates.clear();
                }
            }
            Event::CallStarted { call, purpose, sequences, request } => self.calls.push(Call {
                id: *call,
                purpose: *purpose,
                iteration: self.iteration,
                seq: record.seq,
                sequences: *sequences,
                request: request.clone(),
                end: CallEnd::Open,
            }),
            Event::CallFinished { call, cost, prompts, batch, reply, .. } => {
                let end = CallEnd::Done {
                    cost: *cost,
                    prompts: prompts.clone(),
                    batch: *batch,
                    reply: reply.clone(),
                };
                self.close(*call, end);
            }
            Event::CallFailed { call, error, .. } => {
                self.close(*call, CallEnd::Failed { error: error.clone() });
            }
            Event::Proposed { candidates } => {
                self.payoffs.proposed(candidates);
                self.candidates.clone_from(candidates);
                self.scores = vec![None; candidates.len()];
            }
            Event::Scored { subject, score } => self.score(*subject, score, record.seq),
            Event::Decided { verdicts } => self.decide(verdicts, record.seq),
            Event::CallCancelled { call, .. } => {
                self.close(*call, CallEnd::Failed { error: "It was cancelled.".to_owned() });
            }
            Event::CandidateEdited { candidate } => {
                self.payoffs.edited(candidate.index);
                let index = candidate.index as usize;
                if let (Some(old), Some(score)) = (self.candidates.get_mut(index), self.scores.get_mut(index))
                {
                    old.clone_from(candidate);
                    *score = None;
                }
            }
            Event::HumanEdited { .. } | Event::Undone { .. } | Event::Redone { .. } => self.standing = None,
            Event::Noised { edit, .. } => {
                // Noise that hit nothing leaves the plan its score.
                if !matches!(edit, Edit::Batch { edits } if edits.is_empty()) {
                    self.standing = None;
                }
            }
            Event::Answered { .. } => self.answered = Some(record.seq),
            // The branch has its own answer.
            Event::Forked { .. } => self.answered = None,
            Event::Started { .. }
            | Event::ModelReady { .. }
            | Event::Paused { .. }
            | Event::RefinementEnded { .. }
            | Event::Ended { .. }
            | Event::Drafted { .. }
            | Event::Checked { .. }
            | Event::Voted { .. }
            | Event::Rescored { .. }
            | Event::Turned { .. }
            | Event::Ruled { .. }
            | Event::SideAnswered { .. }
            | Event::Judged { .. }
            | Event::Shadowed { .. }
            | events!(Setting) => {}
        }
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

    /// A call that is made once more after it failed has the same number: the last one is meant.
    fn close(&mut self, id: CallId, end: CallEnd) {
        if let Some(call) = self.calls.iter_mut().rev().find(|call| call.id == id) {
            call.end = end;
        }
    }

    fn score(&mut self, subject: Subject, score: &Score, seq: u64) {
        match subject {
            Subject::Candidate(index) => {
                if let Some(slot) = self.scores.get_mut(index as usize) {
                    *slot = Some(score.clone());
                }
            }
            Subject::Incumbent => {
                self.standing = Some(score.clone());
                if self.iterations.is_empty() {
                    self.push(0, seq, None, None);
                }
            }
        }
    }

    fn decide(&mut self, verdicts: &[Verdict], seq: u64) {
        let mut accepted = None;
        self.payoffs.decided(verdicts);
        for verdict in verdicts {
            let index = verdict.candidate as usize;
            let Some(candidate) = self.candidates.get(index) else { continue };
            let summary =
                candidate.edit.as_ref().map_or_else(|| candidate.reply.clone(), |edit| edit.summary());
            match NotTaken::of(&candidate.status, verdict.ruling) {
                Some(why) => self.rejects.push(Reject {
                    seq,
                    iteration: self.iteration,
                    candidate: verdict.candidate,
                    kind: candidate.kind.clone(),
                    summary,
                    why,
                    reason: verdict.reason.clone(),
                    before: verdict.before,
                    after: verdict.after,
                    pressure: candidate.pressure.as_ref().map(|pressure| pressure.choice),
                }),
                None => {
                    self.standing = self.scores.get_mut(index).and_then(Option::take);
                    accepted = Some(summary);
                }
            }
        }
        let ruling = verdicts.iter().map(|verdict| verdict.ruling).min_by_key(|ruling| rank(*ruling));
        self.push(self.iteration, seq, ruling.or(Some(Ruling::Invalid)), accepted);
    }

    fn push(&mut self, number: u32, seq: u64, ruling: Option<Ruling>, accepted: Option<String>) {
        let standing = self.standing.as_ref();
        let total = standing.and_then(|score| score.total);
        self.best = [self.best, total].into_iter().flatten().reduce(f64::max);
        for part in standing.map_or(&[][..], |score| &score.parts) {
            if !self.parts.contains(&part.name) {
                self.parts.push(part.name.clone());
            }
        }
        let value = |name: &String| standing.and_then(|score| score.part(name)).and_then(|part| part.value);
        let parts = self.parts.iter().map(value).collect();
        let marks = std::mem::take(&mut self.since);
        self.iterations.push(Iteration {
            number,
            seq,
            total,
            best: self.best,
            parts,
            ruling,
            accepted,
            marks,
        });
    }
}

/// Of the rulings of one iteration, the one with the lowest rank is shown.
const fn rank(ruling: Ruling) -> u8 {
    match ruling {
        Ruling::Accept => 0,
        Ruling::Reject => 1,
        Ruling::Indecisive => 2,
        Ruling::Invalid => 3,
    }
}
