//! Adding a scorer, a proposer, a gate, a family and a surface: each to a copy of the sources, to count the files that it
//! takes.
//!
//! A newcomer is made from a member that is there, under a name of its own. It is whole only if nothing else knows that
//! member: a file that names it, in a string or a path, would have to name the newcomer too, and counts as touched.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// How one is added to a list, by the example of one that is there.
struct Addition {
    /// What it is.
    what: &'static str,
    /// The file with the list.
    registry: &'static str,
    /// The member's module below the folder of the list.
    module: &'static str,
    /// Its type.
    member: &'static str,
    /// Its line in the list.
    line: &'static str,
    /// Its name in settings.
    name: &'static str,
    /// Files that use the word for something else, or choose this member without having to know others.
    others: &'static [&'static str],
}

/// What the new ones are called, as a name, as a type and in settings.
const NEW: (&str, &str) = ("newcomer", "Newcomer");

const ADDITIONS: [Addition; 5] = [
    Addition {
        what: "scorer",
        registry: "src/engine/score/mod.rs",
        module: "consensus",
        member: "Consensus",
        line: "    &consensus::Consensus,\n",
        name: "consensus",
        // The weights that the first records had as fields; no later scorer is one.
        others: &["src/session/weights.rs"],
    },
    Addition {
        what: "proposer",
        registry: "src/engine/propose/mod.rs",
        module: "infill",
        member: "Infill",
        line: "    &infill::Infill,\n",
        name: "infill",
        others: &[],
    },
    Addition {
        what: "gate",
        registry: "src/engine/gate/mod.rs",
        module: "late_acceptance",
        member: "LateAcceptance",
        line: "    &late_acceptance::LateAcceptance,\n",
        name: "late_acceptance",
        others: &[],
    },
    Addition {
        what: "family",
        registry: "src/problem/families/mod.rs",
        module: "sudoku",
        member: "Sudoku",
        line: "    &sudoku::Sudoku,\n",
        name: "sudoku4",
        // What differs by family when a run begins; a family without a row begins as all others.
        // The weights of small models are listed by family too.
        others: &["src/engine/defaults.rs", "src/llm/planner/bundled.rs"],
    },
    Addition {
        what: "surface",
        registry: "src/surface/lib.rs",
        module: "json",
        member: "Json",
        line: "&Json",
        name: "json",
        // Endings of files.
        others: &["src/lab/store.rs", "src/problem/load/ending.rs", "src/train/job.rs"],
    },
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sources below `dir` that are part of the program, by their paths below `root`.
fn sources(root: &Path, dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root.join(dir)).expect("a folder") {
        let path = dir.join(entry.expect("an entry").file_name());
        if root.join(&path).is_dir() {
            sources(root, &path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            into.push(path);
        }
    }
}

/// What the program says in a file, without its own tests and comments.
fn said(text: &str) -> String {
    let program = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    program.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Copies the sources.
fn copied() -> (tempfile::TempDir, Vec<PathBuf>) {
    let (copy, mut files) = (tempfile::tempdir().expect("a folder"), Vec::new());
    sources(root(), Path::new("src"), &mut files);
    for file in &files {
        let to = copy.path().join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(root().join(file), to).expect("a copy");
    }
    (copy, files)
}

impl Addition {
    fn folder(&self) -> &'static Path {
        Path::new(self.registry).parent().expect("a folder")
    }

    /// Whether a file is the member's own.
    fn owns(&self, file: &Path) -> bool {
        let module = self.folder().join(self.module);
        file.starts_with(&module) || file == module.with_extension("rs")
    }

    /// The member's words under the name of the new one.
    fn renamed(&self, text: &str) -> String {
        let word = |word: &str| Regex::new(&format!(r"\b{word}\b")).expect("a word");
        let text = word(self.member).replace_all(text, NEW.1);
        let text = word(self.name).replace_all(&text, NEW.0);
        word(self.module).replace_all(&text, NEW.0).into_owned()
    }

    /// Adds the new one as CONTRIBUTING.md says: its own files, and two lines where the list is.
    fn add(&self, copy: &Path, files: &[PathBuf]) {
        for file in files.iter().filter(|file| self.owns(file)) {
            let to = copy.join(self.renamed(&file.display().to_string()));
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            let text = fs::read_to_string(copy.join(file)).expect("a source");
            fs::write(to, self.renamed(&text)).expect("a file");
        }
        let registry = copy.join(self.registry);
        let text = fs::read_to_string(&registry).expect("the list");
        let declaration = text.lines().find(|line| line.ends_with(&format!("mod {};", self.module)));
        let declaration = declaration.expect("the member's mod line");
        let mut text =
            text.replacen(declaration, &format!("{declaration}\n{}", self.renamed(declaration)), 1);
        let at = text.find(self.line).expect("the member's line in the list") + self.line.len();
        let line = if self.line.ends_with('\n') {
            self.renamed(self.line)
        } else {
            format!(", &{}::{}", NEW.0, NEW.1)
        };
        text.insert_str(at, &line);
        fs::write(registry, text).expect("the list");
    }

    /// The files outside its own and the list that know the member: by its name as a string or by a path to it.
    fn known_in<'f>(&self, files: &'f [PathBuf]) -> BTreeSet<&'f Path> {
        let folder = self.folder().file_name().expect("a name").to_string_lossy();
        let named = Regex::new(&format!(
            r#""{}"|\b{folder}::{}\b|\b{}::{}\b"#,
            self.name, self.module, self.module, self.member
        ));
        let named = named.expect("an expression");
        let outside = files.iter().filter(|file| !self.owns(file) && *file != Path::new(self.registry));
        let knows = |file: &&PathBuf| {
            named.is_match(&said(&fs::read_to_string(root().join(file)).expect("a source")))
        };
        outside.filter(knows).map(PathBuf::as_path).collect()
    }
}

