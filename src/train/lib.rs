//! Training of small models that think in plan tokens: one family, its own generator and solver, one command.
//!
//! | file | what |
//! | --- | --- |
//! | `data` | problems and their plans as rows of tokens, split by what the problem says |
//! | `net` | the transformer: bidirectional for masked diffusion, causal for the control |
//! | `latent` | the same transformer as a writer, reader and finder of latents |
//! | `objective` | what a batch is and what its loss is |
//! | `fit` | the loop: schedule, progress, checkpoints |
//! | `solve` | how many held-out problems the model solves |
//! | `controls` | what a model of latents would solve if they did nothing |
//! | `memory` | memory that is asked for over and over |
//! | `export` | the weights as a GGUF file, which llama.cpp runs |
//! | `job` | all of it, from settings to files |

mod controls;
mod data;
mod export;
mod fit;
mod job;
mod latent;
mod memory;
mod net;
mod objective;
mod solve;
#[cfg(test)]
mod tests;

pub use controls::{LatentControls, latent_controls};
pub use data::{DataError, DataSettings, TokenTask, TrainingExample};
pub use export::export;
pub use fit::{FitProgress, FitSettings, TrainError, fit};
pub use job::{NetSize, TrainJob, TrainReport, train};
pub use latent::LatentNet;
pub use memory::keep_memory;
pub use net::{Net, NetSettings};
pub use objective::{Mistakes, Objective};
pub use solve::{SolvedCount, solve};
