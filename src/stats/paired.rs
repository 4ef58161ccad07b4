//! Two ways on the same problems, and several comparisons at once.

use statrs::distribution::{Binomial, Discrete, DiscreteCDF};

use super::{normal_cdf, normal_quantile};

/// Returns the exact two-sided p of McNemar's test, min(1, 2·P(Bin(b+c, ½) ≤ min(b, c))), where `b` problems only the
/// first way solves and `c` only the second (McNemar 1947). `None` where the two never differ.
///
/// ```
/// use planscope_stats::paired::mcnemar;
///
/// let p = mcnemar(8, 2).expect("they differ");
/// assert!((p - 0.109_375).abs() < 1e-9, "8 against 2 is not significant yet");
/// ```
pub fn mcnemar(b: u64, c: u64) -> Option<f64> {
    let differing = b + c;
    if differing == 0 {
        return None;
    }
    Some((2.0 * Binomial::new(0.5, differing).ok()?.cdf(b.min(c))).min(1.0))
}

/// Returns the p-values adjusted so that all those below a level hold at once (Holm 1979), in their order: the
/// k-th smallest of m times m − k + 1, never below the ones before it, at most 1.
///
/// ```
/// use planscope_stats::paired::holm;
///
/// let adjusted = holm(&[0.01, 0.04]);
/// assert!((adjusted[0] - 0.02).abs() < 1e-12 && (adjusted[1] - 0.04).abs() < 1e-12);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 0.0_f64;
    for (rank, at) in order.into_iter().enumerate() {
        least = least.max((p[at] * (p.len() - rank) as f64).min(1.0));
        adjusted[at] = least;
    }
    adjusted
}

/// Whether a difference between two ways is possible: it cannot be larger than the share on which they differ.
fn possible(discordant: f64, difference: f64) -> bool {
    difference != 0.0 && discordant <= 1.0 && difference.abs() <= discordant
}

/// The level of the tests whose power is asked for, on both sides.
const LEVEL: f64 = 0.05;
/// The power that problems are counted for.
const POWER: f64 = 0.8;

/// Returns the power of McNemar's test at a level of 5 % on both sides with `n` problems, of which the share
/// `discordant` comes out differently and the shares solved differ by `difference` (Connor 1987):
/// Φ((|d|√n − z·√p)/√(p − d²)). `None` where that is impossible.
///
/// That is of the test by the normal distribution. The exact one is stricter: see [`mcnemar_exact_power`].
pub fn mcnemar_power(n: usize, discordant: f64, difference: f64) -> Option<f64> {
    let left = discordant - difference.powi(2);
    (possible(discordant, difference) && left > 0.0).then(|| {
        let reach = difference.abs() * (n as f64).sqrt() - normal_quantile(0.975) * discordant.sqrt();
        normal_cdf(reach / left.sqrt())
    })
}

/// Returns how many problems McNemar's test needs for 80 % power at a level of 5 % (Connor 1987):
/// ((z₀.₉₇₅√p + z₀.₈√(p − d²))/d)². `None` where such a difference is impossible. See [`mcnemar_power`].
pub(crate) fn mcnemar_problems(discordant: f64, difference: f64) -> Option<usize> {
    possible(discordant, difference).then(|| {
        let left = (discordant - difference.powi(2)).max(0.0);
        let sum = normal_quantile(0.975) * discordant.sqrt() + normal_quantile(0.8) * left.sqrt();
        (sum / difference).powi(2).ceil() as usize
    })
}

/// Returns the power of the exact test, [`mcnemar`], under the same circumstances: the sum over the number m of problems
/// that come out differently of P(Bin(n, p) = m) times the probability that the test rejects, where of these
/// Bin(m, (p + |d|)/2p) are solved by the better way. `None` where that is impossible.
pub fn mcnemar_exact_power(n: usize, discordant: f64, difference: f64) -> Option<f64> {
    /// Numbers of problems less probable than this are left out.
    const NEGLIGIBLE: f64 = 1e-14;
    if !possible(discordant, difference) {
        return None;
    }
    let better = (discordant + difference.abs()) / (2.0 * discordant);
    let differing = Binomial::new(discordant, n as u64).ok()?;
    let (mut power, mut most) = (0.0, None);
    for count in 1..=n as u64 {
        let weight = differing.pmf(count);
        if weight < NEGLIGIBLE {
            continue;
        }
        most = rejected(count, most);
        let Some(most) = most else { continue };
        let solved = Binomial::new(better, count).ok()?;
        power += weight * (solved.cdf(most) + solved.sf(count - most - 1));
    }
    Some(power.min(1.0))
}

