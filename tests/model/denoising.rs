//! Small models that fill plan tokens, in llama.cpp.

use std::{fs, path::Path};

use candle_core::{Device, Tensor};
use denoise::{
    Canvas, DenoiseSettings, LatentPoint, LatentSettings, LatentShape, LatentTokens, Remasking, RevealOrder,
    TokenPlace, step,
};
use llm::planner::{Planner, PlannerOptions};
use model::{Backend, FillRow, LatentPlan, LatentRow, LlmError, Output, Reply, Request};
use plan::Plan;
use problem::{
    Problem, generate,
    tokens::{PlanTokens, plan_of},
};
use rand::{RngExt, SeedableRng};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use train::{DataSettings, LatentNet, Mistakes, Net, NetSettings, Objective, TokenTask, export};

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
    export((objective, Mistakes::None), &net, task, path).unwrap();
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
    ask(planner, family, rows, false).await
}

async fn ask(
    planner: &mut Planner,
    family: &str,
    rows: Vec<FillRow>,
    doubts: bool,
) -> Result<Reply, LlmError> {
    let tokens = problem::family(family).unwrap().tokens().unwrap();
    let request = Request::Fill { family: family.into(), vocabulary: vocabulary(tokens), rows, doubts };
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

/// A tiny model of latents with random weights, and its file.
fn random_latents(task: &TokenTask, path: &Path) -> Net {
    let shape = LatentShape::DEFAULT;
    let settings = NetSettings {
        layers: 2,
        width: 128,
        heads: 4,
        inner: 96,
        vocabulary: LatentTokens::of(task.vocabulary, shape).vocabulary,
        positions: task.width(),
        causal: false,
    };
    let net = Net::new(settings, 7, &Device::Cpu).unwrap();
    export((Objective::Latent, Mistakes::None), &net, task, path).unwrap();
    net
}

async fn find(planner: &mut Planner, rows: Vec<LatentRow>) -> Result<Vec<LatentPlan>, LlmError> {
    let tokens = problem::family(FAMILY).unwrap().tokens().unwrap();
    let request = Request::Latents { family: FAMILY.into(), vocabulary: vocabulary(tokens), rows };
    let (progress, _keep) = mpsc::channel(64);
    let reply = planner.call(&request, &progress, &CancellationToken::new()).await?;
    let Output::Found { plans } = reply.output else { panic!("{:?}", reply.output) };
    assert!(reply.cost.flops > 0.0 && reply.cost.fresh > 0 && reply.cost.generated == 0);
    Ok(plans)
}

#[tokio::test]
async fn latents_are_what_an_independent_implementation_finds() {
    let dir = tempfile::tempdir().unwrap();
    let (task, path) = (task(), dir.path().join("random.gguf"));
    let net = random_latents(&task, &path);
    let example = &task.train[0];
    let shape = LatentShape::DEFAULT;
    let z: Vec<f32> = (0..shape.numbers()).map(|at| (at as f32 * 0.7).sin()).collect();
    let before: Vec<f32> = (0..shape.numbers()).map(|at| (at as f32 * 0.3).cos()).collect();
    let expect = |guidance: f32| LatentRow::Expect {
        problem: example.problem.clone(),
        z: z.clone(),
        expected: before.clone(),
        time: 0.6,
        guidance,
        places: example.plan.len(),
    };
    let mut planner = planner(Some(&path));
    let rows = vec![LatentRow::Encode { plan: example.plan.clone() }, expect(0.0), expect(1.5)];
    let there = find(&mut planner, rows).await.unwrap();

    let own = LatentNet::new(&net, &task, &Device::Cpu).unwrap();
    let numbers = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let dims = (1, shape.slots, shape.size);
    let point = |numbers: &[f32]| Tensor::from_slice(numbers, dims, &Device::Cpu).unwrap();
    let plan = own.rows([&example.plan[..]].into_iter(), task.plan_places).unwrap();
    let encoded = own.encode(&plan).unwrap();
    let expected = |problem: &[u8]| {
        let problem = own.rows([problem].into_iter(), task.problem_places).unwrap();
        numbers(&own.expected(&problem, &point(&z), &point(&before), &[0.6]).unwrap())
    };
    let with = expected(&example.problem);
    let without = expected(&vec![task.mask(); task.problem_places]);
    let guided: Vec<f32> =
        with.iter().zip(&without).map(|(with, without)| with + 1.5 * (with - without)).collect();
    for (what, there, here) in [
        ("encode", &there[0].z, &numbers(&encoded)),
        ("expect", &there[1].z, &with),
        ("guided", &there[2].z, &guided),
    ] {
        assert_eq!(there.len(), here.len());
        for (at, (there, here)) in there.iter().zip(here).enumerate() {
            // The file has half-precision weights.
            assert!((there - here).abs() < 2e-2, "{what}, number {at}: {there} {here}");
        }
    }
    assert!(with.iter().zip(&guided).any(|(with, guided)| (with - guided).abs() > 5e-2));
    // What is read out of them is the same too, as far as a step is not a toss-up.
    let logits = own.written(&encoded, Some(&plan)).unwrap();
    let first: Vec<f32> = numbers(&logits.narrow(1, 0, 1).unwrap());
    let sum: f32 = first.iter().map(|logit| logit.exp()).sum();
    let (token, probability) = there[0].tokens[0];
    let here = first[usize::from(token)].exp() / sum;
    assert!((here - probability).abs() < 5e-3, "{here} {probability}");
    assert_eq!(there[0].tokens.len(), example.plan.len());
}

#[tokio::test]
async fn latents_of_another_shape_or_kind_are_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let (task, latent, masked) = (task(), dir.path().join("latent.gguf"), dir.path().join("masked.gguf"));
    random_latents(&task, &latent);
    random(&task, false, &masked);
    let expect = |z: Vec<f32>| LatentRow::Expect {
        problem: vec![0; 16],
        z,
        expected: Vec::new(),
        time: 1.0,
        guidance: 0.0,
        places: 16,
    };
    let why = |result: Result<Vec<LatentPlan>, LlmError>| result.unwrap_err().to_string();
    let short = find(&mut planner(Some(&latent)), vec![expect(vec![0.0; 3])]).await;
    assert!(why(short).contains("latents of another shape"));
    let long = find(&mut planner(Some(&latent)), vec![LatentRow::Encode { plan: vec![1; 17] }]).await;
    assert!(why(long).contains("the plan has 17 tokens, and the weights have room for 16"));
    let numbers = vec![0.0; LatentShape::DEFAULT.numbers()];
    let other = find(&mut planner(Some(&masked)), vec![expect(numbers)]).await;
    assert!(why(other).contains("were trained to fill masked places"));
    let row = FillRow { problem: vec![0; 16], plan: vec![None; 16] };
    let other = fill(&mut planner(Some(&latent)), FAMILY, vec![row]).await;
    assert!(other.unwrap_err().to_string().contains("were trained to find latents"));
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

    let trusting = ask(&mut planner(Some(&path)), FAMILY, vec![row()], true).await;
    assert!(why(trusting).contains("never saw a wrong token"));

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
    let none = fill(&mut planner(None), "boolean", vec![row()]).await;
    assert!(why(none).contains("no weights for plans of the family boolean"));
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
        let doubts = settings.remasking.doubt().is_some();
        let known = distributions(ask(planner, &problem.family, vec![row], doubts).await.unwrap());
        canvas = step(&canvas, &known[0], settings, &mut |_, _| rng.random()).canvas;
    }
    plan_of(problem, &layout, &canvas, &Plan::default()).unwrap()
}

