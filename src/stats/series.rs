//! Numbers in the order in which they came: whether they walk at random, and whether they run in a cycle.

use std::{collections::HashSet, hash::Hash};

use super::{mean, normal_cdf, quantile};

/// How the variance of a series grows with the distance between its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceRatio {
    /// σ²(q)/σ²(1): 1 for a random walk, less where moves are taken back, more where they persist.
    pub ratio: f64,
    /// Its distance from 1 in standard errors; standard normal for a random walk.
    pub z: f64,
    /// The standard error under a random walk.
    pub error: f64,
}

impl VarianceRatio {
    /// Returns the two-sided p of a random walk, with or without drift.
    pub fn p(&self) -> f64 {
        (2.0 * normal_cdf(-self.z.abs())).min(1.0)
    }
}

/// Returns the variance ratio of `series` at `q` steps, VR(q) = σ²(q)/σ²(1), with overlapping differences and both
/// variances corrected for bias, and z = (VR − 1)/√(2(2q−1)(q−1)/(3qn)) of n increments of equal variance (Lo and
/// MacKinlay 1988). `None` of fewer than 2q increments, for q below 2, or where all increments are the same.
///
/// Drift is taken off first, so a run that climbs by equal, independent steps has ratio 1 too.
pub fn variance_ratio(series: &[f64], q: usize) -> Option<VarianceRatio> {
    let n = series.len().checked_sub(1)?;
    if q < 2 || n < 2 * q {
        return None;
    }
    let drift = (series[n] - series[0]) / n as f64;
    let squares = |lag: usize| -> f64 {
        let about = lag as f64 * drift;
        series[lag..].iter().zip(series).map(|(late, early)| (late - early - about).powi(2)).sum()
    };
    let (n, lag) = (n as f64, q as f64);
    let one = squares(1) / (n - 1.0);
    if one <= f64::EPSILON * drift.powi(2) {
        return None;
    }
    let many = squares(q) / (lag * (n - lag + 1.0) * (1.0 - lag / n));
    let ratio = many / one;
    let error = (2.0 * (2.0 * lag - 1.0) * (lag - 1.0) / (3.0 * lag * n)).sqrt();
    Some(VarianceRatio { ratio, z: (ratio - 1.0) / error, error })
}

/// Unbroken rows of values on one side of a middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunsTest {
    /// How many.
    pub runs: usize,
    /// Values above the middle.
    pub above: usize,
    /// Values below it.
    pub below: usize,
    /// The two-sided p of values in random order.
    pub p: f64,
}

/// Returns the runs of `values` above and below their median, which itself is left out, with the two-sided p of a
/// random order (Wald and Wolfowitz 1940): exact, twice the smaller tail, up to twenty on a side; beyond by the normal
/// approximation with mean 2ab/(a+b) + 1 and variance 2ab(2ab−a−b)/((a+b)²(a+b−1)). `None` where a side has fewer
/// than two.
pub fn runs_test(values: &[f64]) -> Option<RunsTest> {
    let median = quantile(values, 0.5)?;
    let sides: Vec<bool> =
        values.iter().filter(|value| **value != median).map(|value| *value > median).collect();
    let above = sides.iter().filter(|side| **side).count();
    let below = sides.len() - above;
    if above.min(below) < 2 {
        return None;
    }
    let runs = 1 + sides.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let p =
        if above.max(below) <= EXACT { exact_p(runs, above, below) } else { normal_p(runs, above, below) };
    Some(RunsTest { runs, above, below, p })
}

/// The most values on a side for which the exact distribution is used, as in Swed and Eisenhart's tables (1943).
const EXACT: usize = 20;

fn normal_p(runs: usize, above: usize, below: usize) -> f64 {
    let (a, b) = (above as f64, below as f64);
    let (all, twice) = (a + b, 2.0 * a * b);
    let variance = twice * (twice - all) / (all.powi(2) * (all - 1.0));
    (2.0 * normal_cdf(-(runs as f64 - twice / all - 1.0).abs() / variance.sqrt())).min(1.0)
}

fn exact_p(runs: usize, above: usize, below: usize) -> f64 {
    let probability = |count: usize| {
        let (k, odd) = (count / 2, count % 2 == 1);
        let ways = |a: usize, b: usize| choose(above - 1, a) * choose(below - 1, b);
        let arrangements = if odd { ways(k - 1, k) + ways(k, k - 1) } else { 2.0 * ways(k - 1, k - 1) };
        arrangements / choose(above + below, above)
    };
    let most = 2 * above.min(below) + 1;
    let fewer: f64 = (2..=runs).map(probability).sum();
    let more: f64 = (runs..=most).map(probability).sum();
    (2.0 * fewer.min(more)).min(1.0)
}

fn choose(n: usize, k: usize) -> f64 {
    if k > n { 0.0 } else { (0..k).map(|at| (n - at) as f64 / (at + 1) as f64).product() }
}

/// How often a walk comes where it has been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycles {
    /// Places examined.
    pub steps: usize,
    /// Different places among them.
    pub unique: usize,
    /// How often a step led back to the place before the last: h_k = h_{k−2} ≠ h_{k−1}.
    pub back: usize,
}

