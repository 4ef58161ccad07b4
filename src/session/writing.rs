//! Whether a session is still being written: its writer holds a lock on a file beside the events for as long as it lives.
//! The system gives the lock back however the process ends. Where the file system has no locks, nobody can tell.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

/// The file that the writer of a session holds; gone once the session has ended.
pub const LOCK_FILE: &str = "writer.lock";

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
