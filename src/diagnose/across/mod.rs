//! Checks over several recorded sessions: what one run cannot tell of itself. They ask no model. One file and one
//! line of [`CHECKS`] each.

pub(crate) mod budget_mismatch;
pub(crate) mod coin_flip;
pub(crate) mod r_hat;
pub(crate) mod stability;

use super::{CheckDoc, passive::trace::RunTrace};
use session::{Finding, Record, Settings, State};

/// One of several recorded runs.
#[derive(Debug, Clone)]
pub struct RecordedRun {
    /// By which findings name it.
    pub name: String,
    /// The state after all its events.
    pub state: State,
    /// The same, step by step.
    pub trace: RunTrace,
}

impl RecordedRun {
    /// Returns the session called `name`: all its `records`, and the `state` after them.
    pub fn new(name: impl Into<String>, records: &[Record], state: &State) -> Self {
        Self { name: name.into(), state: state.clone(), trace: RunTrace::of(records) }
    }

    /// Returns the problem's reference; empty before there is one.
    pub fn problem(&self) -> &str {
        self.state.problem.as_ref().map_or("", |problem| &problem.reference)
    }

    /// Returns the settings without the seed: sessions in which they are the same differ by chance alone.
    fn arm(&self) -> Settings {
        Settings { seed: 0, paused: false, ..self.state.settings.clone() }
    }

    /// Returns the name of the model; empty before it is ready.
    fn model(&self) -> &str {
        self.state.model.as_ref().map_or("", |model| &model.name)
    }
}

/// One check over several sessions.
pub trait Across: Sync {
    /// Returns what it is.
    fn doc(&self) -> CheckDoc;

    /// Returns what it finds.
    fn look(&self, sessions: &[RecordedRun]) -> Finding;
}

/// All checks over several sessions.
pub const CHECKS: &[&dyn Across] =
    &[&coin_flip::CoinFlip, &stability::StabilityCheck, &r_hat::RHat, &budget_mismatch::BudgetMismatch];

/// Returns what all checks called for by `wanted` find over `sessions`.
pub fn look(sessions: &[RecordedRun], wanted: impl Fn(&str) -> bool) -> Vec<Finding> {
    CHECKS.iter().filter(|check| wanted(check.doc().name)).map(|check| check.look(sessions)).collect()
}

/// Returns sessions that differ only by their seeds, in groups of the same problem, model and settings. Of those with
/// the same seed only the first is taken, for the others repeat it.
fn replicates(sessions: &[RecordedRun]) -> Vec<Vec<&RecordedRun>> {
    let mut groups: Vec<Vec<&RecordedRun>> = Vec::new();
    for session in sessions {
        let same = |other: &&RecordedRun| {
            other.problem() == session.problem()
                && other.model() == session.model()
                && other.arm() == session.arm()
        };
        match groups.iter_mut().find(|group| group.first().is_some_and(same)) {
            Some(group) => {
                if group.iter().all(|other| other.state.settings.seed != session.state.settings.seed) {
                    group.push(session);
                }
            }
            None => groups.push(vec![session]),
        }
    }
    groups
}
