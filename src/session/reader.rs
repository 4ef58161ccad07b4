//! Reads a session from disk, as far as it is whole.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{
    blobs::Blobs,
    event::{BlobId, Record},
    format::{EVENTS_FILE, FORMAT, MANIFEST_FILE, MAX_LINE, Manifest, VERSION, open_regular},
    journal::Journal,
    replay::Replay,
};

/// Bytes that a manifest may have.
const MAX_MANIFEST: u64 = 1 << 20;

/// Events read at a time.
const AT_ONCE: usize = 8_192;

/// Why a session cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what they are")]
pub enum ReadError {
    /// The path is no session.
    #[error("{} is not a session: {reason}", path.display())]
    NotASession {
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// The format is newer than this program.
    #[error(
        "the session was written by {program} in version {version} of the format; this program reads version {VERSION}"
    )]
    Newer {
        /// The program that wrote it.
        program: String,
        /// The version of its format.
        version: u64,
    },
    /// An intact event says something that this program does not know.
    #[error("line {line} of the session cannot be understood: {reason}")]
    Foreign {
        /// The line of `events.jsonl`, from 1.
        line: u64,
        /// What is not understood.
        reason: String,
    },
    /// An event is not what it was when the session was opened.
    #[error("line {line} of the session was changed while it was open")]
    Changed {
        /// The line of `events.jsonl`, from 1.
        line: u64,
    },
    /// A blob is missing, changed or cannot be read.
    #[error("the blob {} {reason}", .id.0)]
    Blob {
        /// Its name.
        id: BlobId,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk says no.
    #[error("cannot read {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl ReadError {
    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotASession { .. } => {
                Some("give the directory of a session, or a name that `planscope sessions` lists")
            }
            Self::Newer { .. } | Self::Foreign { .. } => Some(
                "open it with the version of planscope that wrote it (see manifest.json), or a newer one",
            ),
            Self::Blob { .. } => Some("the events of the session are not affected"),
            Self::Changed { .. } => Some("open it again; what is then whole is shown"),
            Self::Io { .. } => None,
        }
    }
}

/// Where and why reading stopped before the end. Everything before is whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The first line is not the header.
    #[error("line 1 is not the header of a session's events")]
    Header,
    /// The last line has no end: the program or machine died while it was written.
    #[error("line {line} is torn off after {bytes} bytes; everything before it is whole")]
    Torn {
        /// The line, from 1.
        line: u64,
        /// How much of it is there.
        bytes: usize,
    },
    /// A line does not look like one of a session.
    #[error("line {line} is no line of a session; everything before it is whole")]
    Garbage {
        /// The line, from 1.
        line: u64,
    },
    /// A record is not what was written.
    #[error(
        "line {line} was changed after it was written (its checksum differs); everything before it is whole"
    )]
    Checksum {
        /// The line, from 1.
        line: u64,
    },
    /// A record is missing, or there twice.
    #[error("line {line} holds event {found} where event {expected} is due; everything before it is whole")]
    Sequence {
        /// The line, from 1.
        line: u64,
        /// The number that is due.
        expected: u64,
        /// The number that is there.
        found: u64,
    },
    /// A line is longer than any that is written.
    #[error("line {line} is longer than {MAX_LINE} bytes; everything before it is whole")]
    TooLong {
        /// The line, from 1.
        line: u64,
    },
    /// The session ended with another number of events than there are.
    #[error("the session ended with {expected} events, but {found} are there")]
    Count {
        /// How many there were.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The disk failed while reading.
    #[error("reading stopped at line {line}: {reason}")]
    Unreadable {
        /// The line, from 1.
        line: u64,
        /// The system's reason.
        reason: String,
    },
}

/// A session read from disk as a whole. [`Journal`] leaves the events there until they are needed.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its directory.
    pub path: PathBuf,
    /// What it is a record of.
    pub manifest: Manifest,
    /// Its events, as far as they are whole.
    pub records: Vec<Record>,
    /// Where and why they end too early.
    pub damage: Option<Damage>,
}

