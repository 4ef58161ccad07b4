//! `planscope train`: a small model that thinks in plan tokens, from a family's own generator and solver.

use std::{io::Write, path::PathBuf};

use ::train::{
    DataSettings, FitSettings, LatentControls, Mistakes, NetSize, Objective, TrainJob, TrainReport,
    keep_memory, train,
};
use candle_core::Device;
use clap::{Args, ValueEnum};

use crate::failure::Failure;

/// What is trained, and how.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// What the model learns
    #[arg(value_enum)]
    objective: ObjectiveChoice,
    /// The family whose problems it learns
    #[arg(long)]
    family: String,
    /// Difficulties of the problems, drawn in turn
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 3, 4, 5])]
    difficulty: Vec<u8>,
    /// Different problems to train on, if the family has as many
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    problems: usize,
    /// Held-out problems for evaluation
    #[arg(long, value_name = "N", default_value_t = 500)]
    held_out: usize,
    /// Layers
    #[arg(long, value_name = "N", default_value_t = 4)]
    layers: usize,
    /// Model width (embedding dimension)
    #[arg(long, value_name = "N", default_value_t = 128)]
    width: usize,
    /// Attention heads
    #[arg(long, value_name = "N", default_value_t = 4)]
    heads: usize,
    /// Which wrong tokens it sees, so that it can doubt visible ones; only for `mask`
    #[arg(long, value_enum, default_value = "none")]
    mistakes: MistakesChoice,
    /// Training steps
    #[arg(long, value_name = "N", default_value_t = 1500)]
    steps: u32,
    /// Problems in a batch
    #[arg(long, value_name = "N", default_value_t = 256)]
    batch: usize,
    /// The highest learning rate
    #[arg(long, value_name = "R", default_value_t = 2e-3)]
    rate: f64,
    /// Random seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Steps between two lines of progress; at each a checkpoint is written
    #[arg(long, value_name = "N", default_value_t = 100)]
    every: u32,
    /// Continue from the checkpoint next to the file
    #[arg(long)]
    resume: bool,
    /// The file that is written, such as sudoku4.gguf; checkpoint and log are next to it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ObjectiveChoice {
    /// Fill masked places from all others: masked diffusion
    Mask,
    /// Continue from left to right: the control of the same size
    Ar,
    /// Write plans as points of a continuous space, and find those of a problem from noise: latent diffusion
    Latent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MistakesChoice {
    /// None: each visible token is right
    None,
    /// Tokens of other plans at the same place
    Shuffled,
    /// What the model itself would fill in at the time
    Own,
}

impl TrainArgs {
    fn job(&self) -> TrainJob {
        let objective = match self.objective {
            ObjectiveChoice::Mask => Objective::Mask,
            ObjectiveChoice::Ar => Objective::Ar,
            ObjectiveChoice::Latent => Objective::Latent,
        };
        let mistakes = match self.mistakes {
            MistakesChoice::None => Mistakes::None,
            MistakesChoice::Shuffled => Mistakes::Shuffled,
            MistakesChoice::Own => Mistakes::Own,
        };
        TrainJob {
            data: DataSettings {
                family: self.family.clone(),
                difficulties: self.difficulty.clone(),
                problems: self.problems,
                held_out: self.held_out,
            },
            size: NetSize { layers: self.layers, width: self.width, heads: self.heads },
            fit: FitSettings {
                objective,
                mistakes,
                steps: self.steps,
                rows: self.batch,
                rate: self.rate,
                seed: self.seed,
                every: self.every,
            },
        }
    }
}

/// Trains, and prints a line per report.
///
/// # Errors
/// When there is no data, a file cannot be written, or the loss diverges.
pub fn run(args: &TrainArgs, out: &mut impl Write) -> Result<(), Failure> {
    if args.mistakes != MistakesChoice::None && args.objective != ObjectiveChoice::Mask {
        return Err(Failure::new("Only a model that fills masked places learns from mistakes.")
            .hint("leave --mistakes out, or train mask"));
    }
    keep_memory();
    let device =
        Device::cuda_if_available(0).map_err(|error| Failure::new(format!("No device: {error}.")))?;
    let steps = args.steps;
    let mut report = |said: &TrainReport| {
        // A closed pipe must not end the training.
        let _ = writeln!(out, "{}", line(said, steps)).and_then(|()| out.flush());
    };
    let trained = train(&args.job(), &args.out, args.resume, &device, &mut report);
    trained.map_err(|error| Failure::new(format!("Training ended early: {error}.")))
}

fn line(said: &TrainReport, steps: u32) -> String {
    match said {
        TrainReport::Data { train, held_out, row, parameters, from } => {
            let from = if *from > 0 { format!(", continued after step {from}") } else { String::new() };
            format!(
                "{train} problems to train on, {held_out} held out, {row} tokens each; {:.2} M parameters{from}",
                *parameters as f64 / 1e6
            )
        }
        TrainReport::Step { progress, seconds, tokens_per_second, solved } => format!(
            "step {} of {steps}: loss {:.4}, rate {:.1e}, {tokens_per_second:.0} tokens/s, {seconds:.0} s; solved {} of {}",
            progress.step, progress.loss, progress.rate, solved.right, solved.all
        ),
        TrainReport::Controls(LatentControls {
            reproduced,
            reproduced_replaced,
            other_latents,
            nearest,
            no_denoising,
            all,
        }) => format!(
            "controls, of {all}: {reproduced} plans read as they were written, {reproduced_replaced} with a quarter of their tokens \
             replaced; solved with the latents of another problem {other_latents}, by the plan of the nearest training problem \
             {nearest}, without denoising {no_denoising}"
        ),
        TrainReport::Written { path, solved } => format!(
            "{}: solved {} of {} held-out problems with {} forward passes each",
            path.display(),
            solved.right,
            solved.all,
            solved.passes
        ),
    }
}
