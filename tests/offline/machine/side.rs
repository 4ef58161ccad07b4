//! Side requests of a person: answers from earlier plans, and scoring again.

use engine::Command;
use model::{LlmError, Output, Prompt, Request};
use plan::Plan;
use session::{Judgement, Outcome, Purpose};

use super::puppet::{Puppet, paused, settings};

fn draft(puppet: &Puppet) -> Box<Plan> {
    Box::new(puppet.state().incumbent.as_ref().unwrap().plan.clone())
}

#[test]
fn an_earlier_plan_is_answered_from_and_the_run_goes_on() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    let (seq, plan) = (puppet.state().events - 1, draft(&puppet));
    puppet.tell(Command::NextIteration);
    let spent = puppet.state().run_cost();
    puppet.tell(Command::AnswerFrom { seq, plan: plan.clone() });
    let side = &puppet.state().side_answers[0];
    assert_eq!((side.from, side.answer.plan), (seq, Some(plan.hash())));
    assert_eq!((side.answer.value.as_deref(), &side.judgement), (Some("75"), &Judgement::Wrong));
    assert_eq!(side.answer.coverage.len(), plan.len());
    assert!(puppet.state().answer.is_none() && puppet.state().judgement.is_none());
    assert_eq!(puppet.state().run_cost(), spent, "it is no part of the run's budget");
    assert_eq!(puppet.state().calls.cost[&Purpose::SideAnswer].generated, 10);
    puppet.tell(Command::AnswerFrom { seq, plan: Box::new(Plan::default()) });
    assert!(puppet.refusal().contains("was never the incumbent"));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}

#[test]
fn scoring_again_gives_a_spread_and_leaves_the_score() {
    let mut config = settings();
    config.paused = true;
    config.scorers.set("self_check", 0.3);
    let mut puppet = Puppet::new(config);
    puppet.tell(Command::Rescore { times: 3 });
    assert_eq!(puppet.refusal(), "There is no scored plan to score again.");
    puppet.tell(Command::NextIteration);
    let score = puppet.state().incumbent.as_ref().unwrap().score.clone();
    puppet.tell(Command::Rescore { times: 3 });
    let incumbent = puppet.state().incumbent.as_ref().unwrap();
    assert_eq!(incumbent.score, score);
    let rescored = incumbent.rescored.as_ref().expect("a spread");
    assert_eq!((rescored.total.n, rescored.parts[0].values.len()), (3, 3));
    assert!(rescored.parts[0].values.is_sorted() && rescored.parts[0].spread.stderr.unwrap() > 0.0);
    assert_eq!(puppet.state().best.as_ref().unwrap().rescored.as_ref(), Some(rescored));
    let prompts: std::collections::HashSet<String> = puppet
        .requests
        .iter()
        .filter_map(|(_, request)| match request {
            model::Request::Choose { prompts, .. } => Some(prompts.clone()),
            _ => None,
        })
        .flatten()
        .map(|prompt| serde_json::to_string(&prompt).unwrap())
        .collect();
    assert_eq!(prompts.len(), 8, "no prompt is asked twice");
    for times in [0, 10] {
        puppet.tell(Command::Rescore { times });
        assert_eq!(puppet.refusal(), "There are 9 other ways to ask, so score again 1 to 9 times.");
    }
    puppet.replays();
}

#[test]
fn scorers_that_always_say_the_same_are_not_asked_again() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    puppet.tell(Command::Rescore { times: 3 });
    assert!(puppet.refusal().starts_with("Every scorer of this run gives the same plan the same value"));
}

fn question() -> Command {
    let options = vec!["Yes".to_owned(), "No".to_owned()];
    Command::Consult(Box::new(Request::Choose { prompts: vec![Prompt::chat("", "Is it?")], options }))
}

#[test]
fn somebody_outside_gets_a_reply_and_the_run_goes_on() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    let (spent, phases) = (puppet.state().run_cost(), puppet.phases());
    puppet.tell(question());
    let reply = puppet.consulted.pop().expect("an outcome").expect("a reply");
    assert!(matches!(reply.output, Output::Chosen { .. }));
    assert_eq!((puppet.state().run_cost(), puppet.phases()), (spent, phases));
    assert_eq!(puppet.state().calls.cost[&Purpose::Diagnose].fresh, 100);
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}

#[test]
fn what_fails_or_is_cancelled_beside_the_run_does_not_end_it() {
    let mut puppet = Puppet::new(paused());
    puppet.tell(Command::NextIteration);
    puppet.command(question());
    puppet.fail(LlmError::Refused { message: "no logits here".into(), hint: "use another".into() });
    assert_eq!(puppet.consulted.pop(), Some(Err("no logits here".into())));
    puppet.command(question());
    puppet.command(Command::Interrupt);
    assert!(puppet.cancelled);
    puppet.fail(LlmError::Cancelled);
    assert_eq!(puppet.consulted.pop(), Some(Err("It was cancelled.".into())));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}
