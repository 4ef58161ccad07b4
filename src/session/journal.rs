//! The events of a session on disk, read where they are needed.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    event::{Phase, Record},
    format::{EVENTS_FILE, LineFault, Manifest, unframe},
    index::{Index, index},
    reader::{Damage, ReadError, read_manifest},
    replay::Replay,
};

/// Events below which reading them side by side is not worth it.
const FEW: usize = 128;

/// A session whose events stay on disk until they are asked for.
///
/// Opening it makes one pass over the file that compares all checksums and numbers, and keeps where each event
/// lies. Limitation: a record of a known kind that reads differently than it should is found only when it is
/// read.
#[derive(Debug)]
pub struct Journal {
    pub(super) path: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) index: Index,
}

impl Journal {
    /// Opens the session in the directory `path`.
    ///
    /// # Errors
    /// See [`ReadError`]. Damaged events are no error: the session then ends before the damage.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let manifest = read_manifest(path)?;
        let mut index = index(path)?;
        let found = index.len() as u64;
        if let (None, Some(finished)) = (&index.damage, &manifest.finished)
            && finished.events != found
        {
            index.damage = Some(Damage::Count { expected: finished.events, found });
        }
        Ok(Self { path: path.to_owned(), manifest, index })
    }

    /// Returns the session's directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the session is a record of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns where and why the events end too early.
    pub fn damage(&self) -> Option<&Damage> {
        self.index.damage.as_ref()
    }

    /// Returns how many events there are, as far as they are whole.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Returns whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns where phases begin: the event, the phase, the iteration.
    pub(super) fn phases(&self) -> &[(usize, Phase, u32)] {
        &self.index.phases
    }

    /// Reads the events in `range`, as far as they are there and up to the first that cannot be read.
    ///
    /// # Errors
    /// When that is the first of them: [`ReadError::Foreign`] when it is not understood, [`ReadError::Changed`] when the file is not what it was
    /// when the session was opened, or what the disk says.
    pub fn records(&self, range: Range<usize>) -> Result<Vec<Record>, ReadError> {
        let range = range.start.min(self.len())..range.end.min(self.len());
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let starts = &self.index.starts[range.start..=range.end];
        let bytes = self.bytes(starts[0]..starts[range.len()])?;
        let read = |at: usize| {
            let offset = |start: u64| (start - starts[0]) as usize;
            let line = &bytes[offset(starts[at])..offset(starts[at + 1])];
            let number = (range.start + at) as u64 + 2;
            unframe(line.strip_suffix(b"\n").unwrap_or(line)).map_err(|fault| match fault {
                LineFault::Foreign(reason) => ReadError::Foreign { line: number, reason },
                LineFault::Frame | LineFault::Checksum => ReadError::Changed { line: number },
            })
        };
        let places = 0..range.len();
        let few = places.len() < FEW;
        let read: Vec<Result<Record, ReadError>> =
            if few { places.map(read).collect() } else { places.into_par_iter().map(read).collect() };
        up_to_error(read)
    }

    fn bytes(&self, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        let path = self.path.join(EVENTS_FILE);
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(range.start))?;
            let mut bytes = vec![0; (range.end - range.start) as usize];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|source| ReadError::Io { path: path.clone(), source })
    }

    /// Returns a cursor over the events, standing before the first.
    pub fn into_replay(self) -> Replay {
        Replay::of(self)
    }
}

fn up_to_error(read: Vec<Result<Record, ReadError>>) -> Result<Vec<Record>, ReadError> {
    let mut records = Vec::with_capacity(read.len());
    for record in read {
        match record {
            Ok(record) => records.push(record),
            Err(error) if records.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(records)
}
