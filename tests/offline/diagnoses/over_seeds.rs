//! What several sessions tell together.

use diagnose::across::{CHECKS, RecordedRun, look};
use session::{CheckSummary, Event, Finding, FindingVerdict, Subject};

use support::walks::{Signal, World, run, settings};

const CLEAN: Signal = Signal::Quality { noise: 0.0 };
const WARM: &str = "metropolis 0.02";

fn reported(worlds: &[World]) -> Vec<RecordedRun> {
    let each = worlds.iter().enumerate();
    each.map(|(at, world)| RecordedRun::new(format!("run-{at}"), &world.records, &world.state)).collect()
}

fn found(worlds: &[World], name: &str) -> Finding {
    look(&reported(worlds), |check| check == name).pop().expect("a finding")
}

fn answered(answers: &[&str]) -> Vec<World> {
    let each = answers.iter().zip(1..);
    each.map(|(answer, seed)| {
        let mut world = run(seed, "greedy", CLEAN, 2, 1);
        world.answer(answer, *answer == "75");
        world
    })
    .collect()
}

#[test]
fn answers_that_depend_on_the_seed() {
    let shaky = found(&answered(&["75", "75", "60", "45", "30", "75", "12", "8"]), "stability");
    assert_eq!(shaky.verdict, FindingVerdict::Fault, "{shaky:?}");
    let variance = shaky.evidence.iter().find(|row| row.label.contains("(oracle)")).unwrap().value;
    let p = 3.0 / 8.0;
    assert!((variance - 8.0 / 7.0 * p * (1.0 - p)).abs() < 1e-12);
    assert_eq!(found(&answered(&["75"; 5]), "stability").verdict, FindingVerdict::Clear);
    let unsure = found(&answered(&["75", "75", "75", "75", "60"]), "stability");
    assert_eq!(unsure.verdict, FindingVerdict::Undecided);
    let few = found(&answered(&["75", "60", "45", "30"]), "stability");
    assert_eq!(few.verdict, FindingVerdict::Undecided);
    assert!(few.sentence.contains('5'), "{}", few.sentence);
}

/// Pairs of runs whose last plans the checker scores as given: steered, and under a coin.
fn pairs(scores: &[(f64, f64)]) -> Vec<World> {
    let coin = "coin_flip 0.3";
    let checked = |seed, gate, score| {
        let mut world = run(seed, gate, CLEAN, 0, 1);
        let summary = CheckSummary { score: Some(score), ..CheckSummary::default() };
        world.push(Event::Checked { subject: Subject::Incumbent, summary });
        world
    };
    let each = scores.iter().zip(1..);
    each.flat_map(|((own, flipped), seed)| [checked(seed, "greedy", *own), checked(seed, coin, *flipped)])
        .collect()
}

#[test]
fn a_score_is_held_against_a_coin_that_accepts_as_often() {
    let better: Vec<(f64, f64)> = (0..10).map(|n| (0.8 + f64::from(n) / 100.0, 0.5)).collect();
    let clear = found(&pairs(&better), "coin_flip");
    assert_eq!(clear.verdict, FindingVerdict::Clear, "{clear:?}");
    assert!((clear.evidence[0].value - 0.345).abs() < 0.01, "{clear:?}");
    let same: Vec<(f64, f64)> = (0..10).map(|n| (0.5, 0.5 + f64::from(n % 3 - 1) / 100.0)).collect();
    let idle = found(&pairs(&same), "coin_flip");
    assert_eq!(idle.verdict, FindingVerdict::Fault, "{idle:?}");
    let unsure = found(&pairs(&[(0.9, 0.1), (0.1, 0.9)].repeat(5)), "coin_flip");
    assert_eq!(unsure.verdict, FindingVerdict::Undecided, "{unsure:?}");
    assert_eq!(found(&pairs(&better[..4]), "coin_flip").verdict, FindingVerdict::Undecided);
}

#[test]
fn the_same_seed_twice_is_one_run() {
    let mut worlds = answered(&["75"; 4]);
    worlds.extend(answered(&["75"; 4]));
    assert_eq!(found(&worlds, "stability").verdict, FindingVerdict::Undecided);
}

#[test]
fn chains_that_mix_and_chains_that_do_not() {
    let at = |level: f64| {
        let seed = 1 + (level * 10.0) as u64;
        let mut world = World::new(settings(seed, WARM), Signal::Noise { sigma: 0.02 });
        // Each run starts in a range of scores of its own, and never leaves it.
        let shift = |event: &mut Event| {
            if let Event::Scored { score, .. } = event {
                score.total = score.total.map(|total| total + level);
            }
        };
        (0..64).for_each(|_| world.iterate(1));
        let mut records = world.records.clone();
        records.iter_mut().for_each(|record| shift(&mut record.event));
        world.state = session::State::replay(&records);
        world.records = records;
        world
    };
    let apart = found(&[at(0.0), at(0.2), at(0.4)], "r_hat");
    assert_eq!(apart.verdict, FindingVerdict::Fault, "{apart:?}");
    let same: Vec<World> =
        (1..5).map(|seed| run(seed, WARM, Signal::Noise { sigma: 0.001 }, 400, 1)).collect();
    let same = found(&same, "r_hat");
    assert!(same.evidence[0].value < 1.1, "{same:?}");
    let greedy: Vec<World> = (1..4).map(|seed| run(seed, "greedy", CLEAN, 40, 1)).collect();
    assert_eq!(found(&greedy, "r_hat").verdict, FindingVerdict::Undecided);
}

#[test]
fn budgets_that_do_not_match() {
    use model::Cost;
    use session::{BlobId, CallId, Purpose};
    let spent = |gate: &str, generated: u64| {
        let mut world = World::new(settings(1, gate), CLEAN);
        let (call, blob) = (CallId(1), BlobId::of(b"{}"));
        world.push(Event::CallStarted {
            call,
            purpose: Purpose::Propose,
            sequences: 1,
            request: blob.clone(),
        });
        let cost = Cost { calls: 1, generated, ..Cost::default() };
        world.push(Event::CallFinished {
            call,
            cost,
            prompts: Vec::new(),
            batch: 1,
            reply: blob,
            notes: Vec::new(),
            pressure: Vec::new(),
        });
        world
    };
    let fair = found(&[spent("greedy", 100), spent(WARM, 105)], "budget_mismatch");
    assert_eq!(fair.verdict, FindingVerdict::Clear);
    let unfair = found(&[spent("greedy", 100), spent(WARM, 250)], "budget_mismatch");
    assert_eq!(unfair.verdict, FindingVerdict::Fault);
    assert!(
        unfair.sentence.starts_with("run-1 spent 2.50 times the generated tokens"),
        "{}",
        unfair.sentence
    );
    let seeds = found(&[spent(WARM, 100), spent(WARM, 250)], "budget_mismatch");
    assert_eq!(seeds.verdict, FindingVerdict::Undecided, "the same arm is not compared with itself");
}

#[test]
fn nothing_comes_of_nothing() {
    assert!(look(&[], |_| true).iter().all(|found| found.verdict == FindingVerdict::Undecided));
    assert_eq!(look(&[], |_| true).len(), CHECKS.len());
}
