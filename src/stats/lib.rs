//! Statistics: intervals, rank measures, corrections. Plain functions of numbers; whatever cannot be said of so few
//! of them is `None`, never a made-up number.

pub mod agreement;
pub mod bootstrap;
pub mod chains;
pub mod intervals;
pub mod lasso;
pub mod paired;
pub mod prevalence;
pub mod rank;
pub mod series;

use serde::Serialize;

/// An estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its lower and upper bound.
    pub interval: (f64, f64),
}

/// Returns the mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Returns the variance with the divisor n − 1; `None` of fewer than two.
pub fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| squares / (values.len() - 1) as f64)
}

/// Returns the quantile `share` (0 to 1) of `values` by linear interpolation between order statistics (Hyndman and
/// Fan 1996, type 7); `None` of nothing, or where a value is not a number.
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    Some(sorted[low] + (at - at.floor()) * (sorted[high] - sorted[low]))
}

/// Returns z with Φ(z) = `probability`, of the standard normal distribution.
pub fn normal_quantile(probability: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::standard().inverse_cdf(probability)
}

/// Returns Φ(z), of the standard normal distribution.
pub fn normal_cdf(z: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::standard().cdf(z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([1, 2, 3, 4, 10], [.1, .5, .95])
        let values = [10.0, 1.0, 4.0, 2.0, 3.0];
        let found: Vec<f64> =
            [0.1, 0.5, 0.95].iter().map(|share| quantile(&values, *share).unwrap()).collect();
        assert!(found.iter().zip([1.4, 3.0, 8.8]).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn variance_needs_two() {
        assert_eq!(variance(&[3.0]), None);
        assert_eq!(variance(&[1.0, 3.0]), Some(2.0));
    }
}
