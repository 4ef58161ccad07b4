//! How a session lies on disk.
//!
//! A session is a directory:
//!
//! | file | holds |
//! |---|---|
//! | `manifest.json` | what was run, and, once the session is over, how it ended and a checksum |
//! | `events.jsonl` | a header line, then one record a line |
//! | `blobs/ab/cdef…` | requests and replies, each named by the blake3 hash of its bytes |
//!
//! A line of `events.jsonl` is `{"crc":"xxxxxxxx","record":{…}}`, where `crc` is the crc32 of the exact
//! bytes of the record. The frame is compared byte by byte, so that no changed byte goes unseen and no two
//! lines can pass for one.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    decode,
    event::{BlobId, Outcome, ProblemCard, Record},
};
use model::Cost;

/// The format's name, as it stands in the manifest and in the header line.
pub const FORMAT: &str = "planscope-session";
/// The format's version; raised when an older program would misread a session.
pub const VERSION: u32 = 1;
/// The longest line that is written or read, in bytes.
pub(crate) const MAX_LINE: usize = 64 << 20;
/// The manifest's file name.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The events' file name.
pub const EVENTS_FILE: &str = "events.jsonl";
/// The name of the directory of blobs.
pub const BLOBS_DIR: &str = "blobs";

const PROGRAM: &str = concat!("planscope ", env!("CARGO_PKG_VERSION"));

const BEFORE_CRC: &[u8] = b"{\"crc\":\"";
const AFTER_CRC: &[u8] = b"\",\"record\":";
const AFTER_RECORD: &[u8] = b"}";
const CRC_DIGITS: usize = 8;

/// What a session is a record of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of the format.
    pub version: u32,
    /// The program and its version.
    pub program: String,
    /// When the session began.
    pub created: Timestamp,
    /// The problem's name.
    pub problem: String,
    /// What the problem can be loaded by again, a file with its whole path; absent for one that came from nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The problem in a few words.
    pub title: String,
    /// Which of several runs it is, in a few words, such as an experiment's arm and budget; absent of a run by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The model as it was asked for.
    pub model: String,
    /// The seed of the run.
    pub seed: u64,
    /// The session that it was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// How the session ended; absent while it is being written, and for good when it was cut off.
    pub finished: Option<Finished>,
}

/// Where a fork came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The parent's name: that of its directory.
    pub session: String,
    /// The last event that both have in common.
    pub at: u64,
}

/// The end of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// When.
    pub at: Timestamp,
    /// Answered, interrupted or failed.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How many events there are.
    pub events: u64,
    /// What all finished calls cost.
    pub cost: Cost,
    /// The blake3 hash of the whole `events.jsonl`, in hexadecimal.
    pub checksum: String,
}

impl Manifest {
    /// Returns the manifest of a session that begins at `created`.
    pub fn new(problem: &ProblemCard, model: impl Into<String>, seed: u64, created: Timestamp) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: PROGRAM.to_owned(),
            created,
            problem: problem.reference.clone(),
            source: None,
            title: problem.title.clone(),
            label: None,
            model: model.into(),
            seed,
            parent: None,
            finished: None,
        }
    }

    /// Returns what is recorded in a few words: the problem, after the label where there is one.
    pub fn about(&self) -> String {
        self.label.as_ref().map_or_else(|| self.title.clone(), |label| format!("{label}: {}", self.title))
    }

    /// Returns the manifest of another session about the same, written by this program.
    pub(super) fn again(other: &Self) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, program: PROGRAM.to_owned(), ..other.clone() }
    }
}

/// Returns the first line of `events.jsonl`, without its line feed.
pub fn header() -> String {
    format!("{{\"format\":\"{FORMAT}\",\"version\":{VERSION}}}")
}

