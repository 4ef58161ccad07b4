//! `planscope fork`: continues a recorded session from one of its events as a new session.

use std::path::PathBuf;

use clap::Args;

use super::{Common, run};
use crate::app::{self, ForkAt};
use crate::failure::Failure;
use output::exit::End;
use session::{Session, State};

/// Arguments of `planscope fork`.
#[derive(Debug, Args)]
pub struct ForkArgs {
    /// The session, by directory or name
    pub session: PathBuf,
    /// Fork after this event
    #[arg(long, value_name = "EVENT", required_unless_present = "iteration")]
    pub at: Option<u64>,
    /// Fork after this iteration; 0 is the scored draft
    #[arg(long, value_name = "N", conflicts_with = "at")]
    pub iteration: Option<u32>,
    /// The problem's file, if it is not a bundled problem
    #[arg(long, value_name = "REFERENCE")]
    pub problem: Option<String>,
    /// Print one JSON object per line; the last is the result
    #[arg(long)]
    pub json: bool,
}

/// Forks a session and runs the branch to its end, as `planscope run` does. Settings are those of the session,
/// with `--seed`, `--no-cite` and `--set` on top.
///
/// # Errors
/// When the session cannot be forked there, or as `planscope run`.
pub async fn run(args: &ForkArgs, common: &Common) -> Result<End, Failure> {
    let parent = Session::open(&args.session)?;
    let config = common.config_beside(&State::replay(&parent.records).settings)?;
    let at = match (args.at, args.iteration) {
        (Some(at), _) => at,
        (None, iteration) => end_of(&parent, iteration.unwrap_or(0))?,
    };
    let fork = ForkAt {
        at,
        seed: common.seed,
        set: common.set.clone(),
        no_cite: common.no_cite,
        problem: args.problem.clone(),
        // Without a screen nobody could resume it.
        paused: false,
    };
    run::follow(app::fork(&parent, fork, &config)?, run::RunForm::of(args.json)).await
}

/// The event that closed an iteration.
fn end_of(session: &Session, iteration: u32) -> Result<u64, Failure> {
    let timeline = State::replay(&session.records).timeline;
    let point = timeline.iter().find(|point| point.iteration == iteration);
    point.map(|point| point.seq).ok_or_else(|| {
        let last = timeline.last().map_or("none ended".to_owned(), |point| point.iteration.to_string());
        Failure::new(format!("Iteration {iteration} did not end in this session; the last one is {last}."))
    })
}
