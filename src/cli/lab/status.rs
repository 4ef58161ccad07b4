//! `planscope lab status`: how far an experiment has come.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use clap::Args;

use crate::{
    cli::{
        text::{Align, clean, count, fit, table, things},
        width,
    },
    failure::Failure,
};
use lab::{ExperimentProgress, LabError, Shard, Store, slurm::Submitted};
use output::say;

/// Arguments of `planscope lab status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The folder with the results
    pub dir: PathBuf,
    /// Only shard I of N, counted from 0
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Print only the number of cells still to run
    #[arg(long)]
    pub left: bool,
}

/// Lines of a log that are shown.
const LINES: usize = 4;
/// Logs that are shown, at most.
const LOGS: usize = 8;
/// Reasons of failed cells that are shown, at most.
const REASONS: usize = 8;
/// Bytes at the end of a log among which its last lines are looked for.
const TAIL: u64 = 4 << 10;

/// Says what is finished, what failed and what is to be run; where there was a job array, by task.
///
/// # Errors
/// When there are no results, or they cannot be read.
pub(super) fn run(args: &StatusArgs) -> Result<(), Failure> {
    let store = Store::open(&args.dir)?;
    let shard = args.shard.unwrap_or(Shard::WHOLE);
    let progress = ExperimentProgress::of(&store, shard)?;
    if args.left {
        return Ok(say(&format!("{}\n", progress.open))?);
    }
    let (name, _) = store.noted_cells()?;
    let ExperimentProgress { finished, failed, open, .. } = progress;
    let cells = things(progress.cells() as u64, "cell");
    let [finished, failed, open] = [finished, failed, open].map(|cells| count(cells as u64));
    let mut lines =
        vec![format!("{}: {cells}; {finished} finished, {failed} failed, {open} to do", clean(&name))];
    let mut failures: Vec<_> = progress.failures.iter().collect();
    failures.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
    let reason = |(why, times): &(&String, &usize)| fit(&format!("  {times} × {why}"), width());
    lines.extend(failures.iter().take(REASONS).map(reason));
    if failures.len() > REASONS {
        lines.push(format!("  and {}", things((failures.len() - REASONS) as u64, "other reason")));
    }
    if let Some(submitted) = Submitted::read(&store)?.filter(|_| args.shard.is_none()) {
        lines.extend(tasks(&store, &submitted)?);
    }
    Ok(say(&(lines.join("\n") + "\n"))?)
}

/// A table of the tasks, and the ends of the logs of those that are not done.
fn tasks(store: &Store, submitted: &Submitted) -> Result<Vec<String>, LabError> {
    let head = ["task", "finished", "failed", "to do"].map(str::to_owned).to_vec();
    let (mut rows, mut logs, mut more) = (vec![head], Vec::<Vec<String>>::new(), 0);
    for &task in &submitted.tasks {
        let progress = ExperimentProgress::of(store, Shard { index: task, of: submitted.shards })?;
        let ExperimentProgress { finished, failed, open, .. } = progress;
        rows.push([task, finished, failed, open].map(|number| count(number as u64)).to_vec());
        let log = submitted.log(task);
        let Some(tail) = (open > 0).then(|| tail(&store.dir().join(&log)).ok()).flatten() else { continue };
        if logs.len() == LOGS {
            more += 1;
            continue;
        }
        let lines = tail.iter().map(|line| fit(&format!("  {line}"), width()));
        logs.push(std::iter::once(format!("task {task}, {}:", log.display())).chain(lines).collect());
    }
    let mut lines = vec![String::new(), format!("array {}", submitted.array.number)];
    lines.extend(table(&[Align::Right; 4], &rows, width()));
    for log in logs {
        lines.push(String::new());
        lines.extend(log);
    }
    if more > 0 {
        lines.push(format!("\nand the logs of {}", things(more, "other task")));
    }
    Ok(lines)
}

/// Returns the last lines of a file.
fn tail(path: &Path) -> io::Result<Vec<String>> {
    let mut file = File::open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    Ok(lines[lines.len().saturating_sub(LINES)..].iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_its_last_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        std::fs::write(&path, "x".repeat(9000) + "\none\n\ntwo\nthree\nfour\nfive\n").unwrap();
        assert_eq!(tail(&path).unwrap(), ["two", "three", "four", "five"]);
        std::fs::write(&path, "").unwrap();
        assert!(tail(&path).unwrap().is_empty());
        assert!(tail(&dir.path().join("none")).is_err());
    }
}
