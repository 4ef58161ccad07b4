//! Searches the record beside the screen, so that keys are heard meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::{
    probe::{Direction, Probes, next_hit, search::Found},
    session::replay::Replay,
};

type Outcome = Result<Option<Found>, String>;

/// The search that is going on, if there is one.
#[derive(Debug, Default)]
pub struct Finder {
    task: Option<JoinHandle<Outcome>>,
    stop: Arc<AtomicBool>,
}

impl Finder {
    /// Begins to search `replay`; a search that is going on is given up.
    pub fn begin(&mut self, replay: Replay, probes: Probes, from: usize, direction: Direction) {
        self.stop();
        let stop = Arc::new(AtomicBool::new(false));
        self.stop = Arc::clone(&stop);
        self.task = Some(spawn_blocking(move || {
            next_hit(&replay, &probes, from, direction, &stop)
                .map_err(|error| format!("The record cannot be searched: {error}."))
        }));
    }

    /// Gives up the search that is going on.
    pub fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.task = None;
    }

    /// Waits for what is found, and forever where nothing is searched.
    pub async fn found(&mut self) -> Outcome {
        let Some(task) = &mut self.task else { return std::future::pending().await };
        let found = task.await;
        self.task = None;
        found.unwrap_or_else(|_| Err("The search came to a sudden end.".to_owned()))
    }
}

impl Drop for Finder {
    fn drop(&mut self) {
        self.stop();
    }
}