/// The files of `copy` that are not as they were, or that are new.
fn touched(copy: &Path) -> BTreeSet<PathBuf> {
    let mut files = Vec::new();
    sources(copy, Path::new("src"), &mut files);
    let changed = |file: &PathBuf| fs::read(root().join(file)).ok() != fs::read(copy.join(file)).ok();
    files.into_iter().filter(changed).collect()
}

#[test]
fn each_is_one_file_and_one_line_in_a_list() {
    let (copy, files) = copied();
    let mut before = touched(copy.path());
    assert!(before.is_empty(), "{before:?}");
    for addition in &ADDITIONS {
        let known: BTreeSet<&Path> = addition.known_in(&files);
        let others: BTreeSet<&Path> = addition.others.iter().map(Path::new).collect();
        assert_eq!(known, others, "what else knows the {} {}", addition.what, addition.name);
        addition.add(copy.path(), &files);
        let now = touched(copy.path());
        let new: Vec<&PathBuf> = now.difference(&before).collect();
        let own = |file: &&PathBuf| file.to_string_lossy().contains(NEW.0);
        let lists: Vec<&PathBuf> = new.iter().copied().filter(|file| !own(file)).collect();
        assert_eq!(lists, [Path::new(addition.registry)], "{}", addition.what);
        assert!(new.len() > 1, "the {} has a file of its own", addition.what);
        let lines =
            |root: &Path| fs::read_to_string(root.join(addition.registry)).expect("a list").lines().count();
        let added = lines(copy.path()) - lines(self::root());
        assert!(added <= 2, "{}: {added} lines in the list", addition.what);
        before = now;
    }
}

#[test]
fn a_place_that_knows_a_member_is_found() {
    let gate = ADDITIONS.iter().find(|addition| addition.what == "gate").expect("the gate");
    let coin = Addition { module: "coin_flip", member: "CoinFlip", name: "coin_flip", others: &[], ..*gate };
    let mut files = Vec::new();
    sources(root(), Path::new("src"), &mut files);
    let known = coin.known_in(&files);
    assert!(known.contains(Path::new("src/lab/arms/coin_flip.rs")), "an arm chooses that gate: {known:?}");
}
