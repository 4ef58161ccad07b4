//! The large texts of a session: requests and replies of model calls, each in a file named by its hash.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{BlobId, ReadError, format::blob_path};

/// Reads the blobs of one session, recorded or still being written.
#[derive(Debug, Clone)]
pub struct Blobs {
    session: PathBuf,
}

impl Blobs {
    /// Returns the blobs of the session in the directory `session`.
    pub fn of(session: &Path) -> Self {
        Self { session: session.to_owned() }
    }

    /// Returns the session's directory.
    pub fn session(&self) -> &Path {
        &self.session
    }

    /// Returns the bytes of the blob called `id`, after having compared them with their name.
    ///
    /// # Errors
    /// [`ReadError::Blob`] when it is missing, changed or unreadable.
    pub fn read(&self, id: &BlobId) -> Result<Vec<u8>, ReadError> {
        let bad = |reason: String| ReadError::Blob { id: id.clone(), reason };
        let path = blob_path(&self.session, id).ok_or_else(|| bad("has no valid name".to_owned()))?;
        let bytes = fs::read(&path).map_err(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            bad(if missing { "is missing".to_owned() } else { format!("cannot be read: {error}") })
        })?;
        if BlobId::of(&bytes) == *id {
            Ok(bytes)
        } else {
            Err(bad("was changed after it was written".to_owned()))
        }
    }
}
