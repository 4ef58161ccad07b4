//! The screen: keys go in, and text is read off it. No terminal is needed.

mod alongside;
mod cursor;
mod denoising;
mod driver;
mod findings;
mod fixture;
mod frames;
mod hand_edits;
mod keys;
mod latents;
mod pictures;
mod probe_keys;
mod reasons;
mod sessions;
mod shadow;
mod tour;
