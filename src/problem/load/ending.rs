//! What a file is, as the ending of its name says. An ending that is not known is refused: whatever such a file holds, gold
//! answers perhaps, would otherwise be read as the text of a task.

use std::path::Path;

/// What a file of problems is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndingKind {
    /// Problems in our own form.
    Toml,
    /// One instance of blocksworld.
    Pddl,
    /// Several problems, one a row.
    Rows(EndingRows),
    /// The text of one problem.
    Text,
    /// Something that is not read, and what to do about it.
    Packed(&'static str),
    /// Nobody knows.
    Unknown,
}

/// How rows lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndingRows {
    /// One JSON value a line.
    Lines,
    /// One JSON document with a list, or lines after all.
    Document,
    /// A table with a header, its columns set apart by this byte.
    Table(u8),
    /// Apache Parquet.
    Parquet,
}

/// The endings that are read, for errors.
pub(super) const READ: &str = ".toml, .pddl, .jsonl, .ndjson, .json, .csv and .tsv (the last five also with .gz), .parquet; a \
                               task in words is .txt or .md";

impl EndingKind {
    /// Returns what the file called `path` is. Upper and lower case are the same.
    pub(super) fn of(path: &str) -> Self {
        let name = file_name(path).to_lowercase();
        let (name, packed) = match name.strip_suffix(".gz") {
            Some(inner) => (inner, true),
            None => (name.as_str(), false),
        };
        let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending);
        let kind = match ending {
            Some("toml") => Self::Toml,
            Some("pddl") => Self::Pddl,
            Some("jsonl" | "ndjson" | "jsonlines") => Self::Rows(EndingRows::Lines),
            Some("json") => Self::Rows(EndingRows::Document),
            Some("csv") => Self::Rows(EndingRows::Table(b',')),
            Some("tsv" | "tab") => Self::Rows(EndingRows::Table(b'\t')),
            Some("parquet") => Self::Rows(EndingRows::Parquet),
            Some("txt" | "text" | "md" | "markdown") | None => Self::Text,
            Some(other) => foreign(other).map_or(Self::Unknown, Self::Packed),
        };
        match kind {
            Self::Rows(EndingRows::Lines | EndingRows::Document | EndingRows::Table(_))
            | Self::Packed(_)
            | Self::Unknown => kind,
            _ if !packed => kind,
            Self::Toml | Self::Pddl | Self::Text | Self::Rows(EndingRows::Parquet) => {
                Self::Packed("it is packed with gzip; unpack it with gunzip")
            }
        }
    }
}

/// Returns what to do with a file of an ending that is known and not read.
fn foreign(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "zst" | "zstd" => "it is packed with Zstandard; unpack it with zstd -d",
        "xz" | "lzma" => "it is packed with xz; unpack it with xz -dk",
        "bz2" => "it is packed with bzip2; unpack it with bunzip2 -k",
        "zip" => "it is a zip archive; unpack it with unzip, and name a file of it",
        "7z" | "rar" | "tar" | "tgz" | "txz" | "tbz2" => "it is an archive; unpack it, and name a file of it",
        "arrow" | "feather" | "ipc" | "orc" | "avro" => {
            "tables of this kind are not read; write it as .jsonl or .parquet, such as with DuckDB or pandas"
        }
        "xlsx" | "xls" | "ods" => "it is a spreadsheet; save it as CSV",
        "yaml" | "yml" => "YAML is not read; write it as .toml or .jsonl",
        "pkl" | "pickle" | "npy" | "npz" | "pt" | "safetensors" | "gguf" | "bin" | "db" | "sqlite" => {
            "files of this kind hold no problems that can be read; write its rows as .jsonl"
        }
        _ => return None,
    })
}

/// Returns whether the name says that the file is packed with gzip.
pub(super) fn is_gzip(path: &str) -> bool {
    file_name(path).to_lowercase().ends_with(".gz")
}

/// Returns a file's name without its folder and endings.
pub(super) fn stem(path: &str) -> &str {
    let name = file_name(path);
    let name = if is_gzip(path) { &name[..name.len() - ".gz".len()] } else { name };
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_says_what_a_file_is_in_any_case() {
        let rows = |path: &str| EndingKind::of(path);
        for path in ["a.jsonl", "A.JSONL", "x/a.NDJSON", "a.jsonl.gz", "a.JSONL.GZ"] {
            assert_eq!(rows(path), EndingKind::Rows(EndingRows::Lines), "{path}");
        }
        assert_eq!(rows("a.Json"), EndingKind::Rows(EndingRows::Document));
        assert_eq!(
            (rows("a.csv.gz"), rows("a.TSV")),
            (EndingKind::Rows(EndingRows::Table(b',')), EndingKind::Rows(EndingRows::Table(b'\t')))
        );
        assert_eq!(
            (rows("a.toml"), rows("a.TXT"), rows("notes")),
            (EndingKind::Toml, EndingKind::Text, EndingKind::Text)
        );
        for path in [
            "a.jsonl.zst",
            "a.xz",
            "a.zip",
            "a.tar",
            "a.arrow",
            "a.xlsx",
            "a.yml",
            "a.txt.gz",
            "a.parquet.gz",
        ] {
            assert!(matches!(rows(path), EndingKind::Packed(_)), "{path}");
        }
        for path in ["a.jsonl.bak", "a.json5", "a.jsonl~", "a.data", "v1.2", "a.jsonl.1"] {
            assert_eq!(rows(path), EndingKind::Unknown, "{path}");
        }
        assert_eq!((stem("x/he.v2.JSONL.GZ"), stem(".hidden"), stem("rows")), ("he.v2", "", "rows"));
    }
}
