use std::fs;

use candle_core::{Device, quantized::gguf_file};
use denoise::DenoiseSettings;

use super::*;

fn job(objective: Objective) -> TrainJob {
    TrainJob {
        data: DataSettings { family: "sudoku4".into(), difficulties: vec![1], problems: 300, held_out: 20 },
        size: NetSize { layers: 1, width: 32, heads: 2 },
        fit: FitSettings {
            objective,
            mistakes: Mistakes::None,
            steps: 60,
            rows: 32,
            rate: 5e-3,
            seed: 1,
            every: 20,
        },
    }
}

fn run(job: &TrainJob, path: &std::path::Path, resume: bool) -> Result<Vec<TrainReport>, TrainError> {
    let mut reports = Vec::new();
    train(job, path, resume, &Device::Cpu, &mut |said| reports.push(said.clone()))?;
    Ok(reports)
}

fn losses(reports: &[TrainReport]) -> Vec<f64> {
    let loss = |said: &TrainReport| match said {
        TrainReport::Step { progress, .. } => Some(progress.loss),
        TrainReport::Data { .. } | TrainReport::Controls(_) | TrainReport::Written { .. } => None,
    };
    reports.iter().filter_map(loss).collect()
}

#[test]
fn a_small_model_learns_and_its_file_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("small.gguf");
    let reports = run(&job(Objective::Mask), &path, false).unwrap();
    let losses = losses(&reports);
    assert_eq!(losses.len(), 3);
    assert!(losses[2] < 0.9 * losses[0], "{losses:?}");
    let Some(TrainReport::Written { solved, .. }) = reports.last() else { panic!("{reports:?}") };
    assert_eq!((solved.all, solved.passes), (20, DenoiseSettings::default().steps));
    let file = gguf_file::Content::read(&mut fs::File::open(&path).unwrap()).unwrap();
    let text = |key: &str| file.metadata[key].to_string().unwrap().clone();
    assert_eq!(text("planscope.family"), "sudoku4");
    assert_eq!(text("planscope.vocabulary"), "\n1\n2\n3\n4");
    assert_eq!(file.metadata["planscope.plan_places"].to_u32().unwrap(), 16);
    // The log has what was reported.
    let log = fs::read_to_string(path.with_extension("jsonl")).unwrap();
    assert_eq!(log.lines().count(), reports.len());
}

#[test]
fn a_model_of_latents_learns_and_its_controls_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("latent.gguf");
    let mut job = job(Objective::Latent);
    job.size.width = 32;
    let narrow = run(&job, &path, false).unwrap_err().to_string();
    assert!(narrow.contains("latents need vectors of"), "{narrow}");
    (job.size.width, job.fit.steps, job.fit.rows) = (104, 40, 16);
    let reports = run(&job, &path, false).unwrap();
    let losses = losses(&reports);
    assert!(losses[1] < 0.95 * losses[0], "{losses:?}");
    let [.., TrainReport::Controls(controls), TrainReport::Written { solved, .. }] = &reports[..] else {
        panic!("{reports:?}")
    };
    assert_eq!((controls.all, solved.all, solved.passes), (20, 20, 20 + 16));
    assert!(controls.nearest <= 20 && controls.reproduced <= 20);
    let file = gguf_file::Content::read(&mut fs::File::open(&path).unwrap()).unwrap();
    assert_eq!(file.metadata["planscope.latent_slots"].to_u32().unwrap(), 8);
    let Ok(names) = file.metadata["tokenizer.ggml.tokens"].to_vec() else { panic!("no list") };
    assert_eq!(names.len(), 5 + 1 + 8 + 32, "tokens, the mask, queries and numbers");
}

#[test]
fn a_model_that_saw_mistakes_doubts_a_wrong_token() {
    let dir = tempfile::tempdir().unwrap();
    for mistakes in [Mistakes::Shuffled, Mistakes::Own] {
        let path = dir.path().join("doubting.gguf");
        let mut job = job(Objective::Mask);
        job.fit.mistakes = mistakes;
        let losses = losses(&run(&job, &path, false).unwrap());
        assert!(losses[2] < 0.95 * losses[0], "{mistakes:?}: {losses:?}");
        let file = gguf_file::Content::read(&mut fs::File::open(&path).unwrap()).unwrap();
        assert!(file.metadata["planscope.doubts"].to_bool().unwrap());
    }
}

#[test]
fn the_same_seed_gives_the_same_losses_and_another_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let losses = |seed: u64, name: &str| {
        let mut job = job(Objective::Ar);
        (job.fit.seed, job.fit.steps) = (seed, 20);
        losses(&run(&job, &dir.path().join(name), false).unwrap())
    };
    let first = losses(1, "a.gguf");
    assert!((first[0] - losses(1, "b.gguf")[0]).abs() < 1e-4);
    assert!((first[0] - losses(2, "c.gguf")[0]).abs() > 1e-4);
}

#[test]
fn a_run_is_resumed_from_its_checkpoint_and_only_with_its_settings() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("small.gguf");
    let whole = job(Objective::Mask);
    run(&whole, &path, false).unwrap();
    let about = path.with_extension("json");
    let at_40 = fs::read_to_string(&about).unwrap().replace("\"step\": 60", "\"step\": 40");
    fs::write(&about, at_40).unwrap();
    let reports = run(&whole, &path, true).unwrap();
    let Some(TrainReport::Data { from, .. }) = reports.first() else { panic!("{reports:?}") };
    assert_eq!((*from, losses(&reports).len()), (40, 1));
    let mut other = whole.clone();
    other.size.width = 64;
    let why = run(&other, &path, true).unwrap_err().to_string();
    assert!(why.contains("other settings"), "{why}");
    let missing = run(&whole, &dir.path().join("none.gguf"), true).unwrap_err().to_string();
    assert!(missing.contains("none.json"), "{missing}");
}

#[test]
fn no_problem_is_on_both_sides_or_in_a_report() {
    let settings =
        DataSettings { family: "boolean".into(), difficulties: vec![1, 2], problems: 400, held_out: 60 };
    let task = TokenTask::make(&settings).unwrap();
    assert_eq!((task.train.len(), task.test.len()), (400, 60));
    let train: std::collections::HashSet<_> = task.train.iter().map(|example| &example.problem).collect();
    assert_eq!(train.len(), 400, "each is another one");
    assert!(task.test.iter().all(|example| !train.contains(&example.problem)));
    let tokens = |row: u64| {
        let made = problem::generate("boolean", 1, row).unwrap();
        made.problem.family().tokens().unwrap().form(&made.problem).unwrap().problem
    };
    let known: Vec<_> = task.train.iter().chain(&task.test).map(|example| &example.problem).collect();
    assert!((900..1_000).all(|row| !known.contains(&&tokens(row))));
}

#[test]
fn a_family_without_tokens_is_named_with_those_that_have_some() {
    let settings = DataSettings { family: "math".into(), difficulties: vec![1], problems: 1, held_out: 1 };
    let why = TokenTask::make(&settings).unwrap_err().to_string();
    assert!(why.contains("math") && why.contains("sudoku4"), "{why}");
}
