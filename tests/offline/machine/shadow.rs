//! Plain decoding at the same cost, next to a run that refines.

use engine::Command;
use session::{Event, Judgement, Mode, Purpose, Settings, ShadowPoint, ShadowStanding};

use super::puppet::{GOLD, Puppet, paused, settings};

fn points(puppet: &Puppet) -> Vec<ShadowPoint> {
    puppet.state().shadow.points.iter().map(|(_, point)| point.clone()).collect()
}

fn run(shadow: bool, length: usize) -> Puppet {
    let mut puppet = Puppet::new(Settings { shadow, ..settings() });
    puppet.length = length;
    puppet.proposals =
        vec![vec![" S1 <- C1 C2: total = boxes * pens"], vec![" C1: boxes = 21"], vec![" C1: boxes = 22"]];
    puppet.plain = vec!["The answer is 9876.54321.", "The answer is 1.", "So the answer is 9876.54321."];
    puppet.run();
    puppet
}

#[test]
fn plain_decoding_never_draws_more_than_refinement_did() {
    let puppet = run(true, 12);
    let points = points(&puppet);
    let iterations: Vec<u32> = points.iter().map(|point| point.iteration).collect();
    assert_eq!(iterations, (0..=puppet.state().finished_iterations()).collect::<Vec<_>>());
    let (mut sum, mut before) = (0, 0);
    for point in &points {
        sum += point.fresh.iter().map(|answer| u64::from(answer.ballot.tokens)).sum::<u64>();
        let plain = point.plain.as_ref().map_or(0, |side| side.tokens);
        assert_eq!(plain, sum);
        assert!(plain <= point.refined.tokens && before <= plain, "{plain} of {}", point.refined.tokens);
        assert!(point.refined.tokens < sum + 2 * 12, "no room is left for another answer");
        before = plain;
    }
    let seeds: Vec<u64> = puppet.state().shadow.answers.iter().map(|answer| answer.ballot.seed).collect();
    assert_eq!(
        seeds.iter().collect::<std::collections::HashSet<_>>().len(),
        seeds.len(),
        "each has its own seed"
    );
    puppet.replays();
}

#[test]
fn the_run_is_what_it_would_be_without_it() {
    let reported = |puppet: &Puppet| -> Vec<Event> {
        let own = |event: &Event| {
            matches!(
                event,
                Event::Decided { .. }
                    | Event::Proposed { .. }
                    | Event::Scored { .. }
                    | Event::Answered { .. }
            )
        };
        puppet.records.iter().map(|record| record.event.clone()).filter(own).collect()
    };
    let (with, without) = (run(true, 12), run(false, 12));
    assert_eq!(reported(&with), reported(&without));
    assert_eq!(with.state().run_cost(), without.state().run_cost(), "the run does not pay for it");
    assert!(with.state().total_cost().generated > without.state().total_cost().generated);
    assert!(points(&without).is_empty());
}

#[test]
fn who_is_ahead_is_told_by_gold() {
    let puppet = run(true, 12);
    let last = points(&puppet).pop().unwrap();
    assert_eq!(last.refined.value.as_deref(), Some("75"));
    assert_eq!((&last.refined.judgement, last.standing()), (&Judgement::Wrong, ShadowStanding::Losing));
    assert_eq!(last.plain.unwrap().value.as_deref(), Some(GOLD));
    assert_eq!(puppet.state().shadow.losing_since(), Some(0));
}

#[test]
fn an_answer_that_takes_more_than_was_spent_is_not_begun() {
    // The draft takes 10 tokens; an answer from it 200, so that one without a plan just fits, and no second.
    let puppet = run(true, 200);
    let first = &points(&puppet)[0];
    assert_eq!((first.refined.tokens, first.fresh.len()), (210, 1));
    assert_eq!(first.plain.as_ref().map(|side| side.tokens), Some(200));
}

#[test]
fn a_plan_that_stays_is_not_answered_from_again() {
    let puppet = run(true, 12);
    let plans: std::collections::HashSet<_> = points(&puppet).into_iter().map(|point| point.plan).collect();
    let asked = puppet.requests.iter().filter(|(purpose, request)| {
        let model::Request::Generate { generations } = request else { return false };
        *purpose == Purpose::Shadow && generations[0].grammar.is_some()
    });
    assert_eq!(asked.count(), plans.len());
}

#[test]
fn what_is_interrupted_is_left_out_until_the_next_iteration() {
    let mut puppet = Puppet::new(Settings { shadow: true, ..paused() });
    puppet.length = 12;
    puppet.command(Command::NextIteration);
    while puppet.waiting() != Some(Purpose::Shadow) {
        assert!(puppet.reply());
    }
    puppet.command(Command::Interrupt);
    assert!(puppet.cancelled);
    puppet.cut_short();
    assert_eq!((puppet.waiting(), points(&puppet).len()), (None, 0));
    assert!(puppet.state().paused);
    puppet.tell(Command::NextIteration);
    assert_eq!(points(&puppet).iter().map(|point| point.iteration).collect::<Vec<_>>(), [1]);
    puppet.replays();
}

#[test]
fn the_answer_does_not_wait_for_it() {
    let mut puppet = Puppet::new(Settings { shadow: true, ..settings() });
    while puppet.waiting() != Some(Purpose::Shadow) {
        assert!(puppet.reply());
    }
    puppet.command(Command::AnswerNow);
    puppet.cut_short();
    assert_eq!(puppet.waiting(), Some(Purpose::Answer));
    puppet.run();
    assert_eq!(points(&puppet).len(), 0);
    puppet.replays();
}

#[test]
fn it_is_switched_while_the_run_stands_still() {
    let mut puppet = Puppet::new(paused());
    puppet.length = 12;
    puppet.tell(Command::NextIteration);
    assert_eq!(points(&puppet).len(), 0);
    puppet.tell(Command::Shadow(true));
    assert_eq!(points(&puppet).len(), 1, "what stands is compared at once");
    puppet.tell(Command::Shadow(true));
    assert_eq!(puppet.refusal(), "Plain decoding already runs next to refinement.");
    puppet.tell(Command::Shadow(false));
    puppet.tell(Command::NextIteration);
    assert_eq!(points(&puppet).len(), 1);
    puppet.replays();
    let mut direct = Puppet::new(Settings { mode: Mode::Direct, ..paused() });
    direct.tell(Command::Shadow(true));
    assert!(direct.refusal().contains("does not refine"));
}
