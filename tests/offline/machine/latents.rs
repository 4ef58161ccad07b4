//! Plans whose latents are denoised.

use denoise::LatentPoint;
use engine::{Command, defaults};
use model::{LatentRow, Request};
use plan::{Edit, NoiseKind, NoiseSpec};
use problem::{Problem, generate};
use serde_json::json;
use session::{Event, Outcome, Purpose, RefinementStop, Settings};

use super::puppet::{Puppet, id};

fn sudoku() -> Problem {
    generate("sudoku4", 3, 7).unwrap().problem
}

/// The tokens of the right plan.
fn solution() -> Vec<u8> {
    let made = generate("sudoku4", 3, 7).unwrap();
    let tokens = made.problem.family().tokens().unwrap();
    tokens.form(&made.problem).unwrap().tokens(tokens, &made.solution).unwrap()
}

fn settings() -> Settings {
    let usual = defaults::of(problem::family("sudoku4").unwrap());
    let mut settings = defaults::overlaid(&usual, json!({"think": "latent"})).unwrap();
    settings.latent.steps = 4;
    settings
}

fn puppet(settings: Settings) -> Puppet {
    let mut puppet = Puppet::on(sudoku(), settings);
    puppet.fill = solution();
    puppet
}

/// A puppet whose model always finds a wrong plan.
fn wrong(settings: Settings) -> Puppet {
    let mut puppet = puppet(settings);
    puppet.fill[0] = puppet.fill[0] % 4 + 1;
    puppet
}

/// The records of a run that finds its latents, and mixes noise into them again.
pub fn records() -> Vec<session::Record> {
    let mut puppet = wrong(Settings { iterations: 6, ..settings() });
    puppet.run();
    puppet.records
}

fn point(puppet: &Puppet) -> LatentPoint {
    (**puppet.state().denoising.as_ref().unwrap().canvas.latent.as_ref().unwrap()).clone()
}

fn asked(puppet: &Puppet) -> Vec<&LatentRow> {
    let mut rows = Vec::new();
    for (_, request) in puppet.requests.iter().filter(|(purpose, _)| *purpose == Purpose::Propose) {
        let Request::Latents { rows: asked, .. } = request else { panic!("{request:?}") };
        rows.extend(asked);
    }
    rows
}

#[test]
fn each_step_has_a_plan_that_is_checked_and_less_noise() {
    let mut puppet = wrong(settings());
    let mut times = vec![point(&puppet).time];
    for _ in 0..4 {
        assert!(puppet.reply());
        times.push(point(&puppet).time);
        assert_eq!(puppet.state().incumbent.as_ref().unwrap().check.as_ref().unwrap().exact, Some(false));
    }
    assert_eq!(times, [1.0, 0.75, 0.5, 0.25, 0.0]);
    let now = puppet.state().denoising.as_ref().unwrap();
    assert_eq!(point(&puppet).z, now.canvas.latent.as_ref().unwrap().expected, "no noise is left");
    let path: Vec<(u32, usize)> = now.path.iter().map(|step| (step.iteration, step.changed)).collect();
    assert_eq!(path, [(0, 0), (1, 16), (2, 0), (3, 0), (4, 0)]);
    let noise: Vec<Option<f64>> = puppet.state().timeline.iter().map(|point| point.noise).collect();
    assert_eq!(noise, [Some(1.0), Some(0.75), Some(0.5), Some(0.25), Some(0.0)]);
    assert!(puppet.state().timeline.iter().all(|point| point.masked.is_none()));
    puppet.replays();
}

#[test]
fn a_right_plan_ends_refinement_before_all_noise_is_gone() {
    let mut puppet = puppet(settings());
    puppet.run();
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Exact));
    assert_eq!(puppet.outcome(), Outcome::Answered);
    assert_eq!(asked(&puppet).len(), 1);
    puppet.replays();
}

