//! Whose turn it is, under the gates that refine several plans.

use super::{Parameter, find};
use session::{GateSettings, PlanView, State, Turn};

/// More plans than this would each be refined too seldom to be useful.
const MOST: u32 = 64;

/// Returns whether a gate can refine as many plans as `parameter` says.
pub(super) fn is_size(parameter: Parameter, gate: &GateSettings) -> bool {
    (2..=MOST).contains(&parameter.count_of(gate))
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
    find(&state.settings.gate)?.next_turn(state)
}
