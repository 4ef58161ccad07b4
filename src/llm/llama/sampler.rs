//! Draws tokens from logits: temperature, top-k, top-p, a grammar's mask, and a seeded generator.
//!
//! The order is mask, top-k, temperature, top-p. All arithmetic is plain `f32` with its own exponential,
//! so the same logits and seed give the same token on every platform.

use std::cmp::Ordering;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::unseen::NOTHING;
use model::Sampling;

/// Candidates that are sorted at first when top-k does not bound them.
const FIRST_CUT: usize = 512;

/// A drawn token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SampledToken {
    /// Its number.
    pub(super) token: i32,
    /// Natural log-probability before mask and temperature.
    pub(super) logprob: f32,
    /// Natural logarithm of the probability mass that the mask left, before temperature; absent without a mask.
    pub(super) left: Option<f64>,
    /// Natural logarithm of the probability with which it is drawn where nothing was seen; absent where nothing has to
    /// differ.
    pub(super) share: Option<f64>,
}

/// A draw among what was not seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TokenDraw {
    /// A token.
    Token(SampledToken),
    /// Too little is left.
    Exhausted,
}

/// Draws the tokens of one generation.
pub(super) struct Sampler {
    settings: Sampling,
    random: ChaCha8Rng,
    candidates: Vec<(f32, u32)>,
}

impl Sampler {
    /// Returns a sampler at the start of its seed's stream.
    pub(super) fn new(settings: Sampling) -> Self {
        Self { settings, random: ChaCha8Rng::seed_from_u64(settings.seed), candidates: Vec::new() }
    }

    /// Draws a token from `logits`, where the grammar's `mask` (a bit a token) allows it. `None` when
    /// nothing is allowed or the logits are not numbers.
    pub(super) fn pick(&mut self, logits: &[f32], mask: Option<&[u32]>) -> Option<SampledToken> {
        let whole = log_sum(logits)?;
        let index =
            if self.settings.temperature <= 0.0 { best(logits, mask)? } else { self.draw(logits, mask)? };
        Some(picked(logits, mask, whole, index))
    }

    /// Draws a token as [`Self::pick`] does, but leaves out the share of each that is `taken` by what was seen. When less
    /// than `least` of all is left, nothing is drawn. At temperature 0 it is the token with the most unseen probability, at
    /// temperature 1.
    pub(super) fn pick_unseen(
        &mut self,
        logits: &[f32],
        mask: Option<&[u32]>,
        taken: &[(i32, f64)],
        least: f64,
    ) -> Option<TokenDraw> {
        let whole = log_sum(logits)?;
        let greedy = self.settings.temperature <= 0.0;
        let (weights, all) =
            if greedy { self.best_few(logits, mask, taken.len() + 1)? } else { self.kept(logits, mask)? };
        let unseen = |token: u32, weight: f64| {
            let share =
                taken.iter().find(|(other, _)| *other as u32 == token).map_or(0.0, |(_, share)| *share);
            if share > 1.0 - NOTHING { 0.0 } else { weight * (1.0 - share) }
        };
        let left: Vec<f64> = weights.iter().map(|(token, weight)| unseen(*token, *weight)).collect();
        let gone: f64 = weights.iter().zip(&left).map(|((_, weight), left)| weight - left).sum();
        if (all - gone) / all < least || left.iter().all(|left| *left <= 0.0) {
            return Some(TokenDraw::Exhausted);
        }
        let at = if greedy { heaviest(&left) } else { at_random(left.iter().copied(), &mut self.random) }?;
        let (token, weight) = weights[at];
        let pick = picked(logits, mask, whole, token as usize);
        Some(TokenDraw::Token(SampledToken { share: Some((weight / all).ln()), ..pick }))
    }

