//! Pages of the documentation against the tables and defaults that they list, and all prose against a list of phrases.

mod architecture;
mod commands;
mod events;
mod glossary;
mod settings;
mod words;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The top folder of the project.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Returns the files that people write: all but recorded sessions and what is built or hidden, `.ci` excepted.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(Path::new(ROOT), &mut files);
    files
}

fn collect(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let others = ["target", "sessions"].iter().any(|other| entry == Path::new(ROOT).join(other));
        let ours = name == ".ci" || !(name.starts_with('.') || others);
        match (entry.is_dir(), ours) {
            (true, true) => collect(&entry, into),
            (false, _) => into.push(entry),
            (true, false) => {}
        }
    }
}
