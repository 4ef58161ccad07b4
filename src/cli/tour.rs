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
        "blobs/30/72ff4e0a0d07bab7b8e3731d6557f7a422ceb922a11830acb073387b17efdc",
        include_bytes!(
            "../../sessions/dinner/blobs/30/72ff4e0a0d07bab7b8e3731d6557f7a422ceb922a11830acb073387b17efdc"
        ),
    ),
    (
        "blobs/e3/50a3802a30452effdd120313db7aea72bf8d7d0bdb712f2cc037d970bc21c2",
        include_bytes!(
            "../../sessions/dinner/blobs/e3/50a3802a30452effdd120313db7aea72bf8d7d0bdb712f2cc037d970bc21c2"
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
