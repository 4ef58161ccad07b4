//! How well a number separates two classes.

use super::{Estimate, normal_quantile};

/// Returns the area under the ROC curve of `(score, positive)` with its 95 % interval: the probability that a positive
/// scores higher than a negative, ties counting half (Hanley and McNeil 1982, whose standard error is used). `None`
/// where a class is empty.
///
/// ```
/// use planscope_stats::rank::auc;
///
/// let scores = [(0.9, true), (0.6, true), (0.6, false), (0.1, false)];
/// assert_eq!(auc(&scores).map(|area| area.value), Some(0.875), "of four pairs three are in order, one is a tie");
/// ```
pub fn auc(scores: &[(f64, bool)]) -> Option<Estimate> {
    let (positive, negative): (Vec<f64>, Vec<f64>) = (of(scores, true), of(scores, false));
    if positive.is_empty() || negative.is_empty() {
        return None;
    }
    let mut sorted = negative.clone();
    sorted.sort_by(f64::total_cmp);
    let wins = |score: &f64| {
        let below = sorted.partition_point(|other| other < score);
        let upto = sorted.partition_point(|other| other <= score);
        f64::midpoint(below as f64, upto as f64)
    };
    let (np, nn) = (positive.len() as f64, negative.len() as f64);
    let area = positive.iter().map(wins).sum::<f64>() / (np * nn);
    let (q1, q2) = (area / (2.0 - area), 2.0 * area * area / (1.0 + area));
    let square = area * area;
    let variance =
        (area * (1.0 - area) + (np - 1.0) * (q1 - square) + (nn - 1.0) * (q2 - square)) / (np * nn);
    let half = normal_quantile(0.975) * variance.max(0.0).sqrt();
    Some(Estimate { value: area, interval: ((area - half).max(0.0), (area + half).min(1.0)) })
}

/// Returns Spearman's rank correlation with its 95 % interval: the correlation of ranks, ties having their mean rank;
/// the interval is Fisher's on z = atanh(ρ) with the standard error √((1 + ρ²/2)/(n − 3)) (Bonett and Wright 2000).
/// `None` of fewer than four pairs, or where one side is constant.
pub fn spearman(pairs: &[(f64, f64)]) -> Option<Estimate> {
    if pairs.len() < 4 {
        return None;
    }
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (x, y) = (ranks(&x), ranks(&y));
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let spread = (product(&x, &x) * product(&y, &y)).sqrt();
    if spread <= 0.0 {
        return None;
    }
    let value = (product(&x, &y) / spread).clamp(-1.0, 1.0);
    let half = normal_quantile(0.975) * ((1.0 + value * value / 2.0) / (pairs.len() as f64 - 3.0)).sqrt();
    // At 1 the transform has no end; so close to it the interval is as narrow as it gets.
    let z = value.clamp(-1.0 + 1e-9, 1.0 - 1e-9).atanh();
    Some(Estimate { value, interval: ((z - half).tanh(), (z + half).tanh()) })
}

/// The rank of each value, from 1; equal ones have the mean of their places.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |value: &f64| {
        let below = sorted.partition_point(|other| other < value);
        let upto = sorted.partition_point(|other| other <= value);
        (below + upto + 1) as f64 / 2.0
    };
    values.iter().map(rank).collect()
}

fn of(scores: &[(f64, bool)], class: bool) -> Vec<f64> {
    scores.iter().filter(|(_, positive)| *positive == class).map(|(score, _)| *score).collect()
}

/// Returns the expected calibration error over 15 bins of equal width (Guo et al. 2017): Σ n_b/n |accuracy_b −
/// confidence_b|, of probabilities from 0 to 1. `None` of nothing.
pub fn ece(scores: &[(f64, bool)]) -> Option<f64> {
    const BINS: usize = 15;
    if scores.is_empty() {
        return None;
    }
    let mut bins = [(0.0_f64, 0.0_f64); BINS];
    for (score, positive) in scores {
        let bin = ((score.clamp(0.0, 1.0) * BINS as f64) as usize).min(BINS - 1);
        bins[bin].0 += score;
        bins[bin].1 += f64::from(u8::from(*positive));
    }
    Some(bins.iter().map(|(sum, right)| (right - sum).abs()).sum::<f64>() / scores.len() as f64)
}

/// A threshold, and what it classifies correctly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Above it a score counts as positive.
    pub at: f64,
    /// Share of the positives above it.
    pub sensitivity: f64,
    /// Share of the negatives at or below it.
    pub specificity: f64,
}