#[test]
fn the_model_sees_noise_first_and_then_what_it_expected() {
    let mut puppet = wrong(settings());
    (0..2).for_each(|_| assert!(puppet.reply()));
    let rows = asked(&puppet);
    let LatentRow::Expect { z, expected, time, places, problem, .. } = rows[0] else { panic!() };
    assert_eq!((problem.len(), expected.len(), *time, *places), (16, 0, 1.0, 16));
    let mean = z.iter().sum::<f32>() / z.len() as f32;
    let square = z.iter().map(|number| number * number).sum::<f32>() / z.len() as f32;
    assert!(mean.abs() < 0.25 && (square - 1.0).abs() < 0.35, "normal noise: mean {mean}, square {square}");
    let LatentRow::Expect { expected, time, .. } = rows[1] else { panic!() };
    assert_eq!((expected[0], *time), (f32::from(puppet.fill[0]), 0.75));
}

#[test]
fn a_wrong_plan_without_noise_gets_some_again() {
    let mut puppet = wrong(settings());
    for _ in 0..5 {
        assert!(puppet.reply());
    }
    assert_eq!(point(&puppet).time, 0.25, "half of the noise is back, and a step is made");
    puppet.run();
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Iterations));
    puppet.replays();
}

#[test]
fn a_hand_edit_is_written_as_latents_and_the_run_continues_from_there() {
    let mut puppet = wrong(Settings { paused: true, ..settings() });
    (0..3).for_each(|_| puppet.tell(Command::NextIteration));
    let text = |text: &str| Command::Edit(Edit::Replace { id: id("S1"), text: text.into() });
    puppet.tell(Command::Edit(Edit::Remove { id: id("S1") }));
    assert!(puppet.refusal().contains("Only a whole plan has latents"), "{}", puppet.refusal());
    puppet.tell(text("row 1 = 4 4 4 4"));
    let now = puppet.state().denoising.as_ref().unwrap();
    assert!(now.canvas.latent.is_none() && now.canvas.places[0].token == Some(4));
    assert_eq!(puppet.state().incumbent.as_ref().unwrap().check.as_ref().unwrap().exact, Some(false));
    puppet.tell(Command::NextIteration);
    let rows = asked(&puppet);
    let [.., LatentRow::Encode { plan }, LatentRow::Expect { z, time, .. }] = &rows[..] else {
        panic!("{rows:?}")
    };
    assert_eq!((&plan[..4], *time), (&[4, 4, 4, 4][..], 0.5), "with the noise of the step that is due");
    let clean = (0..z.len()).map(|at| f32::from(plan[at % 16]));
    let apart: f32 = clean.zip(z).map(|(clean, z)| (z - 0.5 * clean).abs()).sum::<f32>() / z.len() as f32;
    assert!((0.2..0.6).contains(&apart), "half of it is the edited plan, the rest noise: {apart}");
    puppet.replays();
}

#[test]
fn noise_is_mixed_into_latents() {
    let mut puppet = wrong(Settings { paused: true, ..settings() });
    (0..4).for_each(|_| puppet.tell(Command::NextIteration));
    puppet.tell(Command::Noise(NoiseSpec::new(NoiseKind::Mask, 0.5, 1)));
    assert_eq!(puppet.refusal(), "Latents get normal noise: write noise gauss, not mask.");
    let before = puppet.plan();
    puppet.tell(Command::Noise(NoiseSpec::new(NoiseKind::Gauss, 0.75, 1)));
    assert_eq!((point(&puppet).time, puppet.plan()), (0.75, before));
    puppet.tell(Command::NextIteration);
    assert_eq!(point(&puppet).time, 0.5);
    puppet.replays();
}

#[test]
fn several_samples_differ_in_the_noise_that_is_left() {
    let mut puppet = wrong(Settings { proposals: 3, paused: true, ..settings() });
    (0..2).for_each(|_| puppet.tell(Command::NextIteration));
    let z = |at: usize| {
        let view = &puppet.state().candidates[at];
        view.candidate.canvas.as_ref().unwrap().latent.as_ref().unwrap().z.clone()
    };
    assert!(z(0) != z(1) && z(1) != z(2) && z(0) != z(2));
    puppet.replays();
}

#[test]
fn a_run_continues_in_the_middle_of_its_path() {
    let mut whole = wrong(Settings { iterations: 6, ..settings() });
    whole.run();
    let second =
        whole.records.iter().position(|record| matches!(record.event, Event::Decided { .. })).unwrap();
    let mut rest = Puppet::resume_on(sudoku(), whole.records[..=second].to_vec());
    rest.fill = whole.fill.clone();
    rest.run();
    assert_eq!(point(&rest), point(&whole), "draws depend on seed and iteration alone");
    rest.replays();
}
