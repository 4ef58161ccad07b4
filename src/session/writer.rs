//! Writes a session to disk while it runs.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use files::{Durability, write_whole};
use jiff::Timestamp;

use super::{
    event::{BlobId, Event, Outcome, Record},
    format::{BLOBS_DIR, EVENTS_FILE, Finished, MANIFEST_FILE, MAX_LINE, Manifest, blob_path, frame, header},
    staged, writing,
};
use model::Cost;

/// What is tried before there is a session.
const CREATING: &str = "creating";
/// How long what the operating system holds may wait for the disk.
const SYNC_EVERY: Duration = Duration::from_secs(3);

/// Why a session cannot be written. What was recorded before stays whole.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The directory already exists; a session never overwrites another.
    #[error("there is already something at {}", .0.display())]
    Exists(PathBuf),
    /// The disk says no.
    #[error("the session cannot be recorded: {source}, while {doing} {}", path.display())]
    Io {
        /// What was tried, such as `writing`.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Events must come in order, without gaps.
    #[error("event {found} was to be recorded where event {expected} is due")]
    OutOfOrder {
        /// The number that is due.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The event could not be read back, as when one of its numbers is infinite.
    #[error("event {seq} cannot be recorded, since it could not be read again: {reason}")]
    Unreadable {
        /// Its number.
        seq: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The event is longer than a line may be.
    #[error("event {seq} is {bytes} bytes long, more than the {MAX_LINE} that a session's line holds")]
    TooLong {
        /// Its number.
        seq: u64,
        /// Its length.
        bytes: usize,
    },
    /// Recording stopped at an earlier error.
    #[error("recording stopped at an earlier error, after {events} events")]
    Stopped {
        /// How many events are on disk.
        events: u64,
    },
}

impl WriteError {
    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Exists(_) => Some("choose a directory that does not exist yet"),
            Self::Io { doing, source, .. } => disk_hint(source.kind(), *doing == CREATING),
            Self::Stopped { .. } => Some("what was recorded until then is whole and can be replayed"),
            Self::OutOfOrder { .. } | Self::Unreadable { .. } | Self::TooLong { .. } => None,
        }
    }
}

fn disk_hint(kind: io::ErrorKind, nothing_yet: bool) -> Option<&'static str> {
    use io::ErrorKind::{FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    if matches!(kind, StorageFull | QuotaExceeded) && nothing_yet {
        return Some("free some disk space and begin again; nothing was recorded yet");
    }
    if matches!(kind, StorageFull | QuotaExceeded) {
        return Some("free some disk space; what was recorded until now is whole and can be replayed");
    }
    if kind == FileTooLarge {
        return Some("raise the file size limit (ulimit -f)");
    }
    let closed = matches!(kind, PermissionDenied | ReadOnlyFilesystem);
    closed.then_some("set PLANSCOPE_SESSIONS to a directory that you may write to")
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    move |source| WriteError::Io { doing, path: path.to_owned(), source }
}

/// Writes one session.
///
/// Each event is with the operating system when [`append`](Self::append) returns, so that it survives the
/// death of this process; it is on the disk a few seconds later, so that it survives a power cut. A writer
/// that is dropped without [`finish`](Self::finish) leaves a session that says of itself that it is not
/// finished. Limitation: one process writes a session, once; an old one cannot be continued.
#[derive(Debug)]
pub struct SessionWriter {
    dir: PathBuf,
    manifest: Manifest,
    file: File,
    /// Says that somebody writes; let go of when the session ends or this process does.
    lock: File,
    /// Length of the file up to the last whole line.
    length: u64,
    hasher: blake3::Hasher,
    events: u64,
    cost: Cost,
    stopped: bool,
    unsynced_blobs: Vec<PathBuf>,
    synced: Instant,
}

