//! Work that takes time, done in the background. Its result comes back as a message.

use std::{path::PathBuf, sync::atomic::AtomicBool};

use jiff::Timestamp;

use super::{
    call_text::CallText,
    findings::{self, Read},
    record_scan::RecordScan,
    session_rows::Row,
};
use diagnose::runner::ModelProvider;
use probe::{Direction, Probes, next_hit, search::Found};
use session::{
    BlobId, Blobs, CallId, Compared, Comparison, Journal, ReadError, compare as compare_both, replay::Replay,
};

/// Something to be done in the background.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub enum Job {
    /// List the sessions in a folder.
    List(PathBuf),
    /// See whether the session in a folder can be opened.
    TryOpen(PathBuf),
    /// Compare the sessions in two folders.
    Compare(PathBuf, PathBuf),
    /// Look through the record for the nearest place at which a probe stops.
    Find {
        /// Those that may stop the search.
        probes: Box<Probes>,
        /// The position from which to look.
        from: usize,
        /// Which way.
        direction: Direction,
    },
    /// Read the request and the reply of a call to the model.
    ReadCall {
        call: CallId,
        request: BlobId,
        /// Its reply; absent while there is none.
        reply: Option<BlobId>,
    },
    /// Read the next stretch of the record.
    RecordScan(Box<RecordScan>),
    /// Look through the record up to this position for what is wrong.
    Look(usize),
}

/// The kinds of [`Job`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is named as the job that it is of")]
pub enum JobKind {
    List,
    TryOpen,
    Compare,
    Find,
    ReadCall,
    RecordScan,
    Look,
}

/// The result of a [`Job`], or the sentence that says why there is none.
#[derive(Debug, Clone)]
pub enum Done {
    /// Of [`Job::List`].
    Listed(PathBuf, Result<Vec<Row>, String>),
    /// Of [`Job::TryOpen`].
    Tried(PathBuf, Result<(), String>),
    /// Of [`Job::Compare`].
    Compared(PathBuf, PathBuf, Result<Box<Comparison>, String>),
    /// Of [`Job::Find`].
    Found(Result<Option<Found>, String>),
    /// Of [`Job::ReadCall`].
    CallRead(Box<CallText>),
    /// Of [`Job::RecordScan`].
    Scanned(Box<RecordScan>),
    /// Of [`Job::Look`].
    Looked(usize, Result<Box<Read>, String>),
    /// Of a job that crashed.
    Lost(JobKind),
}

/// What jobs work with.
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// The record that is shown.
    pub replay: &'a Replay,
    /// The exact texts of the session that is shown.
    pub blobs: &'a Blobs,
    /// The time of day.
    pub now: Timestamp,
    /// Where the problem of the session is had; none where nobody knows.
    pub means: Option<&'a dyn ModelProvider>,
    /// Becomes true when the job is given up.
    pub stop: &'a AtomicBool,
}

impl Job {
    /// Returns its kind.
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::List(_) => JobKind::List,
            Self::TryOpen(_) => JobKind::TryOpen,
            Self::Compare(..) => JobKind::Compare,
            Self::Find { .. } => JobKind::Find,
            Self::ReadCall { .. } => JobKind::ReadCall,
            Self::RecordScan(_) => JobKind::RecordScan,
            Self::Look(_) => JobKind::Look,
        }
    }

    /// Does it. Reads from disk.
    pub fn run(self, bench: Bench<'_>) -> Done {
        let reported = |error: ReadError| error.to_string();
        match self {
            Self::List(base) => {
                let rows = Row::read(&base, bench.now).map_err(reported);
                Done::Listed(base, rows)
            }
            Self::TryOpen(path) => {
                let opened = Journal::open(&path).map(drop).map_err(reported);
                Done::Tried(path, opened)
            }
            Self::Compare(left, right) => {
                let open = |path| Compared::open(path);
                let found = open(&left).and_then(|one| compare_both(&one, &open(&right)?));
                Done::Compared(left, right, found.map(Box::new).map_err(reported))
            }
            Self::Find { probes, from, direction } => {
                let found = next_hit(bench.replay, &probes, from, direction, bench.stop);
                Done::Found(found.map_err(|error| format!("The record cannot be searched: {error}.")))
            }
            Self::ReadCall { call, request, reply } => {
                Done::CallRead(Box::new(CallText::read(bench.blobs, call, &request, reply.as_ref())))
            }
            Self::RecordScan(mut scan) => {
                scan.go_on();
                Done::Scanned(scan)
            }
            Self::Look(position) => {
                Done::Looked(position, findings::look_through(bench.replay, bench.means, position))
            }
        }
    }
}
