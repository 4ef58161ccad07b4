//! How many held-out problems a model solves.

use candle_core::{D, Device, Tensor};
use candle_nn::ops;
use denoise::{
    BLANK, Canvas, DenoiseSettings, DrawPurpose, LatentSettings, Token, TokenPlace, most_probable, step,
};
use plan::Plan;
use problem::tokens::plan_of;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::{Net, Objective, TokenTask, TrainError, TrainingExample, latent::LatentNet};

/// Examples that are run through the model together.
pub(crate) const TOGETHER: usize = 64;

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct SolvedCount {
    /// Plans that pass the family's exact checker.
    pub right: usize,
    /// Problems in all.
    pub all: usize,
    /// Forward passes for each problem.
    pub passes: u32,
}

/// Makes a plan for each of `examples`, as a model of `objective` does, and holds it to the family's checker: by filling masked
/// places, from left to right with the most probable token, or by finding its latents; with the default settings of each.
///
/// # Errors
/// What the tensor library cannot do.
pub fn solve(
    (objective, net): (Objective, &Net),
    task: &TokenTask,
    examples: &[TrainingExample],
    seed: u64,
    device: &Device,
) -> Result<SolvedCount, TrainError> {
    let settings = &DenoiseSettings::default();
    let mut solved = SolvedCount { all: examples.len(), ..SolvedCount::default() };
    for (number, part) in examples.chunks(TOGETHER).enumerate() {
        let mut rows: Vec<Vec<Token>> = part.iter().map(|example| blank_row(task, example)).collect();
        let seed = seed.wrapping_add(number as u64);
        let passes = match objective {
            Objective::Ar => continued(net, task, &mut rows, device)?,
            Objective::Mask => denoised(net, task, part, &mut rows, settings, seed, device)?,
            Objective::Latent => found(net, task, part, &mut rows, seed, device)?,
        };
        solved.passes = solved.passes.max(passes);
        let plan = |row: &[Token], example: &TrainingExample| {
            row[task.problem_places..task.problem_places + example.plan.len()].to_vec()
        };
        solved.right += part
            .iter()
            .zip(&rows)
            .filter(|(example, row)| is_right(task, example, plan(row, example)))
            .count();
    }
    Ok(solved)
}

/// A row with every place of the plan masked.
fn blank_row(task: &TokenTask, example: &TrainingExample) -> Vec<Token> {
    let mut row = task.row(example);
    row[task.problem_places..task.problem_places + example.plan.len()].fill(task.mask());
    row
}

fn denoised(
    net: &Net,
    task: &TokenTask,
    examples: &[TrainingExample],
    rows: &mut [Vec<Token>],
    settings: &DenoiseSettings,
    seed: u64,
    device: &Device,
) -> Result<u32, TrainError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut canvases: Vec<Canvas> =
        examples.iter().map(|example| Canvas::masked(example.plan.len())).collect();
    for _ in 0..settings.steps {
        let probabilities = probabilities(net, task, rows, device)?;
        for ((canvas, row), known) in canvases.iter_mut().zip(rows.iter_mut()).zip(probabilities) {
            let mut draw = |_: DrawPurpose, _: usize| rng.random::<f64>();
            *canvas = step(canvas, &known[..canvas.places.len()], settings, &mut draw).canvas;
            for (place, known) in canvas.places.iter().zip(&mut row[task.problem_places..]) {
                *known = place.token.unwrap_or(task.mask());
            }
        }
    }
    Ok(settings.steps)
}

/// Finds latents, and reads plans out of them.
fn found(
    net: &Net,
    task: &TokenTask,
    examples: &[TrainingExample],
    rows: &mut [Vec<Token>],
    seed: u64,
    device: &Device,
) -> Result<u32, TrainError> {
    let net = LatentNet::new(net, task, device)?;
    let settings = LatentSettings::default();
    let z = net.found(task, examples, &settings, &mut ChaCha8Rng::seed_from_u64(seed))?;
    for (row, plan) in rows.iter_mut().zip(net.decode(&z)?) {
        row[task.problem_places..].copy_from_slice(&plan);
    }
    Ok(settings.steps + u32::try_from(task.plan_places).unwrap_or(u32::MAX))
}

fn continued(
    net: &Net,
    task: &TokenTask,
    rows: &mut [Vec<Token>],
    device: &Device,
) -> Result<u32, TrainError> {
    for at in task.problem_places..task.width() {
        let known = distributions(net, rows, at - 1..at, task.vocabulary - 1, device)?;
        for (row, known) in rows.iter_mut().zip(known) {
            if row[at] == task.mask() {
                row[at] = most_probable(&known[0]).unwrap_or(BLANK);
            }
        }
    }
    Ok(u32::try_from(task.plan_places).unwrap_or(u32::MAX))
}

/// Returns for each row a distribution at each place of the plan, without the mask.
fn probabilities(
    net: &Net,
    task: &TokenTask,
    rows: &[Vec<Token>],
    device: &Device,
) -> Result<Vec<Vec<Vec<f32>>>, TrainError> {
    distributions(net, rows, task.problem_places..task.width(), task.vocabulary - 1, device)
}

fn distributions(
    net: &Net,
    rows: &[Vec<Token>],
    places: std::ops::Range<usize>,
    tokens: usize,
    device: &Device,
) -> Result<Vec<Vec<Vec<f32>>>, TrainError> {
    let width = rows.first().map_or(0, Vec::len);
    let all: Vec<u32> = rows.iter().flatten().map(|token| u32::from(*token)).collect();
    let logits = net.forward(&Tensor::from_vec(all, (rows.len(), width), device)?)?;
    let logits = logits.narrow(1, places.start, places.len())?.narrow(2, 0, tokens)?;
    Ok(ops::softmax(&logits, D::Minus1)?.to_vec3()?)
}

/// Whether a filled plan passes the exact checker.
pub(crate) fn is_right(task: &TokenTask, example: &TrainingExample, plan: Vec<Token>) -> bool {
    let Ok(problem) = problem::load(&example.reference) else { return false };
    let Ok(form) = task.tokens.form(&problem) else { return false };
    let canvas = Canvas {
        places: plan.iter().map(|token| TokenPlace::given(*token, false)).collect(),
        ..Canvas::default()
    };
    let plan = plan_of(&problem, &form.layout(task.tokens), &canvas, &Plan::default());
    plan.is_ok_and(|plan| {
        let report = task.family.check_plan(&problem, &plan);
        report.derived.is_some_and(|derived| {
            task.family.check_planned(&problem, &plan, &derived).outcome == problem::Outcome::Correct
        })
    })
}
