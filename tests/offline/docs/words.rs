//! Holds documents, comments and messages to plain words: none has a phrase of words.txt. Spelling is for `make spelling`.

use std::{fs, ops::Range, path::Path};

use regex::{Regex, RegexBuilder};

use super::{ROOT, files};

const LIST: &str = include_str!("words.txt");

/// What may separate the words of a phrase: blanks, the end of a line, and the sign with which a comment continues.
const GAP: &str = r"(?:\s|\\\n|//[/!]?|#)+";

/// The phrases of words.txt, and what to write instead of each.
struct Phrases {
    /// Matches any of them; group N is phrase N, from 1.
    any: Regex,
    instead: Vec<&'static str>,
    /// Matches comments and string literals of a Rust source.
    prose: Regex,
}

impl Phrases {
    fn read() -> Self {
        let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pairs = lines.map(|line| line.split_once(" => ").unwrap_or_else(|| panic!("words.txt: {line}")));
        let (phrases, instead): (Vec<&str>, Vec<&str>) = pairs.unzip();
        let group = |phrase: &&str| format!("({})", phrase.split(' ').collect::<Vec<_>>().join(GAP));
        let groups: Vec<String> = phrases.iter().map(group).collect();
        let any = RegexBuilder::new(&format!(r"\b(?:{})\b", groups.join("|")));
        let prose = [
            r"(?:[ \t]*//[^\n]*\n)+",             // comments on lines that follow each other
            r"//[^\n]*",                          // a comment at the end of a line
            r"/\*(?s:.*?)\*/",                    // a block comment
            r#"\br"[^"]*""#,                      // raw strings
            r##"\br#"(?s:.*?)"#"##,               //
            r###"\br##"(?s:.*?)"##"###,           //
            r#""(?:[^"\\]|\\(?s:.))*""#,          // a string
            r"(?P<char>'(?:\\[^']*'|[^'\\\n]'))", // a character, which may be a quote
        ];
        let prose = Regex::new(&prose.join("|")).expect("a pattern");
        Self { any: any.clone().case_insensitive(true).build().expect("a pattern"), instead, prose }
    }

    /// Returns where `text` has prose: everywhere, or in a Rust source its comments and strings.
    fn prose_of(&self, path: &Path, text: &str) -> Vec<Range<usize>> {
        if path.extension().is_none_or(|kind| kind != "rs") {
            return std::iter::once(0..text.len()).collect();
        }
        let found = self.prose.captures_iter(text).filter(|found| found.name("char").is_none());
        found.map(|found| found.get_match().range()).collect()
    }

    /// Returns each phrase in `text` with its line and its replacement.
    fn found_in(&self, path: &Path, text: &str) -> Vec<String> {
        let mut all = Vec::new();
        for span in self.prose_of(path, text) {
            for found in self.any.captures_iter(&text[span.clone()]) {
                let line = 1 + text[..span.start + found.get_match().start()].matches('\n').count();
                let number = (1..=self.instead.len()).find(|number| found.get(*number).is_some());
                let instead = self.instead[number.expect("a phrase") - 1];
                all.push(format!("{}:{line}: {:?}; write: {instead}", path.display(), &found[0]));
            }
        }
        all
    }
}

/// Left out, since they have names that others gave, such as those of licences.
const EXEMPT: [&str; 1] = ["src/llm/models/catalog.toml"];

/// Documents, sources, scripts, settings and the text of the tour.
fn is_covered(path: &Path) -> bool {
    let kinds = ["md", "rs", "sh", "script", "toml", "py"];
    let is_prose = path.extension().is_some_and(|kind| kinds.iter().any(|known| kind == *known))
        || ["Makefile", "tour.txt"].iter().any(|name| path.ends_with(name));
    is_prose && !EXEMPT.iter().any(|name| path.ends_with(name))
}

#[test]
fn documents_comments_and_messages_use_plain_words() {
    let phrases = Phrases::read();
    let mut read = 0;
    let mut all = Vec::new();
    for path in files().iter().filter(|path| is_covered(path)) {
        read += 1;
        let text = fs::read_to_string(path).expect("a text");
        all.append(&mut phrases.found_in(path.strip_prefix(ROOT).unwrap_or(path), &text));
    }
    assert!(read > 500, "the files were found: {read}");
    assert!(all.is_empty(), "phrases of tests/offline/docs/words.txt:\n{}", all.join("\n"));
}

#[test]
fn phrases_are_found_in_prose_alone() {
    let phrases = Phrases::read();
    // With "@" for "e", so that this test is not found itself.
    let source = "/// It go@s\n/// on.\nfn an@w() -> char { b@sid@('\"') } // An@w.\nconst A: &str = \"go@s \\\n on\";\n";
    let found = phrases.found_in(Path::new("a.rs"), &source.replace('@', "e"));
    let lines: Vec<&str> = found.iter().filter_map(|line| line.split(':').nth(1)).collect();
    assert_eq!(lines, ["1", "3", "4"], "{found:?}");
    let document = "A run go@s\non, b@sides, an@w and ren@w@d.".replace('@', "e");
    assert_eq!(phrases.found_in(Path::new("a.md"), &document).len(), 2);
}
