//! Reads the header of a GGUF file: what `model info` shows, and the check that a file is whole before
//! llama.cpp sees it. Sizes in the file are not trusted.

mod ggml;
mod head;
mod kind;
mod read;
mod shape;
mod split;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use super::template::Specials;
#[cfg(feature = "llama")]
pub(crate) use head::no_head;
pub use head::require_head;
pub(crate) use kind::{HEAD, recognize};
use model::{LlmError, ModelInfo};
pub use read::parse;
pub use shape::ModelShape;
pub use split::{SplitPart, files};

/// A metadata value.
#[derive(Debug, Clone, PartialEq)]
pub enum MetadataValue {
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
    /// The product of its dimensions.
    pub elements: u64,
    /// ggml's number for the storage type.
    pub kind: u32,
    /// Where it starts, from the beginning of the data.
    pub offset: u64,
}

/// The header of a GGUF file, or of all files of a model that is split.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The format's version.
    pub version: u32,
    /// The metadata, by key.
    pub metadata: BTreeMap<String, MetadataValue>,
    /// The tensors, in file order.
    pub tensors: Vec<Tensor>,
    /// Where the data begins, in the first file.
    pub data_offset: u64,
    /// Length of all files.
    pub bytes: u64,
    /// The files of a model that is split, in order; none where it is one file.
    pub parts: Vec<SplitPart>,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong, as a clause.
    pub why: String,
    /// What can be done about it.
    pub hint: &'static str,
}

/// What helps with most files.
const AGAIN: &str = "download it again with `planscope model pull`, or name another GGUF file with --model";

impl<T: Into<String>> From<T> for Flaw {
    fn from(why: T) -> Self {
        Self { why: why.into(), hint: AGAIN }
    }
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.why)
    }
}

impl Flaw {
    /// The error for the file at `path`.
    fn of(self, path: &Path) -> LlmError {
        LlmError::Unavailable {
            message: format!("{} cannot be used as a model: {}", path.display(), self.why),
            hint: self.hint.into(),
        }
    }
}

fn broken(path: &Path, why: &str) -> LlmError {
    Flaw::from(why).of(path)
}

/// Reads the header of the model at `path` and checks that every tensor lies within its file. The path of any part of
/// a model that is split means the whole.
///
/// # Errors
/// [`LlmError::Unavailable`] with the reason in words.
pub fn read(path: &Path) -> Result<Header, LlmError> {
    let header = load(path)?.whole(path)?;
    header.check().map_err(|why| broken(path, &why))?;
    Ok(header)
}

/// Reads the header of one file and checks that its tensors lie within it.
fn load(path: &Path) -> Result<Header, LlmError> {
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
    let unreadable = |error: std::io::Error| broken(path, &io_text(&error));
    let mut file = File::open(path).map_err(unreadable)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
    recognize(&head).map_err(|what| broken(path, what))?;
    file.rewind().map_err(unreadable)?;
    let header =
        parse(BufReader::with_capacity(1 << 16, file), metadata.len()).map_err(|flaw| flaw.of(path))?;
    header.check_length().map_err(|why| broken(path, &why))?;
    Ok(header)
}

