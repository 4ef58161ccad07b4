//! Plans whose tokens are denoised.

use denoise::{DenoiseSettings, Remasking};
use engine::{Command, defaults};
use model::Request;
use plan::{Edit, NoiseKind, NoiseScope, NoiseSpec};
use problem::{Problem, generate};
use serde_json::json;
use session::{CandidateStatus, Event, Outcome, Purpose, RefinementStop, Settings};

use super::puppet::{Puppet, id};

const REFERENCE: (&str, u8, u64) = ("sudoku4", 3, 7);

fn sudoku() -> Problem {
    let (family, difficulty, row) = REFERENCE;
    generate(family, difficulty, row).unwrap().problem
}

/// The tokens of the right plan.
fn solution() -> Vec<u8> {
    let (family, difficulty, row) = REFERENCE;
    let made = generate(family, difficulty, row).unwrap();
    let tokens = made.problem.family().tokens().unwrap();
    tokens.form(&made.problem).unwrap().tokens(tokens, &made.solution).unwrap()
}

fn settings() -> Settings {
    let usual = defaults::of(problem::family("sudoku4").unwrap());
    let mut settings = defaults::overlaid(&usual, json!({"think": "tokens"})).unwrap();
    settings.denoise.steps = 4;
    settings.iterations = 8;
    settings
}

fn puppet(settings: Settings) -> Puppet {
    let mut puppet = Puppet::on(sudoku(), settings);
    puppet.fill = solution();
    puppet
}

/// The records of a run that re-masks and ends with the right plan.
pub fn records() -> Vec<session::Record> {
    let mut settings = settings();
    settings.denoise.remasking = Remasking::Conf { eta: 0.5 };
    let mut puppet = puppet(settings);
    puppet.run();
    puppet.records
}

fn masked(puppet: &Puppet) -> usize {
    puppet.state().denoising.as_ref().unwrap().canvas.masked_places().len()
}

#[test]
fn a_plan_is_revealed_step_by_step_and_judged_once_it_is_whole() {
    let mut puppet = puppet(settings());
    let mut left = Vec::new();
    while puppet.reply() {
        left.push(masked(&puppet));
    }
    assert_eq!(left[..4], [12, 8, 4, 0], "four of sixteen a step");
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Exact));
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let looked_at =
        |record: &&session::Record| matches!(record.event, Event::Checked { .. } | Event::Scored { .. });
    let judged: Vec<u64> = puppet.records.iter().filter(looked_at).map(|record| record.seq).collect();
    let whole =
        puppet.records.iter().rposition(|record| matches!(record.event, Event::Proposed { .. })).unwrap();
    assert_eq!(judged.len(), 2, "the whole plan is checked and scored, and no part of it");
    assert!(judged.iter().all(|seq| *seq > whole as u64));
    let fills = puppet.requests.iter().filter(|(purpose, _)| *purpose == Purpose::Propose);
    assert!(fills.clone().all(|(_, request)| matches!(request, Request::Fill { .. })));
    assert_eq!(fills.count(), 4);
    let masks: Vec<Option<u32>> = puppet.state().timeline.iter().map(|point| point.masked).collect();
    assert_eq!(masks, [Some(16), Some(12), Some(8), Some(4), Some(0)]);
    puppet.replays();
}

#[test]
fn the_model_sees_the_problem_and_what_is_revealed() {
    let mut puppet = puppet(Settings { paused: true, ..settings() });
    (0..3).for_each(|_| puppet.tell(Command::NextIteration));
    let Request::Fill { family, vocabulary, rows, doubts: false } = &puppet.requests[1].1 else { panic!() };
    assert_eq!((family.as_str(), vocabulary.len(), rows.len()), ("sudoku4", 5, 1));
    assert_eq!(rows[0].problem.len(), 16);
    let seen = rows[0].plan.iter().zip(solution()).filter(|(seen, right)| **seen == Some(*right)).count();
    assert_eq!(seen, 4, "what the first step revealed");
    assert_eq!(rows[0].plan.iter().flatten().count(), 4);
}

#[test]
fn a_whole_plan_that_is_wrong_is_masked_again_in_part() {
    let mut puppet = puppet(settings());
    puppet.fill[0] = puppet.fill[0] % 4 + 1;
    for _ in 0..4 {
        assert!(puppet.reply());
    }
    assert_eq!(masked(&puppet), 0);
    assert_eq!(puppet.state().incumbent.as_ref().unwrap().check.as_ref().unwrap().exact, Some(false));
    assert!(puppet.reply());
    let now = puppet.state().denoising.as_ref().unwrap();
    assert!(masked(&puppet) > 0 && now.canvas.done == 3, "half of the steps are left, and one is made");
    puppet.run();
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Iterations));
    puppet.replays();
}

#[test]
fn a_whole_plan_that_is_wrong_is_masked_again_where_the_model_doubts_it() {
    let denoise = DenoiseSettings { remasking: Remasking::Doubt { below: 0.5 }, ..settings().denoise };
    let mut puppet = puppet(Settings { renoise: 0.1, denoise, ..settings() });
    let right = puppet.fill[0];
    puppet.fill[0] = right % 4 + 1;
    for _ in 0..4 {
        assert!(puppet.reply());
    }
    assert_eq!(masked(&puppet), 0);
    let Some(Request::Fill { doubts, rows, .. }) = puppet.requests.last().map(|(_, request)| request) else {
        panic!("{:?}", puppet.requests.last())
    };
    assert!(*doubts && rows[0].plan.iter().all(Option::is_some), "the model looks at the whole plan");
    // It sees its own mistake now: 0.03 for what it wrote there, 0.9 for everything else.
    puppet.fill[0] = right;
    assert!(puppet.reply());
    let canvas = puppet.state().denoising.as_ref().unwrap().canvas.clone();
    assert!(canvas.masked_places().contains(&0) && canvas.masked_places().len() == 2, "{canvas:?}");
    puppet.run();
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Exact));
    puppet.replays();
}

