//! Reads the header of a GGUF file: what `model info` shows, and the check that a file is whole before
//! llama.cpp sees it. Sizes in the file are not trusted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use super::{LlmError, ModelInfo};

/// Limits on what a header may claim; real files stay far below.
const MAX_PAIRS: u64 = 65_536;
const MAX_TENSORS: u64 = 1 << 20;
const MAX_KEY: u64 = 65_535;
/// Short arrays of numbers are kept, such as heads by layer; longer ones, such as the vocabulary, are skipped.
const KEPT_ARRAY: u64 = 1024;

/// A metadata value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number that is not negative.
    Unsigned(u64),
    /// A negative whole number.
    Signed(i64),
    /// A real number.
    Real(f64),
    /// Yes or no.
    Flag(bool),
    /// A text.
    Text(String),
    /// A short list of numbers.
    Numbers(Vec<u64>),
    /// A list that was skipped, with its length.
    Skipped(u64),
}

/// A tensor's entry in the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Its name, such as `blk.0.attn_q.weight`.
    pub name: String,
    /// How many dimensions it has.
    pub dimensions: u32,
    /// Elements in all.
    pub elements: u64,
    /// ggml's number for the storage type.
    pub kind: u32,
    /// Where it starts, from the beginning of the data.
    pub offset: u64,
}

/// The header of a GGUF file.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The format's version.
    pub version: u32,
    /// The metadata, by key.
    pub metadata: BTreeMap<String, Value>,
    /// The tensors, in file order.
    pub tensors: Vec<Tensor>,
    /// Where the data begins.
    pub data_offset: u64,
    /// Length of the whole file.
    pub bytes: u64,
}

/// The shape of a transformer, as far as estimates need it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shape {
    /// Layers.
    pub layers: u64,
    /// Width of the residual stream.
    pub width: u64,
    /// Width of all query heads together.
    pub query_width: u64,
    /// Width of all key heads together, summed over the layers.
    pub key_widths: u64,
    /// Width of all value heads together, summed over the layers.
    pub value_widths: u64,
    /// Size of the vocabulary.
    pub vocabulary: u64,
    /// Weights that a token passes in the layers, without embeddings and the output matrix; of experts
    /// only the share that is used.
    pub layer_weights: f64,
}

impl Shape {
    /// Returns the floating-point operations for evaluating positions `from..to` of a sequence.
    pub fn evaluation_flops(&self, from: u64, to: u64) -> f64 {
        let (a, b) = (from as f64, to as f64);
        2.0 * self.layer_weights * (b - a)
            + 2.0 * self.layers as f64 * self.query_width as f64 * (b * b - a * a)
    }

    /// Returns the floating-point operations for the logits of `positions`.
    pub fn logits_flops(&self, positions: u64) -> f64 {
        2.0 * self.vocabulary as f64 * self.width as f64 * positions as f64
    }

    /// Returns the bytes of key-value cache for one position, in half precision.
    pub fn cache_bytes(&self) -> u64 {
        2 * (self.key_widths + self.value_widths)
    }
}

fn broken(path: &Path, why: &str) -> LlmError {
    LlmError::Unavailable {
        message: format!("{} cannot be used as a model: {why}", path.display()),
        hint: "download it again with `planscope model pull`, or name another GGUF file with --model".into(),
    }
}

/// Reads the header of the file at `path` and checks that every tensor lies within the file.
///
/// # Errors
/// [`LlmError::Unavailable`] with the reason in words.
pub fn read(path: &Path) -> Result<Header, LlmError> {
    let metadata = std::fs::metadata(path).map_err(|error| broken(path, &io_text(&error)))?;
    if metadata.is_dir() {
        return Err(broken(path, "it is a folder"));
    }
    if !metadata.is_file() {
        return Err(broken(path, "it is not a regular file"));
    }
    if metadata.len() == 0 {
        return Err(broken(path, "the file is empty"));
    }
    let file = File::open(path).map_err(|error| broken(path, &io_text(&error)))?;
    let header =
        parse(BufReader::with_capacity(1 << 16, file), metadata.len()).map_err(|why| broken(path, &why))?;
    header.check().map_err(|why| broken(path, &why))?;
    Ok(header)
}