/// Returns the line that holds `record` as text, line feed included.
pub(super) fn frame(record: &str) -> Vec<u8> {
    let crc = crc32fast::hash(record.as_bytes());
    format!("{{\"crc\":\"{crc:08x}\",\"record\":{record}}}\n").into_bytes()
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LineFault {
    /// It does not look like a line of a session.
    Frame,
    /// The checksum is not that of the record.
    Checksum,
    /// The record is whole but says something that this program does not know.
    Foreign(String),
}

/// Reads one line without its line feed.
pub(super) fn unframe(line: &[u8]) -> Result<Record, LineFault> {
    parse(checked_text(line)?)
}

/// Returns the text of the record in a line, after having compared it with its checksum.
pub(super) fn checked_text(line: &[u8]) -> Result<&[u8], LineFault> {
    let text = line
        .strip_prefix(BEFORE_CRC)
        .and_then(|rest| rest.split_at_checked(CRC_DIGITS))
        .and_then(|(crc, rest)| Some((crc, rest.strip_prefix(AFTER_CRC)?.strip_suffix(AFTER_RECORD)?)));
    let Some((crc, text)) = text else { return Err(LineFault::Frame) };
    let mut expected = [0; CRC_DIGITS];
    let written = write!(expected.as_mut_slice(), "{:08x}", crc32fast::hash(text));
    if written.is_ok() && expected == crc { Ok(text) } else { Err(LineFault::Checksum) }
}

/// Reads the text of a record.
pub(super) fn parse(text: &[u8]) -> Result<Record, LineFault> {
    decode::record(text).map_err(|error| LineFault::Foreign(foreign_reason(text, &error)))
}

/// Says what of a whole record could not be understood, shorter than serde does.
fn foreign_reason(text: &[u8], error: &serde_json::Error) -> String {
    #[derive(Deserialize)]
    struct Kind {
        event: String,
    }
    match serde_json::from_slice::<Kind>(text) {
        Ok(Kind { event }) if error.to_string().starts_with(&format!("unknown variant `{event}`")) => {
            format!("it is an event of the unknown kind \"{event}\"")
        }
        Ok(Kind { event }) => format!("it is a \"{event}\" event that reads differently: {error}"),
        Err(_) => error.to_string(),
    }
}

/// Returns where the blob called `id` lies in the session at `dir`; none when `id` is no hash, so that a
/// session from elsewhere cannot name files outside itself.
pub fn blob_path(dir: &Path, id: &BlobId) -> Option<PathBuf> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if id.0.len() != 2 * blake3::OUT_LEN || !id.0.bytes().all(hex) {
        return None;
    }
    let (prefix_dir, name) = id.0.split_at(2);
    Some(dir.join(BLOBS_DIR).join(prefix_dir).join(name))
}

/// Opens a file to read it. Anything else, such as a pipe, which would be waited for without an end, is refused.
pub(super) fn open_regular(path: &Path) -> io::Result<fs::File> {
    if fs::metadata(path)?.is_file() {
        return fs::File::open(path);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"))
}

/// Returns the directory of a new session under `base`: `<base>/<time>-<problem>-<seed>`. Without `base` it lies among the
/// user's data; none when the user has no home directory. Others may begin in the same second, which
/// [`SessionWriter::create_beside`](super::SessionWriter::create_beside) copes with.
pub fn default_dir(base: Option<&Path>, created: Timestamp, problem: &str, seed: u64) -> Option<PathBuf> {
    let base = base.map(Path::to_path_buf).or_else(default_base)?;
    Some(base.join(format!("{}-{}-{seed}", created.strftime("%Y%m%dT%H%M%SZ"), slug(problem))))
}

/// Returns where sessions lie unless the user says otherwise; none without a home directory.
pub fn default_base() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "planscope").map(|dirs| dirs.data_dir().join("sessions"))
}

/// Returns `text` as a short piece of a file name: lower-case letters, digits and single hyphens.
fn slug(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut slug = String::new();
    for c in text.chars() {
        if slug.len() == LONGEST {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    match slug.trim_end_matches('-') {
        "" => "problem".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_a_safe_file_name() {
        assert_eq!(slug("gsm8k.jsonl:12"), "gsm8k-jsonl-12");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("  … "), "problem");
        assert!(slug(&"long name ".repeat(30)).len() <= 40);
    }

    #[test]
    fn a_directory_is_named_by_time_problem_and_seed() {
        let at: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
        let dir = default_dir(Some(Path::new("base")), at, "Pens!", 7).unwrap();
        assert_eq!(dir, Path::new("base/20260304T050607Z-pens-7"));
    }

    #[test]
    fn a_blob_name_cannot_leave_the_session() {
        let dir = Path::new("s");
        let id = BlobId::of(b"x");
        assert!(blob_path(dir, &id).unwrap().starts_with("s/blobs"));
        for name in ["", "../../secret", "ab", &"A".repeat(64), &format!("../{}", &id.0[3..])] {
            assert_eq!(blob_path(dir, &BlobId(name.to_owned())), None, "{name}");
        }
    }

    #[test]
    fn an_unknown_event_is_told_apart_from_a_changed_one() {
        let line = |record: &str| {
            let mut line = frame(record);
            line.pop();
            unframe(&line)
        };
        let unknown = line(r#"{"seq":0,"at_ms":0,"event":"teleported","to":3}"#);
        assert_eq!(
            unknown,
            Err(LineFault::Foreign("it is an event of the unknown kind \"teleported\"".to_owned()))
        );
        let Err(LineFault::Foreign(reason)) = line(r#"{"seq":0,"at_ms":0,"event":"paused"}"#) else {
            panic!("a paused event needs its field");
        };
        assert!(reason.contains("\"paused\" event that reads differently"), "{reason}");
        assert!(line(r#"{"seq":0,"at_ms":0,"event":"paused","paused":true}"#).is_ok());
        assert_eq!(unframe(b"{}"), Err(LineFault::Frame));
    }
}
