//! Whose turn it is, under the gates that refine several plans.

use super::rule;
use session::{PlanView, State, Swap, Turn};

/// What a rule says of the next turn.
pub(super) struct Next {
    pub kept_at: u32,
    pub swaps: Vec<Swap>,
    pub member: u32,
    pub reason: String,
}

/// A plan without a score is worth less than any with one.
pub(super) fn total(view: &PlanView) -> f64 {
    view.total().unwrap_or(f64::NEG_INFINITY)
}

/// Returns which plan is refined next; `None` under gates that refine one plan, and where the turn was passed on
/// already since the last iteration.
pub fn turn(state: &State) -> Option<Turn> {
    if state.population.turned == Some(state.finished_iterations()) {
        return None;
    }
    let (members, next) = rule(state.settings.gate).turns?;
    let Next { kept_at, swaps, member, reason } = next(state);
    Some(Turn { members, kept_at, swaps, member, reason })
}
