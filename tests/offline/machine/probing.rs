//! Probes in a live run: it pauses at the very place.

use engine::Command;
use plan::Edit;
use session::{Event, Outcome, PauseCause, Phase, Purpose};

use super::puppet::{Puppet, id, paused, settings};

fn ask(puppet: &mut Puppet, line: &str) {
    puppet.command(Command::Probe(line.parse().expect("a probe")));
}

/// The number of the probe at which the run is paused.
fn held(puppet: &Puppet) -> Option<u32> {
    match puppet.state().pause_cause.as_ref().filter(|_| puppet.state().paused) {
        Some(PauseCause::Probe { number, .. }) => Some(*number),
        Some(PauseCause::Asked | PauseCause::Step | PauseCause::Interrupted | PauseCause::Intercept)
        | None => None,
    }
}

#[test]
fn a_breakpoint_at_a_phase_stops_before_the_phase_does_anything() {
    let mut puppet = Puppet::new(paused());
    ask(&mut puppet, "break propose");
    puppet.tell(Command::Continue);
    assert_eq!((held(&puppet), puppet.state().phase), (Some(1), Phase::Propose));
    assert!(
        puppet.requests.iter().all(|(purpose, _)| *purpose != Purpose::Propose),
        "nothing is proposed yet"
    );
    puppet.tell(Command::StepPhase);
    assert_eq!(puppet.state().candidates.len(), 1, "the step does the phase's work");
    puppet.tell(Command::Continue);
    assert_eq!((held(&puppet), puppet.state().iteration), (Some(1), 2), "and stops in the next iteration");
    ask(&mut puppet, "delete 1");
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let begun = puppet.phases().into_iter().filter(|phase| *phase == Phase::Propose).count();
    assert_eq!(begun, 3, "a phase that waited begins once");
    puppet.replays();
}

#[test]
fn a_temporary_breakpoint_stops_once_and_a_log_point_never() {
    let mut puppet = Puppet::new(paused());
    ask(&mut puppet, "tbreak decide");
    ask(&mut puppet, "log \"iteration {iteration}\" at decide");
    puppet.tell(Command::Continue);
    assert_eq!((held(&puppet), puppet.state().iteration), (Some(1), 1));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    assert_eq!(puppet.hits.len(), 1 + 3, "{:?}", puppet.hits);
    assert_eq!(puppet.hits[3], "log 2: iteration 3");
}

#[test]
fn what_becomes_true_stops_at_the_event_and_ignored_hits_pass() {
    let mut puppet = Puppet::new(settings());
    ask(&mut puppet, "break accept");
    ask(&mut puppet, "ignore 1 1");
    puppet.proposals =
        vec![vec![" S1 <- C1 C2: total = boxes * pens"], vec![" S1 <- C1 C2: total = pens * boxes"]];
    ask(&mut puppet, "break if iteration > 1");
    puppet.run();
    assert_eq!((held(&puppet), puppet.state().iteration), (Some(2), 2));
    assert!(matches!(
        puppet.records.last().map(|record| &record.event),
        Some(Event::Paused { paused: true, .. })
    ));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
}

#[test]
fn a_hand_edit_that_a_watch_sees_is_still_scored_at_once() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    ask(&mut puppet, "watch C1");
    let edit = Edit::Replace { id: id("C1"), text: "boxes = 21".into() };
    puppet.tell(Command::Edit(edit));
    assert_eq!(held(&puppet), Some(1), "reported though the run was already paused");
    assert!(puppet.state().incumbent.as_ref().is_some_and(|view| view.score.is_some()));
    puppet.replays();
}

#[test]
fn an_edit_made_at_a_breakpoint_is_scored_and_the_phase_begins_anew() {
    let mut puppet = Puppet::new(paused());
    ask(&mut puppet, "tbreak propose");
    puppet.tell(Command::Continue);
    let edit = Edit::Replace { id: id("C1"), text: "boxes = 21".into() };
    puppet.tell(Command::Edit(edit));
    assert_eq!(puppet.state().phase, Phase::ScoreDraft);
    puppet.tell(Command::StepPhase);
    assert_eq!((puppet.state().phase, puppet.state().candidates.len()), (Phase::Propose, 1));
    puppet.replays();
}

#[test]
fn what_is_asked_while_the_run_stands_at_a_breakpoint_is_no_second_stop() {
    let mut puppet = Puppet::new(paused());
    ask(&mut puppet, "break propose");
    puppet.tell(Command::Continue);
    let reported = puppet.records.len();
    ask(&mut puppet, "break accept");
    assert_eq!(puppet.records.len(), reported, "{:?}", puppet.records.last());
    assert_eq!(held(&puppet), Some(1));
}

#[test]
fn a_command_on_a_probe_that_is_not_there_is_refused() {
    let mut puppet = Puppet::new(paused());
    ask(&mut puppet, "enable 7");
    assert_eq!(puppet.refusal(), "There is no probe 7; none is defined yet.");
}
