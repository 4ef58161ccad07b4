//! Weights as a GGUF file of llama.cpp's architecture `llama`, with the vocabulary inside.

use std::{io::Cursor, path::Path};

use candle_core::{
    Tensor,
    quantized::{
        GgmlDType, QTensor,
        gguf_file::{self, Value},
    },
};
use denoise::LatentShape;
use files::Durability;

use crate::{
    Mistakes, Net, NetSettings, Objective, TokenTask, TrainError,
    net::{EPSILON, ROPE_BASE},
};

/// What an entry of the vocabulary is, in llama.cpp's numbering.
const NORMAL: i32 = 1;
const CONTROL: i32 = 3;

/// Writes `net`, trained on `task` with an objective and such mistakes, to `path`. Matrices are half-precision numbers, norms are
/// whole ones.
///
/// # Errors
/// When the file cannot be written.
pub fn export(
    trained: (Objective, Mistakes),
    net: &Net,
    task: &TokenTask,
    path: &Path,
) -> Result<(), TrainError> {
    let fail =
        |error: &dyn std::fmt::Display| TrainError::File { path: path.to_owned(), why: error.to_string() };
    let metadata = metadata(trained, net.settings(), task);
    let mut tensors: Vec<(String, QTensor)> = Vec::new();
    {
        let data = net.weights().data().lock().map_err(|error| fail(&error))?;
        let mut names: Vec<&String> = data.keys().collect();
        names.sort();
        for name in names {
            tensors.push((name.clone(), stored(data[name].as_tensor())?));
        }
    }
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let tensors: Vec<(&str, &QTensor)> =
        tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let mut bytes = Cursor::new(Vec::new());
    gguf_file::write(&mut bytes, &metadata, &tensors)?;
    files::write_whole(path, bytes.get_ref(), Durability::Synced).map_err(|error| fail(&error))
}

fn stored(tensor: &Tensor) -> Result<QTensor, TrainError> {
    let kind = if tensor.rank() > 1 { GgmlDType::F16 } else { GgmlDType::F32 };
    Ok(QTensor::quantize(tensor, kind)?)
}

fn metadata(
    (objective, mistakes): (Objective, Mistakes),
    net: NetSettings,
    task: &TokenTask,
) -> Vec<(String, Value)> {
    let number = |number: usize| Value::U32(u32::try_from(number).unwrap_or(u32::MAX));
    let text = |text: &str| Value::String(text.to_owned());
    // The blank and the mask need names that no other entry has.
    let named = |token: &'static str| if token.is_empty() { "<blank>" } else { token };
    let mut entries: Vec<String> =
        task.tokens.vocabulary().iter().map(|token| named(token).to_owned()).collect();
    let mask = number(entries.len());
    entries.push("<mask>".into());
    let latents = match objective {
        Objective::Mask | Objective::Ar => None,
        Objective::Latent => Some(LatentShape::DEFAULT),
    };
    if let Some(shape) = latents {
        entries.extend((0..shape.slots).map(|slot| format!("<query {slot}>")));
        entries.extend((0..shape.size).map(|number| format!("<number {number}>")));
    }
    let kinds = entries.iter().map(|entry| Value::I32(if entry.starts_with('<') { CONTROL } else { NORMAL }));
    let llama = |key: &str, value| (format!("llama.{key}"), value);
    let vocabulary = |key: &str, value| (format!("tokenizer.ggml.{key}"), value);
    let shape = latents.map(|LatentShape { slots, size }| {
        [("planscope.latent_slots".into(), number(slots)), ("planscope.latent_size".into(), number(size))]
    });
    let all = vec![
        ("general.architecture".into(), text("llama")),
        ("general.name".into(), text(&format!("planscope {}", task.family.name()))),
        ("planscope.family".into(), text(task.family.name())),
        ("planscope.causal".into(), Value::Bool(net.causal)),
        ("planscope.doubts".into(), Value::Bool(mistakes != Mistakes::None)),
        ("planscope.vocabulary".into(), text(&task.tokens.vocabulary().join("\n"))),
        ("planscope.problem_places".into(), number(task.problem_places)),
        ("planscope.plan_places".into(), number(task.plan_places)),
        llama("block_count", number(net.layers)),
        llama("context_length", number(net.positions)),
        llama("embedding_length", number(net.width)),
        llama("feed_forward_length", number(net.inner)),
        llama("attention.head_count", number(net.heads)),
        llama("attention.head_count_kv", number(net.heads)),
        llama("attention.layer_norm_rms_epsilon", Value::F32(EPSILON as f32)),
        llama("attention.causal", Value::Bool(net.causal)),
        llama("rope.dimension_count", number(net.width / net.heads.max(1))),
        llama("rope.freq_base", Value::F32(ROPE_BASE)),
        llama("vocab_size", number(net.vocabulary)),
        vocabulary("model", text("llama")),
        vocabulary("tokens", Value::Array(entries.iter().map(|entry| text(entry)).collect())),
        vocabulary("scores", Value::Array(entries.iter().map(|_| Value::F32(0.0)).collect())),
        vocabulary("token_type", Value::Array(kinds.collect())),
        vocabulary("mask_token_id", mask.clone()),
        vocabulary("bos_token_id", mask.clone()),
        vocabulary("eos_token_id", mask.clone()),
        vocabulary("unknown_token_id", mask),
        vocabulary("add_bos_token", Value::Bool(false)),
        vocabulary("add_space_prefix", Value::Bool(false)),
    ];
    all.into_iter().chain(shape.into_iter().flatten()).collect()
}