impl SessionWriter {
    /// Creates the directory `dir` and begins a session in it. The directory appears with manifest and header in it, or not
    /// at all, even where this process is killed meanwhile.
    ///
    /// # Errors
    /// [`WriteError::Exists`] when there is something at `dir`, otherwise what the disk says.
    pub fn create(dir: &Path, manifest: Manifest) -> Result<Self, WriteError> {
        if dir.symlink_metadata().is_ok() {
            return Err(WriteError::Exists(dir.to_owned()));
        }
        let parent = dir.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        let staged = staged::stage(parent).map_err(failed(CREATING, dir))?;
        let lock = writing::hold(staged.path()).map_err(failed(CREATING, dir))?;
        write_manifest(staged.path(), &manifest, CREATING)?;
        let first = format!("{}\n", header());
        let file = OpenOptions::new().append(true).create_new(true).open(staged.path().join(EVENTS_FILE));
        let mut file = file.map_err(failed(CREATING, dir))?;
        file.write_all(first.as_bytes()).map_err(failed(CREATING, dir))?;
        staged::put(staged, dir).map_err(|error| {
            let taken = error.kind() == io::ErrorKind::AlreadyExists;
            if taken { WriteError::Exists(dir.to_owned()) } else { failed(CREATING, dir)(error) }
        })?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(first.as_bytes());
        Ok(Self {
            dir: dir.to_owned(),
            manifest,
            file,
            lock,
            length: first.len() as u64,
            hasher,
            events: 0,
            cost: Cost::default(),
            stopped: false,
            unsynced_blobs: Vec::new(),
            synced: Instant::now(),
        })
    }

    /// Begins a session in the directory `dir`, or, where there is something, in the first of `dir-2`, `dir-3` … that is
    /// free. Any number of processes may do so at once; each gets one of its own.
    ///
    /// # Errors
    /// What the disk says.
    pub fn create_beside(dir: &Path, manifest: Manifest) -> Result<Self, WriteError> {
        let mut copy = 2;
        let mut free = dir.to_owned();
        loop {
            match Self::create(&free, manifest.clone()) {
                Err(WriteError::Exists(_)) => {
                    let mut name = dir.file_name().unwrap_or_default().to_owned();
                    name.push(format!("-{copy}"));
                    free.set_file_name(name);
                    copy += 1;
                }
                other => return other,
            }
        }
    }

    /// Returns the session's directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns how many events are recorded.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Records the next event; it is with the operating system when this returns.
    ///
    /// # Errors
    /// See [`WriteError`]. After an error of the disk nothing more is recorded, so that no half line can
    /// grow together with the next.
    pub fn append(&mut self, record: &Record) -> Result<(), WriteError> {
        self.check_open()?;
        if record.seq != self.events {
            return Err(WriteError::OutOfOrder { expected: self.events, found: record.seq });
        }
        let line = encode(record)?;
        let path = self.dir.join(EVENTS_FILE);
        if let Err(error) = self.file.write_all(&line) {
            self.stopped = true;
            // Best effort: a reader copes with a torn last line, but none is tidier.
            let _ = self.file.set_len(self.length);
            return Err(failed("writing", &path)(error));
        }
        self.length += line.len() as u64;
        self.hasher.update(&line);
        self.events += 1;
        if let Event::CallFinished { cost, .. }
        | Event::CallCancelled { cost: Some(cost), .. }
        | Event::CallFailed { cost: Some(cost), .. } = &record.event
        {
            self.cost += *cost;
        }
        if self.synced.elapsed() >= SYNC_EVERY { self.sync() } else { Ok(()) }
    }

