//! Whether a file has a classification head that llama.cpp evaluates. On a file without one, rank pooling returns numbers
//! anyway, which mean nothing.

use std::path::Path;

use super::{Header, MetadataValue, read};
use model::LlmError;

/// Architectures of decoders for which llama.cpp 0.6.0-dev builds a classification head; it is followed by a softmax.
const WITH_HEAD: &[&str] = &["qwen3"];
/// The head's tensor.
const HEAD: &str = "cls.output.weight";

impl Header {
    /// Returns nothing where the file has a head of two classes.
    ///
    /// # Errors
    /// Why its numbers would mean nothing, in words.
    pub fn check_head(&self) -> Result<(), String> {
        if !self.tensors.iter().any(|tensor| tensor.name == HEAD) {
            return Err(
                "it has no classification head (no tensor cls.output.weight), so it cannot value steps"
                    .into(),
            );
        }
        let architecture = self.architecture().unwrap_or_default();
        if !WITH_HEAD.contains(&architecture) {
            return Err(format!(
                "llama.cpp evaluates no classification head for the architecture {architecture}, only for {}",
                WITH_HEAD.join(", ")
            ));
        }
        // Behind a softmax, one class alone always has the probability 1.
        match self.metadata.get(&format!("{architecture}.classifier.output_labels")) {
            Some(MetadataValue::Skipped(2)) => Ok(()),
            Some(MetadataValue::Skipped(classes)) => Err(format!("its head has {classes} classes, not two")),
            _ => Err("its header does not name the two classes of its head".into()),
        }
    }
}

/// Checks that the file at `path` is a model with a head of two classes.
///
/// # Errors
/// [`LlmError::Unavailable`] with the reason in words.
pub fn require_head(path: &Path) -> Result<(), LlmError> {
    read(path)?.check_head().map_err(|why| no_head(path, &why))
}

/// The error for a file whose head cannot be used.
pub(crate) fn no_head(path: &Path, why: &str) -> LlmError {
    LlmError::Unavailable {
        message: format!("{} is no process reward model: {why}", path.display()),
        hint: "name the GGUF of a model that was converted with its classification head".into(),
    }
}
