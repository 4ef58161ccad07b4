//! A plan as latents: one transformer that writes a plan into them, reads it out again, and finds them for a problem.
//!
//! | role | places | sees | says |
//! | --- | --- | --- | --- |
//! | encode | plan, one query per slot | all | at each query: the numbers of its slot |
//! | denoise | problem, noisy latents | latents see all, the problem itself | at each latent: its numbers without noise |
//! | decode | latents, plan | what came before | the next token |

use candle_core::{Device, Result, Tensor};
use denoise::{LatentSettings, LatentShape, LatentTokens, LatentUse, Token, latent_vectors};
use rand::{Rng, RngExt};

use crate::{Net, TokenTask, TrainingExample, net::unseen};

/// A model in its three roles.
#[derive(Debug)]
pub struct LatentNet<'a> {
    net: &'a Net,
    shape: LatentShape,
    tokens: LatentTokens,
    problem_places: usize,
    plan_places: usize,
    device: &'a Device,
    /// Keeps the problem from seeing the latents.
    one_way: Tensor,
}

impl<'a> LatentNet<'a> {
    /// Returns `net`, trained on `task`, in its roles.
    ///
    /// # Errors
    /// What the tensor library cannot do, such as shapes that do not fit; so for all below.
    pub fn new(net: &'a Net, task: &TokenTask, device: &'a Device) -> Result<Self> {
        let (shape, problem) = (LatentShape::DEFAULT, task.problem_places);
        Ok(Self {
            net,
            shape,
            tokens: LatentTokens::of(task.vocabulary, shape),
            problem_places: problem,
            plan_places: task.plan_places,
            device,
            one_way: unseen(problem + shape.slots, device, |at, other| at < problem && other >= problem)?,
        })
    }

    /// Returns the shape of the latents.
    pub fn shape(&self) -> LatentShape {
        self.shape
    }

    fn numbers(&self, logits: &Tensor, from: usize) -> Result<Tensor> {
        logits.narrow(1, from, self.shape.slots)?.narrow(2, self.tokens.numbers, self.shape.size)
    }

