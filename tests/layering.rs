//! Holds the rule of `lib.rs`: which room may know which.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A room, and the others that it may name. `cli`, `app` and `main` may name all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("output", &[]),
    ("plan", &[]),
    ("sandbox", &["output"]),
    // Judging code means running it.
    ("problem", &["plan", "sandbox"]),
    ("llm", &["output"]),
    ("config", &["session", "llm"]),
    ("session", &["plan", "llm"]),
    ("probe", &["plan", "session"]),
    ("stats", &[]),
    ("engine", &["plan", "problem", "llm", "session", "probe", "stats"]),
    ("diagnose", &["plan", "problem", "llm", "session", "stats", "engine"]),
    ("verifier", &["plan", "problem", "llm", "session", "stats", "engine"]),
    // Judging code again takes a machine that can run it.
    ("lab", &["plan", "problem", "sandbox", "llm", "session", "engine", "stats", "diagnose"]),
    ("tui", &["output", "plan", "session", "llm", "engine", "probe", "diagnose"]),
];

/// Finer rules: of these rooms only some items may be named.
const ONLY: &[(&str, &str, &[&str])] = &[
    // What a session records of a call is plain data; the backends are none of its business.
    ("session", "llm", &["Cost", "ModelInfo", "PromptUse", "RankBy", "TemplateSettings", "ThinkingSettings"]),
    ("tui", "engine", &["Command", "Consultant", "Consulted", "Handle", "Update", "answer"]),
    // Diagnoses ask what the run asks, and never drive it.
    ("diagnose", "engine", &["Consultant", "answer", "prompt", "score", "seed"]),
    // Verifiers are measured outside any run.
    ("verifier", "engine", &["prompt", "score", "seed"]),
];

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn room(path: &Path, src: &Path) -> String {
    let first = path.strip_prefix(src).expect("below src").components().next().expect("a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The paths that start at the crate's root, each as `room::first`, with groups opened.
fn uses(text: &str) -> BTreeSet<(String, Option<String>)> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        open(&code[at + "crate::".len()..], &mut Vec::new(), &mut found);
    }
    found
}

/// Reads one path or group at the start of `text`; `path` is what stands before it. Returns what is left.
fn open<'a>(
    text: &'a str,
    path: &mut Vec<String>,
    found: &mut BTreeSet<(String, Option<String>)>,
) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = open(rest, path, found).trim_start();
            match rest.chars().next() {
                Some(',') => rest = rest[1..].trim_start(),
                Some('}') => return &rest[1..],
                _ => return rest,
            }
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    path.push(text[..end].to_owned());
    let rest = &text[end..];
    let rest = match rest.strip_prefix("::").filter(|_| path.len() < 2) {
        Some(after) => open(after, path, found),
        None => {
            found.insert((
                path[0].clone(),
                path.get(1).cloned().filter(|name| !name.is_empty() && name != "self"),
            ));
            // The rest of a longer path is of no interest; the caller looks for the next comma or brace.
            skip(rest)
        }
    };
    path.pop();
    rest
}

/// Skips to the end of the present path, past groups inside it.
fn skip(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' | ';' if depth == 0 => return &text[at..],
            '}' => depth -= 1,
            ' ' | '(' | ')' | '<' | '>' | '\n' if depth == 0 => return &text[at..],
            _ => {}
        }
    }
    ""
}

#[test]
fn rooms_know_only_what_they_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 50, "the sources were not found");
    let mut broken = Vec::new();
    for file in files {
        let from = room(&file, &src);
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == from) else { continue };
        for (to, item) in uses(&fs::read_to_string(&file).expect("a source")) {
            let is_room =
                MAY_USE.iter().any(|(name, _)| *name == to) || ["cli", "app"].contains(&to.as_str());
            let only = ONLY.iter().find(|(a, b, _)| *a == from && *b == to);
            let item_fine =
                only.is_none_or(|(_, _, names)| item.as_deref().is_none_or(|item| names.contains(&item)));
            if is_room && to != from && (!allowed.contains(&to.as_str()) || !item_fine) {
                broken.push(format!("{} names {to}::{}", file.display(), item.unwrap_or_default()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_widgets_know_only_the_theme_and_what_is_safe() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui/widgets");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for file in files {
        for (to, item) in uses(&fs::read_to_string(&file).expect("a source")) {
            let theirs =
                to == "tui" && item.as_deref().is_some_and(|item| ["theme", "widgets"].contains(&item));
            let fine = theirs || to == "output";
            assert!(fine, "{} names {to}::{item:?}", file.display());
        }
    }
}

#[test]
fn groups_are_opened() {
    let text = "use crate::{\n    plan::{self, Edit, item::{A, B}},\n    session::State,\n};\nlet x = crate::llm::Cost::default();";
    let found: Vec<String> =
        uses(text).into_iter().map(|(room, item)| format!("{room}::{}", item.unwrap_or_default())).collect();
    assert_eq!(found, ["llm::Cost", "plan::", "plan::Edit", "plan::item", "session::State"]);
}