    /// Returns the `count` best tokens with their weights at temperature 1, and the sum of all weights.
    fn best_few(
        &mut self,
        logits: &[f32],
        mask: Option<&[u32]>,
        count: usize,
    ) -> Option<(TokenWeights, f64)> {
        let candidates = &mut self.candidates;
        gather(candidates, logits, mask);
        let top = candidates.iter().map(|c| c.0).fold(f32::NEG_INFINITY, f32::max);
        let weight = |logit: f32| f64::from(exp_negative(logit - top));
        let all: f64 = candidates.iter().map(|c| weight(c.0)).sum();
        let count = count.min(candidates.len());
        sort_front(candidates, count);
        let weights: TokenWeights = candidates[..count].iter().map(|c| (c.1, weight(c.0))).collect();
        (!weights.is_empty()).then_some((weights, all))
    }

    fn draw(&mut self, logits: &[f32], mask: Option<&[u32]>) -> Option<usize> {
        let (weights, _) = self.kept(logits, mask)?;
        let at = at_random(weights.iter().map(|(_, weight)| *weight), &mut self.random)?;
        Some(weights[at].0 as usize)
    }

    /// Returns the tokens that top-k and top-p keep, best first, with their weights, and the sum of these.
    fn kept(&mut self, logits: &[f32], mask: Option<&[u32]>) -> Option<(TokenWeights, f64)> {
        let Self { settings, candidates, .. } = self;
        gather(candidates, logits, mask);
        let top_k = match settings.top_k {
            0 => candidates.len(),
            k => candidates.len().min(k as usize),
        };
        let top = candidates.iter().map(|c| c.0).fold(f32::NEG_INFINITY, f32::max);
        let weight = |logit: f32| exp_negative((logit - top) / settings.temperature);
        let mut sorted = top_k.min(FIRST_CUT);
        sort_front(candidates, sorted);
        if settings.top_p >= 1.0 && sorted < top_k {
            sorted = top_k;
            sort_front(candidates, sorted);
        } else if sorted < top_k {
            // Top-p mostly ends within the first cut; the sum over all decides whether it did.
            if top_k < candidates.len() {
                sort_front(candidates, top_k);
                candidates.truncate(top_k);
            }
            let all: f64 = candidates.iter().map(|c| f64::from(weight(c.0))).sum();
            let front: f64 = candidates[..sorted].iter().map(|c| f64::from(weight(c.0))).sum();
            if front < f64::from(settings.top_p) * all {
                sorted = top_k;
                sort_front(candidates, sorted);
            }
            return front_of(&candidates[..sorted], weight, f64::from(settings.top_p) * all);
        }
        let all: f64 = candidates[..sorted].iter().map(|c| f64::from(weight(c.0))).sum();
        front_of(&candidates[..sorted], weight, f64::from(settings.top_p) * all)
    }
}

/// Tokens with their weights.
type TokenWeights = Vec<(u32, f64)>;

fn picked(logits: &[f32], mask: Option<&[u32]>, whole: f64, index: usize) -> SampledToken {
    let left = mask.and_then(|mask| allowed_log_sum(logits, mask)).map(|allowed| allowed - whole);
    SampledToken { token: index as i32, logprob: logits[index] - whole as f32, left, share: None }
}

/// Fills `candidates` with what the mask allows.
fn gather(candidates: &mut Vec<(f32, u32)>, logits: &[f32], mask: Option<&[u32]>) {
    candidates.clear();
    match mask {
        Some(mask) => {
            candidates.extend(allowed(mask, logits.len()).map(|index| (logits[index], index as u32)));
        }
        None => candidates.extend(logits.iter().copied().zip(0..)),
    }
}

/// Returns the shortest front of `candidates` whose weights reach `share`, and the sum of these.
fn front_of(
    candidates: &[(f32, u32)],
    weight: impl Fn(f32) -> f32,
    share: f64,
) -> Option<(TokenWeights, f64)> {
    let mut kept = TokenWeights::new();
    let mut total = 0.0;
    for (logit, index) in candidates {
        let weight = f64::from(weight(*logit));
        total += weight;
        kept.push((*index, weight));
        if total >= share {
            break;
        }
    }
    (!kept.is_empty()).then_some((kept, total))
}

