//! Models that are split over several files, and files that are no model for this machine: on small files made here,
//! and with a real model where there is one.

#[cfg(feature = "llama")]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use llm::{gguf, models::resolve};

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn pair(key: &str, kind: u32, value: &[u8]) -> Vec<u8> {
    [&text(key), &kind.to_le_bytes()[..], value].concat()
}

/// A tensor of a file: the beginning of its entry, without the place of its data, and its data.
struct Piece {
    entry: Vec<u8>,
    data: Vec<u8>,
}

/// What files are made of.
struct Whole {
    pairs: Vec<Vec<u8>>,
    pieces: Vec<Piece>,
}

impl Whole {
    /// A model of one layer, with made-up weights.
    fn tiny() -> Self {
        let number = |key: &str, n: u32| pair(key, 4, &n.to_le_bytes());
        let pairs = vec![
            pair("general.architecture", 8, &text("llama")),
            number("llama.block_count", 1),
            number("llama.context_length", 64),
            number("llama.embedding_length", 8),
            number("llama.attention.head_count", 2),
        ];
        let tensor = |name: &str, elements: u64| Piece {
            entry: [&text(name), &1_u32.to_le_bytes()[..], &elements.to_le_bytes(), &0_u32.to_le_bytes()]
                .concat(),
            data: vec![7; elements as usize * 4],
        };
        let names = ["token_embd.weight", "blk.0.attn_q.weight", "blk.0.ffn_up.weight", "output.weight"];
        Self { pairs, pieces: names.iter().zip([8, 64, 16, 24]).map(|(name, n)| tensor(name, n)).collect() }
    }

    fn file(pairs: &[Vec<u8>], pieces: &[Piece]) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend((pieces.len() as u64).to_le_bytes());
        bytes.extend((pairs.len() as u64).to_le_bytes());
        bytes.extend(pairs.concat());
        let mut offset = 0;
        for piece in pieces {
            bytes.extend(&piece.entry);
            bytes.extend((offset as u64).to_le_bytes());
            offset += piece.data.len().next_multiple_of(32);
        }
        for piece in pieces {
            bytes.resize(bytes.len().next_multiple_of(32), 0);
            bytes.extend(&piece.data);
        }
        bytes
    }

    fn one_file(&self) -> Vec<u8> {
        Self::file(&self.pairs, &self.pieces)
    }

    /// The files of the model in as many parts; the first has no tensors, as gguf-split writes it on demand, or a share.
    fn parts(&self, count: usize, first_is_bare: bool) -> Vec<Vec<u8>> {
        let split = |number: usize| {
            vec![
                pair("split.no", 2, &(number as u16).to_le_bytes()),
                pair("split.count", 2, &(count as u16).to_le_bytes()),
                pair("split.tensors.count", 5, &(self.pieces.len() as i32).to_le_bytes()),
            ]
        };
        let full = if first_is_bare { count - 1 } else { count };
        let mut shares: Vec<&[Piece]> = self.pieces.chunks(self.pieces.len().div_ceil(full)).collect();
        if first_is_bare {
            shares.insert(0, &[]);
        }
        let head = |number| if number == 0 { self.pairs.clone() } else { Vec::new() };
        let file = |(number, pieces): (usize, &&[Piece])| {
            Self::file(&[head(number), split(number)].concat(), pieces)
        };
        shares.iter().enumerate().map(file).collect()
    }
}

fn part(dir: &Path, number: usize, of: usize) -> PathBuf {
    dir.join(format!("tiny-{number:05}-of-{of:05}.gguf"))
}

fn write(dir: &Path, parts: &[Vec<u8>]) {
    for (bytes, number) in parts.iter().zip(1..) {
        std::fs::write(part(dir, number, parts.len()), bytes).unwrap();
    }
}

fn model_info(path: &Path) -> String {
    let ran =
        Command::new(env!("CARGO_BIN_EXE_planscope")).args(["model", "info"]).arg(path).output().unwrap();
    String::from_utf8_lossy(if ran.status.success() { &ran.stdout } else { &ran.stderr }).into_owned()
}

