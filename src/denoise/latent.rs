//! Plans as points of a continuous space, and the way of a point from noise to a plan.
//!
//! A plan is a few vectors, its *latents* z. Noise is mixed in on a straight line: `z_t` = (1 − t) z + t ε, with ε normal and t
//! from 0 to 1 (rectified flow; Liu et al. 2023). A model says of `z_t` which z it expects; a step from t to s then moves to
//! (s/t) `z_t` + (1 − s/t) z, which is Euler's step of that flow.

use serde::{Deserialize, Serialize};

/// How many latents a plan has, and how large they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatentShape {
    /// Latents of a plan.
    pub slots: usize,
    /// Numbers of each.
    pub size: usize,
}

impl LatentShape {
    /// The shape of the models that this version trains.
    pub const DEFAULT: Self = Self { slots: 8, size: 32 };

    /// Returns how many numbers a plan has.
    pub const fn numbers(self) -> usize {
        self.slots * self.size
    }

    /// Returns how wide a model must be at least to read a latent: its numbers, those that were expected before, the time, and
    /// one number for each slot and use.
    pub const fn width(self) -> usize {
        2 * self.size + 2 * FREQUENCIES + self.slots + 2
    }
}

/// Numbers and tokens of a model that thinks in latents, on top of those of its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatentTokens {
    /// The token that stands for nothing known: the mask of the task.
    pub mask: usize,
    /// The first of the queries, one per slot.
    pub queries: usize,
    /// The first logit that is a latent's number.
    pub numbers: usize,
    /// The size of the whole vocabulary.
    pub vocabulary: usize,
}

impl LatentTokens {
    /// Returns them for a vocabulary of so many tokens, the mask included as its last.
    pub fn of(vocabulary: usize, shape: LatentShape) -> Self {
        let numbers = vocabulary + shape.slots;
        Self { mask: vocabulary - 1, queries: vocabulary, numbers, vocabulary: numbers + shape.size }
    }
}

/// Sines, and as many cosines, that tell the time.
const FREQUENCIES: usize = 12;
/// The number that marks a vector's slot and its use; large, since the other numbers have a mean square of 1.
const MARK: f32 = 4.0;

/// Where a plan is on its way from noise.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LatentPoint {
    /// `z_t`: the numbers of all slots, one slot after the other.
    pub z: Vec<f32>,
    /// The z without noise that the model expected at the last step; empty before the first.
    pub expected: Vec<f32>,
    /// t: the share of noise, 1 at the start, 0 at the end.
    pub time: f32,
}

impl LatentPoint {
    /// Returns the point with noise of time `time` mixed into what is expected; `draw` returns normal numbers.
    #[must_use]
    pub fn noised(&self, time: f32, draw: impl Fn(usize) -> f32) -> Self {
        let clean = if self.expected.is_empty() { &self.z } else { &self.expected };
        let noise: Vec<f32> = (0..clean.len()).map(draw).collect();
        Self { z: noisy(clean, &noise, time), expected: clean.clone(), time }
    }

    /// Returns the point after a step to time `to`, where the model expects `expected`.
    #[must_use]
    pub fn moved(&self, expected: Vec<f32>, to: f32) -> Self {
        Self { z: flow_step(&self.z, &expected, self.time, to), expected, time: to }
    }

    /// Returns how far another point is from this one: the root mean square of the differences of z.
    pub fn distance(&self, other: &Self) -> f64 {
        let squares: f64 =
            self.z.iter().zip(&other.z).map(|(one, other)| f64::from(one - other).powi(2)).sum();
        (squares / self.z.len().max(1) as f64).sqrt()
    }
}

/// How a plan's latents are found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LatentSettings {
    /// The number of steps from noise to a plan, each one forward pass, or two with guidance.
    pub steps: u32,
    /// How much further than the expectation with the problem lies from that without it: z = with + w (with − without)
    /// (classifier-free guidance; Ho and Salimans 2022). 0: none.
    pub guidance: f64,
}

impl Default for LatentSettings {
    fn default() -> Self {
        Self { steps: 20, guidance: 0.0 }
    }
}

impl LatentSettings {
    /// Returns which setting cannot be, as a sentence that begins with its name.
    pub fn fault(&self) -> Option<String> {
        if self.steps == 0 {
            return Some("steps must be at least 1".into());
        }
        (!self.guidance.is_finite()).then(|| "guidance must be a number".into())
    }

