//! A real model, split over several files.

use llm::models::resolve;
use support::{
    gguf::{Piece, Whole, part, write},
    models::{backend, generate, generation, options},
};

use crate::model;

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
    let Some((path, _turn)) = model().await else { return };
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &apart(&std::fs::read(&path).unwrap()).parts(3, true));
    let found = resolve(&part(dir.path(), 2, 3).to_string_lossy()).unwrap();
    let mut written = Vec::new();
    for path in [path, found.path] {
        let mut backend = backend(options(path));
        let generation = generation("Count from 1 to 9.", 12);
        let (completions, reply) = generate(&mut backend, vec![generation]).await;
        written.push((completions, reply.cost.flops));
    }
    assert_eq!(written[0], written[1]);
    assert!(written[0].1 > 0.0);
}
