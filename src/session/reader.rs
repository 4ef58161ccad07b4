//! Reads a session from disk, as far as it is whole.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use super::{
    BlobId, Blobs, Record, Replay,
    format::{EVENTS_FILE, FORMAT, LineFault, MANIFEST_FILE, MAX_LINE, Manifest, VERSION, header, unframe},
};

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// Why a session cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The path is no session.
    #[error("{} is not a session: {reason}", path.display())]
    NotASession {
        /// The path.
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
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl ReadError {
    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotASession { .. } => {
                Some("give the directory of a session: it holds manifest.json and events.jsonl")
            }
            Self::Newer { .. } | Self::Foreign { .. } => Some(
                "open it with the version of planscope that wrote it (see manifest.json), or a newer one",
            ),
            Self::Blob { .. } => Some("the events of the session are not affected"),
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

/// Turns bytes into records as they come, whatever pieces they come in.
///
/// ```text
/// Header --header line--> Records --whole line--> Records
///    |                       |
///    +---- anything else ----+----> Stopped (with the damage; further bytes are ignored)
/// ```
/// A record that is whole but not understood is an error rather than damage: the file is right, and this
/// program is too old for it.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of a line whose end has not come yet.
    held: Vec<u8>,
    /// Lines that are over.
    lines: u64,
    damage: Option<Damage>,
}

impl Decoder {
    /// Takes in more bytes and appends the records that they complete to `records`.
    ///
    /// # Errors
    /// [`ReadError::Foreign`] when a whole record is not understood.
    pub fn push(&mut self, mut bytes: &[u8], records: &mut Vec<Record>) -> Result<(), ReadError> {
        while self.damage.is_none() && !bytes.is_empty() {
            let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else {
                self.hold(bytes);
                break;
            };
            if self.held.is_empty() {
                self.line(&bytes[..end], records)?;
            } else {
                self.hold(&bytes[..end]);
                let line = std::mem::take(&mut self.held);
                if self.damage.is_none() {
                    self.line(&line, records)?;
                }
            }
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }

    /// Says that no more bytes come. A last line that is whole but for its line feed still counts.
    ///
    /// # Errors
    /// [`ReadError::Foreign`] when that last record is not understood.
    pub fn finish(mut self, records: &mut Vec<Record>) -> Result<Option<Damage>, ReadError> {
        if self.damage.is_none() && !self.held.is_empty() {
            let line = std::mem::take(&mut self.held);
            self.line(&line, records)?;
            let framed = matches!(self.damage, Some(Damage::Garbage { .. } | Damage::Checksum { .. }));
            if framed || (self.damage == Some(Damage::Header) && header().as_bytes().starts_with(&line)) {
                self.damage = Some(Damage::Torn { line: self.lines, bytes: line.len() });
            }
        } else if self.damage.is_none() && self.lines == 0 {
            self.damage = Some(Damage::Torn { line: 1, bytes: 0 });
        }
        Ok(self.damage)
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.held.len() + bytes.len() > MAX_LINE {
            self.damage = Some(Damage::TooLong { line: self.lines + 1 });
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    fn line(&mut self, line: &[u8], records: &mut Vec<Record>) -> Result<(), ReadError> {
        self.lines += 1;
        let number = self.lines;
        if number == 1 {
            self.damage = (line != header().as_bytes()).then_some(Damage::Header);
            return Ok(());
        }
        let expected = number - 2;
        match unframe(line) {
            Ok(record) if record.seq == expected => records.push(record),
            Ok(Record { seq: found, .. }) => {
                self.damage = Some(Damage::Sequence { line: number, expected, found });
            }
            Err(LineFault::Frame) => self.damage = Some(Damage::Garbage { line: number }),
            Err(LineFault::Checksum) => self.damage = Some(Damage::Checksum { line: number }),
            Err(LineFault::Foreign(reason)) => return Err(ReadError::Foreign { line: number, reason }),
        }
        Ok(())
    }
}

/// A session read from disk.
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
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let manifest = read_manifest(path)?;
        let (records, mut damage) = read_events(path)?;
        let found = records.len() as u64;
        if let (None, Some(finished)) = (&damage, &manifest.finished)
            && finished.events != found
        {
            damage = Some(Damage::Count { expected: finished.events, found });
        }
        Ok(Self { path: path.to_owned(), manifest, records, damage })
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
    let text = fs::read(&file).map_err(|error| unopened(path, MANIFEST_FILE, error))?;
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

fn unopened(session: &Path, file: &str, source: io::Error) -> ReadError {
    if source.kind() == io::ErrorKind::NotFound {
        ReadError::NotASession { path: session.to_owned(), reason: format!("it has no {file}") }
    } else {
        ReadError::Io { path: session.join(file), source }
    }
}

fn read_events(path: &Path) -> Result<(Vec<Record>, Option<Damage>), ReadError> {
    let file = path.join(EVENTS_FILE);
    let open = File::open(&file).map_err(|error| unopened(path, EVENTS_FILE, error))?;
    let mut reader = BufReader::with_capacity(CHUNK, open);
    let mut records = Vec::new();
    let mut decoder = Decoder::default();
    while decoder.damage.is_none() {
        let taken = match reader.fill_buf() {
            Ok([]) => break,
            Ok(bytes) => {
                decoder.push(bytes, &mut records)?;
                bytes.len()
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => {
                let damage = Damage::Unreadable { line: decoder.lines + 1, reason: error.to_string() };
                return Ok((records, Some(damage)));
            }
        };
        reader.consume(taken);
    }
    let damage = decoder.finish(&mut records)?;
    Ok((records, damage))
}
