//! The phases of a run, from the draft to the answer.

use std::collections::HashSet;

use engine::{Command, machine::Input};
use model::{LlmError, Request};
use plan::{Edit, Style, print};
use session::{
    CandidateStatus, Event, Judgement, Outcome, Phase, Purpose, RefinementStop, Ruling, Settings, State,
};

use support::walks::rule;

use super::puppet::{GOLD, Puppet, settings};

#[test]
fn a_fault_is_mended_and_the_answer_decoded_from_the_mended_plan() {
    let mut puppet = Puppet::new(settings());
    puppet.run();
    assert!(puppet.ended);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let state = puppet.state();
    let best = state.best.as_ref().expect("a best plan");
    assert!(print(&best.plan, Style::Bare).contains("S1 <- C1 C2: total = boxes * pens"));
    assert_eq!(best.since, 1);
    let totals: Vec<f64> = state.timeline.iter().filter_map(|point| point.total).collect();
    assert!(totals[1] > totals[0], "{totals:?}");
    let answer = state.answer.as_ref().expect("an answer");
    assert_eq!(answer.value.as_deref(), Some("75"));
    assert_eq!(answer.plan, Some(best.plan.hash()));
    assert_eq!(answer.coverage.iter().map(|row| row.cited).collect::<Vec<_>>(), [0, 0, 0, 2]);
    assert_eq!(state.judgement, Some(Judgement::Wrong));
    assert_eq!(state.refinement_stop, Some(RefinementStop::Iterations));
}

#[test]
fn the_record_alone_gives_the_same_state() {
    let mut puppet = Puppet::new(settings());
    puppet.run();
    assert!(puppet.records.iter().enumerate().all(|(at, record)| record.seq == at as u64));
    assert!(puppet.records.is_sorted_by_key(|record| record.at_ms));
    let replayed = State::replay(&puppet.records);
    assert_eq!(format!("{:?}", replayed.timeline), format!("{:?}", puppet.state().timeline));
    assert_eq!(replayed.incumbent, puppet.state().incumbent);
    assert_eq!(replayed.total_cost(), puppet.state().total_cost());
    assert_eq!(replayed.outcome, puppet.state().outcome);
}

#[test]
fn the_gold_answer_is_in_no_request_and_no_event_but_the_judgement() {
    let mut config = settings();
    config.scorers.set("self_check", 0.3);
    let mut puppet = Puppet::new(config);
    puppet.run();
    assert!(puppet.requests.len() > 4);
    assert!(!serde_json::to_string(&puppet.requests).unwrap().contains(GOLD));
    assert!(!serde_json::to_string(&puppet.records).unwrap().contains(GOLD));
}

#[test]
fn the_same_plan_is_never_scored_twice() {
    let mut config = settings();
    config.proposals = 2;
    config.scorers.set("self_check", 0.3);
    config.rescore.top = 0;
    let mut puppet = Puppet::new(config);
    puppet.proposals = vec![
        vec![" S1 <- C1: total = boxes * boxes", " S1 <- C1 C2: total = boxes + pens"],
        vec![" S1 <- C1 C2: total = boxes + pens"],
    ];
    puppet.run();
    let statuses: Vec<CandidateStatus> = puppet
        .records
        .iter()
        .filter_map(|record| match &record.event {
            Event::Proposed { candidates } => {
                Some(candidates.iter().map(|c| c.status.clone()).collect::<Vec<_>>())
            }
            _ => None,
        })
        .flatten()
        .collect();
    assert_eq!(statuses[..2], [CandidateStatus::NoOp, CandidateStatus::Ready]);
    let listed = puppet.state().proposals.rejected.iter().any(|edit| edit.summary.contains("boxes * boxes"));
    assert!(!listed, "what changes nothing is no edit that did not help");
    assert!(statuses[2..].iter().all(|status| {
        matches!(status, CandidateStatus::Duplicate { first_seen: 1 } | CandidateStatus::NoOp)
    }));
    let asked: usize = puppet
        .requests
        .iter()
        .map(|(_, request)| match request {
            Request::Choose { prompts, .. } => prompts.len(),
            Request::Generate { .. }
            | Request::Score { .. }
            | Request::Contrast { .. }
            | Request::Rank { .. }
            | Request::Fill { .. }
            | Request::Latents { .. }
            | Request::Appraise { .. } => 0,
        })
        .sum();
    assert_eq!(asked, 3, "the bias, the draft, and the one new plan");
}

#[test]
fn stepping_begins_one_phase_at_a_time() {
    let mut puppet = Puppet::new(Settings { paused: true, ..settings() });
    puppet.run();
    assert_eq!(puppet.phases(), [Phase::Load]);
    for expected in
        [Phase::Draft, Phase::ScoreDraft, Phase::Propose, Phase::Score, Phase::Decide, Phase::Propose]
    {
        puppet.command(Command::StepPhase);
        puppet.run();
        assert_eq!(puppet.phases().last(), Some(&expected));
        assert!(puppet.state().paused);
    }
}

#[test]
fn next_iteration_stops_after_the_verdict() {
    let mut puppet = Puppet::new(Settings { paused: true, ..settings() });
    for iteration in 0..=3 {
        puppet.command(Command::NextIteration);
        puppet.run();
        assert_eq!(puppet.state().iteration, iteration);
        assert_eq!(puppet.state().timeline.len(), iteration as usize + 1);
        assert!(puppet.state().paused);
    }
    puppet.command(Command::Continue);
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);
}

