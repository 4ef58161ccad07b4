//! Where each event lies in the file: the pass over it that opening a session makes.
//!
//! The pass compares every checksum and every number but understands only the head of a record, which is what
//! makes it fast. The file is cut into pieces that are read in parallel; joining them finds the first
//! damage, just as reading from the front would.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
};

use rayon::prelude::*;

use super::{
    decode::head,
    event::{Event, Phase},
    format::{EVENTS_FILE, LineFault, MAX_LINE, checked_text, header, open_regular, parse},
    kind::EventKind,
    reader::{Damage, ReadError, unopened},
};

/// Bytes of a piece.
const PIECE: u64 = 8 << 20;
/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// What is known of the events without having read them.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// Where each event's line begins, and where the last one ends.
    pub starts: Vec<u64>,
    /// Where phases begin: the event, the phase, the iteration.
    pub phases: Vec<(usize, Phase, u32)>,
    /// Where and why the events end too early.
    pub damage: Option<Damage>,
}

impl Index {
    /// Returns how many events there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

/// What is wrong at a line.
#[derive(Debug)]
enum Fault {
    Header,
    TornHeader(usize),
    Torn(usize),
    Garbage,
    Checksum,
    Sequence(u64),
    TooLong,
    Unreadable(io::Error),
    Foreign(String),
}

/// The lines that begin in one piece of the file, up to the first fault.
#[derive(Debug, Default)]
struct Scan {
    starts: Vec<u64>,
    /// Where the last whole line ends.
    end: u64,
    phases: Vec<(usize, Phase, u32)>,
    first_seq: u64,
    fault: Option<Fault>,
}

/// Makes the index of the events of the session in the directory `session`.
///
/// # Errors
/// [`ReadError::Foreign`] when a whole record is of a kind that is not known, or what the disk says when the
/// file cannot be opened.
pub(super) fn index(session: &Path) -> Result<Index, ReadError> {
    let path = session.join(EVENTS_FILE);
    let mut file = open_regular(&path).map_err(|error| unopened(session, EVENTS_FILE, error))?;
    index_pieces(&mut file, &path, PIECE)
}

/// Makes the index of `file`, which lies at `path`, from pieces of `size` bytes.
fn index_pieces(file: &mut File, path: &Path, size: u64) -> Result<Index, ReadError> {
    let failed = |source| ReadError::Io { path: path.to_owned(), source };
    let length = file.metadata().map_err(failed)?.len();
    let body = match read_header(file, length) {
        Ok(body) => body,
        Err(fault) => return Ok(Index { damage: Some(fault.damage(0)?), ..Index::default() }),
    };
    let cuts: Vec<u64> = (body..length).step_by(usize::try_from(size).unwrap_or(usize::MAX)).collect();
    let scan = |&start: &u64| Scan::piece(path, body, start..(start + size).min(length), length);
    join(cuts.par_iter().map(scan).collect(), body)
}

/// Returns where the events begin.
fn read_header(file: &mut File, length: u64) -> Result<u64, Fault> {
    let header = header();
    let mut first = Vec::new();
    file.take(header.len() as u64 + 1).read_to_end(&mut first).map_err(Fault::Unreadable)?;
    match first.strip_prefix(header.as_bytes()) {
        Some(b"\n" | b"") => Ok(first.len() as u64),
        _ if header.as_bytes().starts_with(&first) && first.len() as u64 == length => {
            Err(Fault::TornHeader(first.len()))
        }
        _ => Err(Fault::Header),
    }
}

fn join(pieces: Vec<Scan>, body: u64) -> Result<Index, ReadError> {
    let mut index = Index::default();
    let mut end = body;
    for piece in pieces {
        let before = index.starts.len();
        if !piece.starts.is_empty() && piece.first_seq != before as u64 {
            index.damage = Some(Fault::Sequence(piece.first_seq).damage(before)?);
            break;
        }
        index.starts.extend(piece.starts);
        index
            .phases
            .extend(piece.phases.iter().map(|(at, phase, iteration)| (before + at, *phase, *iteration)));
        end = end.max(piece.end);
        if let Some(fault) = piece.fault {
            index.damage = Some(fault.damage(index.starts.len())?);
            break;
        }
    }
    index.starts.push(end);
    Ok(index)
}

impl Fault {
    /// Returns the damage that it is in the line after `events` events; without the header's line where the
    /// header itself is wrong.
    fn damage(self, events: usize) -> Result<Damage, ReadError> {
        let expected = events as u64;
        let line = expected + 2;
        Ok(match self {
            Self::Header => Damage::Header,
            Self::TornHeader(bytes) => Damage::Torn { line: 1, bytes },
            Self::Torn(bytes) => Damage::Torn { line, bytes },
            Self::Garbage => Damage::Garbage { line },
            Self::Checksum => Damage::Checksum { line },
            Self::Sequence(found) => Damage::Sequence { line, expected, found },
            Self::TooLong => Damage::TooLong { line },
            Self::Unreadable(error) => Damage::Unreadable { line, reason: error.to_string() },
            Self::Foreign(reason) => return Err(ReadError::Foreign { line, reason }),
        })
    }
}

impl From<LineFault> for Fault {
    fn from(fault: LineFault) -> Self {
        match fault {
            LineFault::Frame => Self::Garbage,
            LineFault::Checksum => Self::Checksum,
            LineFault::Foreign(reason) => Self::Foreign(reason),
        }
    }
}

impl Scan {
    /// Looks at the lines that begin in `range` of the file, whose events begin at `body`.
    fn piece(path: &Path, body: u64, range: Range<u64>, length: u64) -> Self {
        let mut scan = Self { end: range.start, ..Self::default() };
        scan.fault = scan.lines(path, body, range, length).err();
        scan
    }

