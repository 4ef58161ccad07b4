//! Watching the user's folder of themes, so that a theme can be worked on while it is shown.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Editors write a file in several steps; this is how long they are given.
const SETTLE: Duration = Duration::from_millis(100);

/// Notifies when something in a folder of themes changed. The system reports it, so that waiting costs nothing.
#[derive(Debug)]
pub struct Watch {
    /// Dropping it ends the watching.
    _watcher: RecommendedWatcher,
    changes: mpsc::Receiver<()>,
    settled: Option<Instant>,
}

impl Watch {
    /// Begins to watch `dir`; none where there is no such folder, or the system cannot watch it. Themes
    /// are then read when the program starts.
    pub fn begin(dir: &Path) -> Option<Self> {
        let (tell, changes) = mpsc::channel(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let about_text = |event: notify::Event| {
                !matches!(event.kind, EventKind::Access(_))
                    && event.paths.iter().any(|path| path.extension().is_some_and(|end| end == "toml"))
            };
            if event.is_ok_and(about_text) {
                // A full channel already announces a change.
                let _ = tell.try_send(());
            }
        })
        .ok()?;
        watcher.watch(dir, RecursiveMode::NonRecursive).ok()?;
        Some(Self { _watcher: watcher, changes, settled: None })
    }

    /// Waits until a file changed and has settled. Nothing is lost when the waiting is given up.
    pub async fn changed(&mut self) {
        loop {
            if let Some(settled) = self.settled {
                tokio::time::sleep_until(settled.into()).await;
                self.settled = None;
                while self.changes.try_recv().is_ok() {}
                return;
            }
            if self.changes.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
            self.settled = Some(Instant::now() + SETTLE);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_changed_theme_is_announced_once_and_other_files_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut watch = Watch::begin(dir.path()).unwrap();
        std::fs::write(dir.path().join("mine.toml"), "a").unwrap();
        std::fs::write(dir.path().join("mine.toml"), "b").unwrap();
        timeout(Duration::from_secs(10), watch.changed()).await.unwrap();
        std::fs::write(dir.path().join("notes.txt"), "c").unwrap();
        assert!(timeout(Duration::from_millis(400), watch.changed()).await.is_err());
        assert!(Watch::begin(&dir.path().join("none")).is_none());
    }
}