#[test]
fn a_dead_worker_is_tried_once_more() {
    let died = || LlmError::WorkerDied { status: "signal 9".into(), log_tail: "last words".into() };
    let mut puppet = Puppet::new(settings());
    puppet.fail(died());
    assert_eq!(puppet.state().calls.failed[0].log_tail.as_deref(), Some("last words"));
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);

    let mut puppet = Puppet::new(settings());
    puppet.fail(died());
    puppet.fail(died());
    assert!(matches!(puppet.outcome(), Outcome::Failed { .. }));
    assert!(puppet.ended);
}

#[test]
fn a_reply_that_broke_off_is_asked_for_once_more_and_what_came_is_paid_for() {
    let broke = || LlmError::BrokenOff { message: "cut".into(), hint: "see".into(), generated: 7 };
    let mut puppet = Puppet::new(settings());
    puppet.fail(broke());
    assert_eq!(puppet.state().total_cost().generated, 7);
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);

    let mut puppet = Puppet::new(settings());
    puppet.fail(broke());
    puppet.fail(broke());
    assert!(matches!(puppet.outcome(), Outcome::Failed { reason, .. } if reason == "cut"));
    assert_eq!((puppet.state().total_cost().generated, puppet.state().total_cost().calls), (14, 2));
}

#[test]
fn a_model_that_cannot_be_had_ends_the_session_with_its_hint() {
    let mut puppet = Puppet::new(Settings { paused: true, ..settings() });
    let error = LlmError::Unavailable { message: "no model".into(), hint: "pull it".into() };
    puppet.input(Input::Model(Err(error)));
    assert_eq!(puppet.outcome(), Outcome::Failed { reason: "no model".into(), hint: Some("pull it".into()) });
}

#[test]
fn stop_cancels_the_call_and_closes_the_session() {
    let mut puppet = Puppet::new(settings());
    puppet.command(Command::Stop);
    assert!(puppet.cancelled && !puppet.ended);
    puppet.fail(LlmError::Cancelled);
    assert_eq!(puppet.outcome(), Outcome::Interrupted);
    assert!(puppet.ended);
}

#[test]
fn answer_now_does_not_wait_for_proposals() {
    let mut puppet = Puppet::new(settings());
    puppet.reply();
    assert_eq!(puppet.calls.last().map(|(_, purpose, _)| *purpose), Some(Purpose::Propose));
    puppet.command(Command::AnswerNow);
    assert!(puppet.cancelled);
    puppet.fail(LlmError::Cancelled);
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Asked));
    assert_eq!(puppet.state().iteration, 1);
}

#[test]
fn a_hand_edit_is_scored_at_once() {
    let mut puppet = Puppet::new(Settings { paused: true, ..settings() });
    puppet.command(Command::NextIteration);
    puppet.run();
    let before = puppet.state().incumbent.as_ref().and_then(|view| view.total());
    let edit = Edit::Replace { id: "S1".parse().unwrap(), text: "total = boxes * pens".into() };
    let depend =
        Edit::SetDeps { id: "S1".parse().unwrap(), deps: vec!["C1".parse().unwrap(), "C2".parse().unwrap()] };
    puppet.tell(Command::Edit(Edit::Batch { edits: vec![edit, depend] }));
    let incumbent = puppet.state().incumbent.as_ref().expect("a plan");
    assert!(incumbent.total() > before, "{:?} {before:?}", incumbent.total());
    assert_eq!(puppet.phases().last(), Some(&Phase::ScoreDraft));
}

#[test]
fn the_run_stops_before_its_budget() {
    let mut config = Settings { iterations: 100, ..settings() };
    config.budget.generated = Some(50);
    let mut puppet = Puppet::new(config);
    puppet.proposals = (0..100)
        .map(|n| {
            vec![if n % 2 == 0 {
                " S1 <- C1 C2: total = boxes + 1"
            } else {
                " S1 <- C1 C2: total = boxes + 2"
            }]
        })
        .collect();
    puppet.run();
    assert!(matches!(puppet.state().refinement_stop, Some(RefinementStop::Budget { .. })));
    let refinement: u64 = puppet
        .state()
        .calls
        .cost
        .iter()
        .filter(|(purpose, _)| **purpose != Purpose::Answer)
        .map(|(_, cost)| cost.generated)
        .sum();
    assert!(refinement <= 50, "{refinement}");
}

#[test]
fn a_gate_that_takes_worse_plans_still_answers_from_the_best() {
    let mut config = settings();
    config.gate = rule("metropolis 1000.0");
    let mut puppet = Puppet::new(config);
    puppet.proposals =
        vec![vec![" S1 <- C1 C2: total = boxes * pens"], vec![" S2 <- S1: answer = nothing - 45"]];
    puppet.run();
    let accepted =
        puppet.state().timeline.iter().filter(|point| point.ruling == Some(Ruling::Accept)).count();
    assert_eq!(accepted, 2, "both edits are accepted");
    let best = puppet.state().best.as_ref().expect("a best plan");
    assert_eq!(puppet.state().answer.as_ref().and_then(|answer| answer.plan), Some(best.plan.hash()));
    assert!(print(&best.plan, Style::Bare).ends_with("answer = total - 45"));
}

#[test]
fn one_seed_gives_one_run() {
    let seeds = |seed| {
        let mut config = Settings { seed, proposals: 4, ..settings() };
        config.edits = Settings::default().edits;
        let mut puppet = Puppet::new(config);
        puppet.run();
        let text: HashSet<String> =
            puppet.requests.iter().map(|request| serde_json::to_string(request).unwrap()).collect();
        text
    };
    assert_eq!(seeds(5), seeds(5));
    assert_ne!(seeds(5), seeds(6));
}
