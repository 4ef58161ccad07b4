//! Passive checks: what a record shows by itself. They ask no model, so they cost nothing and come out the same
//! each time.
//!
//! One file and one line of [`CHECKS`] each. All but `random_walk` and `null_edit` are lints: they name one habit that wastes a run, and
//! the event to look at.

pub(crate) mod checker_worse;
pub(crate) mod dearer;
pub(crate) mod departure;
pub(crate) mod dependency_cycle;
pub(crate) mod forced;
pub(crate) mod frozen_gate;
pub(crate) mod growth;
pub(crate) mod idle_proposers;
pub(crate) mod idle_scorer;
pub(crate) mod length_bias;
pub(crate) mod lucky_elite;
pub(crate) mod no_op;
mod noise;
pub(crate) mod null_edit;
pub(crate) mod one_item;
pub(crate) mod oracle;
pub(crate) mod overspent;
pub(crate) mod random_walk;
pub(crate) mod repeated_reject;
pub(crate) mod saturated_score;
mod share;
pub(crate) mod stray_number;
pub mod trace;
pub(crate) mod unsolved;
pub(crate) mod within_noise;

use super::CheckDoc;
use session::{Finding, Record, State};
pub use trace::RunTrace;

/// What passive checks cost.
pub(super) const FREE: &str = "nothing";

/// A recorded run, with what the checks read off it.
#[derive(Clone, Copy)]
pub struct RunCase<'a> {
    /// All events, in their order.
    pub records: &'a [Record],
    /// The state after them.
    pub state: &'a State,
    /// The same, step by step.
    pub trace: &'a RunTrace,
}

/// One passive check.
pub trait PassiveCheck: Sync {
    /// Returns what it is.
    fn doc(&self) -> CheckDoc;

    /// Returns what it finds.
    fn look(&self, case: &RunCase<'_>) -> Finding;
}

/// All passive checks, the gravest first.
pub const CHECKS: &[&dyn PassiveCheck] = &[
    &unsolved::Unsolved,
    &random_walk::RandomWalk,
    &null_edit::NullEdit,
    &within_noise::WithinNoise,
    &checker_worse::CheckerWorse,
    &stray_number::StrayNumber,
    &departure::Departure,
    &lucky_elite::LuckyElite,
    &frozen_gate::FrozenGate,
    &saturated_score::SaturatedScore,
    &oracle::Oracle,
    &idle_proposers::IdleProposers,
    &idle_scorer::IdleScorer,
    &dearer::Dearer,
    &overspent::Overspent,
    &forced::Forced,
    &growth::Growth,
    &length_bias::LengthBias,
    &one_item::OneItem,
    &repeated_reject::RepeatedReject,
    &no_op::NoOp,
    &dependency_cycle::DependencyCycle,
];

/// Returns what all passive checks called for by `wanted` find in a run: all its `records`, and the `state` after
/// them.
pub fn look(records: &[Record], state: &State, wanted: impl Fn(&str) -> bool) -> Vec<Finding> {
    let trace = RunTrace::of(records);
    let case = RunCase { records, state, trace: &trace };
    CHECKS.iter().filter(|check| wanted(check.doc().name)).map(|check| check.look(&case)).collect()
}