/// Finds the latents of a plan from noise, as a run does.
async fn found(planner: &mut Planner, problem: &Problem) -> Plan {
    let tokens = problem.family().tokens().unwrap();
    let form = tokens.form(problem).unwrap();
    let given = form.problem.clone();
    let layout = form.layout(tokens);
    let settings = LatentSettings::default();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    // Twelve even draws make a nearly normal one.
    let normal = |_| (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0;
    let z = (0..LatentShape::DEFAULT.numbers()).map(normal).collect();
    let mut point = LatentPoint { z, expected: Vec::new(), time: 1.0 };
    let mut plan = Vec::new();
    for done in 1..=settings.steps {
        let row = LatentRow::Expect {
            problem: given.clone(),
            z: point.z.clone(),
            expected: point.expected.clone(),
            time: point.time,
            guidance: 0.0,
            places: layout.places(),
        };
        let answer = find(planner, vec![row]).await.unwrap().remove(0);
        point = point.moved(answer.z, settings.time(done));
        plan = answer.tokens;
    }
    let places = plan.into_iter().map(|(token, _)| TokenPlace::given(token, false)).collect();
    plan_of(problem, &layout, &Canvas { places, ..Canvas::default() }, &Plan::default()).unwrap()
}

fn is_right(problem: &Problem, plan: &Plan) -> bool {
    problem.family().check_plan(problem, plan).score() == Some(1.0)
}

#[tokio::test]
async fn the_weights_of_the_program_solve_problems_that_nobody_trained_on() {
    let mut planner = planner(None);
    let settings = DenoiseSettings::default();
    for (family, difficulty, least) in [("sudoku4", 5, 18), ("schedule", 2, 15), ("countdown", 1, 15)] {
        let mut right = 0;
        for row in 900..920 {
            let problem = generate(family, difficulty, row).unwrap().problem;
            let plan = denoised(&mut planner, &problem, &settings).await;
            right += u32::from(is_right(&problem, &plan));
        }
        assert!(right >= least, "{family}: {right} of 20");
    }
    let mut right = 0;
    for row in 900..920 {
        let problem = generate(FAMILY, 3, row).unwrap().problem;
        let plan = found(&mut planner, &problem).await;
        right += u32::from(is_right(&problem, &plan));
    }
    assert!(right >= 14, "latents: {right} of 20");
}

#[tokio::test]
async fn the_weights_of_sudokus_doubt_a_wrong_token_and_solve_more_for_it() {
    let mut planner = planner(None);
    let made = generate(FAMILY, 5, 900).unwrap();
    let tokens = made.problem.family().tokens().unwrap();
    let form = tokens.form(&made.problem).unwrap();
    let right = form.tokens(tokens, &made.solution).unwrap();
    let wrong = |at: usize| {
        let mut plan: Vec<Option<u8>> = right.iter().copied().map(Some).collect();
        plan[at] = Some(right[at] % 4 + 1);
        FillRow { problem: form.problem.clone(), plan }
    };
    let reply = ask(&mut planner, FAMILY, (0..16).map(wrong).collect(), true).await.unwrap();
    let known = distributions(reply);
    let doubted = (0..16).filter(|at| known[*at][*at][usize::from(right[*at] % 4 + 1)] < 0.5).count();
    assert!(doubted >= 15, "{doubted} of 16 wrong tokens");

    let settings = DenoiseSettings { order: RevealOrder::Random, ..DenoiseSettings::default() };
    let doubting = DenoiseSettings { remasking: Remasking::Doubt { below: 0.5 }, ..settings.clone() };
    let mut counts = [0, 0];
    for row in 900..930 {
        let problem = generate(FAMILY, 5, row).unwrap().problem;
        for (count, settings) in counts.iter_mut().zip([&settings, &doubting]) {
            *count += u32::from(is_right(&problem, &denoised(&mut planner, &problem, settings).await));
        }
    }
    assert!(counts[1] > counts[0] && counts[1] >= 24, "{counts:?} of 30, without doubt and with it");
}
