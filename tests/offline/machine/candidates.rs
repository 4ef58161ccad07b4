//! Rulings on candidates, and candidates edited by hand.

use engine::Command;
use plan::Edit;
use session::{CandidateStatus, Event, Outcome, PauseCause, Phase, Ruling, Settings};

use super::puppet::{Puppet, id, paused};

/// A run with two new candidates in each iteration that pauses where `command` leads it.
fn two(command: Command) -> Puppet {
    let mut puppet = Puppet::new(Settings { proposals: 2, ..paused() });
    puppet.proposals = vec![
        vec![" S1 <- C1 C2: total = boxes * pens", " S1 <- C1: total = nothing"],
        vec![" S2 <- S1: answer = total - 44", " S2 <- S1: answer = total - 43"],
    ];
    puppet.tell(Command::NextIteration);
    puppet.tell(command);
    puppet
}

fn rule(candidate: u32, accept: bool) -> Command {
    Command::Rule { candidate, accept }
}

fn rulings(puppet: &Puppet) -> Vec<Ruling> {
    puppet.state().candidates.iter().filter_map(|view| Some(view.verdict.as_ref()?.ruling)).collect()
}

#[test]
fn an_intercepted_run_waits_for_rulings_once_an_iteration() {
    let mut puppet = two(Command::Intercept(true));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.state().pause_cause, Some(PauseCause::Intercept));
    assert_eq!(puppet.state().phase, Phase::Score);
    assert!(puppet.state().candidates.iter().all(|view| view.view.as_ref().unwrap().score.is_some()));
    puppet.tell(rule(1, true));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.state().iteration, 2, "it waits again in the next iteration");
    assert!(puppet.plan().contains("total = nothing"));
    assert!(puppet.state().timeline[1].human && puppet.state().timeline[1].ruling == Some(Ruling::Accept));
    puppet.tell(Command::Intercept(false));
    puppet.tell(Command::Intercept(false));
    assert_eq!(puppet.refusal(), "Interception is already off.");
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}

#[test]
fn a_veto_lets_the_next_best_meet_the_gate() {
    let mut puppet = two(Command::StepPhase);
    assert_eq!(puppet.state().phase, Phase::Propose);
    puppet.tell(rule(0, false));
    puppet.tell(Command::NextIteration);
    assert_eq!(rulings(&puppet), [Ruling::Reject, Ruling::Reject]);
    let reasons: Vec<&str> =
        puppet.state().candidates.iter().map(|view| view.verdict.as_ref().unwrap().reason.as_str()).collect();
    assert!(reasons[0].starts_with("Vetoed by hand: 0."), "{reasons:?}");
    assert!(reasons[1].starts_with("Greedy: "), "{reasons:?}");
    puppet.tell(rule(0, true));
    assert_eq!(puppet.refusal(), "There are no candidates that wait for a decision.");
    puppet.replays();
}

#[test]
fn the_last_word_counts_and_only_what_is_a_plan_can_be_ruled_on() {
    let mut puppet = Puppet::new(Settings { proposals: 3, ..paused() });
    puppet.proposals = vec![vec![
        " S1 <- C1 C2: total = boxes * pens",
        " S1 <- C1: total = nothing",
        " S1 <- C1: total = boxes * boxes",
    ]];
    puppet.tell(Command::NextIteration);
    puppet.tell(Command::StepPhase);
    puppet.tell(rule(0, true));
    puppet.tell(rule(1, true));
    puppet.tell(rule(2, true));
    assert_eq!(puppet.refusal(), "Candidate 3 never meets the gate: it changes nothing.");
    puppet.tell(rule(7, false));
    assert_eq!(puppet.refusal(), "There is no candidate 8.");
    let ruled: Vec<Option<bool>> = puppet.state().candidates.iter().map(|view| view.ruled).collect();
    assert_eq!(ruled, [None, Some(true), None]);
    puppet.tell(Command::NextIteration);
    assert_eq!(rulings(&puppet), [Ruling::Reject, Ruling::Accept, Ruling::Invalid]);
}

#[test]
fn an_edited_candidate_is_checked_and_scored_again_before_the_gate() {
    let mut puppet = two(Command::StepPhase);
    puppet.tell(Command::StepPhase);
    assert_eq!(puppet.state().phase, Phase::Score);
    let first = puppet.state().candidates[0].view.as_ref().unwrap().total();
    let edit = Edit::Replace { id: id("S2"), text: "answer = 20 * 6 - 45".into() };
    puppet.tell(Command::EditCandidate { candidate: 1, edit });
    let edited = &puppet.state().candidates[1];
    assert!(edited.edited && edited.candidate.reply == "replace S2: answer = 20 * 6 - 45");
    assert!(edited.view.as_ref().unwrap().score.is_some() && puppet.state().paused);
    assert_eq!(puppet.state().candidates[0].view.as_ref().unwrap().total(), first, "scored once");
    let scored = puppet.records.iter().filter(|record| matches!(record.event, Event::Scored { .. })).count();
    assert_eq!(scored, 4, "the draft, two candidates, and the edited one");
    puppet.tell(rule(1, true));
    puppet.tell(Command::StepPhase);
    assert!(puppet.plan().contains("S2 {human} <- S1: answer = 20 * 6 - 45"));
    puppet.replays();
}

#[test]
fn an_edited_candidate_gets_its_status_anew() {
    let mut puppet = two(Command::StepPhase);
    let status = |puppet: &Puppet| puppet.state().candidates[0].candidate.status.clone();
    let set = |puppet: &mut Puppet, name: &str, text: &str| {
        let edit = Edit::Replace { id: id(name), text: text.into() };
        puppet.tell(Command::EditCandidate { candidate: 0, edit });
    };
    set(&mut puppet, "C1", "boxes = 20");
    assert_eq!(status(&puppet), CandidateStatus::NoOp);
    set(&mut puppet, "S1", "total = nothing");
    assert_eq!(status(&puppet), CandidateStatus::Duplicate { first_seen: 1 });
    set(&mut puppet, "S9", "x");
    assert!(matches!(status(&puppet), CandidateStatus::Invalid { .. }));
    set(&mut puppet, "S1", "total = 1");
    set(&mut puppet, "S1", "total = 1");
    assert_eq!(status(&puppet), CandidateStatus::Ready, "its own plan is no other");
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}
