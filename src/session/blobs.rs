//! The large texts of a session: requests and replies of model calls, each in a file named by its hash.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{
    event::BlobId,
    format::{blob_path, open_regular},
    reader::ReadError,
};

/// Bytes that a blob may have, far above those of any request or reply.
const MAX_BLOB: u64 = 1 << 30;

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

    /// Returns where the blob called `id` lies.
    ///
    /// # Errors
    /// [`ReadError::Blob`] when that is no name of a blob.
    pub fn path(&self, id: &BlobId) -> Result<PathBuf, ReadError> {
        let bad = || ReadError::Blob { id: id.clone(), reason: "has no valid name".to_owned() };
        blob_path(&self.session, id).ok_or_else(bad)
    }

    /// Returns the bytes of the blob called `id`, after having compared them with their name.
    ///
    /// # Errors
    /// [`ReadError::Blob`] when it is missing, changed or unreadable.
    pub fn read(&self, id: &BlobId) -> Result<Vec<u8>, ReadError> {
        let bad = |reason: String| ReadError::Blob { id: id.clone(), reason };
        let unread = |error: io::Error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            bad(if missing { "is missing".to_owned() } else { format!("cannot be read: {error}") })
        };
        let file = open_regular(&self.path(id)?).map_err(unread)?;
        let length = file.metadata().map_err(unread)?.len();
        if length > MAX_BLOB {
            return Err(bad(format!("has {length} bytes, more than the {MAX_BLOB} of the largest")));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(MAX_BLOB).read_to_end(&mut bytes).map_err(unread)?;
        if BlobId::of(&bytes) == *id {
            Ok(bytes)
        } else {
            Err(bad("was changed after it was written".to_owned()))
        }
    }
}
