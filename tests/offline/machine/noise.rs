//! Injected noise and how a run recovers from it.

use engine::Command;
use plan::{Chaos, Edit, NoiseKind, NoiseScope, NoiseSpec};
use session::{Event, Outcome, Phase, Settings};

use super::puppet::{Puppet, id, paused};

fn on(kind: NoiseKind, strength: f64, items: &[&str]) -> NoiseSpec {
    let scope = NoiseScope::Items(items.iter().map(|name| id(name)).collect());
    NoiseSpec { scope, ..NoiseSpec::new(kind, strength, 1) }
}

#[test]
fn noise_is_scored_at_once_and_recovery_is_followed() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    let draft = puppet.plan();
    puppet.tell(Command::Noise(on(NoiseKind::Mask, 1.0, &["S1"])));
    assert!(puppet.plan().contains("S1 {noise} <- C1: [mask]"));
    let injection = &puppet.state().noise.injections[0];
    assert!(injection.total_after.unwrap() < injection.total_before.unwrap());
    assert!(injection.distance > 0.0 && injection.curve.is_empty());
    puppet.tell(Command::NextIteration);
    let injection = &puppet.state().noise.injections[0];
    assert_eq!((injection.curve.len(), injection.regained), (1, Some(1)), "the proposal repairs the line");
    assert!(puppet.state().timeline[1].human);
    puppet.tell(Command::Undo);
    assert!(puppet.refusal().contains("noise: mask 1 (seed 1) on S1\" cannot be undone: S1 was changed"));

    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    puppet.tell(Command::Noise(NoiseSpec::new(NoiseKind::Shuffle, 1.0, 3)));
    assert_ne!(puppet.plan(), draft);
    puppet.tell(Command::Undo);
    assert_eq!(puppet.plan(), draft, "origins too");
    puppet.replays();
}

#[test]
fn noise_that_can_do_nothing_says_so() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    puppet.tell(Command::Edit(Edit::Pin { id: id("S1"), on: true }));
    puppet.tell(Command::Noise(on(NoiseKind::Mask, 1.0, &["S1"])));
    assert!(puppet.refusal().starts_with("There is no item that mask could hit"));
    puppet.tell(Command::Noise(NoiseSpec::new(NoiseKind::Mask, 0.0, 1)));
    assert!(puppet.refusal().contains("raise the strength"));
    puppet.tell(Command::Noise(NoiseSpec::new(NoiseKind::Mask, 1.5, 1)));
    assert_eq!(puppet.refusal(), "The strength of noise is between 0 and 1, not 1.5.");
    assert!(!puppet.records.iter().any(|record| matches!(record.event, Event::Noised { .. })));
}

#[test]
fn chaos_comes_by_its_schedule_and_each_time_is_another() {
    let mut puppet = Puppet::new(Settings { iterations: 6, ..paused() });
    puppet.proposals = (1..=6)
        .map(|n| {
            vec![if n % 2 == 0 {
                " S2 <- S1: answer = total - 45"
            } else {
                " S1 <- C1 C2: total = boxes * pens"
            }]
        })
        .collect();
    let noise = NoiseSpec::new(NoiseKind::JitterNumbers, 1.0, 9);
    puppet.tell(Command::Chaos(Some(Chaos { noise, every: 2, times: 2 })));
    puppet.tell(Command::Until(2));
    assert_eq!(puppet.state().noise.scheduled, 1, "at the end of the second iteration");
    assert_eq!(puppet.phases().last(), Some(&Phase::ScoreDraft));
    puppet.tell(Command::Continue);
    let injections = &puppet.state().noise.injections;
    let at: Vec<u32> = injections.iter().map(|one| one.iteration).collect();
    assert_eq!(at, [2, 4], "not after the last iteration, and only twice");
    assert!(injections.iter().all(|one| one.scheduled && one.total_after.is_some()));
    assert_ne!(injections[0].spec.seed, injections[1].spec.seed);
    let points: Vec<u32> = injections[0].curve.iter().map(|point| point.iteration).collect();
    assert_eq!(points, [3, 4], "up to the next injection");
    assert!(!puppet.state().timeline[3].human);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}

#[test]
fn chaos_can_be_ended() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::Chaos(None));
    assert_eq!(puppet.refusal(), "There is no chaos to end.");
    let noise = NoiseSpec::new(NoiseKind::Mask, 1.0, 9);
    puppet.tell(Command::Chaos(Some(Chaos { noise: noise.clone(), every: 0, times: 2 })));
    assert!(puppet.refusal().contains("at least 1"));
    puppet.tell(Command::Chaos(Some(Chaos { noise, every: 1, times: 9 })));
    puppet.tell(Command::Chaos(None));
    puppet.tell(Command::Continue);
    assert!(puppet.state().noise.injections.is_empty() && puppet.state().noise.schedule.is_none());
}
