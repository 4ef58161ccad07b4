//! A file that is still arriving: what came so far, its running checksum, and where to resume.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::{
    ModelError,
    store::{hex, read_in_pieces, write_json},
};

/// What is stored next to the arriving file. The bytes themselves can be continued from any source, as all
/// of them serve the same file; a source in pieces also needs to know where its pieces ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct PartProgress {
    /// The checksum that the whole is to have.
    sha256: Option<String>,
    /// Pieces that are wholly there.
    pieces: usize,
    /// Where the last of them ended.
    bytes: u64,
}

/// A file that is still arriving.
pub(super) struct PartFile {
    path: PathBuf,
    file: File,
    hasher: Context,
    len: u64,
    progress: PartProgress,
}

/// Where to resume from what has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resume {
    /// At the beginning, whatever is there.
    Start,
    /// After the last byte.
    #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "only a hub can resume anywhere"))]
    LastByte,
    /// After the last whole piece.
    LastPiece,
}

impl PartFile {
    /// Opens what has arrived at `path` of the file with the checksum `sha256` and reads it again for the
    /// running checksum.
    pub fn open(path: &Path, sha256: Option<&str>, from: Resume) -> Result<Self, ModelError> {
        let there = fs::metadata(path).map_or(0, |meta| meta.len());
        let read = fs::read(notes_path(path))
            .ok()
            .and_then(|json| serde_json::from_slice::<PartProgress>(&json).ok());
        // What was meant to have another checksum, or none, is no beginning of this file; nor is one that is
        // shorter than what was noted, as after a power cut.
        let usable = |notes: &PartProgress| {
            notes.sha256.is_some() && notes.sha256.as_deref() == sha256 && notes.bytes <= there
        };
        let first = PartProgress { sha256: sha256.map(str::to_owned), ..PartProgress::default() };
        let (len, progress) = match (from, read.filter(usable)) {
            (Resume::LastByte, Some(notes)) => (there, notes),
            (Resume::LastPiece, Some(notes)) => (notes.bytes, notes),
            (Resume::Start, _) | (_, None) => (0, first),
        };
        let mut hasher = Context::new(&SHA256);
        if len > 0 {
            let update = |piece: &[u8]| {
                hasher.update(piece);
                Ok(())
            };
            read_in_pieces(path, len, update).map_err(ModelError::io("read", path))?;
        }
        write_json(&notes_path(path), &progress)?;
        let file =
            OpenOptions::new().create(true).append(true).open(path).map_err(ModelError::io("write", path))?;
        file.set_len(len).map_err(ModelError::io("write", path))?;
        Ok(Self { path: path.to_owned(), file, hasher, len, progress })
    }

    /// Returns how many bytes are there.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Returns how many whole pieces are there.
    pub fn pieces(&self) -> usize {
        self.progress.pieces
    }

    /// Returns whether the whole will be held to a checksum.
    #[cfg(feature = "http")]
    pub fn has_checksum(&self) -> bool {
        self.progress.sha256.is_some()
    }

    /// Throws away what is there.
    #[cfg(feature = "http")]
    pub fn restart(&mut self) -> Result<(), ModelError> {
        self.progress = PartProgress { pieces: 0, bytes: 0, ..self.progress.clone() };
        // First the notes: they must never say that more is there than there is.
        write_json(&notes_path(&self.path), &self.progress)?;
        self.file.set_len(0).map_err(ModelError::io("write", &self.path))?;
        (self.hasher, self.len) = (Context::new(&SHA256), 0);
        Ok(())
    }

    /// Adds bytes.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        self.file.write_all(bytes).map_err(ModelError::io("write", &self.path))?;
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Notes that a piece is wholly there.
    pub fn end_piece(&mut self) -> Result<(), ModelError> {
        self.file.sync_data().map_err(ModelError::io("write", &self.path))?;
        self.progress.pieces += 1;
        self.progress.bytes = self.len;
        write_json(&notes_path(&self.path), &self.progress)
    }

