//! What a batch is, and what its loss is.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{Net, TokenTask};

/// What a model learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// To fill masked places from all others: masked diffusion.
    Mask,
    /// To continue from the left: the autoregressive control.
    Ar,
}

/// Rows of tokens, what each place should say, and how much each counts.
struct Batch {
    tokens: Tensor,
    targets: Tensor,
    counts: Tensor,
}

impl Objective {
    /// Returns whether a place sees only those before it.
    pub fn is_causal(self) -> bool {
        match self {
            Self::Mask => false,
            Self::Ar => true,
        }
    }

    /// Returns the loss of a batch of examples drawn from `task`, in nats per counted place.
    ///
    /// Masked: each row has its own rate t, drawn evenly; its plan's places are masked with that probability, one at least,
    /// and count all alike. The weight 1/t of the bound (MDLM) is left out: it is noisy in small batches, and nothing was learned
    /// with it. Causal: each token of the plan counts as the next one.
    ///
    /// # Errors
    /// What the tensor library cannot do.
    pub fn loss(
        self,
        net: &Net,
        task: &TokenTask,
        rows: usize,
        rng: &mut impl Rng,
        device: &Device,
    ) -> Result<Tensor> {
        let batch = match self {
            Self::Mask => masked(task, rows, rng, device)?,
            Self::Ar => shifted(task, rows, rng, device)?,
        };
        let logits = net.forward(&batch.tokens)?;
        let log_probabilities = ops::log_softmax(&logits, candle_core::D::Minus1)?;
        let targets = batch.targets.unsqueeze(2)?;
        let said = log_probabilities.gather(&targets, 2)?.squeeze(2)?;
        (said * &batch.counts)?.sum_all()?.neg()? / batch.counts.sum_all()?.to_scalar::<f32>()? as f64
    }
}

fn drawn<'a>(task: &'a TokenTask, rng: &mut impl Rng) -> &'a crate::TrainingExample {
    &task.train[rng.random_range(0..task.train.len())]
}

fn masked(task: &TokenTask, rows: usize, rng: &mut impl Rng, device: &Device) -> Result<Batch> {
    let (mut tokens, mut targets, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rows {
        let example = drawn(task, rng);
        let row = task.row(example);
        let plan = task.problem_places..task.problem_places + example.plan.len();
        let rate: f32 = rng.random();
        let sure = rng.random_range(plan.clone());
        for (at, token) in row.iter().enumerate() {
            let hidden = plan.contains(&at) && (at == sure || rng.random::<f32>() < rate);
            tokens.push(u32::from(if hidden { task.mask() } else { *token }));
            targets.push(u32::from(*token));
            counts.push(if hidden { 1.0_f32 } else { 0.0 });
        }
    }
    batch(tokens, targets, counts, rows, task.width(), device)
}

fn shifted(task: &TokenTask, rows: usize, rng: &mut impl Rng, device: &Device) -> Result<Batch> {
    let (mut tokens, mut targets, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rows {
        let example = drawn(task, rng);
        let row = task.row(example);
        let plan = task.problem_places..task.problem_places + example.plan.len();
        for at in 0..row.len() {
            let next = at + 1;
            tokens.push(u32::from(row[at]));
            targets.push(row.get(next).map_or(0, |token| u32::from(*token)));
            counts.push(if plan.contains(&next) { 1.0_f32 } else { 0.0 });
        }
    }
    batch(tokens, targets, counts, rows, task.width(), device)
}

fn batch(
    tokens: Vec<u32>,
    targets: Vec<u32>,
    counts: Vec<f32>,
    rows: usize,
    width: usize,
    device: &Device,
) -> Result<Batch> {
    let shape = (rows, width);
    Ok(Batch {
        tokens: Tensor::from_vec(tokens, shape, device)?,
        targets: Tensor::from_vec(targets, shape, device)?,
        counts: Tensor::from_vec(counts, shape, device)?.to_dtype(DType::F32)?,
    })
}
