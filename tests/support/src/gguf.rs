//! Small model files, whole and split over several files.

use std::path::{Path, PathBuf};

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn pair(key: &str, kind: u32, value: &[u8]) -> Vec<u8> {
    [&text(key), &kind.to_le_bytes()[..], value].concat()
}

/// A tensor of a file: the beginning of its entry, without the place of its data, and its data.
pub struct Piece {
    /// Its name, dimensions and type.
    pub entry: Vec<u8>,
    /// Its numbers.
    pub data: Vec<u8>,
}

/// A model, to be written as one file or several.
pub struct Whole {
    /// The metadata, each entry as its bytes.
    pub pairs: Vec<Vec<u8>>,
    /// The tensors.
    pub pieces: Vec<Piece>,
}

impl Whole {
    /// A model of one layer, with made-up weights.
    pub fn tiny() -> Self {
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

    /// The bytes of the model in one file.
    pub fn one_file(&self) -> Vec<u8> {
        Self::file(&self.pairs, &self.pieces)
    }

    /// The files of the model in as many parts; the first has no tensors, as gguf-split writes it on demand, or a share.
    pub fn parts(&self, count: usize, first_is_bare: bool) -> Vec<Vec<u8>> {
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

/// The name that a part has by convention, below `dir`; the first is number 1.
pub fn part(dir: &Path, number: usize, of: usize) -> PathBuf {
    dir.join(format!("tiny-{number:05}-of-{of:05}.gguf"))
}

/// Writes all parts of a model to `dir`.
pub fn write(dir: &Path, parts: &[Vec<u8>]) {
    for (bytes, number) in parts.iter().zip(1..) {
        std::fs::write(part(dir, number, parts.len()), bytes).unwrap();
    }
}
