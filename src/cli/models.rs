//! The models of this machine for the screen on which one is picked.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};
use tokio::sync::mpsc;

use crate::failure::Failure;
use llm::models::{Catalog, CatalogEntry, ModelStore, PullProgress, PullStatus, catalog, format_bytes, pull};
use tui::{ModelEntry, ModelSource, PullUpdate};

/// How often a download says how far it is.
const EVERY: Duration = Duration::from_millis(100);

/// The catalogue and the folder of fetched models.
pub struct Models {
    catalog: &'static Catalog,
    store: ModelStore,
    /// Bytes of memory, where the system reports them.
    memory: Option<u64>,
}

impl Models {
    /// Returns the models of this machine.
    ///
    /// # Errors
    /// When there is no folder to keep models in.
    pub fn of_this_machine() -> Result<Self, Failure> {
        let kinds = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
        let memory = System::new_with_specifics(kinds).ok().map(|system| {
            let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
            system.total_memory().min(limit)
        });
        Ok(Self { catalog: catalog()?, store: ModelStore::open_default()?, memory })
    }

    fn entry(&self, entry: &CatalogEntry) -> ModelEntry {
        ModelEntry {
            name: entry.name.clone(),
            title: entry.title.clone(),
            size: format!("{} {}", entry.parameters, entry.quantization),
            file: format_bytes(entry.bytes),
            memory: format_bytes(entry.memory),
            fits: self.memory.map(|memory| memory >= entry.memory),
            licence: entry.licence.clone(),
            notes: entry.purpose(),
            installed: self.store.is_installed(entry),
            default: entry.name == self.catalog.default,
        }
    }
}

impl ModelSource for Models {
    fn list(&self) -> Vec<ModelEntry> {
        self.catalog.models.iter().map(|entry| self.entry(entry)).collect()
    }

    fn pull(&self, name: String, tell: mpsc::Sender<PullUpdate>) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            let progress = ScreenProgress { tell, last: Mutex::new(None) };
            let pulled = pull(&name, None, &progress).await;
            pulled.map(drop).map_err(|error| match error.hint() {
                Some(hint) => format!("{error} ({hint})."),
                None => format!("{error}."),
            })
        })
    }
}

/// Passes a download's progress on to the screen.
struct ScreenProgress {
    tell: mpsc::Sender<PullUpdate>,
    last: Mutex<Option<Instant>>,
}

impl PullProgress for ScreenProgress {
    fn update(&self, status: PullStatus<'_>) {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.is_some_and(|at| at.elapsed() < EVERY) && status.done < status.total {
            return;
        }
        *last = Some(Instant::now());
        let what = format!("{} {}", status.phase.name(), status.source);
        // A screen that is behind gets the next one.
        let _ = self.tell.try_send(PullUpdate::Bytes { what, done: status.done, total: status.total });
    }

    fn note(&self, line: &str) {
        let _ = self.tell.try_send(PullUpdate::Note(line.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_of_the_catalogue_is_offered_with_what_it_takes() {
        let dir = tempfile::tempdir().unwrap();
        let catalog = catalog().unwrap();
        let models = Models { catalog, store: ModelStore::new(dir.path()), memory: Some(2_000_000_000) };
        let list = models.list();
        assert_eq!(list.len(), catalog.models.len());
        let default = list.iter().find(|model| model.default).unwrap();
        assert_eq!((default.fits, default.installed), (Some(true), false));
        assert!(list.iter().any(|model| model.fits == Some(false)));
    }
}
