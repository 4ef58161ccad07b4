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

/// Returns how often two of the ratings of one thing agree, Σ n(n−1) / N(N−1), where `counts` says how many of the N
/// ratings fell on each category. `None` of fewer than two.
pub fn pairwise(counts: &[usize]) -> Option<f64> {
    let ratings: usize = counts.iter().sum();
    let agreeing: usize = counts.iter().map(|count| count * count.saturating_sub(1)).sum();
    (ratings > 1).then(|| agreeing as f64 / (ratings * (ratings - 1)) as f64)
}

/// Returns Fleiss' kappa, (P − P_e)/(1 − P_e), of things of which each was rated several times: P is the mean of
/// [`pairwise`], and P_e = Σ p², with p the share of all ratings that fell on a category (Fleiss 1971). Each thing is
/// given by how many ratings fell on each category, the same categories in the same order; they need not be rated equally
/// often, and those rated less than twice are left out. `None` where nothing is left, or all ratings fell on one category.
pub fn fleiss<C: AsRef<[usize]>>(things: &[C]) -> Option<f64> {
    let rated: Vec<&[usize]> =
        things.iter().map(AsRef::as_ref).filter(|counts| counts.iter().sum::<usize>() > 1).collect();
    let observed = mean(&rated.iter().filter_map(|counts| pairwise(counts)).collect::<Vec<f64>>())?;
    let ratings: usize = rated.iter().flat_map(|counts| counts.iter()).sum();
    let categories = rated.iter().map(|counts| counts.len()).max()?;
    let share = |category: usize| {
        let on: usize = rated.iter().filter_map(|counts| counts.get(category)).sum();
        on as f64 / ratings as f64
    };
    let chance: f64 = (0..categories).map(|category| share(category).powi(2)).sum();
    (chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
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

    #[test]
    fn kappa_is_that_of_statsmodels() {
        // statsmodels.stats.inter_rater.fleiss_kappa([[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], ...]):
        // the example of Fleiss (1971) as in his table
        let table = [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ];
        assert!((fleiss(&table).unwrap() - 0.209_930_704).abs() < 1e-8, "{:?}", fleiss(&table));
        assert!((pairwise(&table[1]).unwrap() - 46.0 / 182.0).abs() < 1e-12);
        assert_eq!((pairwise(&[1]), fleiss(&[[3, 0], [2, 0]]), fleiss(&[[1, 0]])), (None, None, None));
        assert!((fleiss(&[[2, 0], [0, 2]]).unwrap() - 1.0).abs() < 1e-12);
    }
}