    /// Gives the file its name if it has the right checksum, and removes it otherwise. Returns the checksum.
    pub fn finish(self, target: &Path, name: &str, origin: &str) -> Result<String, ModelError> {
        let actual = hex(self.hasher.finish().as_ref());
        if let Some(expected) = self.progress.sha256.clone().filter(|expected| *expected != actual) {
            discard(&self.path);
            return Err(ModelError::WrongHash { name: name.into(), origin: origin.into(), expected, actual });
        }
        self.file.sync_all().map_err(ModelError::io("write", &self.path))?;
        fs::rename(&self.path, target).map_err(ModelError::io("rename", &self.path))?;
        discard(&self.path);
        Ok(actual)
    }
}

impl io::Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes what has arrived, and the notes on it.
pub(super) fn discard(path: &Path) {
    // Either may already be gone, which is what is wanted.
    let _ = fs::remove_file(path);
    let _ = fs::remove_file(notes_path(path));
}

fn notes_path(path: &Path) -> PathBuf {
    path.with_extension("part.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha(bytes: &[u8]) -> String {
        hex(ring::digest::digest(&SHA256, bytes).as_ref())
    }

    #[test]
    fn goes_on_after_the_last_piece_or_byte() {
        let dir = tempfile::tempdir().expect("a folder");
        let (path, target) = (dir.path().join("m.part"), dir.path().join("m.gguf"));
        let hash = sha(b"onetwo");
        let mut part = PartFile::open(&path, Some(&hash), Resume::LastPiece).expect("opens");
        part.append(b"one").expect("appends");
        part.end_piece().expect("notes");
        part.append(b"tw").expect("appends");
        drop(part);

        let by_byte = PartFile::open(&path, Some(&hash), Resume::LastByte).expect("opens");
        assert_eq!((by_byte.len(), by_byte.pieces()), (5, 1));
        drop(by_byte);
        let mut by_piece = PartFile::open(&path, Some(&hash), Resume::LastPiece).expect("opens");
        assert_eq!((by_piece.len(), by_piece.pieces()), (3, 1));
        by_piece.append(b"two").expect("appends");
        assert_eq!(by_piece.finish(&target, "m", "here").expect("right"), hash);
        assert_eq!(fs::read(&target).expect("there"), b"onetwo");
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1, "nothing is left behind");
    }

    #[cfg(feature = "http")]
    #[test]
    fn a_part_that_starts_over_has_the_checksum_of_what_comes_then() {
        let dir = tempfile::tempdir().expect("a folder");
        let (path, target) = (dir.path().join("m.part"), dir.path().join("m.gguf"));
        let hash = sha(b"right");
        let mut part = PartFile::open(&path, Some(&hash), Resume::LastByte).expect("opens");
        part.append(b"wrong, and longer").expect("appends");
        part.end_piece().expect("notes");
        part.restart().expect("starts over");
        part.append(b"ri").expect("appends");
        drop(part);
        let mut part = PartFile::open(&path, Some(&hash), Resume::LastByte).expect("opens");
        assert_eq!((part.len(), part.pieces()), (2, 0));
        part.append(b"ght").expect("appends");
        part.finish(&target, "m", "here").expect("right");
        assert_eq!(fs::read(&target).expect("there"), b"right");
    }

    #[test]
    fn another_checksum_starts_anew() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("m.part");
        let mut part = PartFile::open(&path, Some("aa"), Resume::LastByte).expect("opens");
        part.append(b"one").expect("appends");
        part.end_piece().expect("notes");
        drop(part);
        let other = PartFile::open(&path, Some("bb"), Resume::LastByte).expect("opens");
        assert_eq!((other.len(), other.pieces()), (0, 0));
    }

    #[test]
    fn a_wrong_checksum_never_gets_the_name() {
        let dir = tempfile::tempdir().expect("a folder");
        let (path, target) = (dir.path().join("m.part"), dir.path().join("m.gguf"));
        let mut part = PartFile::open(&path, Some(&sha(b"other")), Resume::Start).expect("opens");
        part.append(b"onetwo").expect("appends");
        let error = part.finish(&target, "m", "a mirror").expect_err("wrong");
        assert!(matches!(error, ModelError::WrongHash { .. }), "{error}");
        assert!(error.to_string().contains(&sha(b"onetwo")), "{error}");
        assert!(!target.exists() && !path.exists());
    }
}
