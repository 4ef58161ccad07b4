//! What is derived from the current position, so that drawing a frame does not have to compute it.

use std::collections::{HashMap, HashSet};

use crate::core::{
    item_marks::{ItemMarks, collect},
    open_session::OpenSession,
    outline::Outline,
};
use plan::{DiffRow, ItemId, PlanDiff, diff};
use session::State;

/// What is derived from the current position. Kept up by [`Model::refresh`](crate::core::model::Model::refresh).
#[derive(Debug, Clone, Default)]
pub struct Derived {
    /// What the shown candidate changes.
    pub diff: PlanDiff,
    /// Items that the last decision changed.
    pub changed: HashSet<ItemId>,
    /// Where the checker's word on each item of the plan stands in its list.
    pub checked: HashMap<ItemId, usize>,
    /// What checker and answer say of each item.
    pub marks: HashMap<ItemId, ItemMarks>,
    /// The rows of the plan.
    pub outline: Outline,
    /// The position and the candidate that those above belong to.
    of: Option<(usize, usize)>,
}

impl Derived {
    /// Brings up to date all but the rows where the position or the candidate is another; returns whether it is.
    pub(crate) fn refresh(&mut self, session: &OpenSession, candidate: usize) -> bool {
        let place = Some((session.replay.position(), candidate));
        if self.of == place {
            return false;
        }
        self.of = place;
        let state = session.state();
        let new = state.candidates.get(candidate).and_then(|shown| shown.view.as_ref());
        self.diff = match (session.base(), new) {
            (Some(base), Some(new)) => diff(&base.plan, &new.plan),
            (None | Some(_), None) | (None, Some(_)) => PlanDiff::default(),
        };
        self.changed = last_change(state);
        let check = state.incumbent.as_ref().and_then(|view| view.check.as_ref());
        let items = check.map_or(&[][..], |check| &check.items);
        self.checked = items.iter().enumerate().map(|(at, checked)| (checked.item, at)).collect();
        self.marks = collect(state);
        true
    }
}

/// Returns the items that are new or different in the incumbent since the present iteration began.
fn last_change(state: &State) -> HashSet<ItemId> {
    let (Some(base), Some(now)) = (&state.base, &state.incumbent) else { return HashSet::new() };
    let changed = |row: DiffRow| match row {
        DiffRow::Changed { new, .. } | DiffRow::Moved { new, .. } | DiffRow::Added { new } => Some(new),
        DiffRow::Same { .. } | DiffRow::Removed { .. } => None,
    };
    let rows = diff(&base.plan, &now.plan).rows;
    rows.into_iter().filter_map(changed).map(|at| now.plan.items()[at].id).collect()
}