#[test]
fn any_part_means_the_whole_model() {
    let (whole, dir) = (Whole::tiny(), tempfile::tempdir().unwrap());
    let single = dir.path().join("single.gguf");
    std::fs::write(&single, whole.one_file()).unwrap();
    let expected = gguf::read(&single).unwrap();
    assert_eq!((expected.parameters(), expected.parts.len()), (112, 0));
    for (count, first_is_bare) in [(2, true), (2, false), (4, false), (5, true)] {
        let dir = tempfile::tempdir().unwrap();
        let parts = whole.parts(count, first_is_bare);
        assert_eq!(parts.len(), count);
        write(dir.path(), &parts);
        for number in 1..=count {
            let given = part(dir.path(), number, count);
            let header = gguf::read(&given).unwrap();
            assert_eq!((header.parameters(), header.shape()), (112, expected.shape()));
            assert_eq!(header.bytes, parts.iter().map(|bytes| bytes.len() as u64).sum::<u64>());
            assert_eq!((header.parts.len(), header.tensors.len()), (count, 4));
            let found = resolve(&given.to_string_lossy()).unwrap();
            assert_eq!((found.path, found.name.as_str()), (part(dir.path(), 1, count), "tiny"));
        }
    }
}

#[test]
fn the_parts_of_a_model_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &Whole::tiny().parts(3, true));
    let shown = model_info(&part(dir.path(), 2, 3));
    for line in ["architecture     llama", "tensors          4", "part 1 of 3      tiny-00001-of-00003.gguf"]
    {
        assert!(shown.contains(line), "{shown}");
    }
    assert!(shown.contains("part 3 of 3      tiny-00003-of-00003.gguf, 384 B, 2 tensors"), "{shown}");
}

/// Writes three parts, spoils them, and returns what is said of one of them.
fn said_of(number: usize, spoil: impl Fn(&Path)) -> String {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &Whole::tiny().parts(3, true));
    spoil(dir.path());
    let given = part(dir.path(), number, 3);
    let error = gguf::read(&given).expect_err("it is not whole").to_string();
    let shown = model_info(&given);
    assert!(shown.starts_with("error: ") && shown.contains("\nhint: "), "{shown}");
    error + "\n" + &shown
}

#[test]
fn parts_that_do_not_make_a_whole_are_named() {
    let remove = |number: usize| move |dir: &Path| std::fs::remove_file(part(dir, number, 3)).unwrap();
    let said = said_of(1, remove(3));
    assert!(said.contains("part 3 of 3 is missing: there is no tiny-00003-of-00003.gguf"), "{said}");
    let said = said_of(3, remove(1));
    assert!(said.contains("part 1 of 3 is missing"), "{said}");
    let swapped = |dir: &Path| {
        std::fs::copy(part(dir, 3, 3), part(dir, 2, 3)).unwrap();
    };
    let said = said_of(1, swapped);
    assert!(
        said.contains("00002-of-00003.gguf cannot be used as a model: its header does not say"),
        "{said}"
    );
    let cut = |dir: &Path| {
        let file = std::fs::OpenOptions::new().write(true).open(part(dir, 2, 3)).unwrap();
        file.set_len(200).unwrap();
    };
    let said = said_of(1, cut);
    assert!(said.contains("00002-of-00003.gguf cannot be used as a model: it is cut off"), "{said}");
    let foreign = |dir: &Path| {
        let mut other = Whole::tiny();
        other.pieces.pop();
        std::fs::write(part(dir, 3, 3), &other.parts(3, true)[2]).unwrap();
    };
    let said = said_of(1, foreign);
    assert!(said.contains("its 3 parts hold 3 tensors, but the model has 4"), "{said}");
}

#[test]
fn a_part_under_another_name_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &Whole::tiny().parts(2, true));
    let renamed = dir.path().join("model.gguf");
    std::fs::rename(part(dir.path(), 2, 2), &renamed).unwrap();
    let said = model_info(&renamed);
    assert!(said.contains("it is part 2 of 2, but it is not called NAME-00002-of-00002.gguf"), "{said}");
    // A whole model may be called like a part.
    let whole = part(dir.path(), 3, 9);
    std::fs::write(&whole, Whole::tiny().one_file()).unwrap();
    assert_eq!(gguf::read(&whole).unwrap().parameters(), 112);
    assert_eq!(resolve(&whole.to_string_lossy()).unwrap().path, whole);
}

