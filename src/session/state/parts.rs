//! Parts of the state that are about one subject each.

use std::collections::BTreeMap;

use rpds::HashTrieMapSync;

use super::{
    History,
    recovery::Injection,
    views::{Alternative, FailedCall, RejectedEdit, Rulings},
};
use crate::{candidate::Drawn, event::CallId, payoff::Payoffs, purpose::Purpose};
use model::Cost;
use plan::{Chaos, PlanHash};

/// Calls to the model, and what they cost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallTotals {
    /// The running call.
    pub open: Option<(CallId, Purpose)>,
    /// How many calls were made, failed ones included.
    pub made: u32,
    /// What was spent, by purpose.
    pub cost: BTreeMap<Purpose, Cost>,
    /// Calls that failed, oldest first.
    pub failed: History<FailedCall>,
    /// The cost of the most expensive iteration so far.
    pub costliest_round: Cost,
    pub(super) purposes: HashTrieMapSync<CallId, Purpose>,
    /// What had been spent when the present iteration began.
    pub(super) round_start: Cost,
}

impl CallTotals {
    pub(super) fn begin(&mut self, call: CallId, purpose: Purpose) {
        self.open = Some((call, purpose));
        self.made = self.made.max(call.0);
        self.purposes.insert_mut(call, purpose);
    }

    pub(super) fn close(&mut self, call: CallId, cost: Cost) {
        self.open = self.open.filter(|(open, _)| *open != call);
        if let Some(purpose) = self.purposes.get(&call) {
            *self.cost.entry(*purpose).or_default() += cost;
        }
    }
}

/// Noise, scheduled and injected.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NoiseHistory {
    /// The schedule by which noise comes.
    pub schedule: Option<Chaos>,
    /// How often it came by that schedule.
    pub scheduled: u32,
    /// All injected noise, and how refinement recovered from it.
    pub injections: History<Injection>,
}

/// What became of candidates so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PastProposals {
    /// Candidates that were not taken, oldest first.
    pub rejected: History<RejectedEdit>,
    /// What each proposer has brought.
    pub payoffs: Payoffs,
    /// What the model wrote for candidates, for later texts to differ from.
    pub drawn: History<Drawn>,
    /// How many candidates met each ruling.
    pub rulings: Rulings,
    /// Candidates on which the numbers did not tell, oldest first. A person may take one up.
    pub alternatives: History<Alternative>,
    /// Every plan seen, with the iteration in which it first came up.
    pub seen: HashTrieMapSync<PlanHash, u32>,
}
