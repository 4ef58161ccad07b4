//! From bytes to a header. Nothing that the file claims is trusted before it is checked against the file's size.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::{Flaw, Header, MetadataValue, Tensor};

/// Limits on what a header may claim; real files stay far below.
const MAX_PAIRS: u64 = 65_536;
const MAX_TENSORS: u64 = 1 << 20;
const MAX_KEY: u64 = 65_535;
/// Short arrays of numbers are kept, such as heads by layer; longer ones, such as the vocabulary, are skipped.
const KEPT_ARRAY: u64 = 1024;

/// Reads a header from `source`, a file of `bytes` bytes.
///
/// # Errors
/// What is wrong with it.
pub fn parse(source: impl Read + Seek, bytes: u64) -> Result<Header, Flaw> {
    let mut reader = GgufReader { source, at: 0, bytes };
    let magic = reader.bytes::<4>().map_err(|_| "it is not a GGUF file (too short)".to_string())?;
    if &magic != b"GGUF" {
        return Err("it is not a GGUF file (it does not begin with GGUF)".into());
    }
    let version = reader.u32()?;
    if (1..=3).contains(&version.swap_bytes()) {
        return Err(Flaw {
            why: "its numbers are stored in big-endian byte order, which this machine does not use".into(),
            hint: "download the little-endian file (the one without \"be\" in its name), or convert it with \
                   gguf_convert_endian.py of llama.cpp",
        });
    }
    if !(2..=3).contains(&version) {
        return Err(format!("its GGUF version {version} is not supported (2 and 3 are)").into());
    }
    let tensor_count = reader.u64()?;
    let pair_count = reader.u64()?;
    if tensor_count > MAX_TENSORS || pair_count > MAX_PAIRS {
        return Err(format!(
            "its header claims {tensor_count} tensors and {pair_count} entries, which cannot be"
        )
        .into());
    }
    let mut metadata = BTreeMap::new();
    for _ in 0..pair_count {
        let key = reader.text(MAX_KEY)?;
        let kind = reader.u32()?;
        let value = reader.value(kind)?;
        metadata.insert(key, value);
    }
    let mut tensors = Vec::new();
    for _ in 0..tensor_count {
        tensors.push(reader.tensor()?);
    }
    let alignment = match metadata.get("general.alignment") {
        Some(MetadataValue::Unsigned(n)) if n.is_power_of_two() && *n <= 1 << 20 => *n,
        Some(_) => return Err("its alignment is not a power of two".into()),
        None => 32,
    };
    let data_offset = reader.at.next_multiple_of(alignment);
    Ok(Header { version, metadata, tensors, data_offset, bytes, parts: Vec::new() })
}

/// Reads the texts of some tokens of the vocabulary, in their order; a token that is not there has none.
///
/// # Errors
/// A clause that says what is wrong.
pub(super) fn token_texts(
    source: impl Read + Seek,
    bytes: u64,
    wanted: &[u64],
) -> Result<Vec<Option<String>>, String> {
    let mut reader = GgufReader { source, at: 0, bytes };
    // The magic number, the version and the number of tensors.
    reader.skip(16)?;
    let mut texts = vec![None; wanted.len()];
    for _ in 0..reader.u64()? {
        let key = reader.text(MAX_KEY)?;
        let kind = reader.u32()?;
        if key != "tokenizer.ggml.tokens" {
            reader.value(kind)?;
            continue;
        }
        reader.skip(4)?;
        for token in 0..reader.u64()? {
            if wanted.contains(&token) {
                let text = reader.text(MAX_KEY)?;
                let places = wanted.iter().zip(&mut texts).filter(|(id, _)| **id == token);
                places.for_each(|(_, place)| *place = Some(text.clone()));
            } else {
                let length = reader.u64()?;
                reader.skip(length)?;
            }
        }
        break;
    }
    Ok(texts)
}

struct GgufReader<R> {
    source: R,
    at: u64,
    bytes: u64,
}

impl<R: Read + Seek> GgufReader<R> {
    fn left(&self) -> u64 {
        self.bytes - self.at
    }