fn io_text(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound {
        "there is no such file".into()
    } else if error.kind() == std::io::ErrorKind::PermissionDenied {
        "it may not be read (permission denied)".into()
    } else {
        format!("it cannot be read ({error})")
    }
}

/// Reads a header from `source`, a file of `bytes` bytes.
///
/// # Errors
/// A clause that says what is wrong.
pub fn parse(source: impl Read + Seek, bytes: u64) -> Result<Header, String> {
    let mut reader = Reader { source, at: 0, bytes };
    let magic = reader.bytes::<4>().map_err(|_| "it is not a GGUF file (too short)".to_string())?;
    if &magic != b"GGUF" {
        return Err("it is not a GGUF file (it does not begin with GGUF)".into());
    }
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(format!("its GGUF version {version} is not supported (2 and 3 are)"));
    }
    let tensor_count = reader.u64()?;
    let pair_count = reader.u64()?;
    if tensor_count > MAX_TENSORS || pair_count > MAX_PAIRS {
        return Err(format!(
            "its header claims {tensor_count} tensors and {pair_count} entries, which cannot be"
        ));
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
        Some(Value::Unsigned(n)) if n.is_power_of_two() && *n <= 1 << 20 => *n,
        Some(_) => return Err("its alignment is not a power of two".into()),
        None => 32,
    };
    let data_offset = reader.at.next_multiple_of(alignment);
    Ok(Header { version, metadata, tensors, data_offset, bytes })
}

struct Reader<R> {
    source: R,
    at: u64,
    bytes: u64,
}

impl<R: Read + Seek> Reader<R> {
    fn left(&self) -> u64 {
        self.bytes - self.at
    }