/// Draws a place by weight.
fn at_random(weights: impl Iterator<Item = f64> + Clone, random: &mut ChaCha8Rng) -> Option<usize> {
    let total: f64 = weights.clone().sum();
    // 53 random bits make a number in 0..1.
    let unit = (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    let mut left = unit * total;
    let mut last = None;
    for (at, weight) in weights.enumerate() {
        left -= weight;
        if left < 0.0 {
            return Some(at);
        }
        // Rounding may leave a little at the end.
        last = if weight > 0.0 { Some(at) } else { last };
    }
    last
}

/// Returns the first place with the greatest weight.
fn heaviest(weights: &[f64]) -> Option<usize> {
    (0..weights.len()).reduce(|best, at| if weights[at] > weights[best] { at } else { best })
}

/// Puts the `count` best candidates in front, best first; equals are ordered by number.
fn sort_front(candidates: &mut [(f32, u32)], count: usize) {
    let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if count < candidates.len() && count > 0 {
        candidates.select_nth_unstable_by(count - 1, order);
    }
    candidates[..count].sort_unstable_by(order);
}

/// Returns the indices below `length` whose bit is set.
fn allowed(mask: &[u32], length: usize) -> impl Iterator<Item = usize> {
    mask.iter().enumerate().flat_map(move |(word, bits)| {
        let mut bits = *bits;
        std::iter::from_fn(move || {
            (bits != 0).then(|| {
                let bit = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                word * 32 + bit
            })
        })
        .filter(move |index| *index < length)
    })
}

fn best(logits: &[f32], mask: Option<&[u32]>) -> Option<usize> {
    let better = |a: usize, b: usize| match logits[a].total_cmp(&logits[b]) {
        Ordering::Less => b,
        Ordering::Equal | Ordering::Greater => a,
    };
    match mask {
        Some(mask) => allowed(mask, logits.len()).reduce(better),
        None => (0..logits.len()).reduce(better),
    }
}

/// Returns ln Σ exp(x), or `None` when the logits are not finite numbers.
pub(super) fn log_sum_exp(logits: &[f32]) -> Option<f32> {
    log_sum(logits).map(|value| value as f32)
}

fn log_sum(logits: &[f32]) -> Option<f64> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0f64;
    for block in logits.chunks(1024) {
        let mut lanes = [0.0f32; 8];
        for eight in block.chunks(8) {
            for (lane, logit) in lanes.iter_mut().zip(eight) {
                *lane += exp_negative(logit - top);
            }
        }
        sum += lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>();
    }
    let value = f64::from(top) + sum.ln();
    value.is_finite().then_some(value)
}

/// Returns ln Σ exp(x) of the logits whose bit is set in `mask`, or `None` when there is none or they are not finite
/// numbers. Where the mask allows little, little is computed; otherwise it costs as much as the sum over all.
fn allowed_log_sum(logits: &[f32], mask: &[u32]) -> Option<f64> {
    let parts = || mask.iter().zip(logits.chunks(32)).filter(|(bits, _)| **bits != 0);
    let allowed =
        |bits: u32, at: usize, logit: f32| if bits >> at & 1 == 1 { logit } else { f32::NEG_INFINITY };
    let mut tops = [f32::NEG_INFINITY; 32];
    for (bits, part) in parts() {
        for (at, (top, logit)) in tops.iter_mut().zip(part).enumerate() {
            *top = top.max(allowed(*bits, at, *logit));
        }
    }
    let top = tops.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0f64;
    for (bits, part) in parts() {
        let mut lanes = [0.0f32; 32];
        for (at, (lane, logit)) in lanes.iter_mut().zip(part).enumerate() {
            *lane = exp_negative(allowed(*bits, at, *logit) - top);
        }
        let eights =
            lanes.chunks(8).fold([0.0f32; 8], |sums, eight| std::array::from_fn(|at| sums[at] + eight[at]));
        sum += eights.iter().map(|lane| f64::from(*lane)).sum::<f64>();
    }
    let value = f64::from(top) + sum.ln();
    value.is_finite().then_some(value)
}

