//! At which stage runs of the machine itself lose a right answer.

use diagnose::losses::{Loss, Stages};
use engine::Command;
use problem::{Gold, Problem};
use session::{Mode, Outcome, Settings};

use support::walks::rule;

use super::puppet::{DRAFT, Puppet, settings};

const RIGHT: &str = " S1 <- C1 C2: total = boxes * pens";
const WRONG: &str = " S1 <- C1 C2: total = boxes + pens";

fn problem(gold: Option<&str>) -> Problem {
    let text = "A shop has 20 boxes of 6 pens and sells 45. How many pens are left?";
    let problem = Problem::new("pens", "math", text);
    gold.map_or(problem.clone(), |gold| problem.with_gold(Gold::new(Some(gold.into()), vec![])))
}

/// A gate that never takes anything.
fn frozen() -> Settings {
    Settings { gate: rule("threshold 2.0"), ..settings() }
}

fn run(settings: Settings, draft: &'static str, proposal: &'static str, answer: &'static str) -> Puppet {
    let mut puppet = Puppet::on(problem(Some("75")), settings);
    (puppet.draft, puppet.proposals, puppet.answers) = (draft, vec![vec![proposal]], vec![answer]);
    puppet.run();
    puppet
}

fn stages(settings: Settings, draft: &'static str, proposal: &'static str, answer: &'static str) -> Stages {
    Stages::of(&problem(Some("75")), &run(settings, draft, proposal, answer).records).expect("it is over")
}

fn of(stages: &Stages) -> [Option<bool>; 4] {
    [stages.draft, stages.seen, stages.kept, stages.answer]
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

#[test]
fn each_loss_is_named_by_its_stage() {
    let drawing = stages(settings(), DRAFT, WRONG, "The answer is 355. [S2]");
    assert_eq!((of(&drawing), drawing.loss), ([NO, NO, NO, NO], Some(Loss::Drawing)));
    let choosing = stages(frozen(), DRAFT, RIGHT, "The answer is 355. [S2]");
    assert_eq!(
        (of(&choosing), choosing.loss),
        ([NO, YES, NO, NO], Some(Loss::Choosing)),
        "rejected, but seen"
    );
    let answering = stages(settings(), DRAFT, RIGHT, "The answer is 29. [S2]");
    assert_eq!((of(&answering), answering.loss), ([NO, YES, YES, NO], Some(Loss::Answering)));
    let right = stages(settings(), DRAFT, RIGHT, "The answer is 75. [S2]");
    assert_eq!((of(&right), right.loss), ([NO, YES, YES, YES], None));
    let lucky = stages(frozen(), DRAFT, WRONG, "The answer is 75. [S2]");
    assert!(of(&lucky) == [NO, NO, NO, YES] && lucky.is_lucky() && lucky.loss.is_none());
}

#[test]
fn a_plan_that_an_error_leaves_without_a_result_is_wrong() {
    let broken =
        "C1: boxes = 20\nC2: pens = 6\nS1 <- C1: total = boxes * boxes\nS2 <- S1: answer = totl - 45";
    let found = stages(Settings { mode: Mode::Draft, ..settings() }, broken, WRONG, "The answer is 75. [S2]");
    assert_eq!(of(&found), [NO, NO, NO, YES]);
}

#[test]
fn what_cannot_be_judged_is_not_available() {
    let puppet = run(settings(), DRAFT, RIGHT, "The answer is 75. [S2]");
    let blind = Stages::of(&problem(None), &puppet.records).unwrap();
    assert_eq!(of(&blind)[..3], [None, None, None], "there is no gold");
    let free = Problem::new("pens", "free", "Say something.").with_gold(Gold::new(Some("75".into()), vec![]));
    let mut puppet = Puppet::on(free.clone(), Settings { mode: Mode::Draft, ..settings() });
    puppet.run();
    let free = Stages::of(&free, &puppet.records).unwrap();
    assert_eq!(of(&free)[..3], [None, None, None], "plans of this family have no value");
    assert!(!free.are_known());
    let direct = stages(Settings { mode: Mode::Direct, ..settings() }, DRAFT, RIGHT, "The answer is 75.");
    assert_eq!(of(&direct), [None, None, None, YES], "there is no plan");
}

#[test]
fn nothing_is_said_before_the_run_is_over() {
    let puppet = run(settings(), DRAFT, RIGHT, "The answer is 75. [S2]");
    let whole = puppet.records.len();
    for end in 0..whole {
        assert_eq!(Stages::of(&problem(Some("75")), &puppet.records[..end]), None, "after {end} events");
    }
    let mut stopped = Puppet::on(problem(Some("75")), settings());
    stopped.reply();
    stopped.command(Command::Stop);
    stopped.run();
    assert_eq!(stopped.outcome(), Outcome::Interrupted);
    assert_eq!(Stages::of(&problem(Some("75")), &stopped.records), None, "a fork may continue from there");
}
