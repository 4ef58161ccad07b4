//! Two sessions side by side: where they part, iteration by iteration, and the outcome of each.
//!
//! Times say nothing here, nor does what depends on the machine: how long a call took, and how much of its prompt
//! was cached. What is missing in a session is absent, never 0.

mod aligned;
mod divergence;
mod words;

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;
use serde_json::Value;

use super::{
    answer::{Answer, Judgement},
    event::{Event, Outcome},
    format::{Manifest, Parent},
    journal::Journal,
    purpose::Purpose,
    reader::ReadError,
    replay::Replay,
    score::Ruling,
    settings::Settings,
    state::State,
};
pub use aligned::{ItemRow, RowKind, item_rows};
pub use divergence::{Divergence, EventNote};
use model::Cost;
use plan::{Edit, Plan};

/// One of the two sessions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Its name: that of its directory.
    pub name: String,
    /// The problem's reference.
    pub problem: String,
    /// The problem in a few words.
    pub title: String,
    /// The model as it was asked for.
    pub model: String,
    /// The session that it was forked from.
    pub parent: Option<Parent>,
    /// Events that can be read.
    pub events: u64,
    /// Where and why the record ends too early.
    pub damage: Option<String>,
    /// How it ended; absent where it did not.
    pub outcome: Option<Outcome>,
    /// The plan that it was answered from or, before that, would be.
    #[serde(skip)]
    pub plan: Option<Plan>,
    /// The total of that plan.
    pub total: Option<f64>,
    /// The answer that the run ended with.
    pub answer: Option<Answer>,
    /// How the answer compares with gold. *Oracle*.
    pub judgement: Option<Judgement>,
    /// What its calls cost.
    #[serde(flatten)]
    pub spent: SideSpending,
}

/// What the calls of one side cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideSpending {
    /// What calls cost that came back; absent where none did.
    pub cost: Option<Cost>,
    /// The same by purpose.
    pub cost_by_purpose: BTreeMap<Purpose, Cost>,
    /// Whether the numbers of cached tokens are known; servers may not tell.
    pub cache_known: bool,
    /// Calls that failed. What they cost is not known.
    pub failed_calls: usize,
}

/// What one session made of an iteration; the draft is iteration 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    /// The event that closed it.
    pub seq: u64,
    /// The incumbent's total afterwards.
    pub total: Option<f64>,
    /// The best total so far.
    pub best: Option<f64>,
    /// What the gate made of the most promising candidate; absent for the draft.
    pub ruling: Option<Ruling>,
    /// The accepted edit in one line.
    pub accepted: Option<String>,
    /// Whether a person had a hand in it.
    pub human: bool,
    /// Tokens drawn since the session began; absent where no call came back.
    pub generated: Option<u64>,
    /// The incumbent afterwards.
    #[serde(skip)]
    pub plan: Option<Plan>,
}

/// An iteration of both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Its number; 0 is the draft.
    pub iteration: u32,
    /// What the left session made of it; absent where it did not get that far.
    pub left: Option<Stage>,
    /// What the right one made of it.
    pub right: Option<Stage>,
    /// Whether their plans differ afterwards; absent where one of them has none.
    pub plans_differ: Option<bool>,
}

/// A setting in which the sessions differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Its name, such as `gate.rule`.
    pub key: String,
    /// Its value at the left; absent where it is not set.
    pub left: Option<Value>,
    /// Its value at the right; absent where it is not set.
    pub right: Option<Value>,
}

/// Two sessions side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The first session.
    pub left: Side,
    /// The second one.
    pub right: Side,
    /// The settings that differ, problem and model among them.
    pub settings: Vec<Difference>,
    /// The first event in which the records differ; absent where they are the same.
    pub records: Option<Divergence>,
    /// The first thing that came out differently: a plan, a proposal, a score, a decision, an answer. What only
    /// steers a run (calls, pauses, the fork itself) is passed over.
    pub outcomes: Option<Divergence>,
    /// The draft and every iteration that is over in one of them.
    pub iterations: Vec<Pair>,
    /// The final plans item by item; absent where one of them has no plan.
    pub plans: Option<Vec<ItemRow>>,
}

/// A session to be compared.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The name of its directory.
    pub name: String,
    /// What it is a record of.
    pub manifest: Manifest,
    /// Where and why its events end too early.
    pub damage: Option<String>,
    /// Its events.
    pub replay: Replay,
}

impl Compared {
    /// Opens the session in the directory `path`.
    ///
    /// # Errors
    /// See [`ReadError`]. Damaged events are no error: the session then ends before the damage.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let journal = Journal::open(path)?;
        Ok(Self {
            name: super::name_of(path),
            manifest: journal.manifest().clone(),
            damage: journal.damage().map(ToString::to_string),
            replay: journal.into_replay(),
        })
    }
}

