//! llama.cpp with a real model: `PLANSCOPE_TEST_MODEL`, or the smallest of the catalogue where it was downloaded. What
//! needs one is skipped, with a note, where it is not there. `denoising`, `distinct`, `pressure`, `rank`, `raw` and `thinking` write tiny models of their own.

use std::path::PathBuf;

use tokio::sync::{Semaphore, SemaphorePermit};

mod calls;
mod denoising;
mod diagnose;
mod distinct;
mod exact;
mod faults;
mod pressure;
mod rank;
mod raw;
mod repeat;
mod split;
mod streams;
mod thinking;
mod tiny;

/// So many tests load the model at once, each on its own.
const AT_ONCE: u32 = 2;
static TURNS: Semaphore = Semaphore::const_new(AT_ONCE as usize);

type Turn = SemaphorePermit<'static>;

/// Returns the model to test with, and the right to load it for as long as the second value is kept.
async fn model() -> Option<(PathBuf, Turn)> {
    turn(1).await
}

/// Returns the same for a test that measures: no other has the model loaded meanwhile.
async fn model_alone() -> Option<(PathBuf, Turn)> {
    turn(AT_ONCE).await
}

async fn turn(weight: u32) -> Option<(PathBuf, Turn)> {
    let path = support::models::model()?;
    Some((path, TURNS.acquire_many(weight).await.expect("it is never closed")))
}
