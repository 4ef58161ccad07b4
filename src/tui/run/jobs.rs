//! The jobs that run in the background, and what the screen makes of their results.
//!
//! Of each kind of job one runs at most: a newer one takes the place of an older one, whose result is dropped.

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

use super::record_scan;
use crate::core::{
    examine,
    jobs::{Bench, Done, Job, JobKind},
    model::Model,
    msg::{Effect, Msg},
    probing,
};
use diagnose::runner::ModelProvider;
use session::{Blobs, name_of, replay::Replay};

/// Handles the result of a job.
pub fn receive(model: &mut Model, done: Done) -> Vec<Effect> {
    match done {
        Done::Listed(base, rows) => {
            if model.background.sessions.base() == Some(&*base) {
                rows.iter().for_each(|rows| model.background.sessions.receive(rows));
                model.background.arrived.sessions = Some(rows);
            }
        }
        Done::Tried(path, opened) => return tried(model, path, opened),
        Done::Compared(left, right, found) => model.background.arrived.compared = Some((left, right, found)),
        Done::Found(found) => probing::found(model, found),
        Done::CallRead(text) => model.background.arrived.call = Some(text),
        Done::Scanned(scan) => return record_scan::receive(model, scan),
        Done::Looked(position, found) => examine::looked(model, position, found),
        Done::Lost(JobKind::RecordScan) => record_scan::lost(model),
        Done::Lost(JobKind::Find) => {
            probing::found(model, Err("The search crashed; try again.".to_owned()));
        }
        Done::Lost(
            JobKind::List | JobKind::TryOpen | JobKind::Compare | JobKind::ReadCall | JobKind::Look,
        ) => {
            model.fail("The background task crashed; try again.");
        }
    }
    Vec::new()
}

/// Handles whether the session at `path` can be opened: it is shown, unless another one is wanted by now.
fn tried(model: &mut Model, path: PathBuf, opened: Result<(), String>) -> Vec<Effect> {
    if model.background.sessions.wanted.take_if(|wanted| *wanted == path).is_none() {
        return Vec::new();
    }
    if let Err(error) = opened {
        model.warn(format!("{} cannot be opened: {error}.", name_of(&path)));
        return Vec::new();
    }
    vec![Effect::Switch(path)]
}

/// The running jobs. Those still running when the screen closes are given up.
#[derive(Debug, Default)]
pub struct Jobs {
    /// Where jobs have the problem of the session from.
    pub means: Option<Arc<dyn ModelProvider>>,
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
            JobKind::List | JobKind::TryOpen | JobKind::Compare | JobKind::ReadCall | JobKind::RecordScan => {
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
