//! Several plans that take turns under one gate.

use serde::{Deserialize, Serialize};

use super::PlanView;

/// Two neighbours that may have swapped their plans.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Swap {
    /// The colder one; the other is the next.
    pub colder: u32,
    /// The probability with which they swap.
    pub probability: f64,
    /// The number drawn in 0..1 that was compared with it.
    pub draw: f64,
    /// Whether they did.
    pub swapped: bool,
}

/// Which plan of a population is refined next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// How many plans there are.
    pub members: u32,
    /// The place, from 0, that the incumbent takes.
    pub kept_at: u32,
    /// Swaps that are tried then, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub swaps: Vec<Swap>,
    /// The member that stands from now on, from 0.
    pub member: u32,
    /// One sentence with the numbers that decided.
    pub reason: String,
}

/// Plans that take turns; empty under a gate that refines one plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Population {
    /// The plans, each as it was when it last stood.
    pub members: Vec<PlanView>,
    /// Whose turn it is.
    pub at: u32,
    /// The number of iterations that were over when the turn was last passed on.
    pub turned: Option<u32>,
    /// Swaps that were tried.
    pub tried: u32,
    /// Those that were made.
    pub swapped: u32,
}

impl Population {
    /// Passes the turn on: keeps `incumbent`, makes the swaps, and returns the next incumbent. At first all
    /// members are the incumbent.
    pub(super) fn turn(&mut self, turn: &Turn, incumbent: &PlanView, finished: u32) -> PlanView {
        if self.members.len() != turn.members as usize {
            self.members = vec![incumbent.clone(); turn.members as usize];
        } else if let Some(place) = self.members.get_mut(turn.kept_at as usize) {
            *place = incumbent.clone();
        }
        for swap in &turn.swaps {
            self.tried += 1;
            let (colder, warmer) = (swap.colder as usize, swap.colder as usize + 1);
            if swap.swapped && warmer < self.members.len() {
                self.members.swap(colder, warmer);
                self.swapped += 1;
            }
        }
        self.at = turn.member;
        self.turned = Some(finished);
        self.members.get(turn.member as usize).unwrap_or(incumbent).clone()
    }
}