    fn lines(&mut self, path: &Path, body: u64, range: Range<u64>, length: u64) -> Result<(), Fault> {
        let mut file = File::open(path).map_err(Fault::Unreadable)?;
        // A line begins after the end of another, which may be in the piece before.
        let from = if range.start == body { body } else { range.start - 1 };
        file.seek(SeekFrom::Start(from)).map_err(Fault::Unreadable)?;
        let mut reader = BufReader::with_capacity(CHUNK, file);
        let mut line = Vec::new();
        let mut at = from;
        if from < range.start {
            at += read_line(&mut reader, &mut line, range.end - from)?;
            if !line.ends_with(b"\n") {
                return Ok(());
            }
        }
        while at < range.end {
            line.clear();
            let read = read_line(&mut reader, &mut line, MAX_LINE as u64 + 1)?;
            match line.strip_suffix(b"\n") {
                Some(whole) => self.line(whole, at)?,
                None if at + read >= length => self.last_line(&line, at)?,
                None => return Err(Fault::TooLong),
            }
            at += read;
            self.end = at;
        }
        Ok(())
    }

    /// Takes in a last line without a line feed: whole but for that, or torn.
    fn last_line(&mut self, line: &[u8], at: u64) -> Result<(), Fault> {
        self.line(line, at).map_err(|fault| {
            let torn = matches!(fault, Fault::Garbage | Fault::Checksum);
            if torn { Fault::Torn(line.len()) } else { fault }
        })
    }

    fn line(&mut self, line: &[u8], at: u64) -> Result<(), Fault> {
        let text = checked_text(line)?;
        let here = self.starts.len();
        let seq = match head(text) {
            Some(head) if head.kind != EventKind::PhaseBegan => head.seq,
            // A phase is worth knowing; and a head that is not understood may still be that of a record.
            Some(_) | None => {
                let record = parse(text)?;
                if let Event::PhaseBegan { phase, iteration } = record.event {
                    self.phases.push((here, phase, iteration));
                }
                record.seq
            }
        };
        if here == 0 {
            self.first_seq = seq;
        } else if seq != self.first_seq + here as u64 {
            return Err(Fault::Sequence(seq));
        }
        self.starts.push(at);
        Ok(())
    }
}

/// Reads up to the end of a line, but no more than `most` bytes; returns how many.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>, most: u64) -> Result<u64, Fault> {
    match reader.take(most).read_until(b'\n', line) {
        Ok(0) => Err(Fault::Unreadable(io::ErrorKind::UnexpectedEof.into())),
        Ok(read) => Ok(read as u64),
        Err(error) => Err(Fault::Unreadable(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::Record, format::frame};

    fn file(lines: usize, tail: &[u8]) -> tempfile::NamedTempFile {
        let mut text = format!("{}\n", header()).into_bytes();
        for seq in 0..lines {
            let event = Event::PhaseBegan { phase: Phase::Score, iteration: seq as u32 / 3 };
            let record = Record { seq: seq as u64, at_ms: 1, event };
            text.extend(frame(&serde_json::to_string(&record).unwrap()));
        }
        text.extend(tail);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn the_pieces_in_which_a_file_is_read_do_not_matter() {
        for tail in [&b""[..], b"{\"crc\":\"", b"garbage\nmore\n", b"\n"] {
            let file = file(40, tail);
            let index =
                |size| index_pieces(&mut File::open(file.path()).unwrap(), file.path(), size).unwrap();
            let whole = index(PIECE);
            assert_eq!((whole.starts.len(), whole.phases.len()), (41, 40));
            assert_eq!(whole.damage.is_some(), !tail.is_empty());
            for size in [1, 2, 7, 64, 100, 1_000, 4_096] {
                let pieces = index(size);
                assert_eq!(pieces.starts, whole.starts, "pieces of {size}");
                assert_eq!(pieces.phases, whole.phases, "pieces of {size}");
                assert_eq!(pieces.damage, whole.damage, "pieces of {size}");
            }
        }
    }
}
