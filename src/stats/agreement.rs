//! Whether repeated measurements of the same things agree.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::{Estimate, mean, variance};

/// Returns ICC(1,1) = (MSB − MSW)/(MSB + (m−1)·MSW) of `rows`, one a thing with m values each, and its 95 % interval
/// from the F distribution (Shrout and Fleiss 1979): the share of the variance that lies between things. Below 0.5
/// poor, to 0.75 moderate, to 0.9 good, above excellent (Koo and Li 2016). `None` of fewer than two rows or two values
/// a row, of rows of unequal length, or where nothing varies.
///
/// Repeats that cannot differ, such as logits at temperature 0, make a 1 that means nothing.
pub fn icc(rows: &[Vec<f64>]) -> Option<Estimate> {
    let (n, m) = (rows.len(), rows.first()?.len());
    if n < 2 || m < 2 || rows.iter().any(|row| row.len() != m) {
        return None;
    }
    let means: Option<Vec<f64>> = rows.iter().map(|row| mean(row)).collect();
    let variances: Option<Vec<f64>> = rows.iter().map(|row| variance(row)).collect();
    let repeats = m as f64;
    let (between, within) = (repeats * variance(&means?)?, mean(&variances?)?);
    let icc = |f: f64| (f - 1.0) / (f + repeats - 1.0);
    if within <= 0.0 {
        return (between > 0.0).then_some(Estimate { value: 1.0, interval: (1.0, 1.0) });
    }
    let (above, below) = ((n - 1) as f64, (n * (m - 1)) as f64);
    let f = between / within;
    let critical = |a, b| Some(FisherSnedecor::new(a, b).ok()?.inverse_cdf(0.975));
    Some(Estimate {
        value: icc(f),
        interval: (icc(f / critical(above, below)?), icc(f * critical(below, above)?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_shrout_and_fleiss() {
        // Their table 2, ICC(1,1) = .17. F = MSB / MSW; scipy.stats.f.ppf(.975, 5, 18), .ppf(.975, 18, 5)
        let judged = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]];
        let rows: Vec<Vec<f64>> = judged.iter().map(|row| row.map(f64::from).to_vec()).collect();
        let found = icc(&rows).unwrap();
        assert!((found.value - 0.165_741_768).abs() < 1e-8);
        assert!((found.interval.0 + 0.132_932_325).abs() < 1e-6, "{found:?}");
        assert!((found.interval.1 - 0.722_560_062).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn too_little_says_nothing() {
        assert_eq!(icc(&[vec![1.0, 2.0]]), None);
        assert_eq!(icc(&[vec![1.0], vec![2.0]]), None);
        assert_eq!(icc(&[vec![1.0, 1.0], vec![1.0, 1.0]]), None);
        assert_eq!(icc(&[vec![1.0, 1.0], vec![2.0, 2.0]]).unwrap().value, 1.0);
    }
}
