//! Models as files: a catalogue of names, where their files are kept, and how they are fetched.
//!
//! A file gets its name in the cache only after its checksum was found right, so whatever is there can be
//! used. The checksum is stored next to the file with its size and time, and need not be computed again.

mod catalog;
#[cfg(feature = "http")]
mod download;
#[cfg(feature = "http")]
mod fault;
#[cfg(feature = "http")]
mod hub;
mod mirror;
mod part;
mod progress;
mod pull;
mod store;
#[cfg(feature = "http")]
mod token;

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use super::gguf;
pub use catalog::{Catalog, CatalogEntry, FilePart, HuggingFace, Mirror, catalog};
pub use progress::{LineProgress, PullPhase, PullProgress, PullStatus, Silent, TerminalProgress};
pub use pull::{Puller, pull};
pub use store::ModelStore;

/// Why a model cannot be had. Every text is a sentence that can be shown as it is.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what they are")]
pub enum ModelError {
    /// The built-in catalogue cannot be read.
    #[error("the built-in model catalogue is broken: {0}")]
    Catalog(String),
    /// Neither a file nor a name of the catalogue.
    #[error("there is no model called \"{name}\"{}", did_you_mean(.suggestion.as_deref()))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The most similar name.
        suggestion: Option<String>,
        known: Vec<String>,
    },
    /// A path that leads to no usable file.
    #[error("{} is no model file: {reason}", .path.display())]
    NotAModel {
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Part of a model that is split, of which another part is not there.
    #[error("{} cannot be used: {reason}", .path.display())]
    Incomplete {
        /// The part that was named.
        path: PathBuf,
        /// Which is missing.
        reason: String,
    },
    /// In the catalogue, but not fetched yet.
    #[error("the model {name} is not there yet ({})", .path.display())]
    NotInstalled {
        name: String,
        /// Where it would be.
        path: PathBuf,
    },
    /// The bytes are not the right ones; they were removed.
    #[error("what came from {origin} is not {name}: its sha256 is {actual} instead of {expected}")]
    WrongHash {
        name: String,
        /// Where the bytes came from.
        origin: String,
        /// What the catalogue or the hub says.
        expected: String,
        /// What the bytes gave.
        actual: String,
    },
    /// The disk is too full.
    #[error(
        "{name} needs {} in {}, but only {} are free there",
        format_bytes(*.needed), .dir.display(), format_bytes(*.free)
    )]
    DiskFull {
        name: String,
        /// Where it was to go.
        dir: PathBuf,
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// One source did not work out.
    #[error("{origin}: {reason}")]
    Source { origin: String, reason: String },
    /// No source worked out.
    #[error("{name} could not be fetched; {}", .reasons.join("; "))]
    NoSource {
        name: String,
        /// Each source with its reason.
        reasons: Vec<String>,
    },
    /// A file or folder cannot be used.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// Nowhere to keep models.
    #[error("there is no home folder to keep models in")]
    NoCacheDir,
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default()
}

impl ModelError {
    /// Returns what the user can do about it, where something is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } => {
                Some(format!("give the path of a GGUF file, or one of: {}", known.join(", ")))
            }
            Self::NotAModel { .. } => {
                Some("a model is a file in GGUF format; see `planscope model list`".into())
            }
            Self::Incomplete { .. } => {
                Some("put all parts into one folder; any of them names the whole model".into())
            }
            Self::NotInstalled { name, .. } => Some(format!("run `planscope model pull {name}`")),
            Self::WrongHash { .. } => {
                Some("the bytes were thrown away; pull again, or from another source".into())
            }
            Self::DiskFull { .. } => {
                Some("make room, or set PLANSCOPE_CACHE to a folder on another disk".into())
            }
            Self::Source { .. } => None,
            Self::NoSource { name, .. } => Some(format!(
                "run it again to resume the download, or download the file elsewhere and run \
                 `planscope model pull {name} --from FILE`"
            )),
            Self::NoCacheDir => Some("set PLANSCOPE_CACHE to a folder".into()),
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Some("make room and run it again, or set PLANSCOPE_CACHE to a folder on another disk".into())
            }
            Self::Catalog(_) | Self::Io { .. } => None,
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// A model that was asked for, with the place of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedModel {
    /// The catalogue's name, or the file's name without its ending.
    pub name: String,
    /// Where the file is, or would be; the first of a model that is split.
    pub path: PathBuf,
    /// The file's checksum, or one over those of its parts, where the catalogue, or the hub at the time of the
    /// download, reported it.
    pub sha256: Option<String>,
    /// What the catalogue knows of it.
    pub entry: Option<&'static CatalogEntry>,
}

