//! llama.cpp with a real model: `PLANSCOPE_TEST_MODEL`, or the smallest of the catalogue where it was downloaded. What
//! needs one is skipped, with a note, where it is not there. `rank` and `thinking` write their own tiny models.

use std::path::PathBuf;

use tokio::sync::{Semaphore, SemaphorePermit};

mod calls;
mod diagnose;
mod exact;
mod faults;
mod lanes;
mod rank;
mod split;
mod thinking;
mod tiny;

/// Two at once: each test loads the model on its own, and some measure how soon it stops.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Returns the model to test with, and the right to load it for as long as the second value is kept.
async fn model() -> Option<(PathBuf, SemaphorePermit<'static>)> {
    let path = support::models::model()?;
    Some((path, TURNS.acquire().await.expect("it is never closed")))
}
