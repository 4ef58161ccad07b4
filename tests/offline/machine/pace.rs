//! How far a run goes, and why it pauses.

use engine::Command;
use model::LlmError;
use session::{Event, Outcome, PauseCause, Phase, Purpose, Settings};

use super::puppet::{Puppet, paused, settings};

fn cause(puppet: &Puppet) -> PauseCause {
    assert!(puppet.state().paused && puppet.waiting().is_none());
    puppet.state().pause_cause.clone().expect("a cause")
}

#[test]
fn until_stops_at_the_end_of_the_iteration() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::Until(2));
    assert_eq!((puppet.state().finished_iterations(), cause(&puppet)), (2, PauseCause::Step));
    puppet.tell(Command::Until(1));
    assert_eq!(puppet.refusal(), "Iteration 1 is already over; the last one that ended is 2.");
    puppet.tell(Command::Until(9));
    assert_eq!(puppet.state().finished_iterations(), 3, "refinement ends before");
    assert!(puppet.state().refinement_stop.is_some() && puppet.state().answer.is_none());
    puppet.tell(Command::Until(4));
    assert!(puppet.refusal().contains("what comes next is the answer"));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}

#[test]
fn finish_stands_still_before_the_answer() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::Finish);
    assert_eq!(cause(&puppet), PauseCause::Step);
    assert_eq!(puppet.state().phase, Phase::Decide);
    assert!(puppet.state().refinement_stop.is_some());
    puppet.tell(Command::Finish);
    assert!(puppet.refusal().starts_with("Refinement is over"));
    puppet.tell(Command::StepPhase);
    assert_eq!(puppet.outcome(), Outcome::Answered);
}

#[test]
fn a_run_pauses_when_its_call_is_done_and_says_why() {
    let mut puppet = Puppet::new(settings());
    puppet.command(Command::Pause);
    assert!(!puppet.state().paused, "a call is running");
    puppet.reply();
    assert_eq!(cause(&puppet), PauseCause::Asked);
    puppet.tell(Command::Pause);
    assert_eq!(puppet.refusal(), "The run is already paused.");
    puppet.replays();
}

#[test]
fn an_interrupted_phase_begins_anew_and_its_cost_is_counted() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    puppet.command(Command::StepPhase);
    assert_eq!(puppet.waiting(), Some(Purpose::Propose));
    let asked = puppet.requests.last().cloned();
    puppet.command(Command::Interrupt);
    assert!(puppet.cancelled);
    puppet.cut_short();
    assert_eq!(cause(&puppet), PauseCause::Interrupted);
    assert_eq!(puppet.state().calls.cost[&Purpose::Propose].generated, 3);
    assert!(puppet.state().calls.failed.is_empty());
    assert!(puppet.records.iter().any(|record| matches!(record.event, Event::CallCancelled { .. })));

    puppet.command(Command::StepPhase);
    assert_eq!(puppet.requests.last().cloned(), asked, "the same iteration asks the same");
    puppet.command(Command::Interrupt);
    puppet.fail(LlmError::Cancelled);
    assert!(puppet.state().outcome.is_none());
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    assert_eq!(puppet.state().timeline.len(), 4);
    puppet.replays();
}

#[test]
fn a_reply_that_was_quicker_than_the_interrupt_is_used() {
    let mut puppet = Puppet::new(settings());
    puppet.command(Command::Interrupt);
    puppet.reply();
    assert!(puppet.state().incumbent.is_some(), "the draft was whole");
    assert_eq!(cause(&puppet), PauseCause::Interrupted);
    puppet.tell(Command::Interrupt);
    assert_eq!(puppet.refusal(), "The run is already paused.");
}

#[test]
fn a_worker_that_dies_while_it_is_interrupted_does_no_harm() {
    let mut puppet = Puppet::new(settings());
    puppet.command(Command::Interrupt);
    puppet.fail(LlmError::WorkerDied { status: "signal 9".into(), log_tail: "last words".into() });
    assert_eq!(cause(&puppet), PauseCause::Interrupted);
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
}

#[test]
fn without_refinement_there_is_none_to_go_through() {
    let mut puppet = Puppet::new(Settings { mode: session::Mode::Direct, ..paused() });
    puppet.tell(Command::Until(1));
    puppet.tell(Command::Finish);
    assert_eq!(puppet.refused.len(), 2);
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.tell(Command::Pause);
    assert_eq!(puppet.refusal(), "The session is over.");
}
