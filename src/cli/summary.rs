//! What there is to say of a recorded session, gathered once for text and JSON alike.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::recovery::NoiseSummary;
use diagnose::losses::Stages;
use model::{Cost, ModelInfo};
use plan::Plan;
use session::{
    Answer, Event, Judgement, Manifest, Outcome, PayoffRow, Phase, PlanView, ProblemCard, Purpose, Record,
    RefinementStop, Score, Session, Settings, State, Vote, VoteTally, Votes,
    folds::{CallEnd, Calls, Iterations},
    state::{Alternative, FailedCall},
};

/// A plan with its score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct ScoredPlan {
    /// The iteration that brought it; 0 is the draft.
    pub iteration: u32,
    /// Its score, if it has one.
    pub score: Option<Score>,
    pub plan: Plan,
}

impl ScoredPlan {
    fn of(view: &PlanView) -> Self {
        Self { iteration: view.since, score: view.score.clone(), plan: view.plan.clone() }
    }
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

/// A recorded session, or its beginning, in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The record, and how far it was read.
    #[serde(flatten)]
    pub record: RecordSummary,
    /// The problem, without gold.
    pub problem: Option<ProblemCard>,
    /// The model, once it was ready.
    pub model: Option<ModelInfo>,
    /// All settings, seed included, as they were in the end.
    pub settings: Settings,
    /// How the session ended; none when it was not at its end.
    pub outcome: Option<Outcome>,
    /// Why refinement ended.
    pub refinement_stop: Option<RefinementStop>,
    /// How the plan came about.
    #[serde(flatten)]
    pub refinement: RefinementSummary,
    /// The answer, and whether it is right.
    #[serde(flatten)]
    pub answer: AnswerSummary,
    /// The cost by purpose.
    pub cost: Vec<CostRow>,
    /// The cost of everything.
    pub total: CostRow,
    /// All noise and what became of it; none where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<NoiseSummary>,
    /// Those that were made once more as well, in order.
    pub failed_calls: Vec<FailedCall>,
    /// All that were made, and how each ended.
    pub calls: Calls,
}

/// The record, and how far it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordSummary {
    /// Its directory.
    #[serde(serialize_with = "as_shown")]
    pub session: PathBuf,
    /// The manifest, which knows how the whole session ended.
    pub manifest: Manifest,
    /// Where and why the record ends too early.
    pub damage: Option<String>,
    /// Events read so far.
    pub events: u64,
    /// Events that can be read.
    pub events_recorded: u64,
    /// Milliseconds from the start to the last event read.
    pub at_ms: u64,
    /// The phase at that event.
    pub phase: Phase,
}

/// How the plan came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefinementSummary {
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
    pub timeline: Iterations,
    /// What each proposer has brought; empty before the first proposal.
    pub proposers: Vec<PayoffRow>,
}

/// The answer, and whether it is right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerSummary {
    /// The answer that the run ended with.
    pub answer: Option<Answer>,
    /// How the answer compares with gold. *Oracle*.
    pub judgement: Option<Judgement>,
    /// Whether each stage of the run is right. *Oracle*: only of a whole run that is over, and where that can be judged.
    pub oracle_stages: Option<Stages>,
}

impl Summary {
    /// Gathers what the events of `session` say up to and with number `at`, or all of them.
    pub fn of(session: &Session, at: Option<u64>) -> Self {
        let shown = session.records.iter().take_while(|record| at.is_none_or(|at| record.seq <= at));
        let Gathered { state, draft, timeline, calls } = Gathered::of(shown);
        let row = |purpose: Option<Purpose>, cost: Cost| {
            let own = || calls.iter().filter(|call| purpose.is_none_or(|p| p == call.purpose));
            let failed = own().filter(|call| matches!(call.end, CallEnd::Failed { .. })).count();
            CostRow { purpose, cost, failed, cache_known: own().any(|call| call.cached().is_some()) }
        };
        let cost = state.calls.cost.iter().map(|(purpose, cost)| row(Some(*purpose), *cost));
        Self {
            record: RecordSummary {
                session: session.path.clone(),
                manifest: session.manifest.clone(),
                damage: session.damage.as_ref().map(ToString::to_string),
                events: state.events,
                events_recorded: session.records.len() as u64,
                at_ms: state.at_ms,
                phase: state.phase,
            },
            cost: cost.collect(),
            total: row(None, state.total_cost()),
            noise: NoiseSummary::of(&state),
            refinement: RefinementSummary {
                draft,
                plan: answered_from(&state).map(ScoredPlan::of),
                votes: VoteSummary::of(&state.votes),
                alternatives: state.proposals.alternatives.iter().cloned().collect(),
                timeline,
                proposers: proposers(&state),
            },
            problem: state.problem,
            model: state.model,
            settings: state.settings,
            outcome: state.outcome,
            refinement_stop: state.refinement_stop,
            answer: AnswerSummary { answer: state.answer, judgement: state.judgement, oracle_stages: None },
            failed_calls: state.calls.failed.iter().cloned().collect(),
            calls,
        }
    }
}

/// What is folded over the record.
#[derive(Default)]
struct Gathered {
    state: State,
    draft: Option<ScoredPlan>,
    timeline: Iterations,
    calls: Calls,
}

impl Gathered {
    fn of<'a>(records: impl Iterator<Item = &'a Record>) -> Self {
        let mut all = Self::default();
        for record in records {
            all.state.apply(record);
            all.calls.receive(record);
            let incumbent = all.state.incumbent.as_ref();
            if let Event::Drafted { .. } = record.event {
                all.draft = incumbent.map(ScoredPlan::of);
            }
            if all.timeline.receive(&all.state)
                && all.timeline.len() == 1
                && let (Some(draft), Some(view)) = (&mut all.draft, incumbent)
                && draft.plan == view.plan
            {
                draft.score.clone_from(&view.score);
            }
        }
        all
    }
}

fn proposers(state: &State) -> Vec<PayoffRow> {
    if state.proposals.payoffs.total().tried == 0 {
        Vec::new()
    } else {
        state.proposals.payoffs.table(&state.settings)
    }
}

fn answered_from(state: &State) -> Option<&PlanView> {
    let hash = state.answer.as_ref().and_then(|answer| answer.plan);
    let mut views = state.best.iter().chain(&state.incumbent).chain(&state.votes.plans);
    views.find(|view| hash == Some(view.plan.hash())).or(state.best.as_ref()).or(state.incumbent.as_ref())
}