    fn truncated(&self) -> String {
        format!("it is cut off: the header goes on past its {} bytes", self.bytes)
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

    fn signed(value: i64) -> Value {
        u64::try_from(value).map_or(Value::Signed(value), Value::Unsigned)
    }

    fn value(&mut self, kind: u32) -> Result<Value, String> {
        Ok(match kind {
            0 => Value::Unsigned(self.bytes::<1>()?[0].into()),
            1 => Self::signed(i8::from_le_bytes(self.bytes()?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(self.bytes()?).into()),
            3 => Self::signed(i16::from_le_bytes(self.bytes()?).into()),
            4 => Value::Unsigned(self.u32()?.into()),
            5 => Self::signed(i32::from_le_bytes(self.bytes()?).into()),
            6 => Value::Real(f32::from_le_bytes(self.bytes()?).into()),
            7 => Value::Flag(self.bytes::<1>()?[0] != 0),
            8 => Value::Text(self.text(64 << 20)?),
            9 => self.array()?,
            10 => Value::Unsigned(self.u64()?),
            11 => Self::signed(i64::from_le_bytes(self.bytes()?)),
            12 => Value::Real(f64::from_le_bytes(self.bytes()?)),
            other => return Err(format!("its header holds a value of the unknown type {other}")),
        })
    }

    fn array(&mut self) -> Result<Value, String> {
        let kind = self.u32()?;
        let count = self.u64()?;
        if kind == 8 {
            for _ in 0..count {
                let length = self.u64()?;
                self.skip(length)?;
            }
            return Ok(Value::Skipped(count));
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
                    Value::Unsigned(n) => numbers.push(n),
                    Value::Signed(_) => numbers.push(0),
                    Value::Real(_)
                    | Value::Flag(_)
                    | Value::Text(_)
                    | Value::Numbers(_)
                    | Value::Skipped(_) => {}
                }
            }
            return Ok(Value::Numbers(numbers));
        }
        self.skip(count.checked_mul(size).ok_or_else(|| self.truncated())?)?;
        Ok(Value::Skipped(count))
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

impl Tensor {
    /// Returns the size in bytes, if the storage type is known.
    pub fn size(&self) -> Option<u64> {
        let (block, bytes) = BLOCKS.iter().find(|(kind, ..)| *kind == self.kind).map(|(_, b, s)| (*b, *s))?;
        self.elements.div_ceil(block).checked_mul(bytes)
    }
}

impl Header {
    fn check(&self) -> Result<(), String> {
        if self.architecture().is_none() {
            return Err("its header names no architecture".into());
        }
        if self.tensors.is_empty() {
            return Err("it holds no tensors (a vocabulary alone is no model)".into());
        }
        if self.number("block_count") == Some(0) {
            return Err("its header claims 0 layers".into());
        }
        let end = self
            .tensors
            .iter()
            .map(|t| {
                t.offset.checked_add(t.size().unwrap_or(0)).and_then(|n| n.checked_add(self.data_offset))
            })
            .try_fold(0, |most, end| end.map(|end| most.max(end)))
            .ok_or("its tensors have impossible sizes")?;
        if end > self.bytes {
            return Err(format!("it is cut off: it has {} bytes, but its tensors need {end}", self.bytes));
        }
        Ok(())
    }

    fn text(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key)? {
            Value::Text(text) => Some(text),
            Value::Unsigned(_)
            | Value::Signed(_)
            | Value::Real(_)
            | Value::Flag(_)
            | Value::Numbers(_)
            | Value::Skipped(_) => None,
        }
    }

    /// Returns the architecture's own entry `key`, such as `block_count`, where it is one number.
    fn number(&self, key: &str) -> Option<u64> {
        match self.metadata.get(&format!("{}.{key}", self.architecture()?))? {
            Value::Unsigned(n) => Some(*n),
            Value::Numbers(all) => all.iter().copied().max(),
            Value::Signed(_) | Value::Real(_) | Value::Flag(_) | Value::Text(_) | Value::Skipped(_) => None,
        }
    }

    /// Returns the architecture, such as `qwen2`.
    pub fn architecture(&self) -> Option<&str> {
        self.text("general.architecture")
    }

    /// Returns the file type in words, such as `Q4_K_M`.
    pub fn quantization(&self) -> Option<&'static str> {
        match self.metadata.get("general.file_type")? {
            Value::Unsigned(n) => FILE_TYPES.iter().find(|(kind, _)| kind == n).map(|(_, name)| *name),
            Value::Signed(_)
            | Value::Real(_)
            | Value::Flag(_)
            | Value::Text(_)
            | Value::Numbers(_)
            | Value::Skipped(_) => None,
        }
    }

    /// Returns the number of positions that the model was trained on.
    pub fn trained_context(&self) -> Option<u64> {
        self.number("context_length")
    }

    /// Returns whether the file has a chat template.
    pub fn has_chat_template(&self) -> bool {
        self.text("tokenizer.chat_template").is_some()
    }

    /// Returns whether all matrices are stored in blocks with a common scale. Whole floating-point
    /// formats are multiplied in an order that depends on the size of the batch.
    pub fn is_quantized(&self) -> bool {
        let block = |kind: u32| BLOCKS.iter().find(|b| b.0 == kind).map_or(1, |b| b.1);
        self.tensors.iter().all(|t| t.dimensions < 2 || block(t.kind) > 1)
    }