impl Cycles {
    /// Returns the share of steps that led to a place already known, 1 − unique/steps.
    pub fn share(&self) -> f64 {
        1.0 - self.unique as f64 / self.steps as f64
    }
}

/// Returns how often a walk over `places`, such as hashes of plans, returned to where it had been; staying in place is no
/// step. `None` of no place.
pub fn cycles<T: Eq + Hash + Copy>(places: &[T]) -> Option<Cycles> {
    let mut walk = places.to_vec();
    walk.dedup();
    let unique = walk.iter().copied().collect::<HashSet<T>>().len();
    let back = walk.windows(3).filter(|three| three[0] == three[2]).count();
    (!walk.is_empty()).then_some(Cycles { steps: walk.len(), unique, back })
}

/// A straight line through points, by least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// How much y rises for each unit of x.
    pub value: f64,
    /// Its 95 % interval, with Student's t of n − 2.
    pub interval: (f64, f64),
}

/// Returns the slope of the second on the first of each pair, with the interval of independent errors of equal
/// variance. `None` of fewer than four pairs, or where the first never varies.
pub fn slope(pairs: &[(f64, f64)]) -> Option<Slope> {
    use statrs::distribution::{ContinuousCDF, StudentsT};
    let n = pairs.len() as f64;
    let (xs, ys): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (x, y) = (mean(&xs)?, mean(&ys)?);
    let spread: f64 = xs.iter().map(|value| (value - x).powi(2)).sum();
    if pairs.len() < 4 || spread <= n * (f64::EPSILON * x.abs()).powi(2) {
        return None;
    }
    let value = pairs.iter().map(|(a, b)| (a - x) * (b - y)).sum::<f64>() / spread;
    let left: f64 = pairs.iter().map(|(a, b)| (b - y - value * (a - x)).powi(2)).sum();
    let error = (left / (n - 2.0) / spread).sqrt();
    let half = StudentsT::new(0.0, 1.0, n - 2.0).ok()?.inverse_cdf(0.975) * error;
    Some(Slope { value, interval: (value - half, value + half) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PI: [f64; 16] = [3., 1., 4., 1., 5., 9., 2., 6., 5., 3., 5., 8., 9., 7., 9., 3.];

    #[test]
    fn the_variance_ratio_is_that_of_the_paper() {
        // x = numpy.array(PI); d = numpy.diff(x); n = len(d); m = q * (n - q + 1) * (1 - q / n)
        // ((x[q:] - x[:-q] - q * d.mean()) ** 2).sum() / m / d.var(ddof=1), and (that - 1) / error
        for (q, ratio, z) in [(2, 0.507_185_122_6, -1.908_663_813_1), (4, 0.478_583_916_1, -1.079_433_844_8)]
        {
            let found = variance_ratio(&PI, q).unwrap();
            assert!((found.ratio - ratio).abs() < 1e-9 && (found.z - z).abs() < 1e-9, "{found:?}");
        }
        assert_eq!(variance_ratio(&PI[..4], 2), None, "three increments");
        assert_eq!(variance_ratio(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 2), None, "all increments are the same");
    }

    #[test]
    fn runs_have_the_p_of_their_distribution() {
        // scipy.special.comb in the formulas of Wald and Wolfowitz; twice the smaller tail
        assert!((exact_p(3, 5, 5) - 0.079_365_079_365).abs() < 1e-10);
        assert!((exact_p(9, 5, 6) - 0.177_489_177_489).abs() < 1e-10);
        assert!((exact_p(2, 8, 8) - 0.000_310_800_311).abs() < 1e-10);
        // y = numpy.sin(1.7 * k) + numpy.cos(k ** 2) for k in range(60)
        // statsmodels.sandbox.stats.runs.runstest_1samp(y, cutoff="median", correction=False) = (0.0, 1.0)
        let values: Vec<f64> = (0..60).map(f64::from).map(|k| (k * 1.7).sin() + (k * k).cos()).collect();
        let found = runs_test(&values).unwrap();
        assert_eq!((found.runs, found.above, found.below, found.p), (31, 30, 30, 1.0));
        assert_eq!(runs_test(&[1.0, 1.0, 1.0]), None);
    }

    #[test]
    fn walks_that_come_back_are_counted() {
        assert_eq!(cycles(&[1, 1, 2, 3, 3]), Some(Cycles { steps: 3, unique: 3, back: 0 }));
        let found = cycles(&["a", "b", "a", "b", "c"]).unwrap();
        assert_eq!((found.steps, found.unique, found.back), (5, 3, 2));
        assert!((found.share() - 0.4).abs() < 1e-12);
        assert_eq!(cycles::<u8>(&[]), None);
    }

    #[test]
    fn slopes_are_those_of_scipy() {
        // scipy.stats.linregress(PI[:-1], PI[1:]), scipy.stats.t.ppf(.975, 13) * stderr
        let pairs: Vec<(f64, f64)> = PI.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let found = slope(&pairs).unwrap();
        assert!((found.value - 0.185_560_859_2).abs() < 1e-9);
        assert!((found.interval.1 - found.value - 0.588_772_390_8).abs() < 1e-8);
        assert_eq!(slope(&[(1.0, 2.0); 9]), None);
    }
}
