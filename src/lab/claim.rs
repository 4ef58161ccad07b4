//! Who runs a cell. Any number of processes may run an experiment in one folder; each cell is claimed by one of them, which
//! holds a lock on a file next to its result. The system gives it back however the process ends. Where the file system has
//! no locks, as some clusters' have not, nobody is kept from anything: the parts of an array share no cell.

use std::{
    fs::{self, File, TryLockError},
    path::PathBuf,
};

use super::{cell::CellId, error::LabError, store::Store};

/// Held while it is settled who runs a cell.
const TURN: &str = ".lock";

/// The result of claiming a cell.
#[derive(Debug)]
pub(super) enum Claim {
    /// It is to be run; nobody else does until this is dropped.
    Mine(Claimed),
    /// It has a result.
    Finished,
    /// Another process runs it.
    Taken,
}

/// A cell that this process runs.
#[derive(Debug)]
pub(super) struct Claimed {
    store: Store,
    path: PathBuf,
    _lock: File,
}

impl Store {
    /// Claims a cell, and clears away the session of a run that did not finish. One that failed is run again under
    /// `retry`.
    ///
    /// # Errors
    /// When files cannot be read, made or removed.
    pub(super) fn claim(&self, id: &CellId, retry: bool) -> Result<Claim, LabError> {
        let _turn = self.turn()?;
        let path = self.dir().join("cells").join(format!("{id}.lock"));
        let lock = open(&path)?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Ok(Claim::Taken);
        }
        match self.finished(id)? {
            Some(row) if row.record.failure.is_none() || !retry => {
                // Best effort, as below: a file that nobody holds is in nobody's way.
                let _ = fs::remove_file(&path);
                return Ok(Claim::Finished);
            }
            Some(_) => self.forget(id)?,
            None => {}
        }
        let (session, _) = self.session(id);
        if session.exists() {
            fs::remove_dir_all(&session).map_err(LabError::io("clearing", &session))?;
        }
        Ok(Claim::Mine(Claimed { store: self.clone(), path, _lock: lock }))
    }

    fn turn(&self) -> Result<File, LabError> {
        let turn = open(&self.dir().join(TURN))?;
        drop(turn.lock());
        Ok(turn)
    }
}

fn open(path: &PathBuf) -> Result<File, LabError> {
    File::options().create(true).truncate(false).write(true).open(path).map_err(LabError::io("locking", path))
}

impl Drop for Claimed {
    fn drop(&mut self) {
        // In turn, so that nobody opens the file before it is gone and locks it then.
        if let Ok(_turn) = self.store.turn() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, with};

    fn id() -> CellId {
        CellId("direct0".to_owned())
    }

    fn taken(store: &Store) -> bool {
        matches!(store.claim(&id(), false).unwrap(), Claim::Taken)
    }

    #[test]
    fn a_cell_is_one_process_s_until_it_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let Claim::Mine(claimed) = store.claim(&id(), false).unwrap() else { panic!("it is free") };
        assert!(taken(&store));
        drop(claimed);
        assert_eq!(fs::read_dir(dir.path().join("cells")).unwrap().count(), 0);
        assert!(!taken(&store));
    }

    #[test]
    fn the_session_of_a_finished_cell_is_left_alone_and_that_of_a_dead_run_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let (session, _) = store.session(&id());
        fs::create_dir(&session).unwrap();
        drop(store.claim(&id(), false).unwrap());
        assert!(!session.exists());
        fs::create_dir(&session).unwrap();
        store.keep(&id(), &row("direct", 0, Some(true))).unwrap();
        assert!(matches!(store.claim(&id(), true).unwrap(), Claim::Finished) && session.exists());
        let failed = with(row("direct", 0, None), |row| row.record.failure = Some("why".to_owned()));
        store.keep(&id(), &failed).unwrap();
        assert!(matches!(store.claim(&id(), false).unwrap(), Claim::Finished) && session.exists());
        let Claim::Mine(_claimed) = store.claim(&id(), true).unwrap() else { panic!("it is run again") };
        assert!(!session.exists() && store.finished(&id()).unwrap().is_none());
    }
}
