//! Statistics against an independent implementation: `src/stats` must say what scipy, statsmodels and scikit-learn say of
//! the same numbers, which `statistics.py` in this folder drew and wrote to `statistics.json`. Where those libraries lack a
//! function the script counts it out another way.
//!
//! What is computed must agree to 1e-9 of its size; what is drawn at random, within what the draws scatter, which each
//! test says.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use lab::contrast::{ArmContrast, Marks};
use serde::{Deserialize, de::DeserializeOwned};
use stats::{
    agreement::{fleiss, icc},
    bootstrap::bca,
    chains::memory,
    intervals::{deviation, student, wilson},
    lasso::lasso,
    mean, normal_cdf, normal_quantile,
    paired::{holm, mcnemar, mcnemar_exact_power, mcnemar_exact_problems, mcnemar_power},
    prevalence::within_problem_variance,
    quantile,
    rank::{auc, best_threshold},
    series::{runs_test, slope},
    variance,
};

const WRITTEN: &str = include_str!("statistics.json");

/// Returns the cases of one kind; each kind that is asked for has some.
fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct Written {
        cases: BTreeMap<String, serde_json::Value>,
    }
    let mut written: Written = serde_json::from_str(WRITTEN).expect("the file of the script");
    let cases = written.cases.remove(name).unwrap_or_else(|| panic!("there are no cases of {name}"));
    let cases: Vec<T> = serde_json::from_value(cases).expect("cases of this kind");
    assert!(cases.len() > 2, "{name}");
    cases
}

/// Computed values agree to 1e-9 of their size.
fn assert_same(ours: f64, theirs: f64, what: &str) {
    assert_near(ours, theirs, 1e-9 * theirs.abs().max(1.0), what);
}

fn assert_near(ours: f64, theirs: f64, within: f64, what: &str) {
    assert!((ours - theirs).abs() <= within, "{what}: ours {ours}, theirs {theirs}, allowed {within}");
}

#[test]
fn every_kind_of_case_is_tested() {
    let written: serde_json::Value = serde_json::from_str(WRITTEN).unwrap();
    let own = include_str!("mod.rs");
    for name in written["cases"].as_object().unwrap().keys() {
        assert!(own.contains(&format!("(\"{name}\")")), "{name}");
    }
}

#[test]
fn intervals_of_shares() {
    #[derive(Deserialize)]
    struct Case {
        hits: usize,
        n: usize,
        confidence: f64,
        low: f64,
        high: f64,
    }
    for Case { hits, n, confidence, low, high } in cases("wilson") {
        let ours = wilson(hits, n, confidence).unwrap();
        assert_same(ours.0, low, &format!("low of {hits}/{n}"));
        assert_same(ours.1, high, &format!("high of {hits}/{n}"));
    }
}

#[test]
fn intervals_of_means_and_deviations() {
    #[derive(Deserialize)]
    struct Student {
        values: Vec<f64>,
        confidence: f64,
        low: f64,
        high: f64,
    }
    for Student { values, confidence, low, high } in cases("student") {
        let ours = student(&values, confidence).unwrap();
        // With two values the interval is wide, and so is the error of the quantile in its units.
        assert_near(ours.0, low, 1e-8 * (high - low), "low of a mean");
        assert_near(ours.1, high, 1e-8 * (high - low), "high of a mean");
    }
    #[derive(Deserialize)]
    struct Spread {
        values: Vec<f64>,
        low: f64,
        high: f64,
    }
    for Spread { values, low, high } in cases("deviation") {
        let ours = deviation(&values, 0.95).unwrap();
        assert_near(ours.0, low, 1e-7 * high, "low of a deviation");
        assert_near(ours.1, high, 1e-7 * high, "high of a deviation");
    }
}

#[test]
fn mcnemar_and_holm() {
    #[derive(Deserialize)]
    struct Pair {
        b: u64,
        c: u64,
        p: f64,
    }
    for Pair { b, c, p } in cases("mcnemar") {
        assert_same(mcnemar(b, c).unwrap(), p, &format!("p of {b} and {c}"));
    }
    #[derive(Deserialize)]
    struct Several {
        p: Vec<f64>,
        adjusted: Vec<f64>,
    }
    for Several { p, adjusted } in cases("holm") {
        let ours = holm(&p);
        assert_eq!(ours.len(), adjusted.len());
        ours.iter().zip(&adjusted).for_each(|(ours, theirs)| assert_same(*ours, *theirs, "an adjusted p"));
    }
}

