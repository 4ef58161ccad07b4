//! What there is to say of a recorded session, gathered once for text and JSON alike.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::recovery::NoiseSummary;
use diagnose::losses::Stages;
use model::{Cost, ModelInfo, PromptUse};
use plan::{Edit, Plan};
use session::{
    Answer, BlobId, CallId, Event, Judgement, Manifest, Outcome, PayoffRow, Phase, PlanView, ProblemCard,
    Purpose, Record, RefinementStop, Ruling, Score, Session, Settings, State, Vote, VoteTally, Votes, events,
    state::{Alternative, FailedCall},
};

/// A plan with its score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoredPlan {
    /// The iteration that brought it; 0 is the draft.
    pub iteration: u32,
    /// Its score, if it has one.
    pub score: Option<Score>,
    /// The plan.
    pub plan: Plan,
}

impl ScoredPlan {
    fn of(view: &PlanView) -> Self {
        Self { iteration: view.since, score: view.score.clone(), plan: view.plan.clone() }
    }
}

/// One row of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IterationRow {
    /// The iteration; 0 is the draft.
    pub iteration: u32,
    /// The event that closed it.
    pub seq: u64,
    /// Edits proposed.
    pub proposed: usize,
    /// Of those, how many were new plans.
    pub usable: usize,
    /// The gate's most telling decision; none for the draft.
    pub ruling: Option<Ruling>,
    /// The incumbent's total afterwards.
    pub total: Option<f64>,
    /// The best total so far.
    pub best: Option<f64>,
    /// Whether a person changed the plan in it.
    pub human: bool,
    /// The accepted edit in one line, if one was.
    pub accepted: Option<String>,
    /// Tokens drawn since the session began.
    pub generated: u64,
}

/// What one kind of call cost, or all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostRow {
    /// What for; none for the total.
    pub purpose: Option<Purpose>,
    /// What the calls that came back cost; of those that failed it is not known.
    pub cost: Cost,
    /// How many calls failed.
    pub failed: usize,
    /// Whether the numbers of cached tokens are known; servers may not tell.
    pub cache_known: bool,
}

/// The votes of independent drafts, one by one and counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VoteSummary {
    /// In the order in which they were cast.
    pub cast: Vec<Vote>,
    /// What each value has, the heaviest first.
    pub tally: Vec<VoteTally>,
}

impl VoteSummary {
    fn of(votes: &Votes) -> Option<Self> {
        (!votes.cast.is_empty()).then(|| Self { cast: votes.cast.clone(), tally: votes.tally() })
    }
}

/// Names of folders need not be text.
fn as_shown<S: serde::Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum CallEnd {
    /// Not within the record.
    Open,
    /// With a reply.
    Done,
    /// Cancelled on purpose.
    Cancelled,
    /// Without a reply.
    Failed {
        /// Why.
        error: String,
    },
}

/// One call to the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallRow {
    /// Its number.
    pub call: CallId,
    /// What it was for.
    pub purpose: Purpose,
    /// The iteration in which it was made.
    pub iteration: u32,
    /// Sequences asked for.
    pub sequences: u32,
    /// Length of all prompts together, where known.
    pub prompt_tokens: Option<u64>,
    /// How much of them was cached, where known.
    pub cached: Option<u64>,
    /// What it cost; none before it came back.
    pub cost: Option<Cost>,
    /// Names the blob with the request.
    pub request: BlobId,
    /// Names the blob with the reply.
    pub reply: Option<BlobId>,
    /// How it ended.
    #[serde(flatten)]
    pub end: CallEnd,
}

/// A recorded session, or its beginning, in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Its directory.
    #[serde(serialize_with = "as_shown")]
    pub session: PathBuf,
    /// The manifest, which knows how the whole session ended.
    pub manifest: Manifest,
    /// Where and why the record ends too early.
    pub damage: Option<String>,
    /// Events looked at.
    pub events: u64,
    /// Events that can be read.
    pub events_recorded: u64,
    /// Milliseconds from the start to the last event looked at.
    pub at_ms: u64,
    /// The phase at that event.
    pub phase: Phase,
    /// The problem, without gold.
    pub problem: Option<ProblemCard>,
    /// The model, once it was ready.
    pub model: Option<ModelInfo>,
    /// The settings.
    pub settings: Settings,
    /// How the session ended; none when it was not at its end.
    pub outcome: Option<Outcome>,
    /// Why refinement ended.
    pub refinement_stop: Option<RefinementStop>,
    /// The first plan.
    pub draft: Option<ScoredPlan>,
    /// The plan that was answered from, or, before that, the best so far.
    pub plan: Option<ScoredPlan>,
    /// The votes of independent drafts; none where they were not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub votes: Option<VoteSummary>,
    /// Candidates on which the gate could not decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    /// The draft and each iteration that was over.
    pub timeline: Vec<IterationRow>,
    /// What each proposer has brought; empty before the first proposal.
    pub proposers: Vec<PayoffRow>,
    /// The answer.
    pub answer: Option<Answer>,
    /// How the answer compares with gold. *Oracle*.
    pub judgement: Option<Judgement>,
    /// Whether each stage of the run is right. *Oracle*: only of a whole run that is over, and where that can be judged.
    pub oracle_stages: Option<Stages>,
    /// The cost by purpose.
    pub cost: Vec<CostRow>,
    /// The cost of everything.
    pub total: CostRow,
    /// All noise and what became of it; none where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<NoiseSummary>,
    /// Calls that failed.
    pub failed_calls: Vec<FailedCall>,
    /// All calls.
    pub calls: Vec<CallRow>,
}

#[derive(Default)]
struct Gathered {
    draft: Option<ScoredPlan>,
    timeline: Vec<IterationRow>,
    calls: BTreeMap<CallId, CallRow>,
}

