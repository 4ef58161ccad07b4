//! How often the check for random walks is right, over seeds.
#![expect(clippy::disallowed_macros, reason = "says why it is skipped, or what it found")]

use session::FindingVerdict;

use support::walks::{Signal, run, settings};

const SEEDS: u64 = 50;
const GREEDY: &str = "greedy";
const WARM: &str = "metropolis 0.1";
/// A temperature so far above the size of a step that nearly everything is taken.
const HOT: &str = "metropolis 100.0";

/// Of the seeds, how many were flagged and how many found clear.
fn rates(gate: &str, signal: Signal, steps: usize, proposals: usize) -> (usize, usize) {
    let verdicts: Vec<FindingVerdict> = (0..SEEDS)
        .map(|seed| run(seed, gate, signal, steps, proposals).found("random_walk").verdict)
        .collect();
    let of = |verdict| verdicts.iter().filter(|found| **found == verdict).count();
    (of(FindingVerdict::Fault), of(FindingVerdict::Clear))
}

#[test]
fn a_score_of_noise_is_a_random_walk_under_every_gate() {
    for (gate, proposals) in [(GREEDY, 1), (GREEDY, 4), (WARM, 1), (WARM, 4)] {
        let (flagged, clear) = rates(gate, Signal::Noise { sigma: 0.1 }, 64, proposals);
        println!("noise, {gate:?}, {proposals} proposals: {flagged} flagged, {clear} clear of {SEEDS}");
        assert!(flagged >= 40 && clear <= 4, "{gate:?} {proposals}: {flagged} flagged, {clear} clear");
    }
}

#[test]
fn a_run_that_climbs_is_none() {
    for (gate, proposals) in [(GREEDY, 1), (GREEDY, 4), (WARM, 4)] {
        let (flagged, clear) = rates(gate, Signal::Quality { noise: 0.0 }, 64, proposals);
        println!("climbing, {gate:?}, {proposals} proposals: {flagged} flagged, {clear} clear of {SEEDS}");
        assert!(flagged <= 2 && clear >= 45, "{gate:?} {proposals}: {flagged} flagged, {clear} clear");
    }
}

#[test]
fn a_gate_that_takes_all_lets_a_sound_score_walk_at_random() {
    // The planted edits are a little better on the whole, so that some of these runs do rise.
    let (flagged, _) = rates(HOT, Signal::Quality { noise: 0.0 }, 48, 1);
    println!("open gate: {flagged} flagged of {SEEDS}");
    assert!(flagged >= 12, "{flagged}");
    let sentence = (0..SEEDS)
        .map(|seed| run(seed, HOT, Signal::Quality { noise: 0.0 }, 48, 1).found("random_walk"))
        .find(|found| found.verdict == FindingVerdict::Fault)
        .map(|found| found.sentence);
    assert!(sentence.is_some_and(|text| text.contains("the gate takes")));
}

#[test]
fn short_runs_say_nothing() {
    let found = run(1, GREEDY, Signal::Noise { sigma: 0.1 }, 31, 1).found("random_walk");
    assert_eq!(found.verdict, FindingVerdict::Undecided);
    assert!(found.sentence.contains("31") && found.sentence.contains("32"), "{}", found.sentence);
}

#[test]
fn a_constant_score_cannot_be_told_and_says_so() {
    let found = run(1, GREEDY, Signal::Constant, 40, 2).found("random_walk");
    assert_eq!(found.verdict, FindingVerdict::Undecided);
    assert!(found.sentence.contains("hardly changed"), "{}", found.sentence);
}

#[test]
fn the_evidence_has_every_number() {
    let mut world = run(3, WARM, Signal::Quality { noise: 0.02 }, 64, 1);
    world.rescore(&[0.60, 0.62, 0.58]);
    let found = world.found("random_walk");
    let value = |start: &str| {
        let row = found.evidence.iter().find(|row| row.label.starts_with(start));
        row.unwrap_or_else(|| panic!("no {start}: {:?}", found.evidence)).value
    };
    assert_eq!(value("steps"), 64.0);
    assert!((value("standard deviation of the score's noise") - 0.02).abs() < 1e-9);
    assert!(value("signal to noise") > 0.0);
    for start in [
        "share of a plan's score",
        "drift",
        "variance ratio",
        "z of the",
        "p of proposals",
        "acceptance rate",
        "autocorrelation",
        "effective",
        "share of moves",
        "moves straight back",
    ] {
        assert!(value(start).is_finite(), "{start}");
    }
}

#[test]
fn known_noise_is_taken_from_the_settings_where_nothing_was_scored_again() {
    let mut settings = settings(5, GREEDY);
    let noise = session::ScoreNoise { sigma: 0.07, frozen: false };
    settings.score_noise.insert("checker".into(), noise);
    let mut world = support::walks::World::new(settings, Signal::Quality { noise: 0.07 });
    (0..40).for_each(|_| world.iterate(1));
    let found = world.found("random_walk");
    let sigma = found.evidence.iter().find(|row| row.label.starts_with("standard deviation"));
    assert!((sigma.unwrap().value - 0.07).abs() < 1e-12);
}
