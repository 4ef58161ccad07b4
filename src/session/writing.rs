//! Whether a session is still being written: its writer holds a lock on a file next to the events for as long as it lives.
//! The system gives the lock back however the process ends. Where the file system has no locks, nobody can tell.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

/// The file that the writer of a session holds; gone once the session has ended.
pub(crate) const LOCK_FILE: &str = "writer.lock";

/// Makes the lock of the session in the directory `session` and holds it.
pub(super) fn hold(session: &Path) -> io::Result<File> {
    let file = File::create(session.join(LOCK_FILE))?;
    // Nobody else knows of the session yet. A file system without locks is no reason not to record.
    drop(file.try_lock());
    Ok(file)
}

/// Returns whether a process is writing the session in the directory `session`; `None` where that is not known: it has
/// ended, or was written without a lock.
pub fn is_being_written(session: &Path) -> Option<bool> {
    let file = File::open(session.join(LOCK_FILE)).ok()?;
    match file.try_lock_shared() {
        Ok(()) => Some(false),
        Err(TryLockError::WouldBlock) => Some(true),
        Err(TryLockError::Error(_)) => None,
    }
}

/// Returns how it stands with a session in the directory `session` that has no end.
pub fn standing(session: &Path) -> &'static str {
    match is_being_written(session) {
        Some(true) => "still being written by another process; what was recorded until now is shown",
        Some(false) => "unfinished: cut off, since the process that wrote it is gone",
        None => "unfinished: the record stops before the session ended",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jiff::Timestamp;

    use super::*;
    use crate::{
        event::{Outcome, ProblemCard},
        format::Manifest,
        writer::SessionWriter,
    };

    fn begun(dir: &Path) -> SessionWriter {
        let problem = ProblemCard {
            reference: "pens".to_owned(),
            title: "Pens".to_owned(),
            family: "math".to_owned(),
            text: "How many pens?".to_owned(),
            has_gold: false,
        };
        SessionWriter::create(dir, Manifest::new(&problem, "scripted", 1, Timestamp::UNIX_EPOCH)).unwrap()
    }

    #[test]
    fn a_session_says_whether_somebody_writes_it() {
        let base = tempfile::tempdir().unwrap();
        let [cut, ended, old] = ["cut", "ended", "old"].map(|name| base.path().join(name));
        let writer = begun(&cut);
        assert_eq!(is_being_written(&cut), Some(true));
        assert!(standing(&cut).starts_with("still being written"));
        drop(writer);
        assert_eq!(is_being_written(&cut), Some(false));
        assert!(standing(&cut).starts_with("unfinished: cut off"));
        begun(&ended).finish(&Outcome::Answered).unwrap();
        assert_eq!((is_being_written(&ended), ended.join(LOCK_FILE).exists()), (None, false));
        drop(begun(&old));
        fs::remove_file(old.join(LOCK_FILE)).unwrap();
        assert!(standing(&old).starts_with("unfinished: the record stops"), "an older version made no lock");
    }
}
