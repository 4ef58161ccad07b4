//! The transformer: RMSNorm, rotary positions, SwiGLU, as llama.cpp has them in its architecture `llama`.

use candle_core::{D, DType, Device, Module, Result, Tensor};
use candle_nn::{
    Embedding, Linear, RmsNorm, VarBuilder, VarMap, embedding, linear_no_bias, ops, rms_norm, rotary_emb,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Its size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NetSettings {
    /// Layers.
    pub layers: usize,
    /// Model width (embedding dimension).
    pub width: usize,
    /// Attention heads.
    pub heads: usize,
    /// Numbers inside a feed-forward block.
    pub inner: usize,
    /// The size of the vocabulary, the mask included.
    pub vocabulary: usize,
    /// Positions, at most.
    pub positions: usize,
    /// Whether a token sees only those before it.
    pub causal: bool,
}

/// The rotation's base, and what keeps norms from dividing by 0.
pub(crate) const ROPE_BASE: f32 = 10_000.0;
pub(crate) const EPSILON: f64 = 1e-5;

struct TransformerLayer {
    attention_norm: RmsNorm,
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    inner_norm: RmsNorm,
    gate: Linear,
    up: Linear,
    down: Linear,
}

/// The model and its weights.
pub struct Net {
    settings: NetSettings,
    embedding: Embedding,
    layers: Vec<TransformerLayer>,
    norm: RmsNorm,
    head: Linear,
    cos: Tensor,
    sin: Tensor,
    /// What a causal model's places must not see: −∞ above the diagonal.
    later: Tensor,
    weights: VarMap,
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Net {
    /// Makes a model with random weights, drawn from `seed`. Names of weights are those of llama.cpp.
    ///
    /// # Errors
    /// What the tensor library cannot do.
    pub fn new(settings: NetSettings, seed: u64, device: &Device) -> Result<Self> {
        let net = Self::build(settings, device)?;
        net.draw_weights(seed, device)?;
        Ok(net)
    }

    /// Draws matrices evenly from ±1/√n, where n numbers go in, and embeddings with variance 1, as PyTorch does; the library's
    /// own draws cannot be repeated.
    fn draw_weights(&self, seed: u64, device: &Device) -> Result<()> {
        let data = self.weights.data().lock().map_err(|error| candle_core::Error::Msg(error.to_string()))?;
        let mut names: Vec<&String> = data.keys().filter(|name| !name.contains("norm")).collect();
        names.sort();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for name in names {
            let var = &data[name];
            let (rows, columns) = var.dims2()?;
            let most =
                if name.starts_with("token_embd") { 3.0_f32.sqrt() } else { (columns as f32).sqrt().recip() };
            let drawn: Vec<f32> = (0..rows * columns).map(|_| rng.random_range(-most..most)).collect();
            var.set(&Tensor::from_vec(drawn, (rows, columns), device)?)?;
        }
        Ok(())
    }

    fn build(settings: NetSettings, device: &Device) -> Result<Self> {
        let weights = VarMap::new();
        let vars = VarBuilder::from_varmap(&weights, DType::F32, device);
        let NetSettings { width, inner, vocabulary, positions, heads, .. } = settings;
        let mut layers = Vec::new();
        for number in 0..settings.layers {
            let vars = vars.pp(format!("blk.{number}"));
            layers.push(TransformerLayer {
                attention_norm: rms_norm(width, EPSILON, vars.pp("attn_norm"))?,
                query: linear_no_bias(width, width, vars.pp("attn_q"))?,
                key: linear_no_bias(width, width, vars.pp("attn_k"))?,
                value: linear_no_bias(width, width, vars.pp("attn_v"))?,
                output: linear_no_bias(width, width, vars.pp("attn_output"))?,
                inner_norm: rms_norm(width, EPSILON, vars.pp("ffn_norm"))?,
                gate: linear_no_bias(width, inner, vars.pp("ffn_gate"))?,
                up: linear_no_bias(width, inner, vars.pp("ffn_up"))?,
                down: linear_no_bias(inner, width, vars.pp("ffn_down"))?,
            });
        }
        let angles = angles(positions, width / heads.max(1), device)?;
        Ok(Self {
            settings,
            embedding: embedding(vocabulary, width, vars.pp("token_embd"))?,
            layers,
            norm: rms_norm(width, EPSILON, vars.pp("output_norm"))?,
            head: linear_no_bias(width, vocabulary, vars.pp("output"))?,
            cos: angles.cos()?,
            sin: angles.sin()?,
            later: unseen(positions, device, |at, other| other > at)?,
            weights,
        })
    }

    /// Returns its size.
    pub fn settings(&self) -> NetSettings {
        self.settings
    }

    /// Returns its weights by name.
    pub fn weights(&self) -> &VarMap {
        &self.weights
    }

    /// Returns the weights, to be loaded from a checkpoint.
    pub fn weights_mut(&mut self) -> &mut VarMap {
        &mut self.weights
    }

    /// Returns how many weights it has.
    pub fn parameters(&self) -> usize {
        self.weights.all_vars().iter().map(|weight| weight.elem_count()).sum()
    }

    /// Returns logits, [rows, places, vocabulary], of tokens, [rows, places].
    ///
    /// # Errors
    /// What the tensor library cannot do, such as shapes that do not fit.
    pub fn forward(&self, tokens: &Tensor) -> Result<Tensor> {
        let later = self.settings.causal.then(|| self.later(tokens.dim(1)?)).transpose()?;
        self.run(self.embed(tokens)?, later.as_ref())
    }

    /// Returns the vectors, [rows, places, width], that stand for tokens, [rows, places].
    ///
    /// # Errors
    /// What the tensor library cannot do.
    pub fn embed(&self, tokens: &Tensor) -> Result<Tensor> {
        self.embedding.forward(tokens)
    }

    /// Returns what so many places must not see, [places, places], if each sees only those before it.
    ///
    /// # Errors
    /// What the tensor library cannot do.
    pub fn later(&self, places: usize) -> Result<Tensor> {
        self.later.narrow(0, 0, places)?.narrow(1, 0, places)
    }

    /// Returns logits, [rows, places, vocabulary], of vectors, [rows, places, width]. `unseen`, [places, places], is added to
    /// the attention's scores: −∞ where a place must not see another.
    ///
    /// # Errors
    /// What the tensor library cannot do, such as shapes that do not fit.
    pub fn run(&self, mut state: Tensor, unseen: Option<&Tensor>) -> Result<Tensor> {
        let places = state.dim(1)?;
        let cos = self.cos.narrow(0, 0, places)?;
        let sin = self.sin.narrow(0, 0, places)?;
        for layer in &self.layers {
            state = (&state + layer.attend(&state, self.settings.heads, (&cos, &sin), unseen)?)?;
            state = (&state + layer.feed(&state)?)?;
        }
        self.head.forward(&self.norm.forward_diff(&state)?)
    }
}

impl TransformerLayer {
    fn attend(
        &self,
        state: &Tensor,
        heads: usize,
        (cos, sin): (&Tensor, &Tensor),
        unseen: Option<&Tensor>,
    ) -> Result<Tensor> {
        let (rows, places, width) = state.dims3()?;
        let size = width / heads;
        let state = self.attention_norm.forward_diff(state)?;
        let split = |linear: &Linear| -> Result<Tensor> {
            linear.forward(&state)?.reshape((rows, places, heads, size))?.transpose(1, 2)?.contiguous()
        };
        // Neighbouring numbers are rotated together, as in llama.cpp's architecture of that name.
        let rotated = |linear: &Linear| rotary_emb::rope_i_slow(&split(linear)?, cos, sin);
        let (query, key, value) = (rotated(&self.query)?, rotated(&self.key)?, split(&self.value)?);
        let scores = (query.matmul(&key.t()?.contiguous()?)? / (size as f64).sqrt())?;
        let scores = match unseen {
            Some(unseen) => scores.broadcast_add(unseen)?,
            None => scores,
        };
        let seen = ops::softmax(&scores, D::Minus1)?.matmul(&value)?;
        self.output.forward(&seen.transpose(1, 2)?.reshape((rows, places, width))?)
    }

    fn feed(&self, state: &Tensor) -> Result<Tensor> {
        let state = self.inner_norm.forward_diff(state)?;
        let gated = (ops::silu(&self.gate.forward(&state)?)? * self.up.forward(&state)?)?;
        self.down.forward(&gated)
    }
}

/// Returns the angle of each position for each pair of numbers, [positions, size / 2].
fn angles(positions: usize, size: usize, device: &Device) -> Result<Tensor> {
    let pairs = size / 2;
    let speed = |pair: usize| ROPE_BASE.powf(-(pair as f32) / pairs as f32);
    let all: Vec<f32> =
        (0..positions).flat_map(|at| (0..pairs).map(move |pair| at as f32 * speed(pair))).collect();
    Tensor::from_vec(all, (positions, pairs), device)
}

/// Returns −∞ where `hides(place, other)`, and 0 elsewhere, [places, places].
pub(crate) fn unseen(places: usize, device: &Device, hides: impl Fn(usize, usize) -> bool) -> Result<Tensor> {
    let one = |at: usize| if hides(at / places, at % places) { f32::NEG_INFINITY } else { 0.0 };
    Tensor::from_vec((0..places * places).map(one).collect::<Vec<f32>>(), (places, places), device)
}
