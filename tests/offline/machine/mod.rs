//! The pure machine, fed by hand: no model, no clock, no files.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of event")]

mod agreeing;
mod answers;
mod candidates;
mod changes;
mod decoding;
pub mod denoising;
mod diagnosing;
mod fork;
mod gating;
pub mod latents;
mod losses;
mod noise;
mod pace;
mod phases;
mod probing;
mod proposing;
mod puppet;
mod scoring;
mod shadow;
mod side;
mod surfaces;
mod votes;
