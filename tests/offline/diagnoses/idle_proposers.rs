//! Proposals that do not pay: planted in a record, and absent from clean ones.

use plan::Edit;
use session::{Event, Finding, FindingVerdict, Purpose};
use support::walks::{Signal, World, run, settings, step};

/// A run whose draft took 50 tokens.
fn world(signal: Signal) -> World {
    let mut world = World::new(settings(1, "greedy"), signal);
    world.spends(Purpose::Draft, (50, 100), 0.0);
    world
}

/// One iteration of two new plans by `proposer`, each for so many tokens.
fn iterate(world: &mut World, proposer: &str, tokens: Option<u64>) {
    let edits = vec![world.edit(), world.edit()];
    iterate_with(world, proposer, tokens, edits);
}

fn iterate_with(world: &mut World, proposer: &str, tokens: Option<u64>, edits: Vec<Edit>) {
    world.iteration_by(edits, |candidate| {
        candidate.proposer = Some(proposer.into());
        candidate.tokens = tokens;
    });
}

fn is(world: &World, verdict: FindingVerdict) -> Finding {
    let found = world.found("idle_proposers");
    assert_eq!(found.verdict, verdict, "{found:?}");
    found
}

fn number(found: &Finding, label: &str) -> f64 {
    found.evidence.iter().find(|row| row.label == label).map(|row| row.value).expect("that number")
}

#[test]
fn tokens_without_an_improvement_are_a_fault_from_twice_the_draft_on() {
    let mut world = world(Signal::Constant);
    (0..4).for_each(|_| iterate(&mut world, "edit", Some(12)));
    is(&world, FindingVerdict::Undecided);
    iterate(&mut world, "repair", Some(12));
    let found = is(&world, FindingVerdict::Fault);
    assert_eq!(
        found.sentence,
        "None of 10 proposals improved on its plan, for 120 tokens, 2.4 times the draft's; 0 of 10 proposals were unusable."
    );
    assert_eq!((number(&found, "proposals by edit"), number(&found, "proposals by repair")), (8.0, 2.0));
    let at = found.at.expect("an event") as usize;
    assert!(matches!(world.records[at].event, Event::Proposed { .. }));
    assert!(found.advice.is_some());
}

#[test]
fn one_improvement_is_enough_to_be_clear() {
    let mut world = world(Signal::Quality { noise: 0.0 });
    while world.state.proposals.payoffs.total().improved == 0
        || world.state.proposals.payoffs.total().tried < 8
    {
        iterate(&mut world, "edit", Some(60));
    }
    let found = is(&world, FindingVerdict::Clear);
    assert!(number(&found, "of these, better plans by edit") >= 1.0);
}

#[test]
fn mostly_unusable_proposals_are_a_fault_even_where_one_improved() {
    let mut world = world(Signal::Quality { noise: 0.0 });
    let better = Edit::Replace { id: step(1), text: "at 1.0".into() };
    iterate_with(&mut world, "edit", Some(12), vec![better]);
    let same = || world.state.incumbent.as_ref().unwrap().plan.items()[1].text.clone();
    let again = Edit::Replace { id: step(2), text: same() };
    (0..5).for_each(|_| iterate_with(&mut world, "edit", Some(12), vec![again.clone(), again.clone()]));
    let found = is(&world, FindingVerdict::Fault);
    assert_eq!(
        found.sentence,
        "10 of 11 proposals were unusable: no edit, no change, or a plan seen before."
    );
    assert_eq!(number(&found, "of these, better plans by edit"), 1.0);
}

#[test]
fn without_known_tokens_or_a_model_nothing_was_spent_that_could_pay() {
    for tokens in [None, Some(0)] {
        let mut world = world(Signal::Constant);
        (0..20).for_each(|_| iterate(&mut world, "edit", tokens));
        is(&world, FindingVerdict::Undecided);
    }
    is(&run(1, "greedy", Signal::Quality { noise: 0.0 }, 3, 2), FindingVerdict::Undecided);
    is(&run(1, "greedy", Signal::Quality { noise: 0.0 }, 20, 2), FindingVerdict::Clear);
}
