//! The state of a run: a fold over its events, the same while it runs and when it is replayed.

use std::collections::BTreeMap;

use rpds::{HashTrieMapSync, VectorSync};
use serde::Serialize;

use super::{
    Ages, Answer, CallId, Candidate, CandidateStatus, CheckSummary, Event, Judgement, Outcome, Phase,
    ProblemCard, Purpose, Record, RefinementStop, Ruling, Score, Settings, Subject, Verdict,
};
use crate::{
    llm::{Cost, ModelInfo},
    plan::{IdSource, Origin, Plan, PlanHash},
};

/// A plan with all that is known of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlanView {
    /// The plan.
    pub plan: Plan,
    /// What the checker says; absent before it looked.
    pub check: Option<CheckSummary>,
    /// Its score; absent before it was scored.
    pub score: Option<Score>,
    /// The iteration that brought it; 0 is the draft.
    pub since: u32,
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
    /// Whether a person changed the plan in it.
    pub human: bool,
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
    fn count(&mut self, ruling: Ruling) {
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
    /// Which call.
    pub call: CallId,
    /// Why.
    pub error: String,
    /// What can be done about it.
    pub hint: Option<String>,
    /// The end of the model process's log.
    pub log_tail: Option<String>,
}

/// A list that only grows. States of one run share what they have in common of it, so that many can be kept.
pub type History<T> = VectorSync<T>;

/// Everything that is known of a run at one moment. It changes only through [`State::apply`].
///
/// A copy costs about what is on the screen, however long the run: what piles up over a run is shared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The problem.
    pub problem: Option<ProblemCard>,
    /// The settings.
    pub settings: Settings,
    /// The model, once it is ready.
    pub model: Option<ModelInfo>,
    /// The phase that runs or comes next.
    pub phase: Phase,
    /// The iteration, from 1; 0 before the first.
    pub iteration: u32,
    /// Whether the run stands still.
    pub paused: bool,
    /// The plan that stands.
    pub incumbent: Option<PlanView>,
    /// The plan with the highest total so far; on a tie the earlier one.
    pub best: Option<PlanView>,
    /// The plan that the candidates of the present iteration change; absent before the first proposals.
    pub base: Option<PlanView>,
    /// The candidates of the present iteration.
    pub candidates: Vec<CandidateView>,
    /// One point for the draft and each iteration that is over.
    pub timeline: History<IterationPoint>,
    /// Candidates that were not taken, oldest first.
    pub rejected: History<RejectedEdit>,
    /// How many candidates met each ruling.
    pub rulings: Rulings,
    /// Every plan seen, with the iteration in which it first came up.
    pub seen: HashTrieMapSync<PlanHash, u32>,
    /// Hands out ids that no item of a plan that stood has used. An id that only a rejected candidate
    /// had comes again, so that the same insertion is the same plan and recognised by its hash.
    pub ids: IdSource,
    /// Since when each item of the plan that stands says what it says.
    pub ages: Ages,
    /// The call that is under way.
    pub open_call: Option<(CallId, Purpose)>,
    /// How many calls were made, failed ones included.
    pub calls: u32,
    /// What was spent, by purpose.
    pub cost: BTreeMap<Purpose, Cost>,
    /// Calls that failed.
    pub failed_calls: History<FailedCall>,
    /// Why refinement ended.
    pub refinement_stop: Option<RefinementStop>,
    /// The answer.
    pub answer: Option<Answer>,
    /// How the answer compares with gold. *Oracle*.
    pub judgement: Option<Judgement>,
    /// How the session ended; absent while it goes on, or when its record is torn off.
    pub outcome: Option<Outcome>,
    /// The number of events applied.
    pub events: u64,
    /// Milliseconds from the start to the last event.
    pub at_ms: u64,
    purposes: HashTrieMapSync<CallId, Purpose>,
    human_touch: bool,
}

