//! How refinement recovers from injected noise.

use super::{History, views::PlanView};
use plan::{NoiseSpec, Plan, distance};

/// Totals this close are the same.
pub(super) const SAME: f64 = 1e-9;

/// One point of a recovery curve.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct RecoveryPoint {
    pub iteration: u32,
    /// The incumbent's total after it.
    pub total: Option<f64>,
    /// How far the incumbent is from the plan before the noise (see [`distance()`]).
    pub distance: f64,
}

/// Noise that was injected, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Injection {
    /// The event that recorded it.
    pub seq: u64,
    /// The iteration, finished or running.
    pub iteration: u32,
    /// What was asked for.
    pub spec: NoiseSpec,
    /// Whether it came by schedule.
    pub scheduled: bool,
    /// The incumbent's total before.
    pub total_before: Option<f64>,
    /// The total of the corrupted plan; absent before it was scored.
    pub total_after: Option<f64>,
    /// How far the corrupted plan is from the one before.
    pub distance: f64,
    /// One point for each iteration that ended since, up to the next injection.
    pub curve: History<RecoveryPoint>,
    /// The first iteration before the next injection after which the total was at least what it had been;
    /// absent if that is not yet so, or is unknown.
    pub regained: Option<u32>,
    before: Plan,
}

impl Injection {
    pub(super) fn new(
        (seq, iteration): (u64, u32),
        spec: NoiseSpec,
        scheduled: bool,
        before: &PlanView,
        after: &Plan,
    ) -> Self {
        Self {
            seq,
            iteration,
            spec,
            scheduled,
            total_before: before.total(),
            total_after: None,
            distance: distance(&before.plan, after),
            curve: History::default(),
            regained: None,
            before: before.plan.clone(),
        }
    }

    /// Returns the plan before the noise.
    pub fn before(&self) -> &Plan {
        &self.before
    }

    /// Returns it with the score that the corrupted plan got.
    pub(super) fn scored(mut self, total: Option<f64>) -> Self {
        if self.total_after.is_none() && self.curve.is_empty() {
            self.total_after = total;
        }
        self
    }

    /// Returns it with the incumbent as it stands at the end of an iteration.
    pub(super) fn followed(mut self, iteration: u32, incumbent: &PlanView) -> Self {
        let total = incumbent.total();
        let back = self.total_before.zip(total).is_some_and(|(before, now)| now >= before - SAME);
        if back && self.regained.is_none() {
            self.regained = Some(iteration);
        }
        let distance = distance(&self.before, &incumbent.plan);
        self.curve.push_back_mut(RecoveryPoint { iteration, total, distance });
        self
    }
}
