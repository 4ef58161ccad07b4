//! Makes rows anew from what was recorded: an older version may have measured less of it.

use rayon::prelude::*;

use super::{Cell, LabError, Row, Store};
use crate::session::{Session, State};

/// What became of the rows of finished cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reread {
    /// Those that say something else now.
    pub changed: usize,
    /// Those that say the same.
    pub same: usize,
    /// Those that stay as they were: their runs failed, or their sessions are not whole.
    pub left: usize,
}

/// Makes the rows of the finished ones among `cells` anew from their recorded sessions. No model is asked.
///
/// # Errors
/// When a result cannot be read or written.
pub fn reread(experiment: &str, cells: &[Cell], store: &Store) -> Result<Reread, LabError> {
    let fates: Vec<Option<(Row, Option<Row>)>> =
        cells.par_iter().map(|cell| row_of(experiment, cell, store)).collect::<Result<_, _>>()?;
    let mut told = Reread::default();
    for (cell, (old, new)) in cells.iter().zip(fates).filter_map(|(cell, fate)| Some((cell, fate?))) {
        match new {
            Some(new) if new == old => told.same += 1,
            Some(new) => {
                store.keep(&cell.id, &new)?;
                told.changed += 1;
            }
            None => told.left += 1,
        }
    }
    Ok(told)
}

/// The row of a finished cell as it is, and as its session has it.
fn row_of(experiment: &str, cell: &Cell, store: &Store) -> Result<Option<(Row, Option<Row>)>, LabError> {
    let Some(old) = store.finished(&cell.id)? else { return Ok(None) };
    if old.failure.is_some() {
        return Ok(Some((old, None)));
    }
    let (dir, name) = store.session(&cell.id);
    let new = Session::open(&dir).ok().filter(|session| session.damage.is_none()).and_then(|session| {
        let state = State::replay(&session.records);
        state.outcome.is_some().then(|| Row::of(cell, experiment, name, &session.records, &state))
    });
    Ok(Some((old, new)))
}
