//! Masked diffusion over the tokens of a plan: which places are revealed at a step, and which are masked again.
//!
//! A model says for each masked place how probable each token is; everything else is here, and is plain arithmetic on those
//! numbers and on draws that the caller makes. The schedule is log-linear: after k of T steps a place is visible with
//! α = k/T (Sahoo et al. 2024, "MDLM"). Without re-masking a token stays once it is revealed; with it, a visible one is masked
//! again with probability σ (Wang et al. 2025, "ReMDM"), so that a plan is really revised.
//!
//! ```
//! use planscope_denoise::{Canvas, DenoiseSettings, DrawPurpose, step};
//!
//! // Two places, two tokens; the first place is plain, the second is not.
//! let canvas = Canvas::masked(2);
//! let probabilities = [vec![0.9, 0.1], vec![0.4, 0.6]];
//! let settings = DenoiseSettings { steps: 2, ..DenoiseSettings::default() };
//! let first = step(&canvas, &probabilities, &settings, &mut |_: DrawPurpose, _| 0.5);
//! assert_eq!(first.revealed[0].place, 0);
//! assert_eq!(first.canvas.masked_places(), [1]);
//! ```

mod canvas;
mod latent;
mod layout;
mod order;
mod schedule;
mod step;

pub use canvas::{BLANK, Canvas, Token, TokenPlace};
pub use latent::{
    LatentPoint, LatentSettings, LatentShape, LatentTokens, LatentUse, flow_step, latent_vectors, noisy,
    normalised, projected,
};
pub use layout::{LineForm, LinePart, Shown, TokenLayout};
pub use order::RevealOrder;
pub use schedule::{LoopRange, Remasking, StepSchedule};
pub use step::{DenoiseSettings, DenoiseStep, DrawPurpose, Reveal, most_probable, reopen, step};
