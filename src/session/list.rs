//! All sessions of a directory, as a tree of forks.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    format::{MANIFEST_FILE, Manifest},
    reader::{ReadError, read_manifest},
};

/// One session, according to its manifest.
#[derive(Debug)]
pub struct SessionEntry {
    /// Its name: that of its directory.
    pub name: String,
    /// Its directory.
    pub path: PathBuf,
    /// What it is a record of, or why that is unknown.
    pub manifest: Result<Manifest, ReadError>,
}

impl SessionEntry {
    /// Returns the name of the session that it was forked from.
    pub fn parent(&self) -> Option<&str> {
        let manifest = self.manifest.as_ref().ok()?;
        manifest.parent.as_ref().map(|parent| parent.session.as_str())
    }
}

/// Returns the sessions in the directory `base`, oldest first and those that cannot be read last. Only manifests are read.
///
/// # Errors
/// [`ReadError::Io`] when the directory cannot be listed; one that does not exist holds no sessions.
pub fn list(base: &Path) -> Result<Vec<SessionEntry>, ReadError> {
    if !base.exists() {
        return Ok(Vec::new());
    }
    let failed = |source| ReadError::Io { path: base.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(base).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A dot is before the names of what other programs leave, and of sessions that are not made yet.
        if !name.starts_with('.') && path.join(MANIFEST_FILE).is_file() {
            entries.push(SessionEntry { name, manifest: read_manifest(&path), path });
        }
    }
    entries.sort_by_cached_key(|entry| {
        let created = entry.manifest.as_ref().map(|manifest| manifest.created).ok();
        (created.is_none(), created, entry.name.clone())
    });
    Ok(entries)
}

/// Returns the places of `entries` in the order of a tree, each with its depth: forks stand below their parent
/// where that is there too.
pub fn tree(entries: &[SessionEntry]) -> Vec<(usize, usize)> {
    let names: HashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let mut below: HashMap<Option<&str>, Vec<usize>> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        below.entry(entry.parent().filter(|parent| names.contains(parent))).or_default().push(at);
    }
    let mut rows = Vec::with_capacity(entries.len());
    let mut todo: Vec<(usize, usize)> = top(&below).map(|at| (0, at)).collect();
    todo.reverse();
    while let Some((depth, at)) = todo.pop() {
        rows.push((depth, at));
        // Taken out, so that sessions that name each other as parents in a cycle cannot loop forever.
        let children = below.remove(&Some(entries[at].name.as_str())).unwrap_or_default();
        todo.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
    }
    let shown: HashSet<usize> = rows.iter().map(|(_, at)| *at).collect();
    rows.extend((0..entries.len()).filter(|at| !shown.contains(at)).map(|at| (0, at)));
    rows
}

/// Returns the name of the session in the directory `path`, whichever way the path leads there.
pub fn name_of(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    whole.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Returns the directory of the session that a person named: by its path, or by its name among those in `base`.
pub fn find(base: Option<&Path>, named: &Path) -> PathBuf {
    let path = named.to_owned();
    let known = base.map(|base| base.join(named)).filter(|known| known.join(MANIFEST_FILE).is_file());
    if path.join(MANIFEST_FILE).is_file() { path } else { known.unwrap_or(path) }
}

fn top<'a>(below: &'a HashMap<Option<&str>, Vec<usize>>) -> impl Iterator<Item = usize> + 'a {
    below.get(&None).into_iter().flatten().copied()
}
