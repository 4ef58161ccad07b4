//! Each lint on a run with its fault, and on one without.

use diagnose::passive;
use model::Cost;
use plan::{Edit, Item};
use session::{BlobId, BudgetLimits, CallId, Event, Finding, FindingVerdict, Purpose, Settings, Severity};

use support::walks::{ITEMS, Signal, World, run, settings, step};

const CLEAN: Signal = Signal::Quality { noise: 0.0 };

fn clean(steps: usize) -> World {
    run(1, "greedy", CLEAN, steps, 2)
}

fn verdict(world: &World, name: &str) -> FindingVerdict {
    world.found(name).verdict
}

/// A fault comes with a number, advice, and an event that is there.
fn fault(world: &World, name: &str) -> Finding {
    let found = world.found(name);
    assert_eq!(found.verdict, FindingVerdict::Fault, "{found:?}");
    assert!(!found.evidence.is_empty() && found.advice.is_some(), "{found:?}");
    assert!(found.at.is_some_and(|at| (at as usize) < world.records.len()), "{found:?}");
    assert_eq!(found.cost, Cost::default());
    found
}

fn to(number: u32, text: &str) -> Edit {
    Edit::Replace { id: step(number), text: text.into() }
}

#[test]
fn a_clean_run_has_no_fault() {
    let mut world = clean(40);
    world.rescore(&[0.9, 0.91]);
    let best = world.state.best.as_ref().unwrap().total().unwrap();
    world.rescore(&[best - 0.001, best + 0.001]);
    world.answer("7", true);
    for found in passive::look(&world.records, &world.state, |_| true) {
        assert_ne!(found.verdict, FindingVerdict::Fault, "{found:?}");
    }
}

#[test]
fn a_new_run_has_too_little_of_everything() {
    let world = World::new(settings(1, "greedy"), CLEAN);
    for found in passive::look(&world.records, &world.state, |name| name != "oracle") {
        assert_eq!(found.verdict, FindingVerdict::Undecided, "{found:?}");
        assert!(found.at.is_none() && found.evidence.is_empty());
    }
    assert_eq!(verdict(&world, "oracle"), FindingVerdict::Clear, "gold was not seen, however short the run");
    let nothing = passive::look(&[], &Default::default(), |_| true);
    assert_eq!(nothing.len(), passive::CHECKS.len());
}

#[test]
fn a_frozen_gate() {
    let frozen = run(1, "threshold 5.0", CLEAN, 10, 2);
    let found = fault(&frozen, "frozen_gate");
    assert!(
        found.sentence.contains("10 iterations") && found.sentence.contains("threshold margin=5"),
        "{}",
        found.sentence
    );
    assert_eq!(verdict(&clean(10), "frozen_gate"), FindingVerdict::Clear);
    let short = run(1, "threshold 5.0", CLEAN, 7, 2);
    assert_eq!(verdict(&short, "frozen_gate"), FindingVerdict::Undecided);
}

#[test]
fn an_answer_that_departs_from_its_plan() {
    let answered = |comes_to: Option<&str>, states: &str| {
        let mut world = World::new(settings(1, "greedy"), CLEAN);
        comes_to.into_iter().for_each(|value| world.derives(value));
        // Right or wrong by gold, which the check does not look at.
        world.answer(states, true);
        world
    };
    let found = fault(&answered(Some("19"), "29"), "departure");
    assert_eq!(found.sentence, "The plan's steps give 19, but the answer states 29.");
    assert_eq!(verdict(&answered(Some("19"), "19"), "departure"), FindingVerdict::Clear);
    assert_eq!(verdict(&answered(None, "19"), "departure"), FindingVerdict::Undecided);
}

#[test]
fn a_lucky_elite() {
    let mut lucky = clean(10);
    let best = lucky.state.best.as_ref().unwrap().total().unwrap();
    lucky.rescore(&[best - 0.2, best - 0.21, best - 0.19]);
    let found = fault(&lucky, "lucky_elite");
    assert_eq!(found.at, Some(lucky.records.len() as u64 - 1));
    let mut steady = clean(10);
    steady.rescore(&[best - 0.02, best + 0.03, best + 0.01]);
    assert_eq!(verdict(&steady, "lucky_elite"), FindingVerdict::Clear);
    let mut once = clean(10);
    once.rescore(&[best - 0.3]);
    assert_eq!(verdict(&once, "lucky_elite"), FindingVerdict::Undecided);
}

#[test]
fn a_saturated_score() {
    let found = fault(&run(1, "greedy", Signal::Constant, 10, 2), "saturated_score");
    let different = found.evidence.iter().find(|row| row.label == "different values of checker");
    assert_eq!(different.map(|row| row.value), Some(1.0));
    assert_eq!(verdict(&clean(10), "saturated_score"), FindingVerdict::Clear);
}

#[test]
fn proposals_that_repeat_themselves_or_change_nothing() {
    let mut repeating = clean(2);
    for _ in 0..10 {
        repeating.iteration(vec![to(1, "at -9"), to(2, "at -9")]);
    }
    let found = fault(&repeating, "repeated_reject");
    assert!(found.sentence.starts_with("18 of 24 proposals"), "{}", found.sentence);
    assert_eq!(verdict(&repeating, "no_op"), FindingVerdict::Clear);

    let mut idle = clean(2);
    for _ in 0..10 {
        let text = idle.state.incumbent.as_ref().unwrap().plan.get(step(3)).unwrap().text.clone();
        idle.iteration(vec![to(3, &text)]);
    }
    assert!(fault(&idle, "no_op").sentence.starts_with("10 of 14"));
    assert_eq!(verdict(&idle, "repeated_reject"), FindingVerdict::Clear);
    assert_eq!(verdict(&clean(20), "repeated_reject"), FindingVerdict::Clear);
}

