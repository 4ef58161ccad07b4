//! What the state is made of.

use serde::Serialize;

use crate::{
    answer::{Answer, Judgement},
    candidate::Candidate,
    event::{CallId, CheckSummary},
    score::{Rescore, Ruling, Score, Verdict},
};
use plan::Plan;

/// A plan with all that is known of it.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct PlanView {
    pub plan: Plan,
    /// What the checker says; absent before it looked.
    pub check: Option<CheckSummary>,
    /// Its score; absent before it was scored.
    pub score: Option<Score>,
    /// The iteration that brought it; 0 is the draft.
    pub since: u32,
    /// What scoring it again gave, when a person last asked for that.
    pub rescored: Option<Rescore>,
}

impl PlanView {
    /// Returns the score's total, where there is one.
    pub fn total(&self) -> Option<f64> {
        self.score.as_ref().and_then(|score| score.total)
    }
}

/// A proposed edit with what became of it so far.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateView {
    /// The proposal.
    pub candidate: Candidate,
    /// The plan that it leads to, when it can be applied.
    pub view: Option<PlanView>,
    /// The gate's decision; absent before it fell.
    pub verdict: Option<Verdict>,
    /// A person's word on it: accepted or vetoed; absent where nobody ruled.
    pub ruled: Option<bool>,
    /// Whether a person exchanged its edit.
    pub edited: bool,
}

/// One point of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct IterationPoint {
    /// The iteration; 0 is the draft.
    pub iteration: u32,
    /// The sequence number of the event that closed it.
    pub seq: u64,
    /// The incumbent's total afterwards.
    pub total: Option<f64>,
    /// The best total so far.
    pub best: Option<f64>,
    /// What the gate made of the most promising candidate; absent for the draft.
    pub ruling: Option<Ruling>,
    /// Whether a person had a hand in it: changed the plan, ruled on a candidate or edited one.
    pub human: bool,
    /// Places of the incumbent that are masked; absent where no tokens are denoised.
    pub masked: Option<u32>,
    /// The share of noise that is left in it, 0 to 1: of masked places, or in latents; absent where nothing is denoised.
    pub noise: Option<f64>,
}

/// A candidate that was not taken, kept so that the model is not let to repeat it.
#[derive(Debug, Clone, PartialEq)]
pub struct RejectedEdit {
    /// When.
    pub iteration: u32,
    /// The edit in one line.
    pub summary: String,
    /// The gate's reason, or why it was no candidate.
    pub reason: String,
}

/// A candidate on which the numbers did not tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alternative {
    /// When.
    pub iteration: u32,
    /// Its index among the candidates of that iteration.
    pub candidate: u32,
    /// The edit in one line.
    pub summary: String,
    /// The plan that it leads to.
    pub plan: Plan,
    /// The total of that plan; absent where a score is missing.
    pub total: Option<f64>,
    /// The gate's reason.
    pub reason: String,
}

/// How many candidates met each ruling so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Rulings {
    /// Accepted ones.
    pub accepted: u32,
    /// Rejected ones.
    pub rejected: u32,
    /// Those on which the numbers did not tell.
    pub indecisive: u32,
    /// Proposals that were no candidates.
    pub invalid: u32,
}

impl Rulings {
    pub(super) fn count(&mut self, ruling: Ruling) {
        *match ruling {
            Ruling::Accept => &mut self.accepted,
            Ruling::Reject => &mut self.rejected,
            Ruling::Indecisive => &mut self.indecisive,
            Ruling::Invalid => &mut self.invalid,
        } += 1;
    }
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailedCall {
    /// Its number; a call that is made once more keeps it.
    pub call: CallId,
    /// Why.
    pub error: String,
    /// What can be done about it.
    pub hint: Option<String>,
    /// The end of the model process's log.
    pub log_tail: Option<String>,
}

/// An answer from a plan of an earlier moment.
#[derive(Debug, Clone, PartialEq)]
pub struct SideAnswer {
    /// The event that recorded it.
    pub seq: u64,
    /// The event at which its plan stood.
    pub from: u64,
    /// Decoded from that plan.
    pub answer: Answer,
    /// How it compares with gold. *Oracle*.
    pub judgement: Judgement,
}