#[test]
fn files_for_other_machines_and_in_other_formats_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let said = |bytes: &[u8]| {
        let path = dir.path().join("model.gguf");
        std::fs::write(&path, bytes).unwrap();
        model_info(&path)
    };
    for version in [1_u32, 2, 3] {
        let big = [&b"GGUF"[..], &version.to_be_bytes(), &1_u64.to_be_bytes(), &1_u64.to_be_bytes()].concat();
        let said = said(&big);
        assert!(said.contains("big-endian byte order") && said.contains("little-endian"), "{said}");
    }
    let later = [&b"GGUF"[..], &9_u32.to_le_bytes(), &[0; 16]].concat();
    assert!(said(&later).contains("its GGUF version 9 is not supported"));
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    assert!(said(pointer).contains("pointer of Git LFS"));
    assert!(said(b"<!DOCTYPE html><title>Log in</title>").contains("a web page"));
    assert!(said(b"tjgg\x03\0\0\0 and weights").contains("from before GGUF"));
}

#[cfg(feature = "llama")]
mod loaded {
    use super::*;
    use crate::support;

    /// Takes bytes from a file that is known to be sound.
    struct Taker<'a> {
        bytes: &'a [u8],
        at: usize,
    }

    impl Taker<'_> {
        fn number(&mut self, size: usize) -> u64 {
            let mut number = [0; 8];
            number[..size].copy_from_slice(&self.bytes[self.at..self.at + size]);
            self.at += size;
            u64::from_le_bytes(number)
        }

        fn skip_text(&mut self) {
            let length = self.number(8);
            self.at += length as usize;
        }

        fn skip_value(&mut self, kind: u64) {
            match kind {
                8 => self.skip_text(),
                9 => {
                    let (inner, count) = (self.number(4), self.number(8));
                    (0..count).for_each(|_| self.skip_value(inner));
                }
                0 | 1 | 7 => self.at += 1,
                2 | 3 => self.at += 2,
                4..=6 => self.at += 4,
                _ => self.at += 8,
            }
        }
    }

    /// Takes a model of one file apart.
    fn apart(bytes: &[u8]) -> Whole {
        let mut taker = Taker { bytes, at: 8 };
        let (tensors, pairs) = (taker.number(8), taker.number(8));
        let cut = |taker: &mut Taker<'_>, skip: &dyn Fn(&mut Taker<'_>)| {
            let start = taker.at;
            skip(taker);
            bytes[start..taker.at].to_vec()
        };
        let one_pair = |taker: &mut Taker<'_>| {
            taker.skip_text();
            let kind = taker.number(4);
            taker.skip_value(kind);
        };
        let one_entry = |taker: &mut Taker<'_>| {
            taker.skip_text();
            let dimensions = taker.number(4) as usize;
            taker.at += dimensions * 8 + 4;
        };
        let pairs = (0..pairs).map(|_| cut(&mut taker, &one_pair)).collect();
        let entries: Vec<(Vec<u8>, usize)> =
            (0..tensors).map(|_| (cut(&mut taker, &one_entry), taker.number(8) as usize)).collect();
        let start = taker.at.next_multiple_of(32);
        let end = |offset: usize| {
            let ends = entries.iter().map(|(_, other)| *other).filter(|other| *other > offset);
            ends.min().unwrap_or(bytes.len() - start)
        };
        let piece = |(entry, offset): &(Vec<u8>, usize)| Piece {
            entry: entry.clone(),
            data: bytes[start + offset..start + end(*offset)].to_vec(),
        };
        Whole { pairs, pieces: entries.iter().map(piece).collect() }
    }

    #[tokio::test]
    async fn a_model_in_parts_writes_what_it_writes_in_one_file() {
        let Some(path) = support::model() else { return };
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &apart(&std::fs::read(&path).unwrap()).parts(3, true));
        let found = resolve(&part(dir.path(), 2, 3).to_string_lossy()).unwrap();
        let mut written = Vec::new();
        for path in [path, found.path] {
            let mut backend = support::backend(support::options(path));
            let generation = support::generation("Count from 1 to 9.", 12);
            let (completions, reply) = support::generate(&mut backend, vec![generation]).await;
            written.push((completions, reply.cost.flops));
        }
        assert_eq!(written[0], written[1]);
        assert!(written[0].1 > 0.0);
    }
}
