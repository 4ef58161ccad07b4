//! The loop: batches, learning rate, progress, checkpoints.

use std::path::PathBuf;

use candle_core::{Device, backprop::GradStore};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{DataError, Mistakes, Net, Objective, TokenTask};

/// How a model is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitSettings {
    /// What it learns.
    pub objective: Objective,
    /// Which wrong tokens it sees, where it fills masked places.
    #[serde(default)]
    pub mistakes: Mistakes,
    /// Steps in all.
    pub steps: u32,
    /// Examples in a batch.
    pub rows: usize,
    /// The highest learning rate; it rises to it over the first 300 steps and falls by a cosine to a tenth.
    pub rate: f64,
    /// All randomness of the batches comes from it.
    pub seed: u64,
    /// Steps between two reports of progress.
    pub every: u32,
}

/// Where training stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FitProgress {
    /// Steps done.
    pub step: u32,
    /// The mean loss since the last report, in nats per counted place.
    pub loss: f64,
    /// The learning rate now.
    pub rate: f64,
}

/// Why training ended early.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The tensor library failed.
    #[error("the tensor library says: {0}")]
    Tensor(#[from] candle_core::Error),
    /// The loss is no number.
    #[error("the loss is no number after step {0}; use a lower rate")]
    Diverged(u32),
    /// A latent does not fit into a vector of the model.
    #[error("latents need vectors of {0} numbers at least; use --width 128")]
    TooNarrow(usize),
    /// There is no data to train on.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file cannot be written or read.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// Steps over which the learning rate rises.
const WARM_UP: f64 = 300.0;
/// Gradients are scaled down to this norm.
const LARGEST_GRADIENT: f64 = 1.0;

/// Returns the learning rate after `step` steps.
fn rate(settings: &FitSettings, step: u32) -> f64 {
    let step = f64::from(step);
    let share = (step / f64::from(settings.steps.max(1))).min(1.0);
    let cosine = 0.55 + 0.45 * (std::f64::consts::PI * share).cos();
    settings.rate * (step / WARM_UP).min(1.0) * cosine
}

/// Trains `net` from step `from` on. `report` gets the model and the progress.
///
/// # Errors
/// When the tensor library fails, the loss is no number, or `report` fails.
pub fn fit(
    net: &mut Net,
    task: &TokenTask,
    settings: &FitSettings,
    from: u32,
    device: &Device,
    mut report: impl FnMut(&Net, FitProgress) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    let vars = net.weights().all_vars();
    let parameters = ParamsAdamW { lr: settings.rate, weight_decay: 0.01, ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(vars.clone(), parameters)?;
    let (mut sum, mut count) = (0.0, 0_u32);
    for step in from..settings.steps {
        // Each step has draws of its own, so that a run that is resumed sees the batches it would have seen.
        let mut rng =
            ChaCha8Rng::seed_from_u64(settings.seed.wrapping_mul(0x9e37_79b9).wrapping_add(u64::from(step)));
        optimizer.set_learning_rate(rate(settings, step + 1));
        let loss = settings.objective.loss(net, task, settings.rows, settings.mistakes, &mut rng, device)?;
        let mut gradients = loss.backward()?;
        clip(&mut gradients, &vars)?;
        optimizer.step(&gradients)?;
        let loss = f64::from(loss.to_scalar::<f32>()?);
        if !loss.is_finite() {
            return Err(TrainError::Diverged(step));
        }
        (sum, count) = (sum + loss, count + 1);
        let done = step + 1;
        if done % settings.every.max(1) == 0 || done == settings.steps {
            let progress =
                FitProgress { step: done, loss: sum / f64::from(count), rate: rate(settings, done) };
            (sum, count) = (0.0, 0);
            report(net, progress)?;
        }
    }
    Ok(())
}

/// Scales gradients down to the largest norm.
fn clip(gradients: &mut GradStore, vars: &[candle_core::Var]) -> candle_core::Result<()> {
    let mut squares = 0.0;
    for var in vars {
        if let Some(gradient) = gradients.get(var) {
            squares += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
        }
    }
    let norm = squares.sqrt();
    if norm <= LARGEST_GRADIENT {
        return Ok(());
    }
    for var in vars {
        if let Some(gradient) = gradients.remove(var) {
            gradients.insert(var, (gradient * (LARGEST_GRADIENT / norm))?);
        }
    }
    Ok(())
}
