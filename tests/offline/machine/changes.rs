//! What a person changes of the incumbent, and takes back.

use engine::Command;
use plan::{Edit, Item};
use session::{CandidateStatus, Event, Outcome, Phase, Purpose};

use super::puppet::{Puppet, id, paused};

fn replace(name: &str, text: &str) -> Command {
    Command::Edit(Edit::Replace { id: id(name), text: text.into() })
}

/// A run with a scored draft.
fn drafted() -> Puppet {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    puppet
}

#[test]
fn an_edit_is_scored_though_the_run_stands_still() {
    let mut puppet = drafted();
    puppet.tell(replace("S1", "total = boxes * 6"));
    assert!(puppet.plan().contains("S1 {human} <- C1: total = boxes * 6"));
    assert!(puppet.state().incumbent.as_ref().unwrap().score.is_some());
    assert!(puppet.state().paused);
    assert_eq!(puppet.phases().last(), Some(&Phase::ScoreDraft));
}

#[test]
fn edits_are_undone_and_redone_exactly() {
    let mut puppet = drafted();
    let draft = puppet.plan();
    puppet.tell(replace("S1", "total = boxes * 6"));
    let one = puppet.plan();
    puppet.tell(Command::Edit(Edit::Remove { id: id("C2") }));
    let two = puppet.plan();
    puppet.tell(Command::Undo);
    assert_eq!(puppet.plan(), one);
    puppet.tell(Command::Undo);
    assert_eq!(puppet.plan(), draft);
    puppet.tell(Command::Undo);
    assert_eq!(puppet.refusal(), "There is no hand edit or noise to undo.");
    puppet.tell(Command::Redo);
    puppet.tell(Command::Redo);
    assert_eq!(puppet.plan(), two);
    puppet.tell(Command::Redo);
    assert_eq!(puppet.refusal(), "There is nothing undone to redo.");
    puppet.tell(Command::Undo);
    puppet.tell(replace("C1", "boxes = 21"));
    assert!(puppet.state().changes.redoable().is_none(), "a new edit ends what could be redone");
    puppet.replays();
}

#[test]
fn an_edit_is_undone_around_an_accepted_one_or_says_why_not() {
    let mut puppet = drafted();
    puppet.tell(replace("C2", "pens = 7"));
    puppet.tell(Command::NextIteration);
    assert!(puppet.plan().contains("S1 {refined} <- C1 C2: total = boxes * pens"));
    puppet.tell(Command::Undo);
    assert!(puppet.plan().contains("C2: pens = 6\nS1 {refined} <- C1 C2"), "{}", puppet.plan());
    let undone = puppet.records.iter().find_map(|record| match record.event {
        Event::Undone { change, .. } => Some(change),
        _ => None,
    });
    let edited =
        puppet.records.iter().find(|record| matches!(record.event, Event::HumanEdited { .. })).unwrap();
    assert_eq!(undone, Some(edited.seq));

    let mut puppet = drafted();
    puppet.tell(replace("S1", "total = 1"));
    puppet.tell(Command::NextIteration);
    puppet.tell(Command::Undo);
    assert_eq!(puppet.refusal(), "\"replace S1: total = 1\" cannot be undone: S1 was changed again since.");
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}

#[test]
fn an_edit_that_cannot_be_says_why() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(replace("S1", "x = 1"));
    assert_eq!(puppet.refusal(), "There is no plan yet to change.");
    puppet.tell(Command::NextIteration);
    puppet.tell(replace("S9", "x = 1"));
    assert!(puppet.refusal().ends_with("cannot be applied: there is no S9 in the plan."));
    puppet.tell(replace("C1", "boxes = 20"));
    assert!(puppet.refusal().ends_with("changes nothing."));
    puppet.tell(Command::Edit(Edit::Remove { id: id("C2") }));
    puppet.tell(Command::Edit(Edit::Insert { item: Item::new(id("C2"), "pens = 6"), position: 1 }));
    assert_eq!(puppet.refusal(), "C2 was used before in this session; a new item here is C3.");
}

