//! Makes results again from what was recorded: an older version may have measured less of it, or judged otherwise, and gold
//! answers are corrected.

use rayon::prelude::*;

use super::{
    cell::Cell,
    columns::ResultRow,
    error::LabError,
    rejudge::{Again, Changed},
    store::Store,
};

/// What happened to the results of finished cells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reread {
    /// Those that say something else now.
    pub changed: usize,
    /// Those that say the same.
    pub same: usize,
    /// Those that stay as they were: their runs failed, or their sessions are not whole, or are of other runs.
    pub left: usize,
    /// Of the changed ones those with another verdict or value, in the order of the cells.
    pub verdicts: Vec<Changed>,
}

/// Makes the results of the finished ones among `cells` again from their recorded sessions, and judges their answers again. No
/// model is asked. Of several answers the one that was taken stays the one.
///
/// # Errors
/// When a result cannot be read or written.
pub fn reread(experiment: &str, cells: &[Cell], store: &Store) -> Result<Reread, LabError> {
    let fates: Vec<Option<(ResultRow, Option<Again>)>> =
        cells.par_iter().map(|cell| fate(experiment, cell, store)).collect::<Result<_, _>>()?;
    let mut reported = Reread::default();
    for (cell, (old, new)) in cells.iter().zip(fates).filter_map(|(cell, fate)| Some((cell, fate?))) {
        match new {
            Some(Again { row, .. }) if row == old => reported.same += 1,
            Some(Again { row, changed }) => {
                store.keep(&cell.id, &row)?;
                reported.changed += 1;
                reported.verdicts.extend(changed);
            }
            None => reported.left += 1,
        }
    }
    Ok(reported)
}

/// The result of a finished cell as it is, and as its session has it.
fn fate(
    experiment: &str,
    cell: &Cell,
    store: &Store,
) -> Result<Option<(ResultRow, Option<Again>)>, LabError> {
    let Some(old) = store.finished(&cell.id)? else { return Ok(None) };
    let again = if old.record.failure.is_some() { None } else { cell.judged_again(experiment, &old, store) };
    Ok(Some((old, again)))
}
