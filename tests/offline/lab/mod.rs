//! Experiments from the outside: sharded, killed and requeued runs give the same results, and documents hold.
mod anytime;
mod docs;
mod failing;
mod killed;
mod parallel;
mod reporting;
mod sharded;
#[cfg(unix)]
mod slurm;
#[cfg(unix)]
mod slurm_alone;
mod sweeping;
mod together;