/// Returns the texts of the tokens that begin and end a text, by the file at `path` with this header.
///
/// # Errors
/// [`LlmError::Unavailable`] with the reason in words.
pub fn specials(path: &Path, header: &Header) -> Result<Specials, LlmError> {
    let id = |key: &str| match header.metadata.get(key) {
        Some(MetadataValue::Unsigned(id)) => *id,
        Some(
            MetadataValue::Signed(_)
            | MetadataValue::Real(_)
            | MetadataValue::Flag(_)
            | MetadataValue::Text(_)
            | MetadataValue::Numbers(_)
            | MetadataValue::Skipped(_),
        )
        | None => u64::MAX,
    };
    let wanted = [id("tokenizer.ggml.bos_token_id"), id("tokenizer.ggml.eos_token_id")];
    let file = File::open(path).map_err(|error| broken(path, &io_text(&error)))?;
    let texts = read::token_texts(BufReader::with_capacity(1 << 16, file), header.bytes, &wanted);
    let mut texts = texts.map_err(|why| broken(path, &why))?.into_iter();
    Ok(Specials { bos: texts.next().flatten(), eos: texts.next().flatten() })
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

impl Tensor {
    /// Returns the size in bytes, if the storage type is known.
    pub fn size(&self) -> Option<u64> {
        let (block, bytes) = ggml::block(self.kind)?;
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
        Ok(())
    }

    /// Checks that the tensors lie within the one file that this is the header of.
    fn check_length(&self) -> Result<(), String> {
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

    /// Returns the entry `key`, where it is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key)? {
            MetadataValue::Text(text) => Some(text),
            MetadataValue::Unsigned(_)
            | MetadataValue::Signed(_)
            | MetadataValue::Real(_)
            | MetadataValue::Flag(_)
            | MetadataValue::Numbers(_)
            | MetadataValue::Skipped(_) => None,
        }
    }

    /// Returns the entry `key`, where it is yes or no.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        match self.metadata.get(key)? {
            MetadataValue::Flag(flag) => Some(*flag),
            MetadataValue::Unsigned(_)
            | MetadataValue::Signed(_)
            | MetadataValue::Real(_)
            | MetadataValue::Text(_)
            | MetadataValue::Numbers(_)
            | MetadataValue::Skipped(_) => None,
        }
    }

    /// Returns the entry `key`, where it is a whole number that is not negative.
    pub(crate) fn unsigned(&self, key: &str) -> Option<u64> {
        match self.metadata.get(key)? {
            MetadataValue::Unsigned(n) => Some(*n),
            MetadataValue::Signed(_)
            | MetadataValue::Real(_)
            | MetadataValue::Flag(_)
            | MetadataValue::Text(_)
            | MetadataValue::Numbers(_)
            | MetadataValue::Skipped(_) => None,
        }
    }

    /// Returns the architecture's own entry `key`, such as `block_count`, where it is one number.
    fn number(&self, key: &str) -> Option<u64> {
        match self.metadata.get(&format!("{}.{key}", self.architecture()?))? {
            MetadataValue::Unsigned(n) => Some(*n),
            MetadataValue::Numbers(all) => all.iter().copied().max(),
            MetadataValue::Signed(_)
            | MetadataValue::Real(_)
            | MetadataValue::Flag(_)
            | MetadataValue::Text(_)
            | MetadataValue::Skipped(_) => None,
        }
    }

    /// Returns the architecture, such as `qwen2`.
    pub fn architecture(&self) -> Option<&str> {
        self.text("general.architecture")
    }

    /// Returns the file type in words, such as `Q4_K_M`.
    pub fn quantization(&self) -> Option<&'static str> {
        self.unsigned("general.file_type").and_then(ggml::file_type)
    }

    /// Returns the number of positions that the model was trained on.
    pub fn trained_context(&self) -> Option<u64> {
        self.number("context_length")
    }

    /// Returns the file's usual chat template.
    pub fn chat_template(&self) -> Option<&str> {
        self.text("tokenizer.chat_template")
    }

    /// Returns whether the file has a chat template.
    pub fn has_chat_template(&self) -> bool {
        self.text("tokenizer.chat_template").is_some()
    }

    /// Returns whether all matrices are stored in blocks with a common scale. Whole floating-point
    /// formats are multiplied in an order that depends on the size of the batch.
    pub fn is_quantized(&self) -> bool {
        let elements = |kind: u32| ggml::block(kind).map_or(1, |(elements, _)| elements);
        self.tensors.iter().all(|t| t.dimensions < 2 || elements(t.kind) > 1)
    }

    /// Returns the number of parameters.
    pub fn parameters(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, t| sum.saturating_add(t.elements))
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
