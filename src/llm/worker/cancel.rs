//! Which calls are cancelled. Set by the thread that reads commands, read from llama.cpp's threads.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The worker has one model, so one state for the process.
pub(crate) static CANCEL: CancelState =
    CancelState { calls: Mutex::new(RunningCalls::NONE), stop: AtomicBool::new(false) };

/// Which calls are running, which of them are cancelled, and which the model works for right now.
pub(crate) struct CancelState {
    calls: Mutex<RunningCalls>,
    /// Whether nobody waits any more for what the model works on. Asked for between any two operations of the model, so
    /// it is kept outside the lock.
    stop: AtomicBool,
}

#[derive(Debug)]
struct RunningCalls {
    open: BTreeSet<u64>,
    cancelled: BTreeSet<u64>,
    served: BTreeSet<u64>,
}

impl RunningCalls {
    const NONE: Self = Self { open: BTreeSet::new(), cancelled: BTreeSet::new(), served: BTreeSet::new() };

    fn stops(&self) -> bool {
        !self.served.is_empty() && self.served.is_subset(&self.cancelled)
    }
}

impl CancelState {
    fn change<T>(&self, change: impl FnOnce(&mut RunningCalls) -> T) -> T {
        let mut calls: MutexGuard<'_, RunningCalls> =
            self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut calls);
        self.stop.store(calls.stops(), Ordering::Relaxed);
        changed
    }

    /// Takes note that a call has come. Before that it cannot be cancelled.
    pub(super) fn open(&self, id: u64) {
        self.change(|calls| calls.open.insert(id));
    }

    /// Cancels a call, unless it is already over.
    pub(super) fn cancel(&self, id: u64) {
        self.change(|calls| calls.open.contains(&id) && calls.cancelled.insert(id));
    }

    /// Takes note that a call is over.
    pub(super) fn close(&self, id: u64) {
        self.change(|calls| {
            for set in [&mut calls.open, &mut calls.cancelled, &mut calls.served] {
                set.remove(&id);
            }
        });
    }

    /// Says for which calls the model works from now on.
    pub(crate) fn serve(&self, ids: impl IntoIterator<Item = u64>) {
        self.change(|calls| calls.served = ids.into_iter().collect());
    }

    /// Returns whether all calls that the model works for are cancelled.
    pub(crate) fn is_set(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Returns whether this call is cancelled.
    pub(crate) fn has(&self, id: u64) -> bool {
        self.change(|calls| calls.cancelled.contains(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> CancelState {
        let state = CancelState { calls: Mutex::new(RunningCalls::NONE), stop: AtomicBool::new(false) };
        [1, 2].into_iter().for_each(|id| state.open(id));
        state
    }

    #[test]
    fn work_stops_when_all_that_it_is_for_are_cancelled() {
        let state = state();
        state.serve([1, 2]);
        state.cancel(1);
        assert!(state.has(1) && !state.has(2) && !state.is_set());
        state.cancel(2);
        assert!(state.is_set());
        state.serve([]);
        assert!(!state.is_set(), "nothing is worked on");
    }

    #[test]
    fn what_is_over_cannot_be_cancelled_and_is_forgotten() {
        let state = state();
        state.serve([1]);
        state.cancel(1);
        state.close(1);
        assert!(!state.is_set() && !state.has(1));
        state.cancel(1);
        state.cancel(7);
        assert!(!state.has(1) && !state.has(7));
    }
}
