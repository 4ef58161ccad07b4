//! What a batch is, and what its loss is.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use denoise::Token;

use crate::{Net, TokenTask, latent::LatentNet};

/// What a model learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// To fill masked places from all others: masked diffusion.
    Mask,
    /// To continue from the left: the autoregressive control.
    Ar,
    /// To write plans as latents, to read them out again, and to find them for a problem.
    Latent,
}

/// Which wrong tokens a model sees in training. One that never sees any takes each visible token for right, and cannot say
/// which of them it doubts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mistakes {
    /// None: all visible tokens are right.
    #[default]
    None,
    /// Some visible tokens are those of another plan at the same place: corruption by shuffling.
    Shuffled,
    /// Some masked places are filled as the model itself would fill them now, all at once.
    Own,
}

/// The largest share of a plan's tokens that is shuffled; each plan draws its own.
const LARGEST_SHUFFLE: f32 = 0.4;

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
            // In latents, each role has its own way.
            Self::Mask | Self::Latent => false,
            Self::Ar => true,
        }
    }

    /// Returns the loss of a batch of examples drawn from `task`, in nats per counted place.
    ///
    /// Masked: each row has its own rate t, drawn evenly; its plan's places are masked with that probability, one at least,
    /// and count all alike. The weight 1/t of the bound (MDLM) is left out: it is noisy in small batches, and nothing was learned
    /// with it. With `mistakes`, visible places count too. Causal: each token of the plan counts as the next one. Latent: the error of
    /// reading plans out, plus that of finding latents.
    ///
    /// # Errors
    /// What the tensor library cannot do.
    pub fn loss(
        self,
        net: &Net,
        task: &TokenTask,
        rows: usize,
        mistakes: Mistakes,
        rng: &mut impl Rng,
        device: &Device,
    ) -> Result<Tensor> {
        let batch = match self {
            Self::Mask => {
                let rows = masked(task, rows, mistakes, rng);
                match mistakes {
                    Mistakes::None | Mistakes::Shuffled => rows.batch(device)?,
                    Mistakes::Own => rows.filled_by(net, task.mask(), rng, device)?.batch(device)?,
                }
            }
            Self::Ar => shifted(task, rows, rng).batch(device)?,
            Self::Latent => return latent_loss(&LatentNet::new(net, task, device)?, task, rows, rng),
        };
        cross_entropy(&net.forward(&batch.tokens)?, &batch.targets, &batch.counts)
    }
}

/// Returns the mean of −ln p of `targets` over the places that count, in nats.
fn cross_entropy(logits: &Tensor, targets: &Tensor, counts: &Tensor) -> Result<Tensor> {
    let log_probabilities = ops::log_softmax(logits, candle_core::D::Minus1)?;
    let said = log_probabilities.gather(&targets.unsqueeze(2)?, 2)?.squeeze(2)?;
    (said * counts)?.sum_all()?.neg()? / counts.sum_all()?.to_scalar::<f32>()? as f64
}

/// How much noise latents get before they are read out, so that near ones say the same plan.
const READ_NOISE: f64 = 0.3;
/// How often the problem is left out, for guidance.
const WITHOUT_PROBLEM: f32 = 0.1;
/// So many right plans come with one in which tokens are replaced: a person may write any plan.
const FOR_EACH_ODD: usize = 2;

/// Returns the loss of a model that thinks in latents: that of reading plans out of their latents, in nats per token, plus the
/// mean squared error of the latents that it expects of noisy ones, where 1 is that of knowing nothing.
///
/// Noise has a time drawn evenly from 0 to 1; half of the rows see what the model expected before (self-conditioning).
/// What is expected does not change how plans are written: no gradient goes that way.
fn latent_loss(net: &LatentNet<'_>, task: &TokenTask, rows: usize, rng: &mut impl Rng) -> Result<Tensor> {
    let examples: Vec<&crate::TrainingExample> = (0..rows).map(|_| drawn(task, rng)).collect();
    let right: Vec<Vec<Token>> = examples.iter().map(|example| task.padded_plan(example)).collect();
    let mut odd = |plan: &Vec<Token>| replaced(plan, rng.random(), task.mask(), rng);
    let odd: Vec<Vec<Token>> = right.iter().step_by(FOR_EACH_ODD).map(&mut odd).collect();
    let plans = net.rows(right.iter().chain(&odd).map(Vec::as_slice), task.plan_places)?;
    let z = net.encode(&plans)?;
    let read = (&z + (net.normal(z.dims(), rng)? * READ_NOISE)?)?;
    let logits = net.written(&read, Some(&plans))?.narrow(1, 0, task.plan_places)?;
    let reading = cross_entropy(&logits, &plans, &plans.ones_like()?.to_dtype(DType::F32)?)?;

    let problems = |example: &&crate::TrainingExample| match rng.random::<f32>() < WITHOUT_PROBLEM {
        true => vec![task.mask(); task.problem_places],
        false => task.padded_problem(example),
    };
    let problems: Vec<Vec<Token>> = examples.iter().map(problems).collect();
    let problems = net.rows(problems.iter().map(Vec::as_slice), task.problem_places)?;
    let z = z.narrow(0, 0, rows)?.detach();
    let times: Vec<f32> = (0..rows).map(|_| rng.random()).collect();
    let shares = Tensor::from_slice(&times, (rows, 1, 1), z.device())?;
    let noise = net.normal(z.dims(), rng)?;
    let noisy = (z.broadcast_mul(&(1.0 - &shares)?)? + noise.broadcast_mul(&shares)?)?;
    let blind = net.expected(&problems, &noisy, &noisy.zeros_like()?, &times)?.detach();
    let seen: Vec<f32> = (0..rows).map(|_| f32::from(u8::from(rng.random::<bool>()))).collect();
    let guess = blind.broadcast_mul(&Tensor::from_vec(seen, (rows, 1, 1), z.device())?)?;
    let finding = (net.expected(&problems, &noisy, &guess, &times)? - z)?.sqr()?.mean_all()?;
    reading + finding
}

