//! The shape of a model, and what follows from it: operations and memory.

use super::{Header, MetadataValue};

/// The shape of a transformer, as far as estimates need it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModelShape {
    /// Number of transformer blocks.
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

impl ModelShape {
    /// Returns the floating-point operations for evaluating positions `from..to` of a sequence.
    pub fn evaluation_flops(&self, from: u64, to: u64) -> f64 {
        let (a, b) = (from as f64, to as f64);
        2.0 * self.layer_weights * (b - a)
            + 2.0 * self.layers as f64 * self.query_width as f64 * (b * b - a * a)
    }

    /// Returns the floating-point operations for evaluating `positions` that all see each other.
    pub fn bidirectional_flops(&self, positions: u64) -> f64 {
        let n = positions as f64;
        2.0 * self.layer_weights * n + 4.0 * self.layers as f64 * self.query_width as f64 * n * n
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

impl Header {
    /// Returns the shape that estimates need.
    pub fn shape(&self) -> ModelShape {
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
            Some(MetadataValue::Numbers(all)) => all.iter().fold(0u64, |sum, n| sum.saturating_add(*n)),
            _ => layers.saturating_mul(self.number("attention.head_count_kv").unwrap_or(heads)),
        };
        let vocabulary = match self.metadata.get("tokenizer.ggml.tokens") {
            Some(MetadataValue::Skipped(n)) => *n,
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
        ModelShape {
            layers,
            width,
            query_width: heads.saturating_mul(key),
            key_widths: kv_heads.saturating_mul(key),
            value_widths: kv_heads.saturating_mul(value),
            vocabulary,
            layer_weights,
        }
    }
}
