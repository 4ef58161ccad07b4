//! A plan that is denoised: its tokens, and the lines that they are in.

use std::sync::Arc;

use denoise::{Canvas, LatentPoint, TokenLayout};
use rpds::VectorSync;
use serde::{Deserialize, Serialize};

/// What refinement changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Think {
    /// The items of a plan, one proposed edit at a time.
    #[default]
    Edits,
    /// The tokens of a plan, which a small model trained on the family reveals and masks again.
    Tokens,
    /// The latents of a plan: vectors that a small model trained on the family moves from noise to a plan.
    Latent,
}

/// The tokens of the incumbent.
#[derive(Debug, Clone, PartialEq)]
pub struct Denoising {
    /// The lines, and the words between the tokens.
    pub layout: Arc<TokenLayout>,
    /// The tokens, some masked.
    pub canvas: Canvas,
    /// The tokens that the candidates of the present iteration change.
    pub base: Canvas,
    /// Where its latents have been, in order; empty where tokens are masked instead.
    pub path: VectorSync<LatentStep>,
}

/// A point that the latents of the incumbent reached.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentStep {
    /// The sequence number of the event that took them there.
    pub seq: u64,
    /// The iteration.
    pub iteration: u32,
    /// The point.
    pub point: Arc<LatentPoint>,
    /// Tokens that the plan has otherwise than at the point before.
    pub changed: usize,
}

impl Denoising {
    /// Returns the tokens of the incumbent of `lines`, with no path behind them.
    pub fn new(layout: Arc<TokenLayout>) -> Self {
        let (canvas, base) = Default::default();
        Self { layout, canvas, base, path: VectorSync::new_sync() }
    }

    /// Takes the tokens of the incumbent, which the event `seq` set.
    pub fn take(&mut self, canvas: Canvas, seq: u64, iteration: u32) {
        if let Some(point) = &canvas.latent {
            let pairs = self.canvas.places.iter().zip(&canvas.places);
            let changed = pairs.filter(|(old, new)| old.token != new.token).count();
            let point = Arc::new((**point).clone());
            self.path.push_back_mut(LatentStep { seq, iteration, point, changed });
        }
        self.canvas = canvas;
    }

    /// Returns the lines, counted from 0, that `after` has otherwise than [`base`](Self::base).
    pub fn changed_lines<'a>(&'a self, after: &'a Canvas) -> impl Iterator<Item = usize> + 'a {
        let differs = |line: &usize| {
            let places = self.layout.places_of(*line);
            !self.base.tokens(places.clone()).eq(after.tokens(places))
        };
        (0..self.layout.lines.len()).filter(differs)
    }

    /// Returns how many tokens are masked; none where latents are denoised instead.
    pub fn masked(&self) -> Option<usize> {
        self.path.is_empty().then(|| self.canvas.masked_places().len())
    }

    /// Returns the lines, counted from 0, that have masked tokens.
    pub fn masked_lines(&self) -> impl Iterator<Item = usize> {
        (0..self.layout.lines.len()).filter(|line| !self.layout.is_whole(*line, &self.canvas))
    }
}