/// Returns a plan in which each token is replaced with probability `rate` by any of those below `tokens`.
pub(crate) fn replaced(plan: &[Token], rate: f32, tokens: Token, rng: &mut impl Rng) -> Vec<Token> {
    let one = |token: &Token| match rng.random::<f32>() < rate {
        true => rng.random_range(0..tokens),
        false => *token,
    };
    plan.iter().map(one).collect()
}

fn drawn<'a>(task: &'a TokenTask, rng: &mut impl Rng) -> &'a crate::TrainingExample {
    &task.train[rng.random_range(0..task.train.len())]
}

/// Rows before they are tensors.
#[derive(Default)]
struct Rows {
    width: usize,
    tokens: Vec<u32>,
    targets: Vec<u32>,
    counts: Vec<f32>,
}

impl Rows {
    fn push(&mut self, token: Token, target: Token, counts: bool) {
        self.tokens.push(u32::from(token));
        self.targets.push(u32::from(target));
        self.counts.push(if counts { 1.0 } else { 0.0 });
    }

    fn batch(self, device: &Device) -> Result<Batch> {
        let shape = (self.tokens.len() / self.width.max(1), self.width);
        Ok(Batch {
            tokens: Tensor::from_vec(self.tokens, shape, device)?,
            targets: Tensor::from_vec(self.targets, shape, device)?,
            counts: Tensor::from_vec(self.counts, shape, device)?.to_dtype(DType::F32)?,
        })
    }

    /// Fills a share of the masked places of each row, drawn evenly, with draws from what `net` expects there now.
    fn filled_by(mut self, net: &Net, mask: Token, rng: &mut impl Rng, device: &Device) -> Result<Self> {
        let shape = (self.tokens.len() / self.width.max(1), self.width);
        let logits = net.forward(&Tensor::from_slice(&self.tokens, shape, device)?)?.detach();
        let logits = logits.narrow(2, 0, usize::from(mask))?;
        let known: Vec<Vec<f32>> = ops::softmax(&logits, candle_core::D::Minus1)?.flatten(0, 1)?.to_vec2()?;
        for (row, known) in self.tokens.chunks_mut(self.width).zip(known.chunks(self.width)) {
            let share: f32 = rng.random();
            for (token, known) in row.iter_mut().zip(known).filter(|(token, _)| **token == u32::from(mask)) {
                if rng.random::<f32>() < share {
                    *token = drawn_token(known, rng.random());
                }
            }
        }
        Ok(self)
    }
}

/// Returns the token in whose part of the distribution `draw` falls, from 0 to 1.
fn drawn_token(probabilities: &[f32], draw: f32) -> u32 {
    let mut left = draw;
    let found = probabilities.iter().position(|share| {
        left -= share;
        left < 0.0
    });
    u32::try_from(found.unwrap_or(probabilities.len() - 1)).unwrap_or(u32::MAX)
}

fn masked(task: &TokenTask, count: usize, mistakes: Mistakes, rng: &mut impl Rng) -> Rows {
    let mut rows = Rows { width: task.width(), ..Rows::default() };
    for _ in 0..count {
        let example = drawn(task, rng);
        let row = task.row(example);
        let plan = task.problem_places..task.problem_places + example.plan.len();
        let rate: f32 = rng.random();
        let sure = rng.random_range(plan.clone());
        let mut shown = row.clone();
        if mistakes == Mistakes::Shuffled {
            shuffle(&mut shown[plan.clone()], task, rng);
        }
        for (at, (token, shown)) in row.iter().zip(shown).enumerate() {
            let hidden = plan.contains(&at) && (at == sure || rng.random::<f32>() < rate);
            let counts = hidden || (mistakes != Mistakes::None && plan.contains(&at));
            rows.push(if hidden { task.mask() } else { shown }, *token, counts);
        }
    }
    rows
}

/// Gives a share of a plan's tokens those that another plan has there.
fn shuffle(plan: &mut [Token], task: &TokenTask, rng: &mut impl Rng) {
    let share = LARGEST_SHUFFLE * rng.random::<f32>();
    let other = task.padded_plan(drawn(task, rng));
    for (token, other) in plan.iter_mut().zip(other) {
        if rng.random::<f32>() < share {
            *token = other;
        }
    }
}

fn shifted(task: &TokenTask, count: usize, rng: &mut impl Rng) -> Rows {
    let mut rows = Rows { width: task.width(), ..Rows::default() };
    for _ in 0..count {
        let example = drawn(task, rng);
        let row = task.row(example);
        let plan = task.problem_places..task.problem_places + example.plan.len();
        for at in 0..row.len() {
            let next = at + 1;
            rows.push(row[at], row.get(next).copied().unwrap_or_default(), plan.contains(&next));
        }
    }
    rows
}
