//! The folder that holds fetched models, and what is remembered of them.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use files::Durability;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::{
    ModelError,
    catalog::{CatalogEntry, joined_checksum},
};

/// Returns the folder that models are kept in: `models` in `PLANSCOPE_CACHE`, or in the user's cache folder.
///
/// # Errors
/// [`ModelError::NoCacheDir`] when neither is known.
pub fn models_dir() -> Result<PathBuf, ModelError> {
    if let Some(dir) = std::env::var_os("PLANSCOPE_CACHE").filter(|dir| !dir.is_empty()) {
        return Ok(PathBuf::from(dir).join("models"));
    }
    let dirs = directories::ProjectDirs::from("", "", "planscope").ok_or(ModelError::NoCacheDir)?;
    Ok(dirs.cache_dir().join("models"))
}

/// The folder that holds fetched models.
#[derive(Debug, Clone)]
pub struct ModelStore {
    dir: PathBuf,
}

/// What was true of a file when its checksum was computed; while it still is, so is the checksum.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Verified {
    bytes: u64,
    modified_ns: u64,
    sha256: String,
}

/// Held while a model is being fetched; the system frees it when the process ends.
#[derive(Debug)]
pub(super) struct Lock(#[allow(dead_code, reason = "held for its lock, which closing frees")] File);

impl ModelStore {
    /// Returns the store in `dir`, which need not exist yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Returns the store in the models folder.
    ///
    /// # Errors
    /// [`ModelError::NoCacheDir`].
    pub fn open_default() -> Result<Self, ModelError> {
        models_dir().map(Self::new)
    }

    /// Returns the folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns where a model's file is, or would be; of one that is split, its first.
    pub fn path(&self, entry: &CatalogEntry) -> PathBuf {
        let first = entry.files().into_iter().next();
        self.dir.join(format!("{}.gguf", first.map_or_else(|| entry.name.clone(), |file| file.name)))
    }

    /// Returns where what has arrived of a model is kept until it is whole.
    pub(super) fn part_path(&self, entry: &CatalogEntry) -> PathBuf {
        self.dir.join(format!("{}.part", entry.name))
    }

    fn note_path(&self, entry: &CatalogEntry) -> PathBuf {
        self.dir.join(format!("{}.verified.json", entry.name))
    }

    /// Returns whether the file is there and was found right as it now is. Reads no more than a few bytes;
    /// a file that nobody has checked yet does not count.
    /// Of a model that is split, all files have to be there.
    pub fn is_installed(&self, entry: &CatalogEntry) -> bool {
        let right = |file: CatalogEntry| {
            let note = self.verified(&file);
            note.is_some_and(|note| file.sha256.is_none_or(|hash| hash == note.sha256))
        };
        entry.files().into_iter().all(right)
    }

    /// Returns the checksum that the present file was found to have, or one over those of all parts.
    pub fn known_sha256(&self, entry: &CatalogEntry) -> Option<String> {
        let files = entry.files();
        let all: Option<Vec<String>> = files.iter().map(|file| Some(self.verified(file)?.sha256)).collect();
        all.map(|all| joined_checksum(&all))
    }

    fn verified(&self, entry: &CatalogEntry) -> Option<Verified> {
        let (bytes, modified_ns) = fingerprint(&self.path(entry)).ok()?;
        let note: Verified = serde_json::from_slice(&fs::read(self.note_path(entry)).ok()?).ok()?;
        (note.bytes == bytes && note.modified_ns == modified_ns).then_some(note)
    }

    /// Remembers that the present file has this checksum.
    pub(super) fn remember(&self, entry: &CatalogEntry, sha256: &str) -> Result<(), ModelError> {
        let path = self.path(entry);
        let (bytes, modified_ns) = fingerprint(&path).map_err(ModelError::io("look at", &path))?;
        let note = Verified { bytes, modified_ns, sha256: sha256.to_owned() };
        write_json(&self.note_path(entry), &note)
    }

    /// Waits until nobody else is fetching this model; `waiting` is called once if somebody is.
    pub(super) async fn lock(&self, entry: &CatalogEntry, waiting: impl Fn()) -> Result<Lock, ModelError> {
        fs::create_dir_all(&self.dir).map_err(ModelError::io("make the folder", &self.dir))?;
        let path = self.dir.join(format!("{}.lock", entry.name));
        let file = File::create(&path).map_err(ModelError::io("write", &path))?;
        let mut reported = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::Error(error)) => return Err(ModelError::io("lock", &path)(error)),
                Err(TryLockError::WouldBlock) => {
                    if !std::mem::replace(&mut reported, true) {
                        waiting();
                    }
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    /// Returns the free bytes on the disk that the folder is on, where the system reports them.
    pub fn free_bytes(&self) -> Option<u64> {
        // The folder may not exist yet; its nearest existing ancestor is on the same disk.
        let dir = self.dir.ancestors().find_map(|dir| dir.canonicalize().ok())?;
        let disks = sysinfo::Disks::new_with_refreshed_list().ok()?;
        let holds = |disk: &&sysinfo::Disk| dir.starts_with(disk.mount_point());
        let disk = disks.iter().filter(holds).max_by_key(|disk| disk.mount_point().as_os_str().len())?;
        Some(disk.available_space())
    }
}

fn fingerprint(path: &Path) -> io::Result<(u64, u64)> {
    let meta = fs::metadata(path)?;
    let age = meta.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok((meta.len(), u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)))
}

/// Writes a small file whole or not at all.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), ModelError> {
    let bytes = serde_json::to_vec(value).map_err(io::Error::from);
    let written = bytes.and_then(|bytes| files::write_whole(path, &bytes, Durability::Buffered));
    written.map_err(ModelError::io("write", path))
}

/// Feeds the first `limit` bytes of a file to `each`, in pieces.
pub(super) fn read_in_pieces(
    path: &Path,
    limit: u64,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut file = File::open(path)?.take(limit);
    let (mut buffer, mut done) = (vec![0; 1 << 20], 0);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(done),
            n => {
                each(&buffer[..n])?;
                done += n as u64;
            }
        }
    }
}

/// Computes the sha256 of a file in hexadecimal; `step` is called with how many bytes are done.
pub(super) fn sha256_of(path: &Path, mut step: impl FnMut(u64)) -> Result<String, ModelError> {
    let (mut hasher, mut done) = (Context::new(&SHA256), 0);
    read_in_pieces(path, u64::MAX, |piece| {
        hasher.update(piece);
        done += piece.len() as u64;
        step(done);
        Ok(())
    })
    .map_err(ModelError::io("read", path))?;
    Ok(hex(hasher.finish().as_ref()))
}

/// Writes bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
