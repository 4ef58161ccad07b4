//! How far an experiment has come, by what lies on the disk alone.

use std::collections::BTreeMap;

use super::{cell::Shard, error::LabError, store::Store};

/// What became of the cells of a part so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExperimentProgress {
    /// Cells that are finished, and did not fail.
    pub finished: usize,
    /// Cells that failed.
    pub failed: usize,
    /// Cells that are still to be run.
    pub open: usize,
    /// Why cells failed, and how often.
    pub failures: BTreeMap<String, usize>,
}

impl ExperimentProgress {
    /// Returns how far `shard` of the experiment has come that ran last in `store`.
    ///
    /// # Errors
    /// When it is not noted which cells there are, or a result cannot be read.
    pub fn of(store: &Store, shard: Shard) -> Result<Self, LabError> {
        let (_, cells) = store.noted_cells()?;
        let mut progress = Self::default();
        for (cell, _) in cells.iter().filter(|(_, group)| shard.has_group(**group)) {
            match store.finished(cell)?.map(|row| row.record.failure) {
                Some(Some(why)) => {
                    progress.failed += 1;
                    *progress.failures.entry(why).or_default() += 1;
                }
                Some(None) => progress.finished += 1,
                None => progress.open += 1,
            }
        }
        Ok(progress)
    }

    /// Returns how many cells there are.
    pub fn cells(&self) -> usize {
        self.finished + self.failed + self.open
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        cell::{ModelId, grid},
        experiment::Experiment,
        testing::{row, with},
    };

    #[test]
    fn cells_are_counted_by_what_became_of_them() {
        let text = "name = 't'\nproblems = ['pens']\nseeds = [1, 2, 3]\narms = ['direct', 'draft']\n\
                    budgets = [{ meter = 'generated', values = [512] }]\n";
        let experiment = Experiment::parse(Path::new("t.toml"), text).unwrap();
        let model = ModelId { name: "m".into(), sha256: None, asked: "m".into() };
        let cells = grid(&experiment, &[model]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        assert!(matches!(ExperimentProgress::of(&store, Shard::WHOLE), Err(LabError::NotNoted(_))));
        store.note(&experiment, &cells).unwrap();
        store.keep(&cells[0].id, &row("direct", 1, Some(true))).unwrap();
        let failed = with(row("draft", 1, None), |row| row.record.failure = Some("no model".into()));
        store.keep(&cells[1].id, &failed).unwrap();
        let whole = ExperimentProgress::of(&store, Shard::WHOLE).unwrap();
        assert_eq!((whole.finished, whole.failed, whole.open, whole.cells()), (1, 1, 4, 6));
        assert_eq!(whole.failures, [("no model".to_owned(), 1)].into());
        let second = ExperimentProgress::of(&store, Shard { index: 1, of: 3 }).unwrap();
        assert_eq!((second.finished, second.failed, second.open), (0, 0, 2));
        store.forget(&cells[1].id).unwrap();
        assert_eq!(ExperimentProgress::of(&store, Shard { index: 0, of: 3 }).unwrap().open, 1);
    }
}
