//! Experiments: does refinement beat plain decoding at the same cost?
//!
//! ```text
//! EXPERIMENT.toml --grid--> cells --run--> cells/ID.json, sessions/ID --collect--> results.parquet --> report
//! ```
//!
//! Every cell is an ordinary run with an ordinary session. Its name is the hash of all that shapes it, so that a
//! finished cell is recognised whenever and wherever the experiment is run again.

pub mod arms;
mod cell;
mod claim;
mod columns;
pub mod contrast;
mod error;
mod experiment;
pub mod figures;
mod manifest;
mod names;
mod noise;
mod progress;
mod rejudge;
pub mod report;
mod reread;
mod row;
mod run;
pub mod slurm;
mod store;
mod table;

pub use cell::{Cell, CellId, ModelId, Shard, canonical, grid};
pub use columns::{COLUMNS, Column, Field, Kind, csv};
pub use error::LabError;
pub use experiment::{Budget, Experiment, Meter, Variant};
pub use progress::Progress;
pub use rejudge::Changed;
pub use reread::{Reread, reread};
pub use row::Row;
pub use run::{Bench, Load, News, Tally, Tick};
pub use store::{Store, write_file};
pub use table::write_table;

#[cfg(test)]
pub(crate) mod testing {
    //! Rows made by hand.

    use super::{Meter, Row};

    /// Returns the row of an arm on a problem.
    pub(crate) fn row(arm: &str, problem: u32, right: Option<bool>) -> Row {
        Row {
            cell: format!("{arm}{problem}"),
            experiment: "t".into(),
            problem: format!("p{problem}"),
            problem_hash: None,
            family: "math".into(),
            dial: None,
            model: "m".into(),
            seed: 1,
            arm: arm.into(),
            kind: arm.into(),
            oracle: false,
            meter: Meter::Generated,
            budget: 512.0,
            generated: 256,
            thinking: 0,
            fresh: 400,
            cached: 100,
            calls: 3,
            flops: Some(1e9),
            wall_s: 2.5,
            share: 0.5,
            right,
            judgement: None,
            gold_hash: None,
            answer: Some("a, \"b\"".into()),
            answers: 1,
            extended: 0,
            score: None,
            draft_score: None,
            noise_sigma: None,
            noise_kind: None,
            step: None,
            sweep: None,
            check_pass: None,
            check_score: Some(0.5),
            plan_errors: Some(1),
            plan_items: Some(4),
            plan_right: None,
            items_cited: None,
            items_checked: None,
            items_satisfied: None,
            checked_cited: None,
            satisfied_cited: None,
            citations_dangling: None,
            iterations: 2,
            decisions: 2,
            accepts: 1,
            contradiction: None,
            faults: 0,
            fault_names: String::new(),
            seconds: 3.0,
            session: "sessions/x".into(),
            failure: None,
        }
    }
}