impl State {
    /// Returns the state after all of `records`.
    pub fn replay<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut state = Self::default();
        for record in records {
            state.apply(record);
        }
        state
    }

    /// Returns what was spent in all.
    pub fn total_cost(&self) -> Cost {
        self.cost.values().fold(Cost::default(), |sum, cost| sum + *cost)
    }

    /// Returns what `call` was made for.
    pub fn purpose(&self, call: CallId) -> Option<Purpose> {
        self.purposes.get(&call).copied()
    }

    /// Returns how many iterations in a row brought no better plan.
    pub fn fruitless(&self) -> u32 {
        let since = self.best.as_ref().map_or(0, |best| best.since);
        self.timeline.last().map_or(0, |point| point.iteration.saturating_sub(since))
    }

    /// Takes in the next event.
    pub fn apply(&mut self, record: &Record) {
        self.events = record.seq + 1;
        self.at_ms = record.at_ms;
        match &record.event {
            Event::Started { problem, settings } => {
                self.problem = Some(problem.clone());
                self.paused = settings.paused;
                self.settings = (**settings).clone();
            }
            Event::ModelReady { model } => self.model = Some((**model).clone()),
            Event::PhaseBegan { phase, iteration } => self.begin(*phase, *iteration),
            Event::Paused { paused } => self.paused = *paused,
            Event::CallStarted { call, purpose, .. } => {
                self.open_call = Some((*call, *purpose));
                self.calls = self.calls.max(call.0);
                self.purposes.insert_mut(*call, *purpose);
            }
            Event::CallFinished { call, cost, .. } => self.close_call(*call, *cost),
            Event::CallFailed { call, error, hint, log_tail, .. } => {
                self.close_call(*call, Cost::default());
                self.failed_calls.push_back_mut(FailedCall {
                    call: *call,
                    error: error.clone(),
                    hint: hint.clone(),
                    log_tail: log_tail.clone(),
                });
            }
            Event::Drafted { plan } => self.draft(plan),
            Event::Checked { subject, summary } => {
                if let Some(view) = self.subject_mut(*subject) {
                    view.check = Some(summary.clone());
                }
                self.refresh_best();
            }
            Event::Proposed { candidates } => self.propose(candidates),
            Event::Scored { subject, score } => self.score(*subject, score, record.seq),
            Event::Decided { verdicts } => self.decide(verdicts, record.seq),
            Event::HumanEdited { edit } => self.human_edit(edit),
            Event::RefinementEnded { reason } => self.refinement_stop = Some(reason.clone()),
            Event::Answered { answer } => self.answer = Some(answer.clone()),
            Event::Judged { judgement } => self.judgement = Some(judgement.clone()),
            Event::Ended { outcome } => {
                self.outcome = Some(outcome.clone());
                self.open_call = None;
            }
        }
    }

    fn begin(&mut self, phase: Phase, iteration: u32) {
        self.phase = phase;
        self.iteration = iteration;
        if phase == Phase::Propose {
            self.candidates.clear();
        }
    }

    fn close_call(&mut self, call: CallId, cost: Cost) {
        self.open_call = self.open_call.filter(|(open, _)| *open != call);
        if let Some(purpose) = self.purposes.get(&call) {
            *self.cost.entry(*purpose).or_default() += cost;
        }
    }

    fn draft(&mut self, plan: &Plan) {
        self.see(plan, 0);
        self.ids.observe_plan(plan);
        self.ages.note(None, plan, 0);
        self.incumbent = Some(PlanView { plan: plan.clone(), ..PlanView::default() });
    }

    fn see(&mut self, plan: &Plan, iteration: u32) {
        let hash = plan.hash();
        if !self.seen.contains_key(&hash) {
            self.seen.insert_mut(hash, iteration);
        }
    }

    fn subject_mut(&mut self, subject: Subject) -> Option<&mut PlanView> {
        match subject {
            Subject::Incumbent => self.incumbent.as_mut(),
            Subject::Candidate(index) => self.candidates.get_mut(index as usize)?.view.as_mut(),
        }
    }

    fn propose(&mut self, candidates: &[Candidate]) {
        let Some(incumbent) = self.incumbent.clone() else { return };
        self.base = Some(incumbent.clone());
        self.candidates.clear();
        for candidate in candidates {
            let plan = match (&candidate.status, &candidate.edit) {
                (CandidateStatus::Ready, Some(edit)) => edit.apply(&incumbent.plan, Origin::Refined).ok(),
                (
                    CandidateStatus::Ready
                    | CandidateStatus::NoOp
                    | CandidateStatus::Duplicate { .. }
                    | CandidateStatus::Invalid { .. },
                    _,
                ) => None,
            };
            if let Some((plan, _)) = &plan {
                self.see(plan, self.iteration);
            }
            let view = plan.map(|(plan, _)| PlanView { plan, since: self.iteration, ..PlanView::default() });
            self.candidates.push(CandidateView { candidate: candidate.clone(), view, verdict: None });
        }
    }

    fn score(&mut self, subject: Subject, score: &Score, seq: u64) {
        if let Some(view) = self.subject_mut(subject) {
            view.score = Some(score.clone());
        }
        if subject == Subject::Incumbent {
            self.refresh_best();
            if self.timeline.is_empty() {
                self.push_point(0, seq, None);
            }
        }
    }

    fn decide(&mut self, verdicts: &[Verdict], seq: u64) {
        let mut ruling = Ruling::Invalid;
        for verdict in verdicts {
            let Some(view) = self.candidates.get_mut(verdict.candidate as usize) else { continue };
            view.verdict = Some(verdict.clone());
            self.rulings.count(verdict.ruling);
            ruling = more_telling(ruling, verdict.ruling);
            if verdict.ruling == Ruling::Accept {
                if let Some(view) = &view.view {
                    self.ids.observe_plan(&view.plan);
                    let old = self.incumbent.as_ref().map(|old| &old.plan);
                    self.ages.note(old, &view.plan, self.iteration);
                }
                self.incumbent.clone_from(&view.view);
            } else {
                let edit = view.candidate.edit.as_ref();
                self.rejected.push_back_mut(RejectedEdit {
                    iteration: self.iteration,
                    summary: edit.map_or_else(|| view.candidate.reply.clone(), crate::plan::Edit::summary),
                    reason: verdict.reason.clone(),
                });
            }
        }
        self.refresh_best();
        self.push_point(self.iteration, seq, Some(ruling));
    }

    fn human_edit(&mut self, edit: &crate::plan::Edit) {
        let Some(incumbent) = &self.incumbent else { return };
        if let Ok((plan, _)) = edit.apply(&incumbent.plan, Origin::Human) {
            self.ages.note(Some(&incumbent.plan), &plan, self.iteration);
            self.see(&plan, self.iteration);
            self.ids.observe_plan(&plan);
            self.incumbent = Some(PlanView { plan, since: self.iteration, ..PlanView::default() });
            self.human_touch = true;
        }
    }

    /// Keeps the best plan: strictly better only, so that on a tie the earlier one stays.
    fn refresh_best(&mut self) {
        let Some(incumbent) = &self.incumbent else { return };
        let better = match (&self.best, incumbent.total()) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(best), Some(total)) => best.total().is_none_or(|old| total > old),
        };
        if better {
            self.best = Some(incumbent.clone());
        }
    }

    fn push_point(&mut self, iteration: u32, seq: u64, ruling: Option<Ruling>) {
        let total = self.incumbent.as_ref().and_then(PlanView::total);
        let best = self.best.as_ref().and_then(PlanView::total);
        let human = std::mem::take(&mut self.human_touch);
        self.timeline.push_back_mut(IterationPoint { iteration, seq, total, best, ruling, human });
    }
}

/// Of two rulings of one iteration, the one that the timeline shows.
fn more_telling(a: Ruling, b: Ruling) -> Ruling {
    let rank = |ruling: Ruling| match ruling {
        Ruling::Invalid => 0,
        Ruling::Indecisive => 1,
        Ruling::Reject => 2,
        Ruling::Accept => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}