#[test]
fn a_hand_edit_pins_its_tokens() {
    let remasking = Remasking::Cap { eta: 1.0 };
    let denoise = DenoiseSettings { steps: 4, remasking, ..DenoiseSettings::default() };
    let mut puppet = puppet(Settings { paused: true, denoise, ..settings() });
    puppet.tell(Command::NextIteration);
    let insert = |text: &str| {
        let item = plan::parse(&format!("S1: {text}")).unwrap().items()[0].clone();
        Command::Edit(Edit::Insert { position: 0, item })
    };
    puppet.tell(insert("row 1 = 1 2 3 9"));
    assert_eq!(puppet.refusal(), "This plan cannot be written as tokens: S1: no token says \"9\".");
    puppet.tell(insert("the first row is full"));
    assert!(puppet.refusal().contains("no line of such a plan says"));
    puppet.tell(insert("row 1 = 4 4 4 4"));
    let pinned = |puppet: &Puppet| puppet.state().denoising.as_ref().unwrap().canvas.places[..4].to_vec();
    assert!(pinned(&puppet).iter().all(|place| place.pinned && place.token == Some(4)));
    assert_eq!(puppet.plan(), "S1 {human}: row 1 = 4 4 4 4", "nothing else is whole");
    for _ in 0..3 {
        puppet.tell(Command::NextIteration);
        assert!(pinned(&puppet).iter().all(|place| place.token == Some(4)), "it is never masked again");
    }
    puppet.tell(Command::Undo);
    assert!(pinned(&puppet).iter().all(|place| place.token.is_none()), "and gone when it is taken back");
    puppet.replays();
}

#[test]
fn noise_masks_tokens() {
    let mut puppet = puppet(Settings { paused: true, ..settings() });
    puppet.fill[0] = puppet.fill[0] % 4 + 1;
    (0..5).for_each(|_| puppet.tell(Command::NextIteration));
    assert_eq!(masked(&puppet), 0);
    puppet.tell(Command::Noise(NoiseSpec::new(NoiseKind::Shuffle, 1.0, 1)));
    assert_eq!(
        puppet.refusal(),
        "Where tokens are denoised, noise masks them: write noise mask, not shuffle."
    );
    let scope = NoiseScope::Items(vec![id("S2")]);
    puppet.tell(Command::Noise(NoiseSpec { scope, ..NoiseSpec::new(NoiseKind::Mask, 1.0, 1) }));
    assert_eq!(masked(&puppet), 4);
    assert!(puppet.state().incumbent.as_ref().unwrap().plan.get(id("S2")).is_none());
    puppet.tell(Command::NextIteration);
    assert_eq!(masked(&puppet), 3, "at strength 1 all steps are made again");
    puppet.replays();
}

#[test]
fn a_run_continues_in_the_middle_of_denoising() {
    let mut whole = puppet(settings());
    whole.run();
    let second =
        whole.records.iter().position(|record| matches!(record.event, Event::Decided { .. })).unwrap();
    let mut rest = Puppet::resume_on(sudoku(), whole.records[..=second].to_vec());
    rest.fill = solution();
    rest.run();
    let plan = |puppet: &Puppet| puppet.state().incumbent.as_ref().unwrap().plan.clone();
    assert_eq!(plan(&rest), plan(&whole), "draws depend on seed and iteration alone");
    rest.replays();
}

#[test]
fn a_gate_that_compares_scores_takes_steps_that_have_none() {
    let mut settings = defaults::overlaid(&settings(), json!({"gate": {"rule": "greedy"}})).unwrap();
    (settings.proposals, settings.paused) = (2, true);
    settings.denoise.temperature = 1.0;
    let mut puppet = puppet(settings);
    (0..2).for_each(|_| puppet.tell(Command::NextIteration));
    let views = &puppet.state().candidates;
    assert_eq!(views.len(), 2);
    assert!(views.iter().all(|view| view.candidate.status == CandidateStatus::Ready));
    let reasons: Vec<&str> =
        views.iter().map(|view| view.verdict.as_ref().unwrap().reason.as_str()).collect();
    assert!(reasons[0].ends_with("the step is taken.") && reasons[1].ends_with("another step came first."));
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}

#[test]
fn a_family_without_tokens_says_so() {
    let mut puppet =
        Puppet::new(defaults::overlaid(&Settings::default(), json!({"think": "tokens"})).unwrap());
    puppet.run();
    let Outcome::Failed { reason, hint } = puppet.outcome() else { panic!() };
    assert_eq!(reason, "Plans of the family math have no form as tokens, so they cannot be denoised.");
    assert!(hint.unwrap().contains("think=edits"));
}

#[test]
fn the_first_whole_plan_counts_as_the_draft() {
    let stages = |wrong: bool| {
        let mut puppet = puppet(settings());
        puppet.answers = vec!["The answer is none."];
        if wrong {
            // The second cell is not given.
            puppet.fill[1] = puppet.fill[1] % 4 + 1;
        }
        puppet.run();
        let stages = diagnose::losses::Stages::of(&sudoku(), &puppet.records).unwrap();
        [stages.draft, stages.seen, stages.kept]
    };
    assert_eq!(stages(false), [Some(true); 3]);
    assert_eq!(stages(true), [Some(false); 3]);
}
