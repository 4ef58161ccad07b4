//! The rows of the tree, in the order of the record.

use std::path::Path;

use crate::core::{
    model::Model,
    overview::{Mark, MarkKind, Reject, Taken},
    session_rows::Row as SessionRow,
};
use session::folds::Iteration;

/// One row: a plan of the trunk, or something that branches off the plan above it.
#[derive(Debug, Clone, Copy)]
pub(super) enum TreeRow<'a> {
    /// The draft: the trunk begins.
    Draft(&'a Iteration),
    /// A candidate that was taken: the trunk continues with it.
    Taken(&'a Taken),
    /// What else changed the plan, or where a fork began: part of the trunk.
    Mark(&'a Mark),
    /// A candidate that was not taken: a branch of its own.
    Reject(&'a Reject),
    /// A session that was forked here.
    Fork(&'a SessionRow, u64),
}

impl TreeRow<'_> {
    /// Returns the event that recorded it.
    pub fn seq(&self) -> u64 {
        match self {
            Self::Draft(iteration) => iteration.seq,
            Self::Taken(taken) => taken.seq,
            Self::Mark(mark) => mark.seq,
            Self::Reject(reject) => reject.seq,
            Self::Fork(_, at) => *at,
        }
    }

    /// Returns whether it is part of the trunk.
    pub const fn is_trunk(&self) -> bool {
        match self {
            Self::Draft(_) | Self::Taken(_) | Self::Mark(_) => true,
            Self::Reject(_) | Self::Fork(..) => false,
        }
    }

    /// Where it stands among rows of the same event: candidates branch off before the one that was taken, forks after it.
    const fn rank(&self) -> u8 {
        match self {
            Self::Reject(_) => 0,
            Self::Draft(_) | Self::Taken(_) | Self::Mark(_) => 1,
            Self::Fork(..) => 2,
        }
    }
}

/// Returns all rows of the session that is shown; `sessions` are those of its folder.
pub(super) fn rows<'a>(model: &'a Model, sessions: &'a [SessionRow]) -> Vec<TreeRow<'a>> {
    let overview = &model.session.overview;
    let draft = overview.iterations.first().filter(|iteration| iteration.number == 0);
    let mut rows: Vec<TreeRow<'a>> = draft.map(TreeRow::Draft).into_iter().collect();
    rows.extend(overview.rejects.iter().map(TreeRow::Reject));
    rows.extend(overview.taken.iter().map(TreeRow::Taken));
    rows.extend(overview.marks().filter(|mark| is_of_trunk(mark.kind)).map(TreeRow::Mark));
    let name = model
        .background
        .sessions
        .here
        .as_deref()
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy());
    let forks = sessions.iter().filter_map(|row| {
        let parent = row.manifest.as_ref().ok()?.parent.as_ref()?;
        (name.as_deref() == Some(&*parent.session)).then_some(TreeRow::Fork(row, parent.at))
    });
    rows.extend(forks);
    rows.sort_by_key(|row| (row.seq(), row.rank()));
    rows
}

/// Returns the place of the plan of the trunk that stands at the current position.
pub(super) fn current(model: &Model, rows: &[TreeRow<'_>]) -> Option<usize> {
    let position = model.session.replay.position() as u64;
    rows.iter().rposition(|row| row.is_trunk() && row.seq() < position)
}

const fn is_of_trunk(kind: MarkKind) -> bool {
    match kind {
        MarkKind::Forked
        | MarkKind::Chaos
        | MarkKind::Noise
        | MarkKind::Hand
        | MarkKind::Undone
        | MarkKind::Redone => true,
        MarkKind::SideAnswer | MarkKind::Shadow(_) => false,
    }
}