    /// Returns the time before step `done`, counted from 0: 1 at the first, 0 after the last.
    pub fn time(&self, done: u32) -> f32 {
        1.0 - done.min(self.steps) as f32 / self.steps.max(1) as f32
    }
}

/// What a model is to do with latents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatentUse {
    /// Write the plan.
    Decode,
    /// Say which z it expects, at a time t.
    Denoise,
}

/// Returns the vectors, each `width` numbers, that a model reads in place of tokens: one for each slot of `z`.
///
/// `guess` is what was expected at the step before (self-conditioning; Chen et al. 2023, "Analog Bits"), zeros at the first
/// and where the plan is decoded.
///
/// # Panics
/// When `z` or `guess` are not of `shape`, or `width` is less than it needs.
pub fn latent_vectors(
    shape: LatentShape,
    z: &[f32],
    guess: &[f32],
    (purpose, time): (LatentUse, f32),
    width: usize,
) -> Vec<Vec<f32>> {
    assert!(z.len() == shape.numbers() && guess.len() == z.len() && width >= shape.width(), "shapes differ");
    let angle = |at: usize| time * 0.5 * 1.6_f32.powi(i32::try_from(at).unwrap_or(0));
    let slot = |slot: usize| {
        let own = slot * shape.size..(slot + 1) * shape.size;
        let mut vector = [&z[own.clone()], &guess[own]].concat();
        vector.extend((0..FREQUENCIES).map(|at| angle(at).sin()));
        vector.extend((0..FREQUENCIES).map(|at| angle(at).cos()));
        let marks = vector.len();
        vector.resize(width, 0.0);
        vector[marks + slot] = MARK;
        let mark = match purpose {
            LatentUse::Decode => 0,
            LatentUse::Denoise => 1,
        };
        vector[marks + shape.slots + mark] = MARK;
        vector
    };
    (0..shape.slots).map(slot).collect()
}

/// Scales each slot to a root mean square of 1, as a plan's own latents have.
pub fn normalised(shape: LatentShape, z: &[f32]) -> Vec<f32> {
    let scaled = |slot: &[f32]| {
        let mean = slot.iter().map(|number| number * number).sum::<f32>() / slot.len() as f32;
        let scale = mean.sqrt().max(1e-6).recip();
        slot.iter().map(|number| number * scale).collect::<Vec<f32>>()
    };
    z.chunks(shape.size.max(1)).flat_map(scaled).collect()
}

/// Returns z with noise of time `time`: (1 − t) z + t ε.
pub fn noisy(z: &[f32], noise: &[f32], time: f32) -> Vec<f32> {
    z.iter().zip(noise).map(|(z, noise)| (1.0 - time) * z + time * noise).collect()
}

/// Moves `z`, of time `from`, to time `to`, where `expected` is the z without noise that a model expects.
pub fn flow_step(z: &[f32], expected: &[f32], from: f32, to: f32) -> Vec<f32> {
    let kept = if from > 0.0 { to / from } else { 0.0 };
    z.iter().zip(expected).map(|(z, expected)| kept * z + (1.0 - kept) * expected).collect()
}

/// Points in the plane that shows the most of how they differ, and the share of their variance that it shows.
///
/// The axes are the first two principal components, found by power iteration. Fewer than two different points lie at the origin,
/// with a share of 1.
pub fn projected(points: &[&[f32]]) -> (Vec<(f64, f64)>, f64) {
    let Some(numbers) = points.iter().map(|point| point.len()).min().filter(|numbers| *numbers > 0) else {
        return (vec![(0.0, 0.0); points.len()], 1.0);
    };
    let mean = |at: usize| points.iter().map(|point| f64::from(point[at])).sum::<f64>() / points.len() as f64;
    let means: Vec<f64> = (0..numbers).map(mean).collect();
    let centred = |point: &&[f32]| -> Vec<f64> {
        point.iter().zip(&means).map(|(number, mean)| f64::from(*number) - mean).collect()
    };
    let mut rows: Vec<Vec<f64>> = points.iter().map(centred).collect();
    let all: f64 = rows.iter().flatten().map(|number| number * number).sum();
    let (across, one) = take_component(&mut rows);
    let (up, other) = take_component(&mut rows);
    let share = if all > 0.0 { ((one + other) / all).min(1.0) } else { 1.0 };
    (across.into_iter().zip(up).collect(), share)
}