    /// Stores `bytes` next to the events and returns their name. Equal bytes are kept once.
    ///
    /// # Errors
    /// What the disk says; nothing more is recorded then.
    pub fn put_blob(&mut self, bytes: &[u8]) -> Result<BlobId, WriteError> {
        self.check_open()?;
        let id = BlobId::of(bytes);
        let Some(path) = blob_path(&self.dir, &id) else { return Ok(id) };
        if path.exists() {
            return Ok(id);
        }
        let prefix_dir = path.parent().unwrap_or(&self.dir);
        let written = fs::create_dir_all(prefix_dir)
            .map_err(failed("creating", prefix_dir))
            .and_then(|()| write_whole(&path, bytes, Durability::Buffered).map_err(failed("writing", &path)));
        if let Err(error) = written {
            self.stopped = true;
            return Err(error);
        }
        self.unsynced_blobs.push(path);
        Ok(id)
    }

    /// Keeps the blob called `id`, which lies at `path` in another session. Both sessions share it where the
    /// file system can do that.
    ///
    /// # Errors
    /// What the disk says; nothing more is recorded then.
    pub(crate) fn link_blob(&mut self, id: &BlobId, path: &Path) -> Result<(), WriteError> {
        self.check_open()?;
        let Some(own) = blob_path(&self.dir, id).filter(|own| !own.exists()) else { return Ok(()) };
        let prefix_dir = own.parent().unwrap_or(&self.dir);
        let linked = fs::create_dir_all(prefix_dir)
            .and_then(|()| fs::hard_link(path, &own).or_else(|_| fs::copy(path, &own).map(drop)));
        linked.inspect_err(|_| self.stopped = true).map_err(failed("copying to", &own))?;
        self.unsynced_blobs.push(own);
        Ok(())
    }

    /// Ends the session: brings everything to the disk and writes into the manifest how it ended.
    ///
    /// # Errors
    /// What the disk says; the session then stays unfinished.
    pub fn finish(mut self, outcome: &Outcome) -> Result<Manifest, WriteError> {
        self.check_open()?;
        self.sync()?;
        self.manifest.finished = Some(Finished {
            at: Timestamp::now(),
            outcome: outcome.clone(),
            events: self.events,
            cost: self.cost,
            checksum: self.hasher.finalize().to_hex().to_string(),
        });
        write_manifest(&self.dir, &self.manifest, "writing")?;
        drop(self.lock);
        // A lock that nobody holds says that the session was cut off; but its manifest says how it ended.
        let _ = fs::remove_file(self.dir.join(writing::LOCK_FILE));
        sync_dir(&self.dir);
        Ok(self.manifest)
    }

    fn check_open(&self) -> Result<(), WriteError> {
        if self.stopped { Err(WriteError::Stopped { events: self.events }) } else { Ok(()) }
    }

    /// Brings blobs and then events to the disk, in this order, so that no event on the disk names a blob
    /// that is not.
    fn sync(&mut self) -> Result<(), WriteError> {
        for path in self.unsynced_blobs.drain(..) {
            let synced = OpenOptions::new().write(true).open(&path).and_then(|file| file.sync_data());
            synced.inspect_err(|_| self.stopped = true).map_err(failed("saving", &path))?;
        }
        sync_dir(&self.dir.join(BLOBS_DIR));
        let path = self.dir.join(EVENTS_FILE);
        self.file.sync_data().inspect_err(|_| self.stopped = true).map_err(failed("saving", &path))?;
        self.synced = Instant::now();
        Ok(())
    }
}

fn encode(record: &Record) -> Result<Vec<u8>, WriteError> {
    let unreadable =
        |error: serde_json::Error| WriteError::Unreadable { seq: record.seq, reason: error.to_string() };
    let text = serde_json::to_string(record).map_err(unreadable)?;
    // JSON has no infinite numbers; better to refuse one here than to find out when the session is opened.
    serde_json::from_str::<Record>(&text).map_err(unreadable)?;
    let line = frame(&text);
    if line.len() > MAX_LINE {
        return Err(WriteError::TooLong { seq: record.seq, bytes: line.len() });
    }
    Ok(line)
}

fn write_manifest(dir: &Path, manifest: &Manifest, doing: &'static str) -> Result<(), WriteError> {
    let path = dir.join(MANIFEST_FILE);
    let text = serde_json::to_vec_pretty(manifest).map_err(io::Error::from).map_err(failed(doing, &path))?;
    write_whole(&path, &text, Durability::Synced).map_err(failed(doing, &path))
}

