//! The bootstrap: intervals of whatever can be computed of a sample.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Estimate, mean, normal_cdf, normal_quantile, quantile};

/// Returns the bias-corrected and accelerated bootstrap interval of `statistic` at `confidence` (Efron 1987), from
/// `resamples` seeded resamples of `units`; the acceleration comes from the jackknife.
///
/// What is resampled must be independent: problems, never seeds or tokens of one problem. `None` of fewer than two
/// units, or where the statistic is not a number.
pub fn bca<T: Clone>(
    units: &[T],
    statistic: impl Fn(&[T]) -> f64,
    resamples: usize,
    confidence: f64,
    seed: u64,
) -> Option<(f64, f64)> {
    let n = units.len();
    let whole = statistic(units);
    if n < 2 || resamples == 0 || !whole.is_finite() {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sample = units.to_vec();
    let draws: Vec<f64> = (0..resamples)
        .map(|_| {
            sample.iter_mut().for_each(|unit| *unit = units[rng.random_range(0..n)].clone());
            statistic(&sample)
        })
        .filter(|value| value.is_finite())
        .collect();
    let below = draws.iter().filter(|value| **value < whole).count() as f64;
    let equal = draws.iter().filter(|value| **value == whole).count() as f64;
    let share = (below + equal / 2.0) / draws.len() as f64;
    if share <= 0.0 || share >= 1.0 {
        // All resamples lie on one side: no bias can be estimated.
        return draws.iter().all(|value| *value == whole).then_some((whole, whole));
    }
    let bias = normal_quantile(share);
    let acceleration = acceleration(units, &statistic);
    let bound = |probability: f64| {
        let z = bias + normal_quantile(probability);
        quantile(&draws, normal_cdf(bias + z / (1.0 - acceleration * z)))
    };
    let tail = (1.0 - confidence) / 2.0;
    Some((bound(tail)?, bound(1.0 - tail)?))
}

/// Returns `statistic` of `units` with its interval; see [`bca`]. Where no resample differs, as with the best or the worst
/// possible value, that interval would have no width; then it is `instead`. `None` where there is neither.
pub fn estimate<T: Clone>(
    units: &[T],
    statistic: impl Fn(&[T]) -> f64,
    resamples: usize,
    confidence: f64,
    seed: u64,
    instead: impl FnOnce() -> Option<(f64, f64)>,
) -> Option<Estimate> {
    let value = statistic(units);
    let interval = bca(units, statistic, resamples, confidence, seed).filter(|(low, high)| high > low);
    interval.or_else(instead).map(|interval| Estimate { value, interval })
}

/// Returns the interval of the mean; see [`bca`].
pub fn bca_mean(values: &[f64], resamples: usize, confidence: f64, seed: u64) -> Option<(f64, f64)> {
    bca(values, |values| mean(values).unwrap_or(f64::NAN), resamples, confidence, seed)
}

/// a = Σ d³ / (6 (Σ d²)^{3/2}), where d are the deviations of the leave-one-out values from their mean.
fn acceleration<T: Clone>(units: &[T], statistic: &impl Fn(&[T]) -> f64) -> f64 {
    let left_out: Vec<f64> = (0..units.len())
        .map(|out| {
            let rest: Vec<T> =
                units.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, unit)| unit.clone()).collect();
            statistic(&rest)
        })
        .collect();
    let centre = mean(&left_out).unwrap_or(0.0);
    let (squares, cubes) = left_out.iter().fold((0.0, 0.0), |(squares, cubes), value| {
        let deviation = centre - value;
        (squares + deviation.powi(2), cubes + deviation.powi(3))
    });
    let scale = 6.0 * f64::powf(squares, 1.5);
    if scale > 0.0 && cubes.is_finite() { cubes / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_mean_is_that_of_scipy() {
        // scipy.stats.bootstrap((x,), numpy.mean, method="BCa", n_resamples=99999) = (3.3, 7.3)
        let values = [1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 11.0];
        let (low, high) = bca_mean(&values, 20_000, 0.95, 1).unwrap();
        assert!((low - 3.3).abs() < 0.15 && (high - 7.3).abs() < 0.15, "{low} {high}");
        assert_eq!(bca_mean(&values, 20_000, 0.95, 1), Some((low, high)), "the seed decides");
    }

    #[test]
    fn it_covers_as_often_as_it_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let covered = (0..300)
            .filter(|seed| {
                let values: Vec<f64> = (0..30).map(|_| rng.random::<f64>()).collect();
                let (low, high) = bca_mean(&values, 500, 0.9, *seed).unwrap();
                (low..high).contains(&0.5)
            })
            .count();
        assert!((250..=290).contains(&covered), "{covered} of 300");
    }

    #[test]
    fn what_never_varies_has_no_width_and_one_unit_no_interval() {
        assert_eq!(bca_mean(&[2.0, 2.0, 2.0], 100, 0.95, 1), Some((2.0, 2.0)));
        assert_eq!(bca_mean(&[2.0], 100, 0.95, 1), None);
    }
}
