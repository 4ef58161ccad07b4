//! Work that takes time, done in the background. Its result comes back as a message.
//!
//! Of each kind of job one runs at most: a newer one replaces an older one. The result of a job
//! that was given up is never heard of.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use tokio::task::{Id, JoinSet};

use super::{
    calls::{self, CallText},
    compare, findings,
    model::Model,
    msg::{Effect, Msg},
    press::fail,
    probes,
    sessions::{self, Row},
    survey::{self, Survey},
};
use diagnose::examiner::Means;
use probe::{Direction, Probes, next_hit, search::Found};
use session::{
    BlobId, Blobs, CallId, Compared, Comparison, Journal, ReadError, compare as compare_both, replay::Replay,
};

/// Something to be done in the background.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// List the sessions in a folder.
    List(PathBuf),
    /// See whether the session in a folder can be opened.
    TryOpen(PathBuf),
    /// Compare the sessions in two folders.
    Compare(PathBuf, PathBuf),
    /// Look through the record for the nearest place at which a probe stops.
    Find {
        /// The probes.
        probes: Box<Probes>,
        /// The position from which to look.
        from: usize,
        /// Which way.
        direction: Direction,
    },
    /// Read the request and the reply of a call to the model.
    ReadCall {
        /// Which call.
        call: CallId,
        /// Its request.
        request: BlobId,
        /// Its reply; absent while there is none.
        reply: Option<BlobId>,
    },
    /// Read the next stretch of the record.
    Survey(Box<Survey>),
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
    Survey,
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
    /// Of [`Job::Survey`].
    Surveyed(Box<Survey>),
    /// Of [`Job::Look`].
    Looked(usize, Result<Box<findings::Read>, String>),
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
    pub means: Option<&'a dyn Means>,
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
            Self::Survey(_) => JobKind::Survey,
            Self::Look(_) => JobKind::Look,
        }
    }

    /// Does it. Reads from disk.
    pub fn run(self, bench: Bench<'_>) -> Done {
        let told = |error: ReadError| error.to_string();
        match self {
            Self::List(base) => {
                let rows = Row::read(&base, bench.now).map_err(told);
                Done::Listed(base, rows)
            }
            Self::TryOpen(path) => {
                let opened = Journal::open(&path).map(drop).map_err(told);
                Done::Tried(path, opened)
            }
            Self::Compare(left, right) => {
                let open = |path| Compared::open(path);
                let found = open(&left).and_then(|one| compare_both(&one, &open(&right)?));
                Done::Compared(left, right, found.map(Box::new).map_err(told))
            }
            Self::Find { probes, from, direction } => {
                let found = next_hit(bench.replay, &probes, from, direction, bench.stop);
                Done::Found(found.map_err(|error| format!("The record cannot be searched: {error}.")))
            }
            Self::ReadCall { call, request, reply } => {
                Done::CallRead(Box::new(CallText::read(bench.blobs, call, &request, reply.as_ref())))
            }
            Self::Survey(mut survey) => {
                survey.go_on();
                Done::Surveyed(survey)
            }
            Self::Look(position) => {
                Done::Looked(position, findings::look_through(bench.replay, bench.means, position))
            }
        }
    }
}

/// Handles the result of a job.
pub fn take_in(model: &mut Model, done: Done) -> Vec<Effect> {
    match done {
        Done::Listed(base, rows) => sessions::listed(model, &base, rows),
        Done::Tried(path, opened) => return sessions::tried(model, path, opened),
        Done::Compared(left, right, found) => compare::take_in(model, (&left, &right), found),
        Done::Found(found) => probes::found(model, found),
        Done::CallRead(text) => calls::take_in(model, *text),
        Done::Surveyed(survey) => return survey::take_in(model, survey),
        Done::Looked(position, found) => findings::looked(model, position, found),
        Done::Lost(JobKind::Survey) => survey::lost(model),
        Done::Lost(JobKind::Find) => {
            probes::found(model, Err("The search crashed; try again.".to_owned()));
        }
        Done::Lost(
            JobKind::List | JobKind::TryOpen | JobKind::Compare | JobKind::ReadCall | JobKind::Look,
        ) => {
            fail(model, "The background task crashed; try again.");
        }
    }
    Vec::new()
}

