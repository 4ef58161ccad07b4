//! Which gate bears how much noise on the score: a synthetic plan whose true quality is known, refined by the
//! program's own gates. Run with `cargo bench --no-default-features --bench gates`.
//!
//! A plan has 12 items of quality evenly drawn from 0..1 and is worth their mean; an edit draws one item again. Every
//! row spends 48 scores: one for the draft and 47 for proposals, one per iteration; best of N draws 48 plans. The
//! incumbent's score is kept and not drawn again. Noise is given in median steps, a step being the |Δ| of
//! one edit of a random plan. Shown is the mean true quality of the plan that would be answered from, over seeds.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

#[allow(dead_code, reason = "the tests use the rest of it")]
use plan::Edit;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use support::walks::{ITEMS, Signal, World, quality, settings, step};

const SEEDS: u64 = 400;
const SCORES: usize = 48;
const NOISE: [f64; 5] = [0.0, 0.5, 1.0, 2.0, 4.0];

fn main() {
    let median = median_step();
    println!("12 items, {SCORES} scores, {SEEDS} seeds; a median step is {median:.4}");
    print!("{:36}", "noise of a score, in steps");
    NOISE.iter().for_each(|noise| print!("{noise:>8}"));
    println!();
    row("best of N", |noise, seed| best_of_n(noise * median, seed));
    for gate in gates(median) {
        row(&gate, |noise, seed| refined(&gate, noise * median, seed));
    }
    row("penalty at the true noise", |noise, seed| {
        // Each of the two scores brings its noise.
        let sigma = noise * median * std::f64::consts::SQRT_2;
        refined(&format!("penalty 0.02 {sigma}"), noise * median, seed)
    });
}

fn gates(median: f64) -> Vec<String> {
    let mut gates: Vec<String> = [
        "greedy",
        "metropolis 0.02",
        "metropolis 0.02 0.0004",
        "qalign 0.02",
        "late_acceptance 5",
        "best_of_k",
        "coin_flip 0.3",
        "tournament 4 0.02",
        "replica_exchange 3 0.005 0.02",
    ]
    .iter()
    .map(|text| engine::gate::parse(text).expect("a rule").to_string())
    .collect();
    // A tenth of a step keeps the table readable.
    gates.insert(1, format!("threshold margin={}", (median * 500.0).round() / 1000.0));
    gates
}

fn row(name: &str, run: impl Fn(f64, u64) -> f64) {
    print!("{name:36}");
    let mut widest: f64 = 0.0;
    for noise in NOISE {
        let all: Vec<f64> = (0..SEEDS).map(|seed| run(noise, seed)).collect();
        let error = stats::variance(&all).map_or(f64::NAN, |variance| (variance / SEEDS as f64).sqrt());
        widest = widest.max(error);
        print!("{:>8.3}", stats::mean(&all).unwrap_or(f64::NAN));
    }
    println!("   (standard error up to {widest:.3})");
}

fn edit(rng: &mut ChaCha8Rng) -> Edit {
    let id = step(rng.random_range(1..=ITEMS));
    Edit::Replace { id, text: format!("at {:.6}", rng.random::<f64>()) }
}

fn refined(gate: &str, sigma: f64, seed: u64) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
    let mut world = World::with_draft(settings(seed, gate), Signal::Quality { noise: sigma }, 1.0);
    for _ in 1..SCORES {
        world.iteration(vec![edit(&mut rng)]);
    }
    world.state.answer_plan().map_or(f64::NAN, |view| quality(&view.plan))
}

fn best_of_n(sigma: f64, seed: u64) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let noise = Normal::new(0.0, sigma).expect("a deviation");
    let drafts = (0..SCORES).map(|_| {
        let quality: f64 = (0..ITEMS).map(|_| rng.random::<f64>()).sum::<f64>() / f64::from(ITEMS);
        (quality + noise.sample(&mut rng), quality)
    });
    let best = drafts.max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or(f64::NAN, |(_, quality)| quality)
}

fn median_step() -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let steps: Vec<f64> =
        (0..100_001).map(|_| (rng.random::<f64>() - rng.random::<f64>()).abs() / f64::from(ITEMS)).collect();
    stats::quantile(&steps, 0.5).unwrap_or(f64::NAN)
}