#[test]
fn cycles_of_dependencies() {
    let mut round = clean(4);
    let depend = |on: u32, from: u32| Edit::SetDeps { id: step(from), deps: vec![step(on)] };
    let cycle = |a, b| Edit::Batch { edits: vec![depend(a, b), depend(b, a)] };
    round.iteration(vec![cycle(1, 2)]);
    assert_eq!(verdict(&round, "dependency_cycle"), FindingVerdict::Undecided, "one may be chance");
    round.iteration(vec![cycle(2, 3)]);
    let found = fault(&round, "dependency_cycle");
    assert!(found.sentence.starts_with("2 of 10"), "{}", found.sentence);
    let proposed = &round.records[found.at.unwrap() as usize].event;
    assert!(matches!(proposed, Event::Proposed { .. }), "the jump leads to the proposal");
    let mut unknown = clean(4);
    unknown.iteration(vec![depend(99, 2)]);
    assert_eq!(verdict(&unknown, "dependency_cycle"), FindingVerdict::Clear, "that is no cycle");
}

#[test]
fn edits_of_one_item_only() {
    let mut stuck = World::new(settings(1, "greedy"), CLEAN);
    for at in 0..12 {
        stuck.iteration(vec![to(4, &format!("at 0.{at}1"))]);
    }
    let found = fault(&stuck, "one_item");
    assert_eq!(found.items, [step(4)]);
    assert_eq!(verdict(&clean(20), "one_item"), FindingVerdict::Clear);
}

#[test]
fn growth_for_nothing() {
    let grown = |gain: &str| {
        let mut world = World::new(settings(1, "threshold -1.0"), CLEAN);
        for number in ITEMS + 1..=ITEMS * 2 {
            let item = Item::new(step(number), gain);
            world.iteration(vec![Edit::Insert { item, position: 0 }]);
        }
        world
    };
    let found = fault(&grown("at 0.1"), "growth");
    assert!(found.sentence.contains("from 12 items and 24 words to 24 and 48"), "{}", found.sentence);
    assert_eq!(verdict(&grown("at 0.9"), "growth"), FindingVerdict::Clear, "it paid");
    assert_eq!(verdict(&clean(10), "growth"), FindingVerdict::Clear, "it did not grow");
}

#[test]
fn a_score_that_pays_for_words() {
    let lengthened = |signal| {
        let mut world = World::new(settings(1, "greedy"), signal);
        for number in 0..20 {
            let quality = [0.9, 0.1, 0.5][number as usize % 3];
            let words = " so".repeat(1 + number as usize % 5);
            world.iteration(vec![Edit::Replace {
                id: step(1 + number % ITEMS),
                text: format!("at {quality}{words}"),
            }]);
        }
        world
    };
    let found = fault(&lengthened(Signal::Length), "length_bias");
    assert!(found.evidence[0].value > 0.9, "{:?}", found.evidence);
    assert_eq!(verdict(&lengthened(CLEAN), "length_bias"), FindingVerdict::Clear);
    assert_eq!(verdict(&clean(40), "length_bias"), FindingVerdict::Undecided, "nothing changed the length");
}

#[test]
fn acting_on_gold_makes_an_oracle_run() {
    let mut peeked = clean(4);
    peeked.answer("7", false);
    assert_eq!(verdict(&peeked, "oracle"), FindingVerdict::Clear, "after the end gold may be seen");
    let settings = Box::new(peeked.state.settings.clone());
    peeked.push(Event::Forked { parent: "a".into(), at: 3, settings });
    let found = fault(&peeked, "oracle");
    assert_eq!((found.severity, found.at), (Severity::Error, Some(peeked.records.len() as u64 - 1)));
}

#[test]
fn more_than_the_budget() {
    let spend = |limit: Option<u64>| {
        let budget = BudgetLimits { generated: limit, ..BudgetLimits::default() };
        let mut world = World::new(Settings { budget, ..settings(1, "greedy") }, CLEAN);
        for (number, purpose) in [(1, Purpose::Propose), (2, Purpose::Answer), (3, Purpose::Diagnose)] {
            let (call, blob) = (CallId(number), BlobId::of(b"{}"));
            world.push(Event::CallStarted { call, purpose, sequences: 1, request: blob.clone() });
            let cost = Cost { calls: 1, generated: 60, ..Cost::default() };
            world.push(Event::CallFinished {
                call,
                cost,
                prompts: Vec::new(),
                batch: 1,
                reply: blob,
                notes: Vec::new(),
                pressure: Vec::new(),
            });
        }
        world
    };
    let over = spend(Some(100));
    let found = fault(&over, "overspent");
    assert!(found.sentence.contains("120 %") && found.sentence.contains("answer"), "{}", found.sentence);
    assert_eq!(found.at, Some(7), "the reply of the answer's call");
    assert!(fault(&spend(Some(50)), "overspent").sentence.contains("120 % before the answer"));
    assert_eq!(verdict(&spend(Some(120)), "overspent"), FindingVerdict::Clear, "diagnoses are not the run's");
    assert_eq!(verdict(&spend(None), "overspent"), FindingVerdict::Undecided);
}
