//! Votes of independent drafts.

use session::{Event, Recount, ScorePart, Settings, Subject, Vote, VoteTally, Weights};

use super::puppet::{DRAFT, Puppet, settings};

/// What reaches 75, in two notations of the same and in other words.
const RIGHT: &str =
    "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens\nS2 <- S1: answer = total - 45";
const ALSO: &str =
    "C1: boxes = 20\nC2: each = 6\nS1 <- C2 C1: all = each * boxes\nS2 <- S1: answer = all - 45";
const WRONG: &str =
    "C1: boxes = 20\nC2: each = 6\nS1 <- C2 C1: all = each + boxes\nS2 <- S1: answer = all - 45";

fn drafting() -> Settings {
    Settings {
        proposers: Weights::of([("redraft", 1.0)]),
        scorers: Weights::of([("votes", 1.0), ("checker", 0.5)]),
        iterations: 4,
        fruitless: 0,
        ..settings()
    }
}

fn run(settings: Settings, drafts: &[&'static str]) -> Puppet {
    let mut puppet = Puppet::new(settings);
    puppet.proposals = drafts.iter().map(|draft| vec![*draft]).collect();
    puppet.run();
    puppet.replays();
    puppet
}

fn voted(puppet: &Puppet) -> Vec<(&Vec<Vote>, &Vec<Recount>)> {
    let voted = puppet.records.iter().filter_map(|record| match &record.event {
        Event::Voted { votes, recounts } => Some((votes, recounts)),
        _ => None,
    });
    voted.collect()
}

fn value(part: &ScorePart) -> Option<f64> {
    assert_eq!(part.name, "votes");
    part.value
}

#[test]
fn independent_drafts_vote_for_what_they_reach() {
    // One repeats the first draft, one is no plan: the first votes anyway, the second for nothing.
    let puppet = run(drafting(), &[RIGHT, DRAFT, "no plan at all", ALSO]);
    let values: Vec<Option<&str>> =
        puppet.state().votes.cast.iter().map(|vote| vote.value.as_deref()).collect();
    assert_eq!(values, [Some("355"), Some("75"), Some("355"), None, Some("75")]);
    let tally = puppet.state().votes.tally();
    let row = |value: &str, voters| VoteTally { value: value.into(), voters, weight: 0.5 };
    assert_eq!(tally, [row("355", 2), row("75", 2)]);
    assert_eq!(puppet.state().votes.plans.len(), 3, "one entry a plan");
}

#[test]
fn both_sides_of_a_comparison_are_held_against_the_same_votes() {
    let puppet = run(drafting(), &[RIGHT, ALSO, WRONG]);
    let voted = voted(&puppet);
    assert!(voted[0].1.is_empty(), "the draft has no score yet");
    assert_eq!(value(&voted[1].1[0].part), None, "two voters say nothing");
    // Three voters, two of them for 75: the incumbent is counted again, at no call.
    let recount = voted[2].1.iter().find(|recount| Some(recount.plan) == puppet.state().votes.cast[0].plan);
    let incumbent = value(&recount.unwrap().part).unwrap();
    assert!((incumbent - 1.0 / 3.0).abs() < 1e-12, "{incumbent}");
    let scored: Vec<f64> = puppet
        .records
        .iter()
        .filter_map(|record| match &record.event {
            Event::Scored { subject: Subject::Candidate(_), score } => value(score.part("votes")?),
            _ => None,
        })
        .collect();
    assert!((scored[0] - 2.0 / 3.0).abs() < 1e-12, "{scored:?}");
    let decided = puppet.records.iter().filter_map(|record| match &record.event {
        Event::Decided { verdicts } => Some(verdicts[0].clone()),
        _ => None,
    });
    let (before, after) = decided.filter_map(|verdict| verdict.before.zip(verdict.after)).nth(1).unwrap();
    assert!(before < after, "{before} {after}");
    let calls = puppet.requests.iter().filter(|(purpose, _)| *purpose != session::Purpose::Propose).count();
    assert_eq!(calls, 2, "the draft and the answer");
}

#[test]
fn drafts_of_several_surfaces_vote_together() {
    let program = "    boxes = 20\n    total = boxes * 6\n    return total - 45\n";
    let json = r#"[{"text": "boxes = 20"}, {"text": "total = boxes * 6"}, {"text": "answer = total - 45"}]"#;
    let surfaces = ["code", "json"].map(str::to_owned).to_vec();
    let settings = Settings { redraft_surfaces: surfaces, iterations: 3, ..drafting() };
    let puppet = run(settings.clone(), &[program, json, RIGHT]);
    let cast = puppet.state().votes.cast.iter();
    let cast: Vec<_> = cast.map(|vote| (vote.surface.as_deref(), vote.value.as_deref())).collect();
    assert_eq!(
        cast,
        [
            (Some("items"), Some("355")),
            (Some("code"), Some("75")),
            (Some("json"), Some("75")),
            (Some("items"), Some("75"))
        ]
    );
    let unknown = Settings { redraft_surfaces: vec!["cod".into()], ..settings.clone() };
    let why = engine::registry::settled(unknown).unwrap_err();
    assert!(why.starts_with("redraft_surfaces: ") && why.contains("code"), "{why}");
    let boolean = problem::load("boolean:2#1").unwrap();
    let why = engine::registry::misfit(&settings, &boolean).unwrap();
    assert!(why.starts_with("The surface code cannot express plans of the family boolean"), "{why}");
}

#[test]
fn an_edit_of_the_plan_that_stands_does_not_vote() {
    let edits = Settings { proposers: Weights::of([("edit", 1.0)]), ..drafting() };
    let puppet = run(edits, &[" S1 <- C1 C2: total = boxes * pens"]);
    assert_eq!((voted(&puppet).len(), puppet.state().votes.cast.len()), (1, 1));
    // Where nobody counts votes, none are recorded, as in sessions of earlier versions.
    let without = Settings { scorers: Weights::of([("checker", 0.5)]), ..drafting() };
    assert!(voted(&run(without, &[RIGHT])).is_empty());
}