    /// Returns rows of tokens, [rows, places].
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn rows<'t>(&self, rows: impl Iterator<Item = &'t [Token]>, places: usize) -> Result<Tensor> {
        let all: Vec<u32> = rows.flatten().map(|token| u32::from(*token)).collect();
        Tensor::from_vec(all.clone(), (all.len() / places.max(1), places), self.device)
    }

    /// Draws normal numbers.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn normal(&self, dims: &[usize], rng: &mut impl Rng) -> Result<Tensor> {
        let pairs = dims.iter().product::<usize>().div_ceil(2);
        let pair = |_| {
            // Box and Muller: two even draws make two normal ones.
            let (one, other): (f32, f32) = (1.0 - rng.random::<f32>(), rng.random());
            let length = (-2.0 * one.ln()).sqrt();
            let angle = std::f32::consts::TAU * other;
            [length * angle.cos(), length * angle.sin()]
        };
        let mut all: Vec<f32> = (0..pairs).flat_map(pair).collect();
        all.truncate(dims.iter().product());
        Tensor::from_vec(all, dims, self.device)
    }

    /// Returns the latents, [rows, slots, size], of plans, [rows, places]; each slot's root mean square is 1.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn encode(&self, plans: &Tensor) -> Result<Tensor> {
        let first = self.tokens.queries as u32;
        let queries = Tensor::arange(first, first + self.shape.slots as u32, self.device)?;
        let queries = queries.unsqueeze(0)?.broadcast_as((plans.dim(0)?, self.shape.slots))?;
        let logits =
            self.net.run(self.net.embed(&Tensor::cat(&[plans, &queries.contiguous()?], 1)?)?, None)?;
        let raw = self.numbers(&logits, self.plan_places)?;
        raw.broadcast_div(&(raw.sqr()?.mean_keepdim(2)? + 1e-6)?.sqrt()?)
    }

    /// Returns what the model reads, [rows, slots, width]; `times` has one number for each row.
    fn vectors(&self, z: &Tensor, guess: &Tensor, purpose: LatentUse, times: &[f32]) -> Result<Tensor> {
        let (width, none) = (self.net.settings().width, vec![0.0; self.shape.numbers()]);
        let row = |time: &f32| latent_vectors(self.shape, &none, &none, (purpose, *time), width).concat();
        let fixed: Vec<f32> = times.iter().flat_map(row).collect();
        let fixed = Tensor::from_vec(fixed, (times.len(), self.shape.slots, width), self.device)?;
        Tensor::cat(&[z, guess], 2)?.pad_with_zeros(2, 0, width - 2 * self.shape.size)? + fixed
    }

    /// Returns the latents that the model expects, [rows, slots, size], of noisy ones and of what it expected before;
    /// `times` has the share of noise of each row.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn expected(&self, problems: &Tensor, z: &Tensor, guess: &Tensor, times: &[f32]) -> Result<Tensor> {
        let vectors = self.vectors(z, guess, LatentUse::Denoise, times)?;
        let state = Tensor::cat(&[&self.net.embed(problems)?, &vectors], 1)?;
        self.numbers(&self.net.run(state, Some(&self.one_way))?, self.problem_places)
    }

    /// Returns logits, [rows, places + 1, tokens], of the token after the latents and after each token of `plans`,
    /// [rows, places].
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn written(&self, z: &Tensor, plans: Option<&Tensor>) -> Result<Tensor> {
        let vectors = self.vectors(z, &z.zeros_like()?, LatentUse::Decode, &vec![0.0; z.dim(0)?])?;
        let state = match plans {
            Some(plans) => Tensor::cat(&[&vectors, &self.net.embed(plans)?], 1)?,
            None => vectors,
        };
        let places = state.dim(1)?;
        let logits = self.net.run(state, Some(&self.net.later(places)?))?;
        // The last latent says the first token.
        let first = self.shape.slots - 1;
        logits.narrow(1, first, places - first)?.narrow(2, 0, self.tokens.mask)
    }

    /// Returns the plans that the model reads out of latents, the most probable token each time.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn decode(&self, z: &Tensor) -> Result<Vec<Vec<Token>>> {
        let mut plans: Option<Tensor> = None;
        for at in 0..self.plan_places {
            let next = self.written(z, plans.as_ref())?.narrow(1, at, 1)?.contiguous()?.argmax(2)?;
            plans = Some(match plans {
                Some(plans) => Tensor::cat(&[&plans, &next], 1)?,
                None => next,
            });
        }
        let token = |token: u32| Token::try_from(token).unwrap_or(Token::MAX);
        let rows = plans.map_or_else(|| Ok(Vec::new()), |plans| plans.to_vec2::<u32>())?;
        Ok(rows.into_iter().map(|row| row.into_iter().map(token).collect()).collect())
    }

    /// Finds latents for the problems of `examples`, from noise.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn found(
        &self,
        task: &TokenTask,
        examples: &[TrainingExample],
        settings: &LatentSettings,
        rng: &mut impl Rng,
    ) -> Result<Tensor> {
        let problems: Vec<Vec<Token>> = examples.iter().map(|example| task.padded_problem(example)).collect();
        let problems = self.rows(problems.iter().map(Vec::as_slice), self.problem_places)?;
        let mut z = self.normal(&[examples.len(), self.shape.slots, self.shape.size], rng)?;
        let mut guess = z.zeros_like()?;
        for done in 0..settings.steps {
            let (from, to) = (settings.time(done), settings.time(done + 1));
            guess = self.expected(&problems, &z, &guess, &vec![from; examples.len()])?;
            let kept = f64::from(to / from);
            z = ((z * kept)? + (&guess * (1.0 - kept))?)?;
        }
        Ok(z)
    }
}
