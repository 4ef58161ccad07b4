//! Small models that fill plan tokens, in llama.cpp.

use std::{fs, path::Path};

use candle_core::{Device, Tensor};
use denoise::{Canvas, DenoiseSettings, TokenPlace, step};
use llm::planner::{Planner, PlannerOptions};
use model::{Backend, FillRow, LlmError, Output, Reply, Request};
use plan::Plan;
use problem::{
    Problem, generate,
    tokens::{PlanTokens, plan_of},
};
use rand::{RngExt, SeedableRng};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use train::{DataSettings, Net, NetSettings, Objective, TokenTask, export};

const FAMILY: &str = "sudoku4";

fn task() -> TokenTask {
    let settings = DataSettings { family: FAMILY.into(), difficulties: vec![1], problems: 10, held_out: 1 };
    TokenTask::make(&settings).unwrap()
}

/// A tiny model with random weights, and its file.
fn random(task: &TokenTask, causal: bool, path: &Path) -> Net {
    let settings = NetSettings {
        layers: 2,
        width: 32,
        heads: 2,
        inner: 96,
        vocabulary: task.vocabulary,
        positions: task.width(),
        causal,
    };
    let net = Net::new(settings, 7, &Device::Cpu).unwrap();
    let objective = if causal { Objective::Ar } else { Objective::Mask };
    export((objective, &net), task, path).unwrap();
    net
}

fn vocabulary(tokens: &dyn PlanTokens) -> Vec<String> {
    tokens.vocabulary().iter().map(|token| (*token).to_owned()).collect()
}

fn planner(file: Option<&Path>) -> Planner {
    let options = PlannerOptions { file: file.map(Path::to_owned), threads: Some(1) };
    Planner::new(options).with_program(support::program())
}

async fn fill(planner: &mut Planner, family: &str, rows: Vec<FillRow>) -> Result<Reply, LlmError> {
    let tokens = problem::family(family).unwrap().tokens().unwrap();
    let request = Request::Fill { family: family.into(), vocabulary: vocabulary(tokens), rows };
    let (progress, _keep) = mpsc::channel(64);
    planner.call(&request, &progress, &CancellationToken::new()).await
}

fn distributions(reply: Reply) -> Vec<Vec<Vec<f32>>> {
    let Output::Filled { distributions } = reply.output else { panic!("{:?}", reply.output) };
    distributions
}

#[tokio::test]
async fn one_step_gives_what_an_independent_implementation_gives() {
    let dir = tempfile::tempdir().unwrap();
    let (task, path) = (task(), dir.path().join("random.gguf"));
    let net = random(&task, false, &path);
    let example = &task.train[0];
    // Some places are masked, in the middle and at both ends.
    let plan: Vec<Option<u8>> =
        example.plan.iter().enumerate().map(|(at, token)| (at % 3 != 0).then_some(*token)).collect();
    let row = FillRow { problem: example.problem.clone(), plan: plan.clone() };
    let mut planner = planner(Some(&path));
    let reply = fill(&mut planner, FAMILY, vec![row]).await.unwrap();
    assert!(reply.notes[0].contains("random.gguf"), "{:?}", reply.notes);
    assert_eq!((reply.cost.calls, reply.cost.fresh, reply.cost.generated), (1, 32, 0));
    assert!(reply.cost.flops > 0.0);
    let there = distributions(reply);

    let mask = u32::from(task.mask());
    let tokens: Vec<u32> = (example.problem.iter().map(|token| u32::from(*token)))
        .chain(plan.iter().map(|token| token.map_or(mask, u32::from)))
        .collect();
    let logits = net.forward(&Tensor::from_vec(tokens, (1, task.width()), &Device::Cpu).unwrap()).unwrap();
    let logits: Vec<Vec<f32>> = logits.squeeze(0).unwrap().to_vec2().unwrap();
    for (place, known) in there[0].iter().enumerate() {
        let own = &logits[task.problem_places + place][..task.vocabulary - 1];
        let sum: f32 = own.iter().map(|logit| logit.exp()).sum();
        for (token, probability) in known.iter().enumerate() {
            // The file has half-precision weights.
            let expected = own[token].exp() / sum;
            assert!(
                (probability - expected).abs() < 5e-3,
                "place {place}, token {token}: {probability} {expected}"
            );
        }
    }
}

#[tokio::test]
async fn weights_that_do_not_fit_are_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let (task, path) = (task(), dir.path().join("random.gguf"));
    random(&task, false, &path);
    let row = || FillRow { problem: vec![0; 16], plan: vec![None; 16] };
    let why = |result: Result<Reply, LlmError>| result.unwrap_err().to_string();
    let other = fill(&mut planner(Some(&path)), "countdown", vec![row()]).await;
    assert!(why(other).contains("trained on the family sudoku4, and the problem is of countdown"));
    let long = FillRow { plan: vec![None; 17], ..row() };
    let long = fill(&mut planner(Some(&path)), FAMILY, vec![long]).await;
    assert!(why(long).contains("the plan has 17 tokens, and the weights have room for 16"));

    let causal = dir.path().join("causal.gguf");
    random(&task, true, &causal);
    let causal = fill(&mut planner(Some(&causal)), FAMILY, vec![row()]).await;
    assert!(why(causal).contains("from left to right"));

    let cut = dir.path().join("cut.gguf");
    let bytes = fs::read(&path).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let cut = fill(&mut planner(Some(&cut)), FAMILY, vec![row()]).await;
    assert!(why(cut).contains("cut off"));

    let missing = fill(&mut planner(Some(Path::new("none.gguf"))), FAMILY, vec![row()]).await;
    assert!(why(missing).contains("none.gguf"));
    if let Some((text, _turn)) = crate::model().await {
        let text = fill(&mut planner(Some(&text)), FAMILY, vec![row()]).await;
        assert!(why(text).contains("no model of plan tokens"));
    }
    let none = fill(&mut planner(None), "schedule", vec![row()]).await;
    assert!(why(none).contains("no weights for plans of the family schedule"));
}

/// Denoises a plan from nothing, as a run does.
async fn denoised(planner: &mut Planner, problem: &Problem, settings: &DenoiseSettings) -> Plan {
    let tokens = problem.family().tokens().unwrap();
    let form = tokens.form(problem).unwrap();
    let given = form.problem.clone();
    let layout = form.layout(tokens);
    let mut canvas = Canvas::masked(layout.places());
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    while !canvas.is_whole() {
        let plan = canvas.places.iter().map(|place: &TokenPlace| place.token).collect();
        let row = FillRow { problem: given.clone(), plan };
        let known = distributions(fill(planner, &problem.family, vec![row]).await.unwrap());
        canvas = step(&canvas, &known[0], settings, &mut |_, _| rng.random()).canvas;
    }
    plan_of(problem, &layout, &canvas, &Plan::default()).unwrap()
}

#[tokio::test]
async fn the_weights_of_the_program_solve_problems_that_nobody_trained_on() {
    let mut planner = planner(None);
    let settings = DenoiseSettings::default();
    let mut right = 0;
    for row in 900..920 {
        let problem = generate(FAMILY, 5, row).unwrap().problem;
        let plan = denoised(&mut planner, &problem, &settings).await;
        right += u32::from(problem.family().check_plan(&problem, &plan).score() == Some(1.0));
    }
    assert!(right >= 18, "{right} of 20");
}
