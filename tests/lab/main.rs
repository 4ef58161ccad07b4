//! Experiments from the outside: sharded, killed and requeued runs give the same results, and documents hold.
#![allow(missing_docs)]

mod bench;
mod docs;
mod failing;
mod killed;
#[cfg(unix)]
mod opening;
mod parallel;
mod reporting;
mod sharded;
#[cfg(unix)]
mod slurm;
#[cfg(unix)]
mod slurm_alone;
mod sweeping;
#[cfg(unix)]
#[path = "../terminal/mod.rs"]
mod terminal;
mod together;
