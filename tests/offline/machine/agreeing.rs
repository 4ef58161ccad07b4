//! Drafts that agree end refinement, and a chain of thought decides where they differ.

use engine::Command;
use plan::{Edit, Plan, PlanHash};
use planscope::cli::lines::EventLines;
use session::{AgreeSettings, Event, Phase, Purpose, RefinementStop, Settings, State, TieBreak, Weights};

use super::puppet::{DRAFT, Puppet, id, paused, settings};

/// Two plans that reach 75; [`DRAFT`] reaches 355.
const RIGHT: &str =
    "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens\nS2 <- S1: answer = total - 45";
const ALSO: &str =
    "C1: boxes = 20\nC2: each = 6\nS1 <- C2 C1: all = each * boxes\nS2 <- S1: answer = all - 45";
const EDIT: &str = " S1 <- C1 C2: total = boxes + pens";

fn agreeing(of: u32, ask: TieBreak) -> Settings {
    let agree = AgreeSettings { drafts: 2, of, ask };
    // Drafts are gathered whatever else proposes.
    Settings { agree, scorers: Weights::of([("checker", 1.0)]), iterations: 4, ..settings() }
}

fn run(settings: Settings, draft: &'static str, more: &[&'static str], answers: &[&'static str]) -> Puppet {
    let mut puppet = Puppet::new(settings);
    puppet.draft = draft;
    puppet.proposals = more.iter().map(|text| vec![*text]).collect();
    puppet.answers = answers.to_vec();
    puppet.run();
    puppet.replays();
    puppet
}

fn hash(plan: &str) -> PlanHash {
    plan::parse(plan).unwrap().hash()
}

fn purposes(puppet: &Puppet) -> Vec<Purpose> {
    puppet.requests.iter().map(|(purpose, _)| *purpose).collect()
}

fn stop(puppet: &Puppet) -> &RefinementStop {
    puppet.state().refinement_stop.as_ref().unwrap()
}

#[test]
fn two_drafts_that_agree_are_enough() {
    let puppet = run(agreeing(2, TieBreak::Chain), RIGHT, &[ALSO], &["The answer is 75 [S2]."]);
    let expected = RefinementStop::Agreed { value: "75".into(), voters: 2, drafts: 2, plan: hash(RIGHT) };
    assert_eq!(*stop(&puppet), expected, "the first of equally good ones");
    assert_eq!(purposes(&puppet), [Purpose::Draft, Purpose::Propose, Purpose::Answer]);
    let answer = puppet.state().answer.as_ref().unwrap();
    assert_eq!((answer.plan, answer.unsupported), (Some(hash(RIGHT)), false));
}

#[test]
fn a_third_draft_may_bring_agreement() {
    let puppet = run(agreeing(3, TieBreak::Chain), DRAFT, &[RIGHT, ALSO], &["The answer is 75 [S2]."]);
    let RefinementStop::Agreed { value, voters: 2, drafts: 3, plan } = stop(&puppet) else {
        panic!("{:?}", stop(&puppet));
    };
    assert_eq!(value, "75");
    assert!([hash(RIGHT), hash(ALSO)].contains(plan));
    assert_eq!(puppet.state().answer.as_ref().unwrap().plan, Some(*plan));
    // A draft that is written twice agrees with itself, though it is no new plan.
    let twice = run(agreeing(2, TieBreak::Chain), RIGHT, &[RIGHT], &["The answer is 75 [S2]."]);
    assert!(matches!(stop(&twice), RefinementStop::Agreed { voters: 2, .. }), "{:?}", stop(&twice));
}

#[test]
fn where_drafts_differ_a_chain_of_thought_decides_for_one() {
    let said = ["20 boxes of 6 are 120. The answer is 75.", "The answer is 75 [S2]."];
    let puppet = run(agreeing(2, TieBreak::Chain), DRAFT, &[RIGHT], &said);
    assert_eq!(
        *stop(&puppet),
        RefinementStop::TieBroken { value: Some("75".into()), plan: Some(hash(RIGHT)) }
    );
    let expected = [Purpose::Draft, Purpose::Propose, Purpose::TieBreak, Purpose::Answer];
    assert_eq!(purposes(&puppet), expected);
    assert_eq!(puppet.state().answer.as_ref().unwrap().plan, Some(hash(RIGHT)));
    assert!(puppet.state().calls.cost[&Purpose::TieBreak].generated > 0, "it is booked apart");
    // The other way round the first draft wins.
    let said = ["The answer is 355.", "The answer is 355 [S2]."];
    let puppet = run(agreeing(2, TieBreak::Chain), DRAFT, &[RIGHT], &said);
    assert_eq!(puppet.state().answer.as_ref().unwrap().plan, Some(hash(DRAFT)));
}

