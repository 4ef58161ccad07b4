//! Rates as an imperfect detector sees them.

use super::{Estimate, intervals::wilson};

/// Returns the corrected rate π̂ = (p + specificity − 1)/(sensitivity + specificity − 1), cut to 0..1, with the 95 %
/// interval that follows from Wilson's of p (Rogan and Gladen 1978; the detector's rates are taken as known). `None`
/// of nothing, or where the detector is no better than chance.
pub fn rogan_gladen(found: usize, n: usize, sensitivity: f64, specificity: f64) -> Option<Estimate> {
    let (low, high) = wilson(found, n, 0.95)?;
    let youden = sensitivity + specificity - 1.0;
    if youden <= 0.0 {
        return None;
    }
    let correct = |rate: f64| ((rate + specificity - 1.0) / youden).clamp(0.0, 1.0);
    Some(Estimate { value: correct(found as f64 / n as f64), interval: (correct(low), correct(high)) })
}

/// Returns the variance of answers within problems, S/(S−1) · mean p(1−p), from how many of S runs of each problem
/// were right: p is the share of a problem. `None` of fewer than two runs a problem, or no problem.
pub fn within_problem_variance(right: &[usize], runs: usize) -> Option<f64> {
    if runs < 2 || right.is_empty() {
        return None;
    }
    let spread = |right: &usize| {
        let p = *right as f64 / runs as f64;
        p * (1.0 - p)
    };
    let mean = right.iter().map(spread).sum::<f64>() / right.len() as f64;
    Some(mean * runs as f64 / (runs - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn false_alarms_are_taken_off() {
        let corrected = rogan_gladen(14, 100, 0.9, 0.9).unwrap();
        assert!((corrected.value - 0.05).abs() < 1e-12);
        assert_eq!(corrected.interval.0, 0.0);
        assert!(rogan_gladen(1, 10, 0.5, 0.5).is_none());
        assert_eq!(rogan_gladen(0, 10, 1.0, 1.0).unwrap().value, 0.0);
    }

    #[test]
    fn runs_that_all_end_alike_do_not_vary() {
        assert_eq!(within_problem_variance(&[5, 0], 5), Some(0.0));
        assert!((within_problem_variance(&[1], 2).unwrap() - 0.5).abs() < 1e-12);
        assert_eq!(within_problem_variance(&[1], 1), None);
    }
}