/// The formula approximates the test against the normal distribution, to 0.04 here. The exact test, which the lab uses,
/// is stricter: its power is less by up to 0.12, and is computed exactly.
#[test]
fn power_of_mcnemar() {
    #[derive(Deserialize)]
    struct Case {
        n: usize,
        discordant: f64,
        difference: f64,
        normal: f64,
        exact: f64,
    }
    for Case { n, discordant, difference, normal, exact } in cases("power") {
        let what = format!("n {n}, discordant {discordant}, difference {difference}");
        assert_near(mcnemar_power(n, discordant, difference).unwrap(), normal, 0.04, &what);
        assert_near(mcnemar_exact_power(n, discordant, difference).unwrap(), exact, 1e-9, &what);
        let needed = mcnemar_exact_problems(discordant, difference).unwrap();
        assert_eq!(exact >= 0.8, n >= needed, "{what}: {needed} are needed");
    }
}

/// Both draw: 50,000 resamples here and 100,000 there. A bound of a bell-shaped distribution of resamples with deviation s
/// then scatters by about 0.012 s by the quantile and 0.011 s by the bias here, and 0.012 s together there: 0.02 s, which
/// is half a per cent of the interval's width. Allowed are five times as much, 2.5 % of the width; where values are few,
/// one step of their mean more, since a bound jumps from one to the next.
#[test]
fn bca_bootstrap() {
    #[derive(Deserialize)]
    struct Case {
        statistic: String,
        values: Vec<f64>,
        lattice: Option<f64>,
        low: f64,
        high: f64,
    }
    for Case { statistic, values, lattice, low, high } in cases("bca") {
        let of = |values: &[f64]| match statistic.as_str() {
            "mean" => mean(values).unwrap(),
            "deviation" => variance(values).unwrap().sqrt(),
            other => panic!("{other}"),
        };
        let ours = bca(&values, of, 50_000, 0.95, 1).unwrap();
        let within = 0.025 * (high - low) + lattice.unwrap_or(0.0);
        assert_near(ours.0, low, within, &format!("low of a {statistic} of {}", values.len()));
        assert_near(ours.1, high, within, &format!("high of a {statistic} of {}", values.len()));
    }
}

#[test]
fn areas_and_thresholds() {
    #[derive(Deserialize)]
    struct Case {
        scores: Vec<f64>,
        labels: Vec<bool>,
        auc: f64,
        youden: f64,
    }
    for Case { scores, labels, auc: area, youden } in cases("auc") {
        let pairs: Vec<(f64, bool)> = scores.into_iter().zip(labels).collect();
        assert_same(auc(&pairs).unwrap().value, area, "an area");
        // Ours never takes a threshold below or above all scores, where J is 0.
        let best = best_threshold(&pairs).map_or(0.0, |threshold| threshold.youden());
        assert_same(best.max(0.0), youden, "Youden's J");
    }
}

#[test]
fn agreement_of_raters_and_repeats() {
    #[derive(Deserialize)]
    struct Rated {
        counts: Vec<Vec<usize>>,
        kappa: f64,
    }
    for Rated { counts, kappa } in cases("fleiss") {
        assert_same(fleiss(&counts).unwrap(), kappa, "kappa");
    }
    #[derive(Deserialize)]
    struct Repeated {
        rows: Vec<Vec<f64>>,
        icc: f64,
        low: f64,
        high: f64,
    }
    for Repeated { rows, icc: value, low, high } in cases("icc") {
        let ours = icc(&rows).unwrap();
        assert_same(ours.value, value, "ICC");
        // Quantiles of F are searched for, here and there.
        assert_near(ours.interval.0, low, 1e-6, "low of ICC");
        assert_near(ours.interval.1, high, 1e-6, "high of ICC");
    }
    #[derive(Deserialize)]
    struct Within {
        right: Vec<usize>,
        runs: usize,
        variance: f64,
    }
    for Within { right, runs, variance } in cases("variance") {
        assert_same(within_problem_variance(&right, runs).unwrap(), variance, "a variance within problems");
    }
}