#[test]
fn an_edit_between_proposals_and_decision_begins_the_iteration_anew() {
    let mut puppet = drafted();
    puppet.tell(Command::StepPhase);
    assert_eq!((puppet.state().iteration, puppet.state().candidates.len()), (1, 1));
    let proposed = puppet.state().candidates[0].candidate.hash.unwrap();
    puppet.tell(replace("S2", "answer = total - 40"));
    assert!(puppet.state().candidates.is_empty());
    assert!(!puppet.state().proposals.seen.contains_key(&proposed), "it may be proposed again");
    puppet.tell(Command::Undo);
    puppet.tell(Command::NextIteration);
    assert_eq!(puppet.state().finished_iterations(), 1);
    assert!(puppet.plan().contains("S1 {refined}"), "the same candidate came again and was scored");
    assert!(puppet.state().timeline[1].human);
    puppet.replays();
}

#[test]
fn the_answer_comes_from_the_plan_that_a_person_left() {
    let mut puppet = drafted();
    puppet.tell(Command::Finish);
    let best = puppet.state().best.as_ref().unwrap().plan.hash();
    puppet.tell(replace("S2", "answer = nothing - 45"));
    let incumbent = puppet.state().incumbent.as_ref().unwrap();
    assert!(incumbent.total() < puppet.state().best.as_ref().unwrap().total());
    let left = incumbent.plan.hash();
    puppet.tell(Command::Continue);
    assert_eq!(puppet.state().answer.as_ref().unwrap().plan, Some(left));
    assert_ne!(left, best);
    let ends = puppet.records.iter().filter(|record| matches!(record.event, Event::RefinementEnded { .. }));
    assert_eq!(ends.count(), 1);
}

#[test]
fn a_muted_item_is_in_no_prompt_and_cannot_be_cited() {
    let mut config = paused();
    config.scorers.set("self_check", 0.3);
    let mut puppet = Puppet::new(config);
    puppet.tell(Command::NextIteration);
    let seen = |puppet: &Puppet, from: usize| {
        puppet.requests[from..]
            .iter()
            .filter(|(_, request)| serde_json::to_string(request).unwrap().contains("C2: pens = 6"))
            .count()
    };
    assert!(seen(&puppet, 0) > 0, "the self-check shows it");
    let before = puppet.requests.len();
    puppet.tell(Command::Edit(Edit::Mute { id: id("C2"), on: true }));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    assert_eq!(seen(&puppet, before), 0);
    let (_, answer) = puppet.requests.last().unwrap();
    let model::Request::Generate { generations } = answer else { panic!("an answer is written") };
    let grammar = generations[0].grammar.as_deref().unwrap();
    assert!(grammar.contains("C1|S1|S2") && !grammar.contains("C2"), "{grammar}");
}

#[test]
fn proposals_never_touch_a_pinned_item() {
    let mut puppet = drafted();
    puppet.tell(Command::Edit(Edit::Pin { id: id("S1"), on: true }));
    puppet.tell(Command::NextIteration);
    let (_, request) =
        puppet.requests.iter().rev().find(|(purpose, _)| *purpose == Purpose::Propose).unwrap();
    let model::Request::Generate { generations } = request else { panic!("edits are written") };
    let start = generations[0].grammar.as_deref().unwrap().lines().last().unwrap().to_owned();
    assert!(start.contains("(\"C1\"") && !start.contains("(\"S1\""), "{start}");
    // The puppet heeds no grammar; the edit is refused anyway.
    let status = &puppet.state().candidates[0].candidate.status;
    assert!(
        matches!(status, CandidateStatus::Invalid { reason } if reason.contains("S1 is pinned")),
        "{status:?}"
    );
    assert!(puppet.plan().contains("S1 {pinned} <- C1: total = boxes * boxes"));
}
