//! What the screen remembers from one time to the next: how large its parts were.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use files::Durability;
use serde::{Deserialize, Serialize};

use crate::layout::Sizes;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The sizes that the person gave to the parts of the screen.
    pub sizes: Sizes,
}

/// The file is there and cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("what the screen remembered cannot be read, so it starts afresh ({}: {reason})", .path.display())]
pub struct Forgotten {
    /// The file.
    path: PathBuf,
    /// What is wrong with it.
    reason: String,
}

impl Memory {
    /// Returns what `file` holds; nothing where there is no such file yet.
    ///
    /// # Errors
    /// [`Forgotten`] when the file is there and cannot be used.
    pub fn load(file: &Path) -> Result<Self, Forgotten> {
        let forgotten = |reason: String| Forgotten { path: file.to_owned(), reason };
        match fs::read_to_string(file) {
            Ok(text) => toml::from_str(&text).map_err(|error| forgotten(error.message().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(forgotten(error.to_string())),
        }
    }

    /// Rewrites `file`, whole or not at all.
    ///
    /// # Errors
    /// When the file or its folder cannot be written.
    pub fn store(&self, file: &Path) -> io::Result<()> {
        let dir = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir)?;
        let text = toml::to_string(self).map_err(io::Error::other)?;
        files::write_whole(file, text.as_bytes(), Durability::Buffered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_comes_back_and_a_broken_file_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("below").join("screen.toml");
        assert_eq!(Memory::load(&file).unwrap(), Memory::default());
        let memory = Memory { sizes: toml::from_str("wide = [40, 60, 50]").unwrap() };
        memory.store(&file).unwrap();
        assert_eq!(Memory::load(&file).unwrap(), memory);
        fs::write(&file, "sizes = 3").unwrap();
        let error = Memory::load(&file).unwrap_err().to_string();
        assert!(error.contains("starts afresh") && error.contains("screen.toml"), "{error}");
    }
}