#[test]
fn an_answer_that_no_plan_supports_says_so() {
    let puppet = run(agreeing(2, TieBreak::Chain), DRAFT, &[RIGHT], &["The answer is 12."]);
    assert_eq!(*stop(&puppet), RefinementStop::TieBroken { value: Some("12".into()), plan: None });
    assert_eq!(purposes(&puppet).last(), Some(&Purpose::TieBreak), "the chain is the answer");
    let answer = puppet.state().answer.clone().unwrap();
    assert_eq!((answer.value.as_deref(), answer.plan, answer.unsupported), (Some("12"), None, true));
    assert!(answer.coverage.is_empty() && !answer.cite);
    let (mut lines, mut state, mut text) = (EventLines::new(usize::MAX), State::default(), String::new());
    for record in &puppet.records {
        state.apply(record);
        text += &lines.line(&state, record).unwrap_or_default();
    }
    assert!(text.contains("a chain of thought says 12, which no plan supports"), "{text}");
    assert!(text.contains("answer: 12 (no plan supports it)"), "{text}");
    // One that cannot be read decides nothing.
    let said = ["I do not know.", "The answer is 75 [S2]."];
    let puppet = run(agreeing(2, TieBreak::Chain), DRAFT, &[RIGHT], &said);
    assert_eq!(*stop(&puppet), RefinementStop::TieBroken { value: None, plan: None });
    let best = puppet.state().best.as_ref().unwrap().plan.hash();
    assert_eq!(puppet.state().answer.as_ref().unwrap().plan, Some(best), "the best by the score");
}

#[test]
fn without_a_tie_breaker_refinement_takes_its_course() {
    let puppet = run(agreeing(2, TieBreak::None), DRAFT, &[RIGHT, EDIT], &["The answer is 75 [S2]."]);
    assert_eq!(*stop(&puppet), RefinementStop::Iterations);
    let proposers: Vec<Option<String>> = puppet
        .records
        .iter()
        .filter_map(|record| match &record.event {
            Event::Proposed { candidates } => Some(candidates[0].proposer.clone()),
            _ => None,
        })
        .collect();
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(proposers, [named("redraft"), named("edit"), named("edit"), named("edit")]);
    assert_eq!(puppet.state().votes.cast.len(), 2, "edits do not vote");
}

#[test]
fn it_goes_on_from_the_record_alone() {
    let whole = run(agreeing(2, TieBreak::Chain), DRAFT, &[RIGHT], &["The answer is 12."]);
    let cuts = whole.records.iter().filter(|record| {
        matches!(record.event, Event::PhaseBegan { .. } | Event::Voted { .. } | Event::RefinementEnded { .. })
    });
    let from = |seq: u64| {
        let mut puppet = Puppet::resume(whole.records[..=seq as usize].to_vec());
        puppet.draft = DRAFT;
        puppet.proposals = vec![vec![RIGHT]];
        puppet.answers = vec!["The answer is 12."];
        puppet.run();
        puppet.replays();
        puppet
    };
    let mut resumed = 0;
    for cut in cuts.filter(|record| !matches!(record.event, Event::PhaseBegan { phase: Phase::Done, .. })) {
        let puppet = from(cut.seq);
        assert_eq!(stop(&puppet), stop(&whole), "after event {}", cut.seq);
        let answer = puppet.state().answer.as_ref().unwrap();
        assert!(answer.unsupported && answer.plan.is_none(), "after event {}", cut.seq);
        resumed += 1;
    }
    assert!(resumed >= 9, "{resumed}");
}

#[test]
fn a_plan_that_a_person_made_is_not_given_up_for_a_draft() {
    let mut puppet = Puppet::new(Settings { paused: true, ..agreeing(2, TieBreak::Chain) });
    assert!(paused().paused);
    puppet.draft = RIGHT;
    puppet.proposals = vec![vec![EDIT]];
    puppet.tell(Command::StepPhase);
    let edit = Edit::Replace { id: id("S2"), text: "answer = total - 40".into() };
    puppet.tell(Command::Edit(edit));
    puppet.tell(Command::Continue);
    assert_eq!(*stop(&puppet), RefinementStop::Iterations);
    assert!(!purposes(&puppet).contains(&Purpose::TieBreak));
    let stands: &Plan = &puppet.state().incumbent.as_ref().unwrap().plan;
    assert_eq!(puppet.state().answer.as_ref().unwrap().plan, Some(stands.hash()));
}
