//! The places of a plan, each with a token or masked.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::LatentPoint;

/// The number of a token in its family's vocabulary.
pub type Token = u8;

/// An empty place: the first entry of each vocabulary.
pub const BLANK: Token = 0;

/// One place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TokenPlace {
    /// Its token; absent where it is masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// How probable the model found the token when it was revealed, 0 to 1; absent where somebody else wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Whether it is never masked again, as a person wrote it or pinned its item.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

impl TokenPlace {
    /// A masked place.
    pub const MASKED: Self = Self { token: None, confidence: None, pinned: false };

    /// Returns a place with a token that no model revealed.
    pub const fn given(token: Token, pinned: bool) -> Self {
        Self { token: Some(token), confidence: None, pinned }
    }
}

/// All places of a plan, in order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Canvas {
    /// The places.
    pub places: Vec<TokenPlace>,
    /// Steps that were made since the places were masked; each one forward pass.
    pub done: u32,
    /// Where the plan is in the space of latents; absent where tokens are masked instead, and where they were changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latent: Option<Box<LatentPoint>>,
}

impl Canvas {
    /// Returns so many masked places.
    pub fn masked(count: usize) -> Self {
        Self { places: vec![TokenPlace::MASKED; count], ..Self::default() }
    }

    /// Returns whether no place is masked.
    pub fn is_whole(&self) -> bool {
        self.places.iter().all(|place| place.token.is_some())
    }

    /// Returns the tokens of some places; none where a place is masked.
    pub fn tokens(&self, places: Range<usize>) -> impl Iterator<Item = Option<Token>> {
        places.map(|at| self.places.get(at).and_then(|place| place.token))
    }

    /// Returns the masked places, counted from 0.
    pub fn masked_places(&self) -> Vec<usize> {
        (0..self.places.len()).filter(|at| self.places[*at].token.is_none()).collect()
    }

    /// Returns the share of noise that is left, 0 to 1: of masked places, or of what is mixed into latents.
    pub fn noise(&self) -> f64 {
        match &self.latent {
            Some(point) => f64::from(point.time),
            None => self.masked_places().len() as f64 / self.places.len().max(1) as f64,
        }
    }

    /// Says how much noise is left, as in `12 of 16 tokens are masked`.
    pub fn words(&self) -> String {
        match &self.latent {
            Some(point) => format!("{:.0} % of the latents is noise", 100.0 * point.time),
            None => format!("{} of {} tokens are masked", self.masked_places().len(), self.places.len()),
        }
    }

    /// Returns the places that may be masked again.
    pub fn free_places(&self) -> Vec<usize> {
        let free = |place: &TokenPlace| place.token.is_some() && !place.pinned;
        (0..self.places.len()).filter(|at| free(&self.places[*at])).collect()
    }

    /// Masks some places.
    #[must_use]
    pub(crate) fn with_masks(mut self, places: &[usize]) -> Self {
        for at in places {
            self.places[*at] = TokenPlace::MASKED;
        }
        self
    }

    /// Masks each place that may be, with probability `rate`, from 0 to 1: the noise of this diffusion. Of `steps` as many are
    /// still to be made as the rate says.
    #[must_use]
    pub fn noised(mut self, rate: f64, steps: u32, mut draw: impl FnMut(usize) -> f64) -> Self {
        let mut hit = self.free_places();
        hit.retain(|at| draw(*at) < rate);
        self.done = Self::done_after(rate, steps);
        self.with_masks(&hit)
    }

    /// Returns how many of `steps` count as made where a share `rate` of the tokens is masked again.
    pub(crate) fn done_after(rate: f64, steps: u32) -> u32 {
        ((1.0 - rate) * f64::from(steps)).floor() as u32
    }
}
