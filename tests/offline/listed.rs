//! Every file of a test or bench is compiled into a binary: Rust ignores a file that no `mod` names, and Cargo one that its
//! manifest does not name.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folders below `tests`: one for each binary, and what they share.
const FOLDERS: [&str; 5] = ["model", "network", "offline", "support", "terminal"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The entries of a folder, in order.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// Whether a path is a source, or a folder with some; folders of data are no modules.
fn is_module(path: &Path) -> bool {
    if path.is_dir() {
        entries(path).iter().any(|path| is_module(path))
    } else {
        path.extension().is_some_and(|kind| kind == "rs")
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The modules that a source declares as files.
fn declared(source: &Path) -> Vec<String> {
    let text = fs::read_to_string(source).unwrap_or_default();
    let name = |line: &str| {
        let (before, after) = line.trim_end().strip_suffix(';')?.split_once("mod ")?;
        ["", "pub ", "pub(crate) ", "pub(super) "].contains(&before).then(|| after.to_owned())
    };
    text.lines().filter_map(name).collect()
}

/// Adds the files below `dir` that `source`, or a module that it declares, does not declare.
fn forgotten(dir: &Path, source: &str, into: &mut Vec<PathBuf>) {
    let declared = declared(&dir.join(source));
    for path in entries(dir).into_iter().filter(|path| is_module(path) && !path.ends_with(source)) {
        if !declared.contains(&stem(&path)) {
            into.push(path);
        } else if path.is_dir() {
            forgotten(&path, "mod.rs", into);
        }
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let mut left = Vec::new();
    for path in entries(&root().join("tests")) {
        match FOLDERS.into_iter().find(|name| path.ends_with(name)) {
            Some("support") => forgotten(&path.join("src"), "lib.rs", &mut left),
            Some(_) => forgotten(&path, "main.rs", &mut left),
            None if is_module(&path) => left.push(path),
            None => {}
        }
    }
    assert!(
        left.is_empty(),
        "these are in no test binary; declare each with `mod` in the main.rs or mod.rs of its folder: {left:?}"
    );
}

#[test]
fn every_binary_is_in_the_manifest() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let named = |kind: &str, name: &str| manifest.contains(&format!("[[{kind}]]\nname = \"{name}\"\n"));
    for name in FOLDERS.into_iter().filter(|name| *name != "support") {
        assert!(named("test", name), "tests/{name} is not in Cargo.toml");
    }
    for path in entries(&root().join("benches")).into_iter().filter(|path| is_module(path)) {
        assert!(named("bench", &stem(&path)), "{} is not in Cargo.toml", path.display());
    }
}

#[test]
fn a_forgotten_file_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("main.rs", "mod a;\n#[cfg(unix)]\npub mod b;\n// mod c;\nmod inner {\n}\n");
    write("a.rs", "");
    write("c.rs", "");
    write("b/mod.rs", "mod d;\n");
    write("b/d.rs", "");
    write("b/e.rs", "");
    write("b/snapshots/x.snap", "");
    write("f/mod.rs", "");
    let mut left = Vec::new();
    forgotten(dir.path(), "main.rs", &mut left);
    assert_eq!(left, ["b/e.rs", "c.rs", "f"].map(|name| dir.path().join(name)));
}
