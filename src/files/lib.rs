//! Writes files so that a reader sees either what was there before or all of what is there now.
//!
//! ```
//! use planscope_files::{Durability, write_whole};
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("notes.txt");
//! write_whole(&file, b"first", Durability::Buffered)?;
//! write_whole(&file, b"second", Durability::Synced)?;
//! assert_eq!(std::fs::read(&file)?, b"second");
//! # Ok::<(), std::io::Error>(())
//! ```

use std::{fs, io, io::Write, path::Path};

/// Unfinished files begin with this, so that whoever lists a folder can tell them from the others.
const UNFINISHED: &str = ".unfinished-";

/// What a written file survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The end of this process. The system writes to the disk when it likes.
    Buffered,
    /// A power cut as well: bytes and name are on the disk when the call returns.
    Synced,
}

/// Puts `bytes` at `path`: they are written under another name in the same folder, which then becomes the file. A device
/// or a pipe is written to and never replaced.
///
/// # Errors
/// When the folder or the file cannot be written; what was there before stays.
pub fn write_whole(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    if path.metadata().is_ok_and(|known| !known.is_file()) {
        return fs::write(path, bytes);
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let mut unfinished = tempfile::Builder::new();
    unfinished.prefix(UNFINISHED);
    // What others may read is the system's to say, as with any file.
    #[cfg(unix)]
    unfinished.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = unfinished.tempfile_in(folder)?;
    file.write_all(bytes)?;
    match durability {
        Durability::Buffered => file.persist(path).map(drop)?,
        Durability::Synced => {
            file.as_file().sync_all()?;
            file.persist(path)?;
            #[cfg(unix)]
            fs::File::open(folder)?.sync_all()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Durability; 2] = [Durability::Buffered, Durability::Synced];

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_behind() {
        for durability in BOTH {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("cell.json");
            fs::write(&file, b"a longer text that was there before").unwrap();
            write_whole(&file, b"{}", durability).unwrap();
            assert_eq!(fs::read(&file).unwrap(), b"{}");
            assert_eq!(names(folder.path()), ["cell.json"]);
        }
    }

    #[test]
    fn what_cannot_be_replaced_leaves_what_was_there() {
        for durability in BOTH {
            let folder = tempfile::tempdir().unwrap();
            let missing = folder.path().join("missing").join("cell.json");
            assert_eq!(write_whole(&missing, b"{}", durability).unwrap_err().kind(), io::ErrorKind::NotFound);
            let taken = folder.path().join("taken");
            fs::create_dir(&taken).unwrap();
            fs::write(taken.join("held"), b"").unwrap();
            assert!(write_whole(&taken, b"{}", durability).is_err());
            assert_eq!(names(folder.path()), ["taken"]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_what_they_may_read_of_any_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (ours, usual) = (folder.path().join("ours"), folder.path().join("usual"));
        write_whole(&ours, b"", Durability::Synced).unwrap();
        fs::write(&usual, b"").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&usual));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to() {
        write_whole(Path::new("/dev/null"), b"gone", Durability::Synced).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
