//! Continuing from a recorded moment.

use engine::Command;
use session::{Allocation, Event, Outcome, Phase, Record, RefinementStop, Settings, State, Weights};

use super::puppet::{Puppet, paused, settings};

/// The first `length` of `records` and the event of a fork.
fn forked(records: &[Record], length: usize, settings: Settings) -> Vec<Record> {
    let mut records = records[..length].to_vec();
    let last = records.last().expect("a record").clone();
    let settings = Box::new(settings);
    let event = Event::Forked { parent: "parent".into(), at: last.seq, settings };
    records.push(Record { seq: last.seq + 1, at_ms: last.at_ms, event });
    records
}

fn whole_run(settings: Settings) -> Puppet {
    let mut puppet = Puppet::new(settings);
    puppet.run();
    puppet
}

fn choices(state: &State) -> (Vec<Option<f64>>, Option<String>) {
    let totals = state.timeline.iter().map(|point| point.total).collect();
    (totals, state.answer.as_ref().map(|answer| answer.text.clone()))
}

#[test]
fn a_fork_anywhere_with_the_same_settings_comes_to_the_same_end() {
    let mut config = settings();
    config.scorers.set("self_check", 0.3);
    comes_to_the_same_end_from_anywhere(&config);
}

#[test]
fn shares_that_follow_gains_are_the_same_in_a_fork_and_in_a_replay() {
    let proposers = Weights::of([("edit", 1.0), ("random", 1.0), ("critique", 1.0)]);
    let config = Settings { proposers, allocation: Allocation::Adaptive, iterations: 5, ..settings() };
    let parent = comes_to_the_same_end_from_anywhere(&config);
    let table = parent.state().proposals.payoffs.table(&config);
    assert!(table.iter().all(|row| row.payoff.tried > 0), "{table:?}");
    assert!(table.iter().any(|row| (row.share - 1.0 / 3.0).abs() > 0.01), "{table:?}");
    assert_eq!(State::replay(&parent.records).proposals.payoffs, parent.state().proposals.payoffs);
}

fn comes_to_the_same_end_from_anywhere(config: &Settings) -> Puppet {
    let parent = whole_run(config.clone());
    for length in 1..parent.records.len() {
        let mut fork = Puppet::resume(forked(&parent.records, length, config.clone()));
        fork.run();
        assert_eq!(fork.outcome(), Outcome::Answered, "after {length} events");
        assert_eq!(choices(fork.state()), choices(parent.state()), "after {length} events");
        assert_eq!(fork.state().proposals.seen, parent.state().proposals.seen);
        assert_eq!(fork.state().proposals.payoffs, parent.state().proposals.payoffs, "after {length} events");
        assert!(fork.records.is_sorted_by_key(|record| record.at_ms));
        fork.replays();
    }
    parent
}

#[test]
fn a_phase_that_was_cut_off_begins_anew_and_a_whole_one_does_not() {
    let parent = whole_run(settings());
    let place =
        |wanted: fn(&Event) -> bool| parent.records.iter().position(|record| wanted(&record.event)).unwrap();
    let next = |length: usize| {
        let mut fork = Puppet::resume(forked(&parent.records, length, paused()));
        let before = fork.phases().len();
        assert!(fork.state().paused);
        fork.command(Command::StepPhase);
        fork.phases()[before]
    };
    let proposed = place(|event| matches!(event, Event::Proposed { .. }));
    assert_eq!(next(proposed), Phase::Propose);
    assert_eq!(next(proposed + 1), Phase::Score);
    let decided = place(|event| matches!(event, Event::Decided { .. }));
    assert_eq!(next(decided), Phase::Decide);
    assert_eq!(next(decided + 1), Phase::Propose);
    let drafted = place(|event| matches!(event, Event::Drafted { .. }));
    assert_eq!(next(drafted), Phase::Draft);
    assert_eq!(next(drafted + 1), Phase::ScoreDraft);
}

#[test]
fn a_fork_may_go_on_where_its_parent_had_ended_refinement() {
    let parent = whole_run(settings());
    let ended =
        parent.records.iter().position(|record| matches!(record.event, Event::RefinementEnded { .. }));
    let longer = Settings { iterations: 5, seed: 2, ..settings() };
    let mut fork = Puppet::resume(forked(&parent.records, ended.unwrap() + 1, longer));
    fork.run();
    assert_eq!(fork.state().finished_iterations(), 5);
    assert_eq!(fork.state().refinement_stop, Some(RefinementStop::Iterations));
    assert_eq!(fork.state().settings.seed, 2);
    fork.replays();
}
