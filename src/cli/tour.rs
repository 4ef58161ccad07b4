//! `planscope tour`: the guided tour through a session that is part of the program.

use std::{fs, io, path::Path};

use super::{
    Common,
    screen::{self, ShownSession},
};
use crate::failure::Failure;
use crate::{app, config::Config};
use output::exit::End;
use session::Blobs;
use tui::tour::Tour;

/// The files of the session; of its calls the one that the tour shows.
const FILES: [(&str, &[u8]); 4] = [
    ("manifest.json", include_bytes!("../../sessions/dinner/manifest.json")),
    ("events.jsonl", include_bytes!("../../sessions/dinner/events.jsonl")),
    (
        "blobs/7e/1eba6da0dbe577aa922e89278c826b3ec0a9c35024d6dfc24afbb7766ff62f",
        include_bytes!(
            "../../sessions/dinner/blobs/7e/1eba6da0dbe577aa922e89278c826b3ec0a9c35024d6dfc24afbb7766ff62f"
        ),
    ),
    (
        "blobs/b7/13a00433caf6751cf1fb7fd550e4052967d8948949bb5df4477cd4a3072ff9",
        include_bytes!(
            "../../sessions/dinner/blobs/b7/13a00433caf6751cf1fb7fd550e4052967d8948949bb5df4477cd4a3072ff9"
        ),
    ),
];

/// Returns the files of the session of the tour, by their names in its folder.
pub const fn files() -> [(&'static str, &'static [u8]); 4] {
    FILES
}

/// Takes the tour.
///
/// # Errors
/// When there is no terminal, or no place for the session.
pub async fn run(common: &Common) -> Result<End, Failure> {
    tui::require_terminal()
        .map_err(|error| Failure::new(error.to_string()).hint("docs/tutorial.md says what the tour shows"))?;
    take(&common.config()?).await
}

/// Takes the tour on this terminal. Forking the session continues with the fork.
///
/// # Errors
/// As [`run`].
pub async fn take(config: &Config) -> Result<End, Failure> {
    let dir = tempfile::tempdir().map_err(no_place)?;
    unpack(dir.path()).map_err(no_place)?;
    let tour = Tour::bundled().map_err(|error| Failure::new(error.to_string()))?;
    let base = tui::Options::new(app::appearance(config)?, app::keymap(config)?, Blobs::of(dir.path()));
    let options = tui::Options { tour: Some(tour), ..base };
    screen::show(ShownSession::Record(dir.path().to_owned()), config, options).await
}

fn unpack(dir: &Path) -> io::Result<()> {
    for (name, bytes) in FILES {
        let path = dir.join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn no_place(error: io::Error) -> Failure {
    Failure::new(format!("Cannot unpack the session of the tour: {error}."))
        .hint("make room in the folder for temporary files, or name another with TMPDIR")
}