/// The most of `differing` problems that the worse way may solve for the exact test to reject. It never falls as they get
/// more, so it is looked for from `known` on, that of fewer; `None` where the test cannot reject.
fn rejected(differing: u64, known: Option<u64>) -> Option<u64> {
    let rejects =
        |most: u64| mcnemar(differing - most, most).is_some_and(|p| 2 * most < differing && p < LEVEL);
    let from = known.map_or(0, |most| most + 1);
    (from..=differing).take_while(|most| rejects(*most)).last().or(known)
}

/// Returns how many problems the exact test needs for 80 % power at a level of 5 %, the first number from that of
/// `mcnemar_problems` on which has it. `None` where such a difference is impossible.
pub fn mcnemar_exact_problems(discordant: f64, difference: f64) -> Option<usize> {
    let least = mcnemar_problems(discordant, difference)?;
    let enough =
        |n: &usize| mcnemar_exact_power(*n, discordant, difference).is_some_and(|power| power >= POWER);
    (least..=2 * least + 100).find(enough)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn mcnemar_is_that_of_statsmodels() {
        // statsmodels.stats.contingency_tables.mcnemar([[0, b], [c, 0]], exact=True).pvalue
        for (b, c, p) in [(10, 2, 0.038_574_218_75), (7, 7, 1.0), (0, 5, 0.0625)] {
            assert!(close(mcnemar(b, c).unwrap(), p), "{b} {c}");
        }
        assert_eq!(mcnemar(0, 0), None);
    }

    #[test]
    fn holm_is_that_of_statsmodels() {
        // statsmodels.stats.multitest.multipletests([.01, .04, .03, .005, .5], method="holm")[1]
        let found = holm(&[0.01, 0.04, 0.03, 0.005, 0.5]);
        assert!(found.iter().zip([0.04, 0.09, 0.09, 0.025, 0.5]).all(|(a, b)| close(*a, b)), "{found:?}");
    }

    #[test]
    fn problems_are_counted_as_in_the_formula() {
        // (norm.ppf(.975) * sqrt(p) + norm.ppf(.8) * sqrt(p - d ** 2)) ** 2 / d ** 2 = 233.09 and 625.55
        assert_eq!(mcnemar_problems(0.3, 0.1), Some(234));
        assert_eq!(mcnemar_problems(0.2, 0.05), Some(626));
        // norm.cdf((.1 * sqrt(n) - norm.ppf(.975) * sqrt(.3)) / sqrt(.29))
        assert!(close(mcnemar_power(100, 0.3, 0.1).unwrap(), 0.445_706_416_6));
        assert!(close(mcnemar_power(234, 0.3, 0.1).unwrap(), 0.801_536_546_6));
        assert_eq!(mcnemar_problems(0.1, 0.2), None);
        assert_eq!(mcnemar_power(100, 0.3, 0.0), None);
    }

    #[test]
    fn the_exact_test_is_stricter_than_the_formula() {
        for (n, discordant, difference) in [(60, 0.3, 0.1), (234, 0.3, 0.1), (100, 0.15, 0.1)] {
            let (exact, formula) = (
                mcnemar_exact_power(n, discordant, difference).unwrap(),
                mcnemar_power(n, discordant, difference).unwrap(),
            );
            assert!(exact < formula && exact > formula - 0.15, "{n}: {exact} {formula}");
        }
        let needed = mcnemar_exact_problems(0.3, 0.1).unwrap();
        assert!((235..270).contains(&needed), "{needed}");
        assert!(mcnemar_exact_power(needed - 1, 0.3, 0.1).unwrap() < POWER);
        // All that differ are solved by the same way: six of six reject, five of five do not.
        assert!((mcnemar_exact_power(6, 1.0, 1.0).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(mcnemar_exact_power(5, 1.0, 1.0), Some(0.0));
        assert_eq!((mcnemar_exact_power(9, 0.1, 0.2), mcnemar_exact_problems(0.1, 0.2)), (None, None));
    }
}