/// Makes renames in `dir` last. Best effort: not every system can do it.
fn sync_dir(dir: &Path) {
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::ProblemCard, reader::Session};

    fn manifest() -> Manifest {
        let problem = ProblemCard {
            reference: "pens".to_owned(),
            title: "Pens".to_owned(),
            family: "arithmetic".to_owned(),
            text: "How many pens?".to_owned(),
            has_gold: false,
        };
        Manifest::new(&problem, "scripted", 1, Timestamp::UNIX_EPOCH)
    }

    fn paused(seq: u64) -> Record {
        Record { seq, at_ms: seq, event: Event::Paused { paused: seq.is_multiple_of(2), cause: None } }
    }

    #[test]
    fn a_directory_that_is_there_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let error = SessionWriter::create(dir.path(), manifest()).unwrap_err();
        assert!(matches!(error, WriteError::Exists(_)));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn many_at_once_get_a_directory_each() {
        let base = tempfile::tempdir().unwrap();
        let dir = base.path().join("s");
        fs::write(&dir, "somebody's").unwrap();
        let dirs: std::collections::BTreeSet<PathBuf> = std::thread::scope(|scope| {
            let begin = || SessionWriter::create_beside(&dir, manifest()).unwrap().dir().to_owned();
            let threads: Vec<_> = (0..40).map(|_| scope.spawn(begin)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let names = (2..42).map(|copy| base.path().join(format!("s-{copy}")));
        assert_eq!(dirs, names.collect());
        assert!(dirs.iter().all(|dir| Session::open(dir).unwrap().records.is_empty()));
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 41, "nothing unfinished is left");
    }

    #[test]
    fn events_out_of_order_are_refused_and_do_no_harm() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let mut writer = SessionWriter::create(&path, manifest()).unwrap();
        writer.append(&paused(0)).unwrap();
        let error = writer.append(&paused(2)).unwrap_err();
        assert!(matches!(error, WriteError::OutOfOrder { expected: 1, found: 2 }));
        writer.append(&paused(1)).unwrap();
        drop(writer);
        let session = Session::open(&path).unwrap();
        assert_eq!(session.records, [paused(0), paused(1)]);
        assert!(session.manifest.finished.is_none());
    }

    #[test]
    fn an_infinite_number_is_refused_before_it_spoils_the_session() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let mut writer = SessionWriter::create(&path, manifest()).unwrap();
        let event = Event::CallFinished {
            call: crate::CallId(1),
            cost: Cost { flops: f64::NAN, ..Cost::default() },
            prompts: Vec::new(),
            batch: 1,
            reply: BlobId::of(b""),
            notes: Vec::new(),
            pressure: Vec::new(),
        };
        let error = writer.append(&Record { seq: 0, at_ms: 0, event }).unwrap_err();
        assert!(matches!(error, WriteError::Unreadable { seq: 0, .. }), "{error}");
        writer.append(&paused(0)).unwrap();
        assert_eq!(Session::open(&path).unwrap().records, [paused(0)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_keeps_what_was_recorded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let mut writer = SessionWriter::create(&path, manifest()).unwrap();
        writer.append(&paused(0)).unwrap();
        writer.file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = writer.append(&paused(1)).unwrap_err();
        assert!(error.to_string().starts_with("the session cannot be recorded: No space left"), "{error}");
        assert!(error.hint().unwrap().contains("disk space"));
        assert!(matches!(writer.append(&paused(1)), Err(WriteError::Stopped { events: 1 })));
        assert!(matches!(writer.finish(&Outcome::Answered), Err(WriteError::Stopped { events: 1 })));
        let session = Session::open(&path).unwrap();
        assert_eq!(session.records, [paused(0)]);
        assert_eq!(session.damage, None);
    }
}
