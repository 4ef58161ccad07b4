//! Directories that appear whole: made under another name next to their place, and put there when all is in them.

use std::{fs, io, path::Path, time::Duration};

use tempfile::TempDir;

/// How a directory is called until it is whole, so that nobody takes half of a session for one.
const STAGED: &str = ".new-";
/// How old a directory must be that was never made whole, so that nobody can be at it any more.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Makes a directory in `parent`, which is made too where it is not there. It vanishes unless it is [`put`].
pub(super) fn stage(parent: &Path) -> io::Result<TempDir> {
    fs::create_dir_all(parent)?;
    clear_abandoned(parent);
    let mut staged = tempfile::Builder::new();
    staged.prefix(STAGED);
    // What others may read is the system's to say, as with any directory.
    #[cfg(unix)]
    staged.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    staged.tempdir_in(parent)
}

/// Puts a directory in its place, whole; [`io::ErrorKind::AlreadyExists`] where there is something.
pub(super) fn put(staged: TempDir, place: &Path) -> io::Result<()> {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
    fs::rename(staged.path(), place).map_err(|error| {
        let taken = matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | NotADirectory);
        if taken { AlreadyExists.into() } else { error }
    })?;
    // Where it was there is nothing to be cleared away any more.
    let _ = staged.keep();
    Ok(())
}

/// Removes what processes left in `parent` that were killed while they made a session. Best effort.
fn clear_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let staged = entry.file_name().to_str().is_some_and(|name| name.starts_with(STAGED));
        let age = || entry.metadata().and_then(|data| data.modified()).ok()?.elapsed().ok();
        if staged && age().is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_cleared_when_it_is_old() {
        let base = tempfile::tempdir().unwrap();
        let [old, new] = [".new-old", ".new-new"].map(|name| base.path().join(name));
        for dir in [&old, &new] {
            fs::create_dir(dir).unwrap();
        }
        let then = std::time::SystemTime::now() - 2 * ABANDONED;
        fs::File::open(&old).unwrap().set_modified(then).unwrap();
        drop(stage(base.path()).unwrap());
        assert!(!old.exists() && new.exists(), "somebody may just be making it");
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1, "what is not put vanishes");
        assert_eq!(crate::list(base.path()).unwrap().len(), 0);
    }

    #[test]
    fn what_is_there_stays() {
        let base = tempfile::tempdir().unwrap();
        let place = base.path().join("s");
        for taken in [false, true] {
            let staged = stage(base.path()).unwrap();
            fs::write(staged.path().join("file"), if taken { "second" } else { "first" }).unwrap();
            let kind = put(staged, &place).map_err(|error| error.kind());
            assert_eq!(kind, if taken { Err(io::ErrorKind::AlreadyExists) } else { Ok(()) });
        }
        assert_eq!(fs::read_to_string(place.join("file")).unwrap(), "first");
    }
}