impl Threshold {
    /// Returns Youden's J = sensitivity + specificity − 1 (Youden 1950); 0 is what a coin gives.
    pub fn youden(&self) -> f64 {
        self.sensitivity + self.specificity - 1.0
    }
}

/// Returns the threshold with the highest J, halfway between two scores. `None` where a class
/// is empty or all scores are the same.
pub fn best_threshold(scores: &[(f64, bool)]) -> Option<Threshold> {
    let positives = scores.iter().filter(|(_, positive)| *positive).count();
    if positives == 0 || positives == scores.len() {
        return None;
    }
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (np, nn) = (positives as f64, (scores.len() - positives) as f64);
    let (mut low_positives, mut low_negatives) = (0.0, 0.0);
    let mut best: Option<Threshold> = None;
    for pair in sorted.windows(2) {
        if pair[0].1 {
            low_positives += 1.0
        } else {
            low_negatives += 1.0
        }
        if pair[0].0 == pair[1].0 {
            continue;
        }
        let threshold = Threshold {
            at: f64::midpoint(pair[0].0, pair[1].0),
            sensitivity: 1.0 - low_positives / np,
            specificity: low_negatives / nn,
        };
        if best.is_none_or(|best| threshold.youden() > best.youden()) {
            best = Some(threshold);
        }
    }
    best
}

/// Returns ProcessBench's F1 = 2·a₁·a₂/(a₁ + a₂), of the share a₁ of wrong samples whose first wrong step is named
/// exactly, and the share a₂ of right samples that are found right (Zheng et al. 2024). 0 where both are 0.
pub fn process_f1(wrong: f64, right: f64) -> f64 {
    if wrong + right > 0.0 { 2.0 * wrong * right / (wrong + right) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_correlate_whatever_the_scale() {
        let exact: Vec<(f64, f64)> = (1..=20).map(|x| (f64::from(x), f64::from(x).exp())).collect();
        let rho = spearman(&exact).unwrap();
        assert!((rho.value - 1.0).abs() < 1e-12 && rho.interval.0 > 0.99);
        // scipy.stats.spearmanr([1, 2, 2, 3, 5, 4], [2, 1, 3, 3, 6, 5]) = 0.867647
        let tied = [(1.0, 2.0), (2.0, 1.0), (2.0, 3.0), (3.0, 3.0), (5.0, 6.0), (4.0, 5.0)];
        let rho = spearman(&tied).unwrap();
        assert!((rho.value - 0.8676470588235294).abs() < 1e-9, "{}", rho.value);
        assert!(rho.interval.0 < rho.value && rho.value < rho.interval.1);
        assert_eq!(spearman(&[(1.0, 1.0); 9]), None);
        assert_eq!(spearman(&tied[..3]), None);
    }

    const SCORES: [(f64, bool); 6] =
        [(0.9, true), (0.8, false), (0.7, true), (0.4, true), (0.4, false), (0.1, false)];

    #[test]
    fn the_area_is_that_of_scikit_learn() {
        // sklearn.metrics.roc_auc_score([1, 0, 1, 1, 0, 0], [.9, .8, .7, .4, .4, .1]) = 0.7222
        let area = auc(&SCORES).unwrap();
        assert!((area.value - 6.5 / 9.0).abs() < 1e-12);
        assert!(area.interval.0 < 0.4 && area.interval.1 == 1.0);
        assert_eq!(auc(&[(0.5, true)]), None);
    }

    #[test]
    fn the_best_threshold_tells_most_right() {
        let best = best_threshold(&[
            (0.9, true),
            (0.8, false),
            (0.7, true),
            (0.6, true),
            (0.4, false),
            (0.1, false),
        ])
        .unwrap();
        assert!((best.at - 0.5).abs() < 1e-12 && (best.youden() - 2.0 / 3.0).abs() < 1e-12, "{best:?}");
        assert_eq!(best_threshold(&[(0.5, true), (0.5, false)]), None);
    }

    #[test]
    fn what_is_as_sure_as_it_is_right_is_calibrated() {
        let scores: Vec<(f64, bool)> = (0..10).map(|at| (0.7, at < 7)).collect();
        assert!(ece(&scores).unwrap() < 1e-12);
        assert!((ece(&[(1.0, false), (1.0, true)]).unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn f1_is_a_harmonic_mean() {
        assert!((process_f1(0.5, 1.0) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(process_f1(0.0, 0.0), 0.0);
    }
}