/// Returns e^x for x ≤ 0 to about seven digits. Without calls and branches, so that it is vectorised, and
/// the same on every platform.
fn exp_negative(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding and taking away 1.5·2²³ rounds to the nearest whole number.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 0.0);
    let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let e = p * r * r + r + 1.0;
    let scale = f32::from_bits(((n as i32 + 127) as u32) << 23);
    e * scale
}

#[cfg(test)]
mod tests {
    use super::super::unseen::EXHAUSTED;
    use super::*;

    fn settings(temperature: f32, top_k: u32, top_p: f32, seed: u64) -> Sampling {
        Sampling { temperature, top_k, top_p, seed }
    }

    fn bumpy(n: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 7919) % 1013) as f32 / 50.0 - 10.0).collect()
    }

    #[test]
    fn the_exponential_is_close() {
        for i in 0..8700 {
            let x = -(i as f32) / 100.0;
            let error = (f64::from(exp_negative(x)) / f64::from(x).exp() - 1.0).abs();
            assert!(error < 3e-7, "e^{x} is off by {error}");
        }
    }

    #[test]
    fn log_probabilities_sum_to_one() {
        let logits = bumpy(5000);
        let normaliser = log_sum_exp(&logits).unwrap();
        let sum: f64 = logits.iter().map(|l| f64::from(l - normaliser).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
        assert_eq!(log_sum_exp(&[f32::NAN, 1.0]), None);
    }

    #[test]
    fn the_mass_that_a_mask_leaves_is_that_of_the_tokens_it_allows() {
        let logits = bumpy(5003);
        let mut sampler = Sampler::new(settings(0.8, 40, 0.9, 1));
        let whole: f64 = logits.iter().map(|logit| f64::from(*logit).exp()).sum();
        let seldom = |at: usize| at % 97 == 3;
        let all_but_the_best = |at: usize| at != best(&logits, None).unwrap();
        let rules: [&dyn Fn(usize) -> bool; 4] = [&|_| true, &|at| at == 5002, &seldom, &all_but_the_best];
        for (number, allows) in rules.iter().enumerate() {
            let mut mask = vec![0_u32; logits.len().div_ceil(32)];
            (0..logits.len()).filter(|at| allows(*at)).for_each(|at| mask[at / 32] |= 1 << (at % 32));
            let allowed = logits.iter().enumerate().filter(|(at, _)| allows(*at));
            let expected = (allowed.map(|(_, logit)| f64::from(*logit).exp()).sum::<f64>() / whole).ln();
            let left = sampler.pick(&logits, Some(&mask)).unwrap().left.unwrap();
            assert!((left - expected).abs() < 1e-6, "rule {number}: {left} for {expected}");
        }
        assert_eq!(sampler.pick(&logits, None).unwrap().left, None);
        // Far below what an exponential can hold.
        let far = [0.0, -400.0, -401.0];
        let left = sampler.pick(&far, Some(&[0b110])).unwrap().left.unwrap();
        assert!((left - (-400.0 + (1.0 + (-1.0_f64).exp()).ln())).abs() < 1e-5, "{left}");
    }

    #[test]
    fn greedy_takes_the_best_that_is_allowed() {
        let mut sampler = Sampler::new(Sampling::GREEDY);
        let logits = [0.0, 3.0, 2.0, 3.0];
        assert_eq!(sampler.pick(&logits, None).unwrap().token, 1);
        assert_eq!(sampler.pick(&logits, Some(&[0b1101])).unwrap().token, 3);
        assert_eq!(sampler.pick(&logits, Some(&[0])), None);
    }

    fn token(draw: Option<TokenDraw>) -> Option<(i32, f64)> {
        match draw.unwrap() {
            TokenDraw::Token(pick) => Some((pick.token, pick.share.unwrap().exp())),
            TokenDraw::Exhausted => None,
        }
    }

    #[test]
    fn what_is_taken_is_not_drawn_and_the_share_is_that_of_a_first_draw() {
        let logits: Vec<f32> = [0.5_f32, 0.3, 0.2].iter().map(|p| p.ln()).collect();
        let mut sampler = Sampler::new(settings(1.0, 0, 1.0, 4));
        for _ in 0..200 {
            let (drawn, share) = token(sampler.pick_unseen(&logits, None, &[(0, 1.0)], 0.0)).unwrap();
            assert!(drawn == 1 && (share - 0.3).abs() < 1e-5 || drawn == 2 && (share - 0.2).abs() < 1e-5);
        }
        // Half of the first token and all of the second is 0.55 of the whole.
        let taken = [(0, 0.5), (1, 1.0)];
        assert_ne!(token(sampler.pick_unseen(&logits, None, &taken, 0.449)), None);
        assert_eq!(token(sampler.pick_unseen(&logits, None, &taken, 0.451)), None);
        assert_eq!(token(sampler.pick_unseen(&logits, None, &[(0, 1.0), (1, 1.0), (2, 1.0)], 0.0)), None);
        // Top-k leaves two, which then have all the probability.
        let mut two = Sampler::new(settings(1.0, 2, 1.0, 4));
        let (drawn, share) = token(two.pick_unseen(&logits, None, &[(0, 1.0)], 0.0)).unwrap();
        assert!(drawn == 1 && (share - 0.375).abs() < 1e-5, "{share}");
    }

    #[test]
    fn without_anything_taken_the_draw_is_the_usual_one() {
        let logits = bumpy(3000);
        for wanted in [settings(0.8, 0, 0.95, 5), settings(0.8, 64, 0.95, 5), Sampling::GREEDY] {
            let (mut usual, mut unseen) = (Sampler::new(wanted), Sampler::new(wanted));
            for _ in 0..50 {
                let drawn = token(unseen.pick_unseen(&logits, None, &[], EXHAUSTED)).unwrap().0;
                assert_eq!(drawn, usual.pick(&logits, None).unwrap().token);
            }
        }
    }

    #[test]
    fn at_temperature_0_the_most_unseen_probability_decides() {
        let logits: Vec<f32> = [0.5_f32, 0.3, 0.2].iter().map(|p| p.ln()).collect();
        let mut sampler = Sampler::new(Sampling::GREEDY);
        let mut drawn =
            |taken: &[(i32, f64)]| token(sampler.pick_unseen(&logits, Some(&[0b111]), taken, EXHAUSTED));
        assert_eq!(drawn(&[(0, 0.3)]).unwrap().0, 0);
        assert_eq!(drawn(&[(0, 0.5)]).unwrap().0, 1);
        assert_eq!(drawn(&[(0, 0.7), (1, 0.5)]).unwrap().0, 2);
        assert_eq!(drawn(&[(0, 1.0), (1, 1.0), (2, 0.9999)]), None);
    }

    #[test]
    fn a_seed_gives_the_same_draws() {
        let logits = bumpy(3000);
        let draw = |seed| {
            let mut sampler = Sampler::new(settings(0.8, 0, 0.95, seed));
            (0..50).map(|_| sampler.pick(&logits, None).unwrap().token).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn top_k_and_top_p_bound_the_draw() {
        let logits = [5.0, 4.0, 3.0, 2.0, -1.0];
        let mut by_k = Sampler::new(settings(2.0, 2, 1.0, 3));
        let mut by_p = Sampler::new(settings(1.0, 0, 0.7, 3));
        for _ in 0..200 {
            assert!(by_k.pick(&logits, None).unwrap().token < 2);
            assert!(by_p.pick(&logits, None).unwrap().token < 2);
        }
    }

    #[test]
    fn draws_follow_the_probabilities() {
        // More candidates than the first cut, all equal: every one must be reachable.
        let logits = vec![0.0; 1500];
        let mut sampler = Sampler::new(settings(1.0, 0, 1.0, 9));
        let mean =
            (0..4000).map(|_| f64::from(sampler.pick(&logits, None).unwrap().token)).sum::<f64>() / 4000.0;
        assert!((mean - 749.5).abs() < 30.0, "{mean}");
    }
}
