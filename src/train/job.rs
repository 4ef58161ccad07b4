//! One training run: from settings to a GGUF file, with a checkpoint and a log next to it.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use candle_core::Device;
use denoise::{LatentShape, LatentTokens};
use files::Durability;
use serde::{Deserialize, Serialize};

use crate::{
    DataSettings, FitProgress, FitSettings, LatentControls, Net, NetSettings, Objective, SolvedCount,
    TokenTask, TrainError, export, fit, latent_controls, solve,
};

/// Held-out problems that are solved at each report of progress.
const GLANCE: usize = 64;

/// The size of a model, apart from what the task says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetSize {
    /// Layers.
    pub layers: usize,
    /// Model width (embedding dimension).
    pub width: usize,
    /// Attention heads.
    pub heads: usize,
}

/// What is to be trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainJob {
    /// The problems.
    pub data: DataSettings,
    /// The model.
    pub size: NetSize,
    /// The loop.
    pub fit: FitSettings,
}

/// What a run says of itself; each is a line of its log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum TrainReport {
    /// The data is there.
    Data {
        /// Problems to train on.
        train: usize,
        /// Problems held out.
        held_out: usize,
        /// Tokens of a row: a problem and its plan.
        row: usize,
        /// Weights of the model.
        parameters: usize,
        /// Steps that a checkpoint has already; 0 for a new run.
        from: u32,
    },
    /// Steps were made.
    Step {
        /// Where training stands.
        #[serde(flatten)]
        progress: FitProgress,
        /// Seconds since the run began, or was resumed.
        seconds: f64,
        /// Tokens of rows per second.
        tokens_per_second: f64,
        /// Of some held-out problems, how many are solved.
        solved: SolvedCount,
    },
    /// What the controls of a model of latents solve.
    Controls(LatentControls),
    /// The file is there.
    Written {
        /// The file.
        path: PathBuf,
        /// Of all held-out problems, how many are solved.
        solved: SolvedCount,
    },
}

/// What a checkpoint has next to its weights.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    job: TrainJob,
    step: u32,
}

/// Trains a model and writes it to `path`. A checkpoint (`.safetensors`, `.json`) and a log (`.jsonl`) are kept next to it; with
/// `resume` a run continues from them. The optimizer's averages are not kept: they build up again within some hundred steps.
///
/// # Errors
/// See [`TrainError`].
pub fn train(
    job: &TrainJob,
    path: &Path,
    resume: bool,
    device: &Device,
    report: &mut dyn FnMut(&TrainReport),
) -> Result<(), TrainError> {
    let task = TokenTask::make(&job.data)?;
    if job.fit.objective == Objective::Latent && job.size.width < LatentShape::DEFAULT.width() {
        return Err(TrainError::TooNarrow(LatentShape::DEFAULT.width()));
    }
    let mut net = Net::new(net_settings(job, &task), job.fit.seed, device)?;
    let from = if resume { restore(job, &mut net, path)? } else { 0 };
    let mut log = Log::open(path, resume)?;
    let mut say = |said: &TrainReport| {
        report(said);
        log.write(said)
    };
    let data = TrainReport::Data {
        train: task.train.len(),
        held_out: task.test.len(),
        row: task.width(),
        parameters: net.parameters(),
        from,
    };
    say(&data)?;
    let begun = Instant::now();
    let objective = job.fit.objective;
    let some = &task.test[..task.test.len().min(GLANCE)];
    fit(&mut net, &task, &job.fit, from, device, |net, progress| {
        save(net, job, progress.step, path)?;
        let seconds = begun.elapsed().as_secs_f64();
        let tokens = f64::from(progress.step - from) * (job.fit.rows * task.width()) as f64;
        let solved = solve((objective, net), &task, some, 0, device)?;
        say(&TrainReport::Step { progress, seconds, tokens_per_second: tokens / seconds, solved })
    })?;
    export((objective, job.fit.mistakes), &net, &task, path)?;
    if objective == Objective::Latent {
        say(&TrainReport::Controls(latent_controls(&net, &task, &task.test, 0, device)?))?;
    }
    let solved = solve((objective, &net), &task, &task.test, 0, device)?;
    say(&TrainReport::Written { path: path.to_owned(), solved })
}

fn net_settings(job: &TrainJob, task: &TokenTask) -> NetSettings {
    let NetSize { layers, width, heads } = job.size;
    let (vocabulary, positions) = match job.fit.objective {
        Objective::Mask | Objective::Ar => (task.vocabulary, task.width()),
        Objective::Latent => {
            let shape = LatentShape::DEFAULT;
            let longest = task.problem_places.max(task.plan_places) + shape.slots;
            (LatentTokens::of(task.vocabulary, shape).vocabulary, longest)
        }
    };
    NetSettings {
        layers,
        width,
        heads,
        // Of SwiGLU's three matrices; 8/3 of the width makes as many weights as two matrices of four times the width.
        inner: (width * 8 / 3).next_multiple_of(32),
        vocabulary,
        positions,
        causal: job.fit.objective.is_causal(),
    }
}

fn fail(path: &Path, why: impl std::fmt::Display) -> TrainError {
    TrainError::File { path: path.to_owned(), why: why.to_string() }
}

/// Writes the weights and what they belong to.
fn save(net: &Net, job: &TrainJob, step: u32, path: &Path) -> Result<(), TrainError> {
    let (weights, next) = (path.with_extension("safetensors"), path.with_extension("next"));
    net.weights().save(&next).map_err(|error| fail(&next, error))?;
    fs::rename(&next, &weights).map_err(|error| fail(&weights, error))?;
    let about = path.with_extension("json");
    let checkpoint = serde_json::to_vec_pretty(&Checkpoint { job: job.clone(), step });
    let bytes = checkpoint.map_err(|error| fail(&about, error))?;
    files::write_whole(&about, &bytes, Durability::Synced).map_err(|error| fail(&about, error))
}

/// Loads a checkpoint and returns after how many steps it was written.
fn restore(job: &TrainJob, net: &mut Net, path: &Path) -> Result<u32, TrainError> {
    let about = path.with_extension("json");
    let text = fs::read_to_string(&about).map_err(|error| fail(&about, error))?;
    let checkpoint: Checkpoint = serde_json::from_str(&text).map_err(|error| fail(&about, error))?;
    let same = TrainJob {
        fit: FitSettings { every: job.fit.every, ..checkpoint.job.fit.clone() },
        ..checkpoint.job
    };
    if same != *job {
        return Err(fail(
            &about,
            "the checkpoint is of a run with other settings; resume with the same ones",
        ));
    }
    let weights = path.with_extension("safetensors");
    net.weights_mut().load(&weights).map_err(|error| fail(&weights, error))?;
    Ok(checkpoint.step)
}

/// One JSON object per line.
struct Log {
    path: PathBuf,
    file: fs::File,
}

impl Log {
    fn open(path: &Path, resume: bool) -> Result<Self, TrainError> {
        let path = path.with_extension("jsonl");
        let file = OpenOptions::new().create(true).write(true).append(resume).truncate(!resume).open(&path);
        Ok(Self { file: file.map_err(|error| fail(&path, error))?, path })
    }

    fn write(&mut self, said: &TrainReport) -> Result<(), TrainError> {
        let mut line = serde_json::to_vec(said).map_err(|error| fail(&self.path, error))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(|error| fail(&self.path, error))
    }
}