/// The running jobs. Those still running when the screen closes are given up.
#[derive(Debug, Default)]
pub struct Jobs {
    /// Where jobs have the problem of the session from.
    pub means: Option<Arc<dyn Means>>,
    running: JoinSet<Done>,
    /// Those that were not given up.
    wanted: HashMap<JobKind, Wanted>,
}

#[derive(Debug)]
struct Wanted {
    task: Id,
    stop: Arc<AtomicBool>,
}

impl Jobs {
    /// Begins a job on the session that is shown; a running one of its kind is given up.
    pub fn begin(&mut self, job: Job, replay: &Replay, blobs: &Blobs) {
        let kind = job.kind();
        self.stop(kind);
        let stop = Arc::new(AtomicBool::new(false));
        // A record is not copied for jobs that do not look into it.
        let replay = match kind {
            JobKind::Find | JobKind::Look => replay.clone(),
            JobKind::List | JobKind::TryOpen | JobKind::Compare | JobKind::ReadCall | JobKind::Survey => {
                Replay::default()
            }
        };
        let (blobs, means, given_up) = (blobs.clone(), self.means.clone(), Arc::clone(&stop));
        let task = self.running.spawn_blocking(move || {
            let (now, means) = (Timestamp::now(), means.as_deref());
            job.run(Bench { replay: &replay, blobs: &blobs, now, means, stop: &given_up })
        });
        self.wanted.insert(kind, Wanted { task: task.id(), stop });
    }

    /// Gives up the job of this kind, where one is running.
    pub fn stop(&mut self, kind: JobKind) {
        if let Some(wanted) = self.wanted.remove(&kind) {
            wanted.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Waits for the next job to end, and forever while there is none. May be dropped and called again.
    pub async fn next(&mut self) -> Msg {
        while let Some(ended) = self.running.join_next_with_id().await {
            let task = ended.as_ref().map_or_else(|error| error.id(), |(task, _)| *task);
            let kind = self.wanted.iter().find(|(_, wanted)| wanted.task == task).map(|(kind, _)| *kind);
            if let Some(kind) = kind {
                self.wanted.remove(&kind);
                return Msg::Done(ended.map_or(Done::Lost(kind), |(_, done)| done));
            }
        }
        std::future::pending().await
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.wanted.values().for_each(|wanted| wanted.stop.store(true, Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Duration};

    use super::*;

    #[tokio::test]
    async fn only_what_comes_of_the_newest_job_of_a_kind_is_heard_of() {
        let (replay, blobs) = (Replay::default(), Blobs::of(Path::new("/nowhere")));
        let mut jobs = Jobs::default();
        let list = |name: &str| Job::List(PathBuf::from(name));
        jobs.begin(list("/nowhere/old"), &replay, &blobs);
        jobs.begin(list("/nowhere/new"), &replay, &blobs);
        jobs.begin(Job::TryOpen("/nowhere/new".into()), &replay, &blobs);
        let mut heard = Vec::new();
        for _ in 0..2 {
            let msg = jobs.next().await;
            if let Msg::Done(Done::Listed(base, _)) = msg {
                heard.push(format!("listed {}", base.display()));
            } else if let Msg::Done(Done::Tried(path, _)) = msg {
                heard.push(format!("tried {}", path.display()));
            }
        }
        heard.sort();
        assert_eq!(heard, ["listed /nowhere/new", "tried /nowhere/new"]);
        let more = tokio::time::timeout(Duration::from_millis(20), jobs.next()).await;
        assert!(more.is_err(), "{more:?}");
    }

    #[tokio::test]
    async fn a_job_that_is_stopped_tells_nothing() {
        let mut jobs = Jobs::default();
        jobs.begin(Job::List("/nowhere".into()), &Replay::default(), &Blobs::of(Path::new("/nowhere")));
        jobs.stop(JobKind::List);
        let more = tokio::time::timeout(Duration::from_millis(50), jobs.next()).await;
        assert!(more.is_err(), "{more:?}");
    }
}
