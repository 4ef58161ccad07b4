//! Passive checks on runs of the machine itself.

use diagnose::passive;
use session::{Finding, FindingVerdict, Settings};

use support::walks::rule;

use super::puppet::{Puppet, settings};

fn found(puppet: &Puppet, name: &str) -> Finding {
    passive::look(&puppet.records, puppet.state(), |check| check == name).pop().expect("a check of that name")
}

fn run(settings: Settings, proposals: &[Vec<&'static str>]) -> Puppet {
    let mut puppet = Puppet::new(settings);
    puppet.proposals = proposals.to_vec();
    puppet.run();
    puppet
}

#[test]
fn a_model_that_repeats_itself_is_found_out() {
    let puppet =
        run(Settings { iterations: 12, ..settings() }, &[vec![" S1 <- C1 C2: total = boxes * pens"]]);
    let idle = found(&puppet, "no_op");
    assert_eq!(idle.verdict, FindingVerdict::Fault, "once it was taken it changes nothing: {idle:?}");
    assert_eq!(found(&puppet, "frozen_gate").verdict, FindingVerdict::Clear, "the first one was taken");
    assert_eq!(found(&puppet, "random_walk").verdict, FindingVerdict::Undecided);
    assert_eq!(found(&puppet, "oracle").verdict, FindingVerdict::Clear, "gold was seen only after the end");
}

#[test]
fn a_gate_that_wants_too_much_is_frozen() {
    let proposals: Vec<Vec<&'static str>> = [
        " S1 <- C1 C2: total = boxes * pens",
        " S1 <- C1 C2: total = boxes + pens",
        " S1 <- C1 C2: total = boxes - pens",
        " S1 <- C1 C2: total = pens * pens",
        " S1 <- C1 C2: total = pens + pens",
        " S1 <- C1 C2: total = pens * boxes",
        " S1 <- C1 C2: total = pens + boxes",
        " S1 <- C1 C2: total = pens - boxes",
        " S1 <- C1 C2: total = boxes / pens",
    ]
    .map(|line| vec![line])
    .to_vec();
    let config = Settings { iterations: 20, gate: rule("threshold 2.0"), ..settings() };
    let puppet = run(config, &proposals);
    let frozen = found(&puppet, "frozen_gate");
    assert_eq!(frozen.verdict, FindingVerdict::Fault, "{frozen:?}");
    let repeated = found(&puppet, "repeated_reject");
    assert_eq!(repeated.verdict, FindingVerdict::Fault, "the last proposal comes again: {repeated:?}");
    assert_eq!(found(&puppet, "growth").verdict, FindingVerdict::Clear);
    puppet.replays();
}
