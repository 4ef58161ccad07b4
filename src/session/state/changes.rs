//! A person's changes of the incumbent, and taking them back.

use super::History;
use plan::{Edit, NoiseSpec, Plan, revert};

/// How the incumbent was changed from outside refinement.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeKind {
    /// By hand.
    Hand(Edit),
    /// By noise.
    Noise(NoiseSpec),
}

/// One change of the incumbent from outside refinement.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The event that made it.
    pub seq: u64,
    /// By hand or by noise, and what exactly.
    pub kind: ChangeKind,
    before: Plan,
    after: Plan,
}

impl Change {
    /// Returns the change in a few words.
    pub fn summary(&self) -> String {
        match &self.kind {
            ChangeKind::Hand(edit) => edit.summary(),
            ChangeKind::Noise(spec) => format!("noise: {spec}"),
        }
    }

    /// Returns the plan before it.
    pub fn before(&self) -> &Plan {
        &self.before
    }
}

/// The changes that stand and those that were taken back, newest last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    done: History<Change>,
    undone: History<Change>,
}

impl Changes {
    /// Returns the change that is taken back next.
    pub(crate) fn undoable(&self) -> Option<&Change> {
        self.done.last()
    }

    /// Returns the change that is brought back next.
    pub fn redoable(&self) -> Option<&Change> {
        self.undone.last()
    }

    /// Returns the event of the change that is taken back next, and the edit of `current` that does it.
    ///
    /// # Errors
    /// A sentence that says why nothing can be taken back.
    pub fn undo(&self, current: &Plan) -> Result<(u64, Edit), String> {
        let change = self.undoable().ok_or("There is no hand edit or noise to undo.")?;
        revert(current, &change.before, &change.after)
            .map(|edit| (change.seq, edit))
            .map_err(|why| format!("\"{}\" cannot be undone: {why}.", change.summary()))
    }

    /// Returns the event of the change that is brought back next, and the edit of `current` that does it.
    ///
    /// # Errors
    /// A sentence that says why nothing can be brought back.
    pub fn redo(&self, current: &Plan) -> Result<(u64, Edit), String> {
        let change = self.redoable().ok_or("There is nothing undone to redo.")?;
        revert(current, &change.after, &change.before)
            .map(|edit| (change.seq, edit))
            .map_err(|why| format!("\"{}\" cannot be redone: {why}.", change.summary()))
    }

    /// Returns whether `plan` is what the last hand edit made of it.
    pub(super) fn by_hand(&self, plan: &Plan) -> bool {
        self.done.last().is_some_and(|change| match change.kind {
            ChangeKind::Hand(_) => change.after == *plan,
            ChangeKind::Noise(_) => false,
        })
    }

    pub(super) fn push(&mut self, seq: u64, kind: ChangeKind, before: Plan, after: Plan) {
        self.undone = History::default();
        self.done.push_back_mut(Change { seq, kind, before, after });
    }

    pub(super) fn undone(&mut self) {
        carry(&mut self.done, &mut self.undone);
    }

    pub(super) fn redone(&mut self) {
        carry(&mut self.undone, &mut self.done);
    }
}

/// Takes the newest change from one list to the other.
fn carry(from: &mut History<Change>, to: &mut History<Change>) {
    if let Some(change) = from.last().cloned() {
        from.drop_last_mut();
        to.push_back_mut(change);
    }
}