    /// Returns the number of parameters.
    pub fn parameters(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, t| sum.saturating_add(t.elements))
    }

    /// Returns the shape that estimates need.
    pub fn shape(&self) -> Shape {
        let layers = self.number("block_count").unwrap_or(0);
        let width = self.number("embedding_length").unwrap_or(0);
        let heads = self.number("attention.head_count").unwrap_or(0).max(1);
        let head = width / heads;
        let key = self.number("attention.key_length").unwrap_or(head);
        let value = self.number("attention.value_length").unwrap_or(head);
        let kv_heads = match self
            .metadata
            .get(&format!("{}.attention.head_count_kv", self.architecture().unwrap_or("")))
        {
            Some(Value::Numbers(all)) => all.iter().fold(0u64, |sum, n| sum.saturating_add(*n)),
            _ => layers.saturating_mul(self.number("attention.head_count_kv").unwrap_or(heads)),
        };
        let vocabulary = match self.metadata.get("tokenizer.ggml.tokens") {
            Some(Value::Skipped(n)) => *n,
            _ => self.number("vocab_size").unwrap_or(0),
        };
        let used = self.number("expert_used_count").unwrap_or(1) as f64;
        let experts = self.number("expert_count").filter(|n| *n > 0).map_or(1.0, |all| used / all as f64);
        let layer_weights = self
            .tensors
            .iter()
            .filter(|t| t.name.starts_with("blk."))
            .map(|t| t.elements as f64 * if t.name.contains("_exps.") { experts } else { 1.0 })
            .sum();
        Shape {
            layers,
            width,
            query_width: heads.saturating_mul(key),
            key_widths: kv_heads.saturating_mul(key),
            value_widths: kv_heads.saturating_mul(value),
            vocabulary,
            layer_weights,
        }
    }

    /// Returns what the file says of the model, under the name `name`.
    pub fn info(&self, name: &str) -> ModelInfo {
        ModelInfo {
            name: name.into(),
            backend: "llama.cpp".into(),
            architecture: self.architecture().map(Into::into),
            quantization: self.quantization().map(Into::into),
            bytes: Some(self.bytes),
            parameters: Some(self.parameters()),
            layers: self.number("block_count").and_then(|n| u32::try_from(n).ok()),
            context: self.trained_context().and_then(|n| u32::try_from(n).ok()),
            ..ModelInfo::default()
        }
    }
}

/// ggml's storage types: number, elements a block, bytes a block.
const BLOCKS: [(u32, u64, u64); 31] = [
    (0, 1, 4),
    (1, 1, 2),
    (2, 32, 18),
    (3, 32, 20),
    (6, 32, 22),
    (7, 32, 24),
    (8, 32, 34),
    (9, 32, 36),
    (10, 256, 84),
    (11, 256, 110),
    (12, 256, 144),
    (13, 256, 176),
    (14, 256, 210),
    (15, 256, 292),
    (16, 256, 66),
    (17, 256, 74),
    (18, 256, 98),
    (19, 256, 50),
    (20, 32, 18),
    (21, 256, 110),
    (22, 256, 82),
    (23, 256, 136),
    (24, 1, 1),
    (25, 1, 2),
    (26, 1, 4),
    (27, 1, 8),
    (28, 1, 8),
    (29, 256, 56),
    (30, 1, 2),
    (34, 256, 54),
    (35, 256, 66),
];

/// Names of the values of `general.file_type`.
const FILE_TYPES: [(u64, &str); 32] = [
    (0, "F32"),
    (1, "F16"),
    (2, "Q4_0"),
    (3, "Q4_1"),
    (7, "Q8_0"),
    (8, "Q5_0"),
    (9, "Q5_1"),
    (10, "Q2_K"),
    (11, "Q3_K_S"),
    (12, "Q3_K_M"),
    (13, "Q3_K_L"),
    (14, "Q4_K_S"),
    (15, "Q4_K_M"),
    (16, "Q5_K_S"),
    (17, "Q5_K_M"),
    (18, "Q6_K"),
    (19, "IQ2_XXS"),
    (20, "IQ2_XS"),
    (21, "Q2_K_S"),
    (22, "IQ3_XS"),
    (23, "IQ3_XXS"),
    (24, "IQ1_S"),
    (25, "IQ4_NL"),
    (26, "IQ3_S"),
    (27, "IQ3_M"),
    (28, "IQ2_S"),
    (29, "IQ2_M"),
    (30, "IQ4_XS"),
    (31, "IQ1_M"),
    (32, "BF16"),
    (36, "TQ1_0"),
    (37, "TQ2_0"),
];
