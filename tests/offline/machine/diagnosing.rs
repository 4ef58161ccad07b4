//! Passive checks on runs of the machine itself.

use diagnose::passive;
use session::{Finding, FindingVerdict, Settings, Weights};

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

#[test]
fn a_run_that_ends_with_a_wrong_plan_is_no_clean_run() {
    let refined = |draft, proposals: &[Vec<&'static str>]| {
        let proposers = Weights::of([("repair", 1.0)]);
        let problem = problem::load("dinner").expect("a bundled problem");
        let mut puppet = Puppet::on(problem, Settings { proposers, iterations: 3, ..settings() });
        (puppet.draft, puppet.proposals) = (draft, proposals.to_vec());
        puppet.run();
        found(&puppet, "unsolved")
    };
    const WRONG: &str = "S1: ann = true\nS2: ben = false\nS3: cleo = true\nS4: dan = false\nS5: eva = false";
    let stuck = refined(WRONG, &[vec!["S4: dan = true"], vec!["S5: eva = false"]]);
    assert_eq!(stuck.verdict, FindingVerdict::Fault, "{stuck:?}");
    assert!(
        stuck.sentence.starts_with(
            "Refinement ended with a plan that is wrong: Condition 4, dan or eva, does not hold under S5 and S4."
        ) && stuck.sentence.ends_with("None of 1 different changes of plans with this score is better."),
        "{stuck:?}"
    );
    assert!(stuck.at.is_some());
    assert_eq!(refined(WRONG, &[vec!["S5: eva = true"]]).verdict, FindingVerdict::Clear);
    let word_problem = run(settings(), &[vec![" S1 <- C1 C2: total = boxes * pens"]]);
    let unknown = found(&word_problem, "unsolved");
    assert_eq!(unknown.verdict, FindingVerdict::Undecided, "no exact checker looks: {unknown:?}");
}
