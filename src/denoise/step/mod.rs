//! One step of denoising.

use serde::{Deserialize, Serialize};

use crate::{Canvas, Remasking, RevealOrder, StepSchedule, Token, TokenPlace};

/// How a plan is denoised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DenoiseSettings {
    /// T: the number of steps, each one forward pass.
    pub steps: u32,
    /// Which places are revealed first.
    pub order: RevealOrder,
    /// Temperature of the tokens; 0 takes the most probable one.
    pub temperature: f64,
    /// Tokens that are at least as probable are revealed at once, 0 to 1; above 1: none.
    pub threshold: f64,
    /// How many places are filled before the next ones; 0: all at once.
    pub block: usize,
    /// How visible tokens are masked again.
    pub remasking: Remasking,
}

impl DenoiseSettings {
    /// Returns which setting cannot be, as a sentence that begins with its name.
    pub fn fault(&self) -> Option<String> {
        if self.steps == 0 {
            return Some("steps must be at least 1".into());
        }
        if !(self.temperature.is_finite() && self.temperature >= 0.0) {
            return Some("temperature must be a number that is not below 0".into());
        }
        if !self.threshold.is_finite() {
            return Some("threshold must be a number".into());
        }
        self.remasking.fault().map(|why| format!("remasking.{why}"))
    }
}

impl Default for DenoiseSettings {
    fn default() -> Self {
        Self {
            steps: 16,
            order: RevealOrder::default(),
            temperature: 0.0,
            threshold: 2.0,
            block: 0,
            remasking: Remasking::None,
        }
    }
}

/// What a draw is for: draws of different purposes, and for different places, are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DrawPurpose {
    /// Which token a place would get.
    Token,
    /// Whether, or how early, it is revealed.
    Reveal,
    /// Whether it is masked again.
    Remask,
}

impl DrawPurpose {
    /// Returns its name, for whoever derives draws from names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Reveal => "reveal",
            Self::Remask => "remask",
        }
    }
}

/// A place that was revealed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reveal {
    /// The place, counted from 0.
    pub place: usize,
    /// Its token.
    pub token: u8,
    /// How probable the model found it, before temperature.
    pub probability: f32,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DenoiseStep {
    /// What was revealed, or rewritten where the model doubted it, in the order of the places.
    pub revealed: Vec<Reveal>,
    /// What was masked again, in the order of the places.
    pub remasked: Vec<usize>,
    /// The canvas after it.
    pub canvas: Canvas,
}

/// Takes the next step of `canvas`. `probabilities` has one distribution over the vocabulary for each place; those of visible
/// places are read only by [`Remasking::Doubt`], which may rewrite them in the same step. The last step reveals all that is masked.
pub fn step(
    canvas: &Canvas,
    probabilities: &[Vec<f32>],
    settings: &DenoiseSettings,
    draw: &mut dyn FnMut(DrawPurpose, usize) -> f64,
) -> DenoiseStep {
    let schedule = StepSchedule::of(settings.remasking, canvas.done, settings.steps);
    let is_last = canvas.done + 1 >= settings.steps;
    let doubt = settings.remasking.doubt();
    let doubted = doubt.map_or_else(Vec::new, |below| doubted(canvas, probabilities, below));
    // The model looked past what it doubts, so it may fill these places at once.
    let start = canvas.clone().with_masks(&doubted);
    let guesses = guesses(&start, probabilities, settings, draw);
    let revealed = if is_last { guesses } else { chosen(guesses, probabilities, &schedule, settings, draw) };
    let mut remasked =
        if is_last { Vec::new() } else { remasked(canvas, &schedule, settings.remasking, draw) };
    let rewritten = |at: &usize| revealed.iter().any(|reveal| reveal.place == *at);
    remasked.extend(doubted.into_iter().filter(|at| !rewritten(at)));
    let mut after = start.with_masks(&remasked);
    for reveal in &revealed {
        let place =
            TokenPlace { token: Some(reveal.token), confidence: Some(reveal.probability), pinned: false };
        after.places[reveal.place] = place;
    }
    after.done += 1;
    DenoiseStep { revealed, remasked, canvas: after }
}

/// What each masked place would get: all of them, or those of the first block that is not filled.
fn guesses(
    canvas: &Canvas,
    probabilities: &[Vec<f32>],
    settings: &DenoiseSettings,
    draw: &mut dyn FnMut(DrawPurpose, usize) -> f64,
) -> Vec<Reveal> {
    let masked = canvas.masked_places();
    let end = match (masked.first(), settings.block) {
        (None, _) | (_, 0) => usize::MAX,
        (Some(first), block) => (first / block + 1) * block,
    };
    let mut guesses = Vec::new();
    for place in masked.into_iter().filter(|place| *place < end) {
        let Some(known) = probabilities.get(place).filter(|known| !known.is_empty()) else { continue };
        let token = sample(known, settings.temperature, draw(DrawPurpose::Token, place));
        guesses.push(Reveal { place, token, probability: known[usize::from(token)] });
    }
    guesses
}

/// Returns the most probable token of a distribution, the first of equals; none where it is empty.
pub fn most_probable(probabilities: &[f32]) -> Option<Token> {
    let best = (0..probabilities.len())
        .max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]).then(b.cmp(a)));
    best.and_then(|at| Token::try_from(at).ok())
}