    fn truncated(&self) -> String {
        format!("it is cut off: the header does not end within its {} bytes", self.bytes)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], String> {
        if self.left() < N as u64 {
            return Err(self.truncated());
        }
        let mut buffer = [0; N];
        self.source.read_exact(&mut buffer).map_err(|error| format!("it cannot be read ({error})"))?;
        self.at += N as u64;
        Ok(buffer)
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, String> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn text(&mut self, limit: u64) -> Result<String, String> {
        let length = self.u64()?;
        if length > self.left() {
            return Err(self.truncated());
        }
        if length > limit {
            return Err(format!("its header holds a text of {length} bytes, which cannot be"));
        }
        let mut buffer = Vec::new();
        self.source
            .by_ref()
            .take(length)
            .read_to_end(&mut buffer)
            .map_err(|error| format!("it cannot be read ({error})"))?;
        self.at += length;
        Ok(String::from_utf8_lossy(&buffer).into_owned())
    }

    fn skip(&mut self, length: u64) -> Result<(), String> {
        if length > self.left() {
            return Err(self.truncated());
        }
        let offset = i64::try_from(length).map_err(|_| self.truncated())?;
        self.source.seek_relative(offset).map_err(|error| format!("it cannot be read ({error})"))?;
        self.at += length;
        Ok(())
    }

    fn signed(value: i64) -> MetadataValue {
        u64::try_from(value).map_or(MetadataValue::Signed(value), MetadataValue::Unsigned)
    }

    fn value(&mut self, kind: u32) -> Result<MetadataValue, String> {
        Ok(match kind {
            0 => MetadataValue::Unsigned(self.bytes::<1>()?[0].into()),
            1 => Self::signed(i8::from_le_bytes(self.bytes()?).into()),
            2 => MetadataValue::Unsigned(u16::from_le_bytes(self.bytes()?).into()),
            3 => Self::signed(i16::from_le_bytes(self.bytes()?).into()),
            4 => MetadataValue::Unsigned(self.u32()?.into()),
            5 => Self::signed(i32::from_le_bytes(self.bytes()?).into()),
            6 => MetadataValue::Real(f32::from_le_bytes(self.bytes()?).into()),
            7 => MetadataValue::Flag(self.bytes::<1>()?[0] != 0),
            8 => MetadataValue::Text(self.text(64 << 20)?),
            9 => self.array()?,
            10 => MetadataValue::Unsigned(self.u64()?),
            11 => Self::signed(i64::from_le_bytes(self.bytes()?)),
            12 => MetadataValue::Real(f64::from_le_bytes(self.bytes()?)),
            other => return Err(format!("its header holds a value of the unknown type {other}")),
        })
    }

    fn array(&mut self) -> Result<MetadataValue, String> {
        let kind = self.u32()?;
        let count = self.u64()?;
        if kind == 8 {
            for _ in 0..count {
                let length = self.u64()?;
                self.skip(length)?;
            }
            return Ok(MetadataValue::Skipped(count));
        }
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            other => return Err(format!("its header holds a list of the unsupported type {other}")),
        };
        if count <= KEPT_ARRAY && matches!(kind, 0 | 2 | 4 | 5 | 10 | 11) {
            let mut numbers = Vec::new();
            for _ in 0..count {
                match self.value(kind)? {
                    MetadataValue::Unsigned(n) => numbers.push(n),
                    MetadataValue::Signed(_) => numbers.push(0),
                    MetadataValue::Real(_)
                    | MetadataValue::Flag(_)
                    | MetadataValue::Text(_)
                    | MetadataValue::Numbers(_)
                    | MetadataValue::Skipped(_) => {}
                }
            }
            return Ok(MetadataValue::Numbers(numbers));
        }
        self.skip(count.checked_mul(size).ok_or_else(|| self.truncated())?)?;
        Ok(MetadataValue::Skipped(count))
    }

    fn tensor(&mut self) -> Result<Tensor, String> {
        let name = self.text(1024)?;
        let dimensions = self.u32()?;
        if dimensions > 4 {
            return Err(format!("its tensor {name} has {dimensions} dimensions"));
        }
        let mut elements: u64 = 1;
        for _ in 0..dimensions {
            let n = self.u64()?;
            elements =
                elements.checked_mul(n).ok_or_else(|| format!("its tensor {name} has an impossible size"))?;
        }
        Ok(Tensor { name, dimensions, elements, kind: self.u32()?, offset: self.u64()? })
    }
}
