//! Which sessions there are around the one that is shown.

use std::path::{Path, PathBuf};

use super::session_rows::Row;
use session::Manifest;

/// Which sessions there are around the one that is shown.
#[derive(Debug, Clone, Default)]
pub struct Sessions {
    /// The directory of the session that is shown, as a whole path; absent where it lies nowhere.
    pub here: Option<PathBuf>,
    /// The session that was shown before this one.
    pub before: Option<PathBuf>,
    /// Names of the others that can be opened, with a few words on each; absent until they were asked for.
    others: Option<Vec<(String, String)>>,
    /// The session that the person asked to look at.
    pub wanted: Option<PathBuf>,
}

impl Sessions {
    /// Returns the names of the other sessions as far as they are known, with a few words on each.
    pub fn others(&self) -> &[(String, String)] {
        self.others.as_deref().unwrap_or_default()
    }

    /// Notes that the names of the others are asked for; returns whether that is the first time.
    pub fn ask_for_others(&mut self) -> bool {
        let first = self.others.is_none();
        self.others.get_or_insert_default();
        first
    }

    /// Takes in all sessions of the folder.
    pub fn receive(&mut self, rows: &[Row]) {
        let readable = |row: &&Row| row.manifest.is_ok() && !self.is_here(&row.path);
        let about = |row: &Row| {
            let title = row.manifest.as_ref().map_or_else(|_| String::new(), Manifest::about);
            format!("{title} · {} · {}", row.end(false), row.age)
        };
        self.others = Some(rows.iter().filter(readable).map(|row| (row.name.clone(), about(row))).collect());
    }

    /// Returns the folder that the sessions lie in.
    pub fn base(&self) -> Option<&Path> {
        self.here.as_deref()?.parent()
    }

    /// Returns whether the session at the whole path `path` is the one that is shown.
    pub fn is_here(&self, path: &Path) -> bool {
        self.here.as_deref() == Some(path)
    }
}

/// Returns the whole path, so that the folder around it is known.
pub fn whole(dir: &Path) -> PathBuf {
    dir.canonicalize().unwrap_or_else(|_| dir.to_owned())
}
