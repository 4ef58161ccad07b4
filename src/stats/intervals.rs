//! Intervals of shares and means.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

use super::{mean, normal_quantile, variance};

/// Returns Wilson's score interval of a share at `confidence` (Wilson 1927):
/// (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n). `None` of nothing.
///
/// ```
/// use planscope_stats::intervals::wilson;
///
/// let (low, high) = wilson(17, 30, 0.95).expect("there are values");
/// assert!((low - 0.392).abs() < 5e-4 && (high - 0.726).abs() < 5e-4);
/// assert_eq!(wilson(0, 0, 0.95), None);
/// ```
pub fn wilson(successes: usize, n: usize, confidence: f64) -> Option<(f64, f64)> {
    if n == 0 {
        return None;
    }
    let z = normal_quantile(f64::midpoint(1.0, confidence));
    let (n, p) = (n as f64, successes as f64 / n as f64);
    let centre = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    // At the ends the bounds are 0 and 1 exactly; rounding would leave a little.
    let low = if successes == 0 { 0.0 } else { ((centre - half) / scale).max(0.0) };
    let high = if successes as f64 == n { 1.0 } else { ((centre + half) / scale).min(1.0) };
    Some((low, high))
}

/// Returns the interval of the standard deviation at `confidence` of normal values whose mean is known to be 0:
/// √(Σx² / χ²) with χ² of n degrees of freedom at (1 ± confidence)/2. `None` of nothing.
pub fn deviation(values: &[f64], confidence: f64) -> Option<(f64, f64)> {
    let chi = ChiSquared::new(values.len() as f64).ok()?;
    let squares: f64 = values.iter().map(|value| value * value).sum();
    let at = |share: f64| (squares / chi.inverse_cdf(share)).sqrt();
    Some((at((1.0 + confidence) / 2.0), at((1.0 - confidence) / 2.0)))
}

/// Returns Student's interval of a mean at `confidence`; `None` of fewer than two values.
pub fn student(values: &[f64], confidence: f64) -> Option<(f64, f64)> {
    let (mean, variance) = (mean(values)?, variance(values)?);
    let half = student_half((variance / values.len() as f64).sqrt(), values.len(), confidence)?;
    Some((mean - half, mean + half))
}

/// Returns half the width of Student's interval at `confidence` of a mean of `n` values with the standard error `error`:
/// t · error with n − 1 degrees of freedom. `None` of fewer than two values.
pub fn student_half(error: f64, n: usize, confidence: f64) -> Option<f64> {
    let freedom = n.checked_sub(1).filter(|freedom| *freedom > 0)?;
    let student = StudentsT::new(0.0, 1.0, freedom as f64).ok()?;
    Some(student.inverse_cdf(f64::midpoint(1.0, confidence)) * error)
}

/// Returns Student's quantile of `freedom` degrees of freedom at the level at which `z` is the normal one; infinite without
/// any.
pub fn student_at(z: f64, freedom: usize) -> f64 {
    let level = Normal::standard().cdf(z);
    StudentsT::new(0.0, 1.0, freedom as f64).map_or(f64::INFINITY, |student| student.inverse_cdf(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: (f64, f64), b: (f64, f64)) -> bool {
        (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6
    }

    #[test]
    fn wilson_is_that_of_statsmodels() {
        // statsmodels.stats.proportion.proportion_confint(17, 30, method="wilson")
        assert!(close(wilson(17, 30, 0.95).unwrap(), (0.391_973_1, 0.726_225_1)));
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(wilson(0, 5, 0.95).unwrap().0, 0.0);
        assert_eq!(wilson(5, 5, 0.95).unwrap().1, 1.0);
    }

    #[test]
    fn students_quantile_at_the_level_of_a_normal_one() {
        // With 2 degrees of freedom it is (2p − 1)/√(2p(1 − p)); the others are by integrating the density.
        for (freedom, expected) in [(2, 2.902_943), (3, 2.342_354), (100, 1.655_269)] {
            assert!((student_at(1.64, freedom) - expected).abs() < 1e-5, "{}", student_at(1.64, freedom));
        }
        assert_eq!(student_at(1.64, 0), f64::INFINITY);
    }

    #[test]
    fn student_is_that_of_scipy() {
        // scipy.stats.t.interval(.95, 3, loc=2.5, scale=scipy.stats.sem([1, 2, 3, 4]))
        assert!(close(student(&[1.0, 2.0, 3.0, 4.0], 0.95).unwrap(), (0.445_739_7, 4.554_260_3)));
        assert_eq!(student(&[1.0], 0.95), None);
        // scipy.stats.t.ppf(.975, 31); the normal quantile, 1.960, would be 4 % too low.
        assert!((student_half(1.0, 32, 0.95).unwrap() - 2.039_513_4).abs() < 1e-6);
        assert_eq!((student_half(1.0, 1, 0.95), student_half(1.0, 0, 0.95)), (None, None));
    }
}