impl Summary {
    /// Gathers what the events of `session` say up to and with number `at`, or all of them.
    pub fn of(session: &Session, at: Option<u64>) -> Self {
        let shown = session.records.iter().take_while(|record| at.is_none_or(|at| record.seq <= at));
        let mut state = State::default();
        let mut gathered = Gathered::default();
        for record in shown {
            state.apply(record);
            gathered.take(&state, record);
        }
        let row = |purpose: Option<Purpose>, cost: Cost| {
            let calls = || gathered.calls.values().filter(|call| purpose.is_none_or(|p| p == call.purpose));
            let failed = calls().filter(|call| matches!(call.end, CallEnd::Failed { .. })).count();
            CostRow { purpose, cost, failed, cache_known: calls().any(|call| call.cached.is_some()) }
        };
        let cost = state.cost.iter().map(|(purpose, cost)| row(Some(*purpose), *cost));
        Self {
            session: session.path.clone(),
            manifest: session.manifest.clone(),
            damage: session.damage.as_ref().map(ToString::to_string),
            events: state.events,
            events_recorded: session.records.len() as u64,
            at_ms: state.at_ms,
            phase: state.phase,
            cost: cost.collect(),
            total: row(None, state.total_cost()),
            noise: NoiseSummary::of(&state),
            plan: answered_from(&state).map(ScoredPlan::of),
            proposers: proposers(&state),
            problem: state.problem,
            model: state.model,
            settings: state.settings,
            outcome: state.outcome,
            refinement_stop: state.refinement_stop,
            draft: gathered.draft,
            votes: VoteSummary::of(&state.votes),
            alternatives: state.alternatives.iter().cloned().collect(),
            timeline: gathered.timeline,
            answer: state.answer,
            judgement: state.judgement,
            oracle_stages: None,
            failed_calls: state.failed_calls.iter().cloned().collect(),
            calls: gathered.calls.into_values().collect(),
        }
    }
}

fn proposers(state: &State) -> Vec<PayoffRow> {
    if state.payoffs.total().tried == 0 { Vec::new() } else { state.payoffs.table(&state.settings) }
}

fn answered_from(state: &State) -> Option<&PlanView> {
    let hash = state.answer.as_ref().and_then(|answer| answer.plan);
    let mut views = state.best.iter().chain(&state.incumbent).chain(&state.votes.plans);
    views.find(|view| hash == Some(view.plan.hash())).or(state.best.as_ref()).or(state.incumbent.as_ref())
}

impl Gathered {
    fn take(&mut self, state: &State, record: &Record) {
        match &record.event {
            Event::Drafted { .. } => self.draft = state.incumbent.as_ref().map(ScoredPlan::of),
            Event::CallStarted { call, purpose, sequences, request } => {
                let row = CallRow {
                    call: *call,
                    purpose: *purpose,
                    iteration: state.iteration,
                    sequences: *sequences,
                    prompt_tokens: None,
                    cached: None,
                    cost: None,
                    request: request.clone(),
                    reply: None,
                    end: CallEnd::Open,
                };
                self.calls.insert(*call, row);
            }
            Event::CallFinished { call, cost, prompts, reply, .. } => {
                if let Some(row) = self.calls.get_mut(call) {
                    let sum = |part: fn(&PromptUse) -> u32| prompts.iter().map(|p| u64::from(part(p))).sum();
                    row.prompt_tokens = (!prompts.is_empty()).then(|| sum(|prompt| prompt.tokens));
                    row.cached = (!prompts.is_empty()).then(|| sum(|prompt| prompt.cached));
                    row.cost = Some(*cost);
                    row.reply = Some(reply.clone());
                    row.end = CallEnd::Done;
                }
            }
            Event::CallCancelled { call, cost, reply } => {
                if let Some(row) = self.calls.get_mut(call) {
                    row.cost = *cost;
                    row.reply.clone_from(reply);
                    row.end = CallEnd::Cancelled;
                }
            }
            Event::CallFailed { call, error, cost, .. } => {
                if let Some(row) = self.calls.get_mut(call) {
                    row.cost = *cost;
                    row.end = CallEnd::Failed { error: error.clone() };
                }
            }
            Event::Scored { .. } => {
                if let (Some(draft), Some(view)) = (&mut self.draft, &state.incumbent)
                    && draft.score.is_none()
                    && view.since == 0
                {
                    draft.score.clone_from(&view.score);
                }
                self.close_iteration(state);
            }
            Event::Decided { .. } => self.close_iteration(state),
            Event::Checked { .. }
            | Event::Proposed { .. }
            | Event::Voted { .. }
            | Event::Rescored { .. }
            | Event::Turned { .. }
            | events!(Run | Setting | Change | Person | Answer) => {}
        }
    }

    /// Takes over the point that the last event added to the timeline, if it did.
    fn close_iteration(&mut self, state: &State) {
        let Some(point) = state.timeline.get(self.timeline.len()) else { return };
        let draft = point.ruling.is_none();
        let candidates = if draft { &[] } else { state.candidates.as_slice() };
        let accepted = candidates
            .iter()
            .find(|view| view.verdict.as_ref().is_some_and(|verdict| verdict.ruling == Ruling::Accept));
        self.timeline.push(IterationRow {
            iteration: point.iteration,
            seq: point.seq,
            proposed: candidates.len(),
            usable: candidates.iter().filter(|view| view.view.is_some()).count(),
            ruling: point.ruling,
            total: point.total,
            best: point.best,
            human: point.human,
            accepted: accepted.and_then(|view| view.candidate.edit.as_ref()).map(Edit::summary),
            generated: state.total_cost().generated,
        });
    }
}
