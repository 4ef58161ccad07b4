//! `planscope sessions`: the recorded sessions as a tree of forks.

use std::path::PathBuf;

use clap::Args;

use super::{Common, table};
use crate::app;
use crate::failure::Failure;
use output::say;
use session::{Outcome, SessionEntry, is_being_written, list, tree};

/// Arguments of `planscope sessions`.
#[derive(Debug, Args)]
pub struct SessionsArgs {
    /// The directory to list, instead of the configured one
    pub dir: Option<PathBuf>,
}

/// Lists sessions, oldest first, forks below their parents.
///
/// # Errors
/// When the directory cannot be listed, or there is none.
pub fn run(args: &SessionsArgs, common: &Common) -> Result<(), Failure> {
    let base = match &args.dir {
        Some(dir) => dir.clone(),
        None => app::sessions_dir(&common.config()?)?,
    };
    let entries = list(&base)?;
    if entries.is_empty() {
        return Ok(say(&format!("There are no sessions in {}.\n", base.display()))?);
    }
    let rows: Vec<Vec<String>> =
        tree(&entries).into_iter().map(|(depth, at)| row(depth, &entries[at])).collect();
    Ok(say(&table::render(&["session", "problem", "model", ">seed", ">events", "end"], &rows))?)
}

fn row(depth: usize, entry: &SessionEntry) -> Vec<String> {
    let branch = if depth == 0 { String::new() } else { format!("{}└ ", "  ".repeat(depth - 1)) };
    let fork = entry.manifest.as_ref().ok().and_then(|manifest| manifest.parent.as_ref());
    let at = fork.map_or_else(String::new, |parent| match depth {
        0 => format!(" (from {} after {})", parent.session, parent.at),
        _ => format!(" (after {})", parent.at),
    });
    let mut cells = vec![format!("{branch}{}{at}", entry.name)];
    cells.extend(reported(entry));
    cells
}

fn reported(entry: &SessionEntry) -> [String; 5] {
    let missing = || super::text::MISSING.to_owned();
    match &entry.manifest {
        Err(error) => [missing(), missing(), missing(), missing(), error.to_string()],
        Ok(manifest) => {
            let finished = manifest.finished.as_ref();
            let events = finished.map_or_else(missing, |finished| finished.events.to_string());
            let end = match finished.map(|finished| &finished.outcome) {
                None if is_being_written(&entry.path) == Some(true) => "being written",
                None => "unfinished",
                Some(Outcome::Answered) => "answered",
                Some(Outcome::Interrupted) => "interrupted",
                Some(Outcome::Failed { .. }) => "failed",
            };
            [
                manifest.problem.clone(),
                manifest.model.clone(),
                manifest.seed.to_string(),
                events,
                end.to_owned(),
            ]
        }
    }
}