/// Draws from pᵢ^(1/T); the most probable token where T is 0.
fn sample(probabilities: &[f32], temperature: f64, draw: f64) -> u8 {
    let mut token = most_probable(probabilities).map_or(0, usize::from);
    if temperature > 0.0 {
        let weights: Vec<f64> = probabilities.iter().map(|p| f64::from(*p).powf(1.0 / temperature)).collect();
        let mut left = draw * weights.iter().sum::<f64>();
        for (at, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            token = at;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
    }
    u8::try_from(token).unwrap_or(u8::MAX)
}

/// Chooses what is revealed: by a draw for each place, or so many of the first in order, and all above the threshold. At least
/// one, so that no step does nothing.
fn chosen(
    guesses: Vec<Reveal>,
    probabilities: &[Vec<f32>],
    schedule: &StepSchedule,
    settings: &DenoiseSettings,
    draw: &mut dyn FnMut(DrawPurpose, usize) -> f64,
) -> Vec<Reveal> {
    let sure = |reveal: &Reveal| f64::from(reveal.probability) >= settings.threshold;
    if settings.order == RevealOrder::Origin {
        let mut taken = guesses;
        taken.retain(|reveal| draw(DrawPurpose::Reveal, reveal.place) < schedule.reveal || sure(reveal));
        return taken;
    }
    let count = ((guesses.len() as f64 * schedule.reveal).round() as usize).max(1);
    let mut ranked: Vec<(f64, Reveal)> = guesses
        .into_iter()
        .map(|reveal| {
            let draw = draw(DrawPurpose::Reveal, reveal.place);
            (settings.order.rank(&probabilities[reveal.place], reveal.token, draw), reveal)
        })
        .collect();
    ranked.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.place.cmp(&other.place)));
    let first = ranked.into_iter().enumerate().filter(|(at, (_, reveal))| *at < count || sure(reveal));
    let mut taken: Vec<Reveal> = first.map(|(_, (_, reveal))| reveal).collect();
    taken.sort_by_key(|reveal| reveal.place);
    taken
}

/// Returns the visible places that may be masked and whose token the model finds less probable than `below`.
fn doubted(canvas: &Canvas, probabilities: &[Vec<f32>], below: f64) -> Vec<usize> {
    let mut free = canvas.free_places();
    free.retain(|at| probability(canvas, probabilities, *at) < below);
    free
}

/// Returns how probable the model finds the token that is visible at a place; 1 where it says nothing of it.
fn probability(canvas: &Canvas, probabilities: &[Vec<f32>], place: usize) -> f64 {
    let token = canvas.places[place].token.map(usize::from);
    let known = probabilities.get(place).zip(token).and_then(|(known, token)| known.get(token));
    known.copied().map_or(1.0, f64::from)
}

/// Masks tokens of a complete plan again: all that the model finds less probable than `below`, and then others, until a share `rate`
/// is masked, from 0 to 1, one token at least. The more the model doubts a token, the more probably it is drawn: with odds of 1 minus
/// its probability (Efraimidis and Spirakis 2006). Of `steps` as many are still to be made as the rate says. \[our own rule\]
pub fn reopen(
    canvas: &Canvas,
    probabilities: &[Vec<f32>],
    (below, rate, steps): (f64, f64, u32),
    draw: &mut dyn FnMut(DrawPurpose, usize) -> f64,
) -> DenoiseStep {
    /// Odds of a token that the model is sure of, so that it may be wrong there too.
    const LEAST: f64 = 0.01;
    let mut remasked = doubted(canvas, probabilities, below);
    let mut others = canvas.free_places();
    let count = ((rate * others.len() as f64).round() as usize).max(1);
    others.retain(|at| !remasked.contains(at));
    let mut keyed: Vec<(f64, usize)> = others
        .into_iter()
        .map(|at| {
            let odds = (1.0 - probability(canvas, probabilities, at)).max(LEAST);
            (draw(DrawPurpose::Remask, at).max(f64::MIN_POSITIVE).ln() / odds, at)
        })
        .collect();
    keyed.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.cmp(other)));
    remasked.extend(keyed.into_iter().take(count.saturating_sub(remasked.len())).map(|(_, at)| at));
    remasked.sort_unstable();
    let mut after = canvas.clone().with_masks(&remasked);
    after.done = Canvas::done_after(rate, steps);
    DenoiseStep { revealed: Vec::new(), remasked, canvas: after }
}

/// Chooses what is masked again.
fn remasked(
    canvas: &Canvas,
    schedule: &StepSchedule,
    remasking: Remasking,
    draw: &mut dyn FnMut(DrawPurpose, usize) -> f64,
) -> Vec<usize> {
    let mut free = canvas.free_places();
    if schedule.remask <= 0.0 {
        return Vec::new();
    }
    let doubts: Vec<f64> =
        free.iter().map(|at| (-f64::from(canvas.places[*at].confidence.unwrap_or(1.0))).exp()).collect();
    let mean = doubts.iter().sum::<f64>() / doubts.len().max(1) as f64;
    let mut doubts = doubts.into_iter();
    free.retain(|at| {
        let doubt = doubts.next().unwrap_or(mean);
        let share = match remasking {
            Remasking::Conf { .. } => schedule.remask * doubt / mean,
            Remasking::None
            | Remasking::Cap { .. }
            | Remasking::Rescale { .. }
            | Remasking::Loop { .. }
            | Remasking::Doubt { .. } => schedule.remask,
        };
        draw(DrawPurpose::Remask, *at) < share
    });
    free
}

#[cfg(test)]
mod tests;
