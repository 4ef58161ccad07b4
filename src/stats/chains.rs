//! Samplers: how many independent values a series is worth, and whether several agree.

use super::{mean, normal_quantile, quantile, variance};

/// How many independent values a series is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectiveSize {
    /// The integrated autocorrelation time τ, in steps.
    pub time: f64,
    /// The effective sample size, n/τ.
    pub effective: f64,
}

/// Returns τ = 1 + 2 Σ ρ_k, summed in pairs ρ_{2m} + ρ_{2m+1} up to the first negative pair (Geyer 1992), and the
/// effective sample size n/τ. `None` of fewer than four values, or where all are the same.
pub fn memory(series: &[f64]) -> Option<EffectiveSize> {
    let n = series.len();
    let centre = mean(series)?;
    let covariance = |lag: usize| -> f64 {
        series[lag..].iter().zip(series).map(|(late, early)| (late - centre) * (early - centre)).sum()
    };
    let zero = covariance(0);
    if n < 4 || zero <= n as f64 * (f64::EPSILON * centre.abs()).powi(2) {
        return None;
    }
    let pairs = (0..n / 2).map(|m| (covariance(2 * m) + covariance(2 * m + 1)) / zero);
    let time = 2.0 * pairs.take_while(|pair| *pair >= 0.0).sum::<f64>() - 1.0;
    // A series that alternates can come below any positive number; it is worth no more than this here.
    let time = time.max(1.0 / n as f64);
    Some(EffectiveSize { time, effective: n as f64 / time })
}

/// Returns the split rank-normalised R̂ of chains of equal length: chains are cut into halves, values replaced by
/// normal scores of their ranks Φ⁻¹((r − 3/8)/(S + 1/4)), and R̂ = √(((n−1)/n · W + B/n)/W); the larger of that and the
/// same of the distances from the median (Vehtari et al. 2021). `None` of fewer than two chains, of chains shorter than
/// four or of unequal length, or where no half varies.
///
/// Above 1.01 the chains have not yet come to the same distribution. It supposes chains with one common target.
pub fn split_r_hat(chains: &[Vec<f64>]) -> Option<f64> {
    let length = chains.first()?.len();
    if chains.len() < 2 || length < 4 || chains.iter().any(|chain| chain.len() != length) {
        return None;
    }
    let half = length / 2;
    let halves: Vec<Vec<f64>> =
        chains.iter().flat_map(|chain| [chain[..half].to_vec(), chain[length - half..].to_vec()]).collect();
    let median = quantile(&halves.concat(), 0.5)?;
    let folded: Vec<Vec<f64>> =
        halves.iter().map(|chain| chain.iter().map(|value| (value - median).abs()).collect()).collect();
    let bulk = r_hat(&normal_scores(&halves))?;
    Some(r_hat(&normal_scores(&folded)).map_or(bulk, |tail| tail.max(bulk)))
}

fn r_hat(chains: &[Vec<f64>]) -> Option<f64> {
    let n = chains.first()?.len() as f64;
    let means: Option<Vec<f64>> = chains.iter().map(|chain| mean(chain)).collect();
    let variances: Option<Vec<f64>> = chains.iter().map(|chain| variance(chain)).collect();
    let (between, within) = (variance(&means?)?, mean(&variances?)?);
    (within > 0.0).then(|| (((n - 1.0) / n * within + between) / within).sqrt())
}

/// Replaces all values by normal scores of their ranks; equal values share their mean rank.
fn normal_scores(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut sorted = chains.concat();
    sorted.sort_by(f64::total_cmp);
    let all = sorted.len() as f64;
    let score = |value: &f64| {
        let below = sorted.partition_point(|other| other < value);
        let upto = sorted.partition_point(|other| other <= value);
        let rank = f64::midpoint(below as f64 + 1.0, upto as f64);
        normal_quantile((rank - 0.375) / (all + 0.25))
    };
    chains.iter().map(|chain| chain.iter().map(score).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_the_sum_up_to_the_first_negative_pair() {
        // c = x - x.mean(); r = [(c[:n - k] * c[k:]).sum() / (c * c).sum() for k in range(n)], summed in pairs
        let pi = [3., 1., 4., 1., 5., 9., 2., 6., 5., 3., 5., 8., 9., 7., 9., 3.];
        let found = memory(&pi).unwrap();
        assert!(
            (found.time - 1.948_275_862_1).abs() < 1e-9 && (found.effective - 8.212_389_380_5).abs() < 1e-9
        );
        assert_eq!(memory(&[0.3; 9]), None);
        let climbing: Vec<f64> = (0..50).map(f64::from).collect();
        assert!(memory(&climbing).unwrap().effective < 4.0);
    }

    #[test]
    fn r_hat_is_that_of_the_paper() {
        // r = scipy.stats.rankdata(halves); scipy.stats.norm.ppf((r - .375) / (60 + .25)); then
        // sqrt((9 / 10 * W + B / 10) / W) with numpy's var(ddof=1): 1.0523998 in the bulk, 0.9564665 folded
        let wave = |from: f64| (0..20).map(|k| (f64::from(k) * 1.3 + from).sin()).collect::<Vec<f64>>();
        let third = (0..20).map(|k| (f64::from(k) * 0.9).cos() + 0.5).collect();
        let found = split_r_hat(&[wave(0.0), wave(1.0), third]).unwrap();
        assert!((found - 1.052_399_841_3).abs() < 1e-9, "{found}");
        assert_eq!(split_r_hat(&[vec![1.0; 8], vec![1.0; 8]]), None);
        assert_eq!(split_r_hat(&[wave(0.0)]), None);
    }

    #[test]
    fn chains_at_different_levels_are_told_apart() {
        let at = |level: f64| (0..40).map(|k| level + (f64::from(k) * 2.1).sin()).collect::<Vec<f64>>();
        assert!(split_r_hat(&[at(0.0), at(5.0)]).unwrap() > 1.5);
    }
}
