//! Controls of a model that thinks in latents: what it would solve if the latents, or their denoising, did nothing.

use candle_core::{Device, Tensor};
use denoise::{LatentSettings, Token};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::{
    Net, TokenTask, TrainError, TrainingExample,
    latent::LatentNet,
    objective::replaced,
    solve::{TOGETHER, is_right},
};

/// How many of the held-out problems or plans each control gets right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LatentControls {
    /// Plans that are read out of their latents as they were written.
    pub reproduced: usize,
    /// The same for plans of which a quarter of the tokens is replaced, as a person might write them.
    pub reproduced_replaced: usize,
    /// Problems solved by the plan that is read out of the latents found for another problem.
    pub other_latents: usize,
    /// Problems solved by the plan of the training problem with the fewest other tokens.
    pub nearest: usize,
    /// Problems solved by the plan that is read out of noise.
    pub no_denoising: usize,
    /// Problems in all.
    pub all: usize,
}

/// The share of tokens that is replaced.
const REPLACED: f32 = 0.25;

/// Runs all controls on `examples`.
///
/// # Errors
/// What the tensor library cannot do.
pub fn latent_controls(
    net: &Net,
    task: &TokenTask,
    examples: &[TrainingExample],
    seed: u64,
    device: &Device,
) -> Result<LatentControls, TrainError> {
    let net = LatentNet::new(net, task, device)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut controls = LatentControls { all: examples.len(), ..LatentControls::default() };
    for part in examples.chunks(TOGETHER) {
        let plans: Vec<Vec<Token>> = part.iter().map(|example| task.padded_plan(example)).collect();
        controls.reproduced += reproduced(&net, &plans, task.plan_places)?;
        let odd: Vec<Vec<Token>> =
            plans.iter().map(|plan| replaced(plan, REPLACED, task.mask(), &mut rng)).collect();
        controls.reproduced_replaced += reproduced(&net, &odd, task.plan_places)?;

        let right = |plans: Vec<Vec<Token>>| {
            let pairs = part.iter().zip(plans);
            pairs.filter(|(example, plan)| is_right(task, example, own(example, plan))).count()
        };
        let found = net.decode(&net.found(task, part, &LatentSettings::default(), &mut rng)?)?;
        let others = found.iter().cycle().skip(1).take(part.len()).cloned().collect();
        controls.other_latents += right(others);
        let noise = net.normal(&[part.len(), net.shape().slots, net.shape().size], &mut rng)?;
        controls.no_denoising += right(net.decode(&noise)?);
        controls.nearest += right(part.iter().map(|example| nearest_plan(task, example)).collect());
    }
    Ok(controls)
}

/// The tokens of a plan without its padding.
fn own(example: &TrainingExample, plan: &[Token]) -> Vec<Token> {
    plan[..example.plan.len()].to_vec()
}

fn reproduced(net: &LatentNet<'_>, plans: &[Vec<Token>], places: usize) -> Result<usize, TrainError> {
    let rows: Tensor = net.rows(plans.iter().map(Vec::as_slice), places)?;
    let read = net.decode(&net.encode(&rows)?)?;
    Ok(read.iter().zip(plans).filter(|(read, plan)| read == plan).count())
}

/// The plan of the training problem that differs in the fewest tokens, the first of equals.
fn nearest_plan(task: &TokenTask, example: &TrainingExample) -> Vec<Token> {
    let problem = task.padded_problem(example);
    let differing = |other: &&TrainingExample| {
        task.padded_problem(other).iter().zip(&problem).filter(|(one, other)| one != other).count()
    };
    task.train.iter().min_by_key(differing).map(|other| task.padded_plan(other)).unwrap_or_default()
}
