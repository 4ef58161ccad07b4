//! Known noise on top of a scorer: what it takes to see how much of it refinement tolerates.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Reading, Value};
use crate::seed;
use plan::PlanHash;
use session::ScoreNoise;

/// What one draw of the noise belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    /// The seed of the session.
    pub seed: u64,
    /// By its name in the registry.
    pub scorer: &'static str,
    /// By its hash.
    pub plan: PlanHash,
    /// Differs at each scoring, of the same plan too.
    pub time: u64,
}

/// Returns `reading` with a draw from N(0, σ²) added: s = f + ε. Frozen noise belongs to the plan and comes the
/// same each time that it is scored, as a verifier's bias does; fresh noise is drawn again. The sum is not cut to
/// 0..1, since that would change the distribution.
pub fn with_noise(noise: ScoreNoise, draw: Draw, reading: Reading) -> Reading {
    if noise.sigma <= 0.0 {
        return reading;
    }
    let Value { value, stderr, detail } = reading?;
    let label = format!("score noise {} {}", draw.scorer, draw.plan);
    let time = if noise.frozen { 0 } else { draw.time };
    let mut rng = ChaCha8Rng::seed_from_u64(seed::derive(draw.seed ^ time, &label, 0, 0));
    let epsilon: f64 = noise.sigma * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng);
    let kind = if noise.frozen { "frozen" } else { "fresh" };
    let detail = format!("{detail} With {epsilon:+.3} of {kind} noise, σ {}.", noise.sigma);
    let own = if noise.frozen { 0.0 } else { noise.sigma };
    let stderr = Some(stderr.unwrap_or(0.0).hypot(own)).filter(|error| *error > 0.0);
    Ok(Value { value: value + epsilon, stderr, detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::parse;

    fn draws(frozen: bool) -> Vec<f64> {
        let noise = ScoreNoise { sigma: 0.1, frozen };
        let plan = parse("S1: x = 1\n").unwrap().hash();
        let draw = |time| {
            with_noise(noise, Draw { seed: 1, scorer: "checker", plan, time }, Ok(Value::new(0.5, "")))
        };
        (0..2000).map(|time| draw(time).unwrap().value - 0.5).collect()
    }

    #[test]
    fn fresh_noise_has_the_spread_that_it_says() {
        let draws = draws(false);
        let n = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / n;
        let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / (n - 1.0);
        assert!(mean.abs() < 0.01 && (variance.sqrt() - 0.1).abs() < 0.01, "{mean} {variance}");
    }

    #[test]
    fn frozen_noise_belongs_to_the_plan() {
        let draws = draws(true);
        assert!(draws[0] != 0.0 && draws.iter().all(|draw| *draw == draws[0]));
        let noise = ScoreNoise { sigma: 0.1, frozen: true };
        let plan = |text| parse(text).unwrap().hash();
        let draw = |plan| {
            with_noise(noise, Draw { seed: 1, scorer: "checker", plan, time: 0 }, Ok(Value::new(0.5, "")))
        };
        assert_ne!(draw(plan("S1: x = 1\n")), draw(plan("S1: x = 2\n")));
    }

    #[test]
    fn what_has_no_value_gets_none_by_noise() {
        let plan = parse("S1: x = 1\n").unwrap().hash();
        let draw = Draw { seed: 1, scorer: "checker", plan, time: 0 };
        assert!(with_noise(ScoreNoise { sigma: 1.0, frozen: false }, draw, Err("none".into())).is_err());
    }
}