/// Compares two sessions. Reads all events of both, and keeps one plan an iteration.
///
/// # Errors
/// When a session cannot be read at all. An event that cannot be read ends its session there, as damage does.
pub fn compare(left: &Compared, right: &Compared) -> Result<Comparison, ReadError> {
    let (first, second) = (Trace::of(left)?, Trace::of(right)?);
    let plans = first.side.plan.as_ref().zip(second.side.plan.as_ref());
    let records = divergence::first(&left.replay, &right.replay, |_| true)?;
    // Equal records have equal outcomes.
    let outcomes = match &records {
        Some(_) => divergence::first(&left.replay, &right.replay, divergence::comes_out)?,
        None => None,
    };
    Ok(Comparison {
        settings: differences(&first, &second),
        records,
        outcomes,
        plans: plans.map(|(old, new)| item_rows(old, new)),
        iterations: pairs(first.stages, second.stages),
        left: first.side,
        right: second.side,
    })
}

/// What there is to tell of one session.
struct Trace {
    side: Side,
    settings: Settings,
    stages: BTreeMap<u32, Stage>,
}

impl Trace {
    fn of(compared: &Compared) -> Result<Self, ReadError> {
        let Compared { name, manifest, damage, replay } = compared;
        let (mut stages, mut closed) = (BTreeMap::new(), 0);
        let (mut finished, mut cache_known, mut damage) = (0_u64, false, damage.clone());
        let mut walk = replay.walk(0..replay.len())?;
        loop {
            let (state, record) = match walk.step() {
                Ok(Some(step)) => step,
                Ok(None) => break,
                Err(error) => {
                    damage = Some(error.to_string());
                    break;
                }
            };
            if let Event::CallFinished { prompts, .. } = &record.event {
                finished += 1;
                cache_known |= !prompts.is_empty();
            }
            if state.timeline.len() > closed {
                closed = state.timeline.len();
                stages.extend(stage(state, finished > 0));
            }
        }
        let state = walk.state();
        let plan = final_plan(state);
        let side = Side {
            name: name.clone(),
            problem: manifest.problem.clone(),
            title: manifest.title.clone(),
            model: manifest.model.clone(),
            parent: manifest.parent.clone(),
            events: state.events,
            damage,
            outcome: state.outcome.clone(),
            total: plan.and_then(super::PlanView::total),
            plan: plan.map(|view| view.plan.clone()),
            answer: state.answer.clone(),
            judgement: state.judgement.clone(),
            spent: SideSpending {
                cost: (finished > 0).then(|| state.total_cost()),
                cost_by_purpose: state.calls.cost.clone(),
                cache_known,
                failed_calls: state.calls.failed.len(),
            },
        };
        Ok(Self { side, settings: state.settings.clone(), stages })
    }
}

/// The iteration that was closed last.
fn stage(state: &State, calls_known: bool) -> Option<(u32, Stage)> {
    let point = state.timeline.last()?;
    let taken = |view: &&super::CandidateView| {
        view.verdict.as_ref().is_some_and(|verdict| verdict.ruling == Ruling::Accept)
    };
    let accepted = point.ruling.and_then(|_| state.candidates.iter().find(taken));
    let stage = Stage {
        seq: point.seq,
        total: point.total,
        best: point.best,
        ruling: point.ruling,
        accepted: accepted.and_then(|view| view.candidate.edit.as_ref()).map(Edit::summary),
        human: point.human,
        generated: calls_known.then(|| state.total_cost().generated),
        plan: state.incumbent.as_ref().map(|view| view.plan.clone()),
    };
    Some((point.iteration, stage))
}

/// The plan that was answered from, or would be.
fn final_plan(state: &State) -> Option<&super::PlanView> {
    let hash = state.answer.as_ref().and_then(|answer| answer.plan);
    let mut views = state.best.iter().chain(&state.incumbent);
    views.find(|view| hash == Some(view.plan.hash())).or_else(|| state.answer_plan())
}

fn pairs(mut left: BTreeMap<u32, Stage>, mut right: BTreeMap<u32, Stage>) -> Vec<Pair> {
    let mut numbers: Vec<u32> = left.keys().chain(right.keys()).copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    let pair = |iteration| {
        let (left, right) = (left.remove(&iteration), right.remove(&iteration));
        let hash = |stage: &Option<Stage>| Some(stage.as_ref()?.plan.as_ref()?.hash());
        let plans_differ = hash(&left).zip(hash(&right)).map(|(one, other)| one != other);
        Pair { iteration, left, right, plans_differ }
    };
    numbers.into_iter().map(pair).collect()
}

fn differences(left: &Trace, right: &Trace) -> Vec<Difference> {
    let (left, right) = (flat(left), flat(right));
    let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let differing = keys.into_iter().filter(|key| left.get(*key) != right.get(*key));
    differing
        .map(|key| Difference {
            key: key.clone(),
            left: left.get(key).cloned(),
            right: right.get(key).cloned(),
        })
        .collect()
}

/// All settings by their full names. Those that are not set are left out.
fn flat(trace: &Trace) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    all.insert("problem".to_owned(), Value::from(trace.side.problem.clone()));
    all.insert("model".to_owned(), Value::from(trace.side.model.clone()));
    // Settings are plain data with names for keys, which can always be put as JSON.
    flatten("", serde_json::to_value(&trace.settings).unwrap_or_default(), &mut all);
    all
}

fn flatten(name: &str, value: Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let name = if name.is_empty() { key } else { format!("{name}.{key}") };
                flatten(&name, value, into);
            }
        }
        Value::Null => {}
        value @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            into.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests;
