//! Experiments: does refinement beat plain decoding at the same cost?
//!
//! ```text
//! EXPERIMENT.toml --grid--> cells --run--> cells/ID.json, sessions/ID --collect--> results.parquet --> report
//! ```
//!
//! Every cell is an ordinary run with an ordinary session. Its name is the hash of all that shapes it, so that a
//! finished cell is recognised whenever and wherever the experiment is run again.

// So that the rows below can be made by the tests of the program as well.
#[cfg(test)]
extern crate self as lab;

mod anytime;
pub mod arms;
mod cell;
mod claim;
mod columns;
pub mod contrast;
mod error;
mod experiment;
pub mod figures;
mod frozen;
pub mod html;
mod manifest;
mod names;
mod noise;
pub mod pool;
mod progress;
mod rejudge;
pub mod report;
mod reread;
mod row;
mod run;
pub mod slurm;
mod store;
mod table;
#[cfg(test)]
mod testing;

pub use anytime::AnswerMoment;
pub use cell::{Cell, CellId, ModelId, Shard, canonical, grid};
pub use columns::{
    AnswerResult, COLUMNS, ColumnKind, ColumnValue, CoverageResult, EditResult, PlanResult, RecordResult,
    RefinementResult, ResultColumn, ResultRow, RunKey, RunSpending, ScoreResult, csv,
};
pub use error::LabError;
pub use experiment::{Budget, Experiment, Meter, Variant};
pub use frozen::Frozen;
pub use progress::ExperimentProgress;
pub use rejudge::Changed;
pub use reread::{Reread, reread};
pub use run::{CellFinished, Load, ShardEvent, ShardRunner, ShardSummary};
pub use store::{Store, write_file};
pub use table::write_table;