#[test]
fn series() {
    #[derive(Deserialize)]
    struct Order {
        values: Vec<f64>,
        p: f64,
        exact: bool,
    }
    for Order { values, p, exact } in cases("runs") {
        let ours = runs_test(&values).unwrap();
        assert_eq!(ours.above.max(ours.below) <= 20, exact, "the longer ones are approximated");
        assert_same(ours.p, p, &format!("p of the runs of {}", values.len()));
    }
    #[derive(Deserialize)]
    struct Remembered {
        series: Vec<f64>,
        time: f64,
    }
    for Remembered { series, time } in cases("memory") {
        assert_same(memory(&series).unwrap().time, time, "autocorrelation time");
    }
    #[derive(Deserialize)]
    struct Line {
        x: Vec<f64>,
        y: Vec<f64>,
        slope: f64,
        low: f64,
        high: f64,
    }
    for Line { x, y, slope: value, low, high } in cases("slope") {
        let pairs: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
        let ours = slope(&pairs).unwrap();
        assert_same(ours.value, value, "a slope");
        assert_near(ours.interval.0, low, 1e-8 * (high - low), "low of a slope");
        assert_near(ours.interval.1, high, 1e-8 * (high - low), "high of a slope");
    }
}

/// The test of random signs draws 20,000 times, so p scatters by √(p(1−p)/20000) about the exact one; four times that are
/// allowed, and what counting the observed one among them adds.
#[test]
fn random_signs() {
    #[derive(Deserialize)]
    struct Case {
        differences: Vec<f64>,
        p: f64,
    }
    for Case { differences, p } in cases("signs") {
        let (arm, baseline) = marks(&differences);
        let contrast = ArmContrast::of(&arm, &baseline, 1);
        assert_same(contrast.difference.unwrap(), mean(&differences).unwrap(), "a difference");
        let scatter = (p * (1.0 - p) / 20_000.0).sqrt();
        assert_near(contrast.p.unwrap(), p, 4.0 * scatter + 1e-4, &format!("p of {differences:?}"));
    }
}

/// Marks of two arms on problems with two seeds each that differ so: by halves.
fn marks(differences: &[f64]) -> (Marks, Marks) {
    let seeds = |right: usize| -> BTreeMap<u64, bool> {
        (0..2).map(|seed| (seed, (seed as usize) < right)).collect()
    };
    let (mut arm, mut baseline) = (Marks::new(), Marks::new());
    for (at, difference) in differences.iter().enumerate() {
        let more = (2.0 * difference).round() as i32;
        arm.insert(format!("p{at}"), seeds(more.max(0).unsigned_abs() as usize));
        baseline.insert(format!("p{at}"), seeds((-more).max(0).unsigned_abs() as usize));
    }
    (arm, baseline)
}

#[test]
fn sparse_models() {
    #[derive(Deserialize)]
    struct Case {
        rows: Vec<Vec<f64>>,
        targets: Vec<f64>,
        alpha: f64,
        weights: Vec<f64>,
    }
    for Case { rows, targets, alpha, weights } in cases("lasso") {
        let ours = lasso(&rows, &targets, alpha).unwrap();
        // Both search until little changes.
        ours.weights.iter().zip(&weights).for_each(|(a, b)| assert_near(*a, *b, 1e-6, "a weight"));
        assert_eq!(ours.weights.len(), weights.len());
    }
}

#[test]
fn quantiles() {
    #[derive(Deserialize)]
    struct Case {
        values: Vec<f64>,
        share: f64,
        quantile: f64,
    }
    for Case { values, share, quantile: theirs } in cases("quantile") {
        assert_same(quantile(&values, share).unwrap(), theirs, "a quantile");
    }
    #[derive(Deserialize)]
    struct Normal {
        z: f64,
        probability: f64,
    }
    for Normal { z, probability } in cases("normal") {
        assert_near(normal_cdf(z), probability, 1e-9 * probability, &format!("Φ({z})"));
        assert_near(normal_quantile(probability), z, 1e-6, &format!("Φ⁻¹({probability})"));
    }
}