/// Rounds of power iteration: enough for a picture.
const ROUNDS: usize = 60;

/// Returns how far each row reaches in the direction in which they differ most, with the sum of squares, and takes it out of them.
fn take_component(rows: &mut [Vec<f64>]) -> (Vec<f64>, f64) {
    let dot = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    let Some(longest) = rows.iter().max_by(|a, b| dot(a, a).total_cmp(&dot(b, b))).cloned() else {
        return (Vec::new(), 0.0);
    };
    let mut axis = longest;
    for _ in 0..ROUNDS {
        let length = dot(&axis, &axis).sqrt();
        if length < 1e-12 {
            return (vec![0.0; rows.len()], 0.0);
        }
        axis.iter_mut().for_each(|number| *number /= length);
        let mut next = vec![0.0; axis.len()];
        for row in rows.iter() {
            let along = dot(row, &axis);
            next.iter_mut().zip(row).for_each(|(next, number)| *next += along * number);
        }
        axis = next;
    }
    let length = dot(&axis, &axis).sqrt().max(1e-12);
    axis.iter_mut().for_each(|number| *number /= length);
    let along: Vec<f64> = rows.iter().map(|row| dot(row, &axis)).collect();
    for (row, along) in rows.iter_mut().zip(&along) {
        row.iter_mut().zip(&axis).for_each(|(number, axis)| *number -= along * axis);
    }
    let squares = along.iter().map(|along| along * along).sum();
    (along, squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: LatentShape = LatentShape { slots: 2, size: 3 };

    #[test]
    fn steps_with_the_true_z_follow_the_line_from_noise_to_it() {
        let (z, noise) = ([1.0, -2.0, 0.5], [0.3, 0.4, -0.5]);
        let at = noisy(&z, &noise, 0.8);
        let moved = flow_step(&at, &z, 0.8, 0.2);
        for (moved, line) in moved.iter().zip(noisy(&z, &noise, 0.2)) {
            assert!((moved - line).abs() < 1e-6);
        }
        assert_eq!(flow_step(&at, &z, 0.8, 0.0), z, "the last step arrives");
    }

    #[test]
    fn a_vector_says_slot_use_and_time() {
        let z = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let vectors = |purpose, time| latent_vectors(SHAPE, &z, &[0.0; 6], (purpose, time), 40);
        let here = vectors(LatentUse::Denoise, 0.5);
        assert_eq!((here.len(), here[0].len()), (2, 40));
        assert_eq!(here[1][..3], [4.0, 5.0, 6.0]);
        assert_ne!(here[0][6..], here[1][6..], "the slots differ");
        assert_ne!(here, vectors(LatentUse::Decode, 0.5));
        assert_ne!(here, vectors(LatentUse::Denoise, 0.6));
    }

    #[test]
    fn points_of_a_plane_are_shown_as_they_lie() {
        let points: [[f32; 4]; 4] =
            [[0.0, 0.0, 1.0, 0.0], [3.0, 0.0, 1.0, 0.0], [3.0, 4.0, 1.0, 0.0], [0.0, 4.0, 1.0, 0.0]];
        let (shown, share) = projected(&points.each_ref().map(|point| &point[..]));
        assert!((share - 1.0).abs() < 1e-9, "{share}");
        let distance = |one: usize, other: usize| {
            let ((a, b), (c, d)) = (shown[one], shown[other]);
            (a - c).hypot(b - d)
        };
        for (one, other, expected) in [(0, 1, 3.0), (1, 2, 4.0), (0, 2, 5.0), (1, 3, 5.0)] {
            assert!((distance(one, other) - expected).abs() < 1e-6);
        }
        let (same, share) = projected(&[&[1.0, 2.0], &[1.0, 2.0]]);
        assert_eq!((same, share), (vec![(0.0, 0.0); 2], 1.0));
        assert_eq!(projected(&[]), (Vec::new(), 1.0));
    }

    #[test]
    fn normalised_slots_have_a_root_mean_square_of_one() {
        let z = normalised(SHAPE, &[3.0, 3.0, 3.0, 0.0, 0.0, 0.0]);
        assert_eq!(z, [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    }
}