impl ResolvedModel {
    /// Returns the model if its file is there and whole.
    ///
    /// # Errors
    /// [`ModelError::NotInstalled`], with the command that fetches it as the hint.
    pub fn require(self) -> Result<Self, ModelError> {
        let there = match self.entry {
            Some(entry) => ModelStore::open_default()?.is_installed(entry),
            None => true,
        };
        match there {
            true => Ok(self),
            false => Err(ModelError::NotInstalled { name: self.name, path: self.path }),
        }
    }
}

/// Finds the model that `name_or_path` means: a name of the catalogue, or the path of any GGUF file.
/// A model of the catalogue need not be there yet; see [`ResolvedModel::require`].
///
/// # Errors
/// [`ModelError::Unknown`] or [`ModelError::NotAModel`].
pub fn resolve(name_or_path: &str) -> Result<ResolvedModel, ModelError> {
    let catalog = catalog()?;
    if let Some(entry) = catalog.get(name_or_path) {
        let store = ModelStore::open_default()?;
        let sha256 = entry.checksum().or_else(|| store.known_sha256(entry));
        return Ok(ResolvedModel {
            name: entry.name.clone(),
            path: store.path(entry),
            sha256,
            entry: Some(entry),
        });
    }
    let path = Path::new(name_or_path);
    let means_path = path.exists() || name_or_path.contains(['/', '\\']) || name_or_path.ends_with(".gguf");
    if !means_path {
        catalog.require(name_or_path)?;
    }
    check_magic(path)?;
    let not_whole = |reason| ModelError::Incomplete { path: path.to_owned(), reason };
    let (files, name) = gguf::files(path).map_err(not_whole)?;
    let path = files.into_iter().next().unwrap_or_else(|| path.to_owned());
    Ok(ResolvedModel { name, path, sha256: None, entry: None })
}

/// Returns whether the model of the catalogue called `name` is there and whole.
pub fn is_installed(name: &str) -> bool {
    let Ok(catalog) = catalog() else { return false };
    let Ok(store) = ModelStore::open_default() else { return false };
    catalog.get(name).is_some_and(|entry| store.is_installed(entry))
}

/// Checks the first bytes of a file, to distinguish a wrong path from a broken model.
pub(crate) fn check_magic(path: &Path) -> Result<(), ModelError> {
    let not_a_model = |reason: String| ModelError::NotAModel { path: path.to_owned(), reason };
    if path.is_dir() {
        return Err(not_a_model("it is a folder".into()));
    }
    let file = std::fs::File::open(path).map_err(|error| not_a_model(error.to_string()))?;
    let mut head = Vec::new();
    file.take(gguf::HEAD).read_to_end(&mut head).map_err(|error| not_a_model(error.to_string()))?;
    gguf::recognize(&head).map_err(|what| not_a_model(what.to_owned()))
}

/// Writes a number of bytes as people read it, in powers of 1000: `1.12 GB`.
pub fn format_bytes(bytes: u64) -> String {
    let units = [("GB", 1e9, 2), ("MB", 1e6, 0), ("kB", 1e3, 0)];
    for (unit, size, decimals) in units {
        if bytes as f64 >= size {
            return format!("{:.*} {unit}", decimals, bytes as f64 / size);
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_names_resolve() {
        let dir = tempfile::tempdir().expect("a folder");
        let good = dir.path().join("mine.gguf");
        std::fs::write(&good, b"GGUF and more").expect("written");
        let model = resolve(&good.to_string_lossy()).expect("a model");
        assert_eq!((model.name.as_str(), model.entry), ("mine", None));
        assert!(model.require().is_ok());

        let model = resolve("smollm2-135m").expect("in the catalogue");
        assert!(model.path.ends_with("models/smollm2-135m.gguf"), "{}", model.path.display());
        assert_eq!(model.sha256.as_deref().map(str::len), Some(64));
    }

    #[test]
    fn what_is_no_model_says_why() {
        let dir = tempfile::tempdir().expect("a folder");
        let (bad, short) = (dir.path().join("bad.gguf"), dir.path().join("short.gguf"));
        std::fs::write(&bad, b"<html>").expect("written");
        std::fs::write(&short, b"GG").expect("written");
        for (path, reason) in [
            (bad.clone(), "a web page"),
            (short, "a few bytes"),
            (dir.path().to_owned(), "a folder"),
            (dir.path().join("none.gguf"), "No such file"),
        ] {
            let error = resolve(&path.to_string_lossy()).expect_err("no model").to_string();
            assert!(error.contains(reason), "{error}");
        }
        assert!(matches!(resolve("qwen9"), Err(ModelError::Unknown { .. })));
    }

    #[test]
    fn sizes_read_well() {
        let shown = [999, 98_362_432, 1_117_320_768].map(format_bytes);
        assert_eq!(shown, ["999 B", "98 MB", "1.12 GB"]);
    }
}