impl Session {
    /// Opens the session in the directory `path`.
    ///
    /// # Errors
    /// See [`ReadError`]. Damaged events are no error: the session then ends before the damage.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::path::Path;
    /// use planscope_session::Session;
    ///
    /// # let sessions = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../sessions"));
    /// let session = Session::open(&sessions.join("choir"))?;
    /// assert_eq!(session.damage, None);
    /// let mut replay = session.into_replay();
    /// replay.seek(replay.len());
    /// assert!(replay.state().answer.is_some());
    /// while replay.state().answer.is_some() {
    ///     replay.backward();
    /// }
    /// assert!(!replay.at_end(), "the answer is taken back, without the model");
    /// # Ok::<(), planscope_session::ReadError>(())
    /// ```
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let journal = Journal::open(path)?;
        let mut records = Vec::with_capacity(journal.len());
        while records.len() < journal.len() {
            records.extend(journal.records(records.len()..records.len() + AT_ONCE)?);
        }
        let Journal { path, manifest, index } = journal;
        Ok(Self { path, manifest, records, damage: index.damage })
    }

    /// Returns the bytes of the blob called `id`, after having compared them with their name.
    ///
    /// # Errors
    /// [`ReadError::Blob`] when it is missing, changed or unreadable.
    pub fn blob(&self, id: &BlobId) -> Result<Vec<u8>, ReadError> {
        self.blobs().read(id)
    }

    /// Returns what reads the session's blobs.
    pub fn blobs(&self) -> Blobs {
        Blobs::of(&self.path)
    }

    /// Returns a cursor over the events, standing before the first.
    pub fn into_replay(self) -> Replay {
        Replay::new(self.records)
    }
}

/// Reads only the manifest of the session in the directory `path`.
///
/// # Errors
/// [`ReadError::NotASession`], [`ReadError::Newer`], or what the disk says.
pub fn read_manifest(path: &Path) -> Result<Manifest, ReadError> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: String,
        version: u64,
        #[serde(default)]
        program: String,
    }
    let not = |reason: String| ReadError::NotASession { path: path.to_owned(), reason };
    let file = path.join(MANIFEST_FILE);
    if !path.is_dir() {
        let reason = if path.exists() { "it is no directory" } else { "there is nothing there" };
        return Err(not(reason.to_owned()));
    }
    let mut text = Vec::new();
    let read = open_regular(&file).and_then(|file| file.take(MAX_MANIFEST + 1).read_to_end(&mut text));
    read.map_err(|error| unopened(path, MANIFEST_FILE, error))?;
    if text.len() as u64 > MAX_MANIFEST {
        return Err(not(format!("its {MANIFEST_FILE} is larger than {} KiB", MAX_MANIFEST >> 10)));
    }
    let broken =
        |error: serde_json::Error| not(format!("its {MANIFEST_FILE} cannot be understood ({error})"));
    let head: Head = serde_json::from_slice(&text).map_err(broken)?;
    if head.format != FORMAT {
        return Err(not(format!("its {MANIFEST_FILE} is of the format \"{}\"", head.format)));
    }
    if head.version > u64::from(VERSION) {
        return Err(ReadError::Newer { program: head.program, version: head.version });
    }
    serde_json::from_slice(&text).map_err(broken)
}

pub(super) fn unopened(session: &Path, file: &str, source: io::Error) -> ReadError {
    let not = |reason: String| ReadError::NotASession { path: session.to_owned(), reason };
    if source.kind() == io::ErrorKind::NotFound
        && file == MANIFEST_FILE
        && !session.join(EVENTS_FILE).exists()
    {
        // Older versions made the directory first.
        not(format!(
            "it has neither {file} nor {EVENTS_FILE}; a run that ended as it began may have left it, and it can be removed"
        ))
    } else if source.kind() == io::ErrorKind::NotFound {
        not(format!("it has no {file}"))
    } else if source.kind() == io::ErrorKind::InvalidInput {
        not(format!("its {file} is no regular file"))
    } else {
        ReadError::Io { path: session.join(file), source }
    }
}
