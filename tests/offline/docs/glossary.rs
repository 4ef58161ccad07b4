//! Holds that the code has every name that docs/glossary.md gives for a term.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{ROOT, files};

const DOC: &str = include_str!("../../../docs/glossary.md");

/// The terms of the glossary, each with the names in the last column of its row.
fn terms() -> Vec<(String, Vec<String>)> {
    let rows = DOC.lines().filter(|line| line.starts_with("| **"));
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        (cells[0].trim().replace("**", ""), cells.last().map(|cell| quoted(cell)).unwrap_or_default())
    };
    rows.map(row).collect()
}

/// The types and functions that sources define, each with all words of the files that do.
#[derive(Default)]
struct Definitions(BTreeMap<String, BTreeSet<String>>);

impl Definitions {
    fn read(&mut self, source: &str) {
        let words: Vec<&str> = source.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let kinds = ["struct", "enum", "trait", "type", "fn"];
        for pair in words.windows(2).filter(|pair| kinds.contains(&pair[0])) {
            self.0.entry(pair[1].to_owned()).or_default().extend(words.iter().map(|word| (*word).to_owned()));
        }
    }

    /// Whether there is `name`, or for `Type::member` the member in a file that defines the type.
    fn have(&self, name: &str) -> bool {
        let (kind, member) = name.split_once("::").unwrap_or((name, name));
        self.0.get(kind).is_some_and(|words| words.contains(member))
    }
}

#[test]
fn the_code_has_every_name_of_the_glossary() {
    let mut definitions = Definitions::default();
    let sources = Path::new(ROOT).join("src");
    let is_source =
        |path: &Path| path.starts_with(&sources) && path.extension().is_some_and(|kind| kind == "rs");
    for path in files().iter().filter(|path| is_source(path)) {
        definitions.read(&fs::read_to_string(path).expect("a source"));
    }
    assert!(!definitions.have("NoSuchType") && !definitions.have("Plan::no_such_member"));
    let terms = terms();
    assert!(terms.len() > 40, "the table was read: {terms:?}");
    for (term, names) in terms {
        assert!(!names.is_empty(), "docs/glossary.md: the row of {term} names nothing in the code");
        for name in names {
            assert!(
                definitions.have(&name),
                "docs/glossary.md: {term} is called {name}, which src does not define"
            );
        }
    }
}
