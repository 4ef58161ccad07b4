//! `planscope lab`: experiments at the same cost.

mod open;
mod print;
mod slurm;
mod status;
#[cfg(test)]
#[path = "../../lab/testing.rs"]
mod testing;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use tokio_util::sync::CancellationToken;

use super::{
    Common,
    text::{clean, count, duration, things},
};
use crate::failure::Failure;
use crate::{
    app,
    config::{BackendKind, Config},
};
use lab::{
    Cell, CellFinished, Changed, Experiment, Frozen, LabError, Meter, ModelId, Reread, ResultRow, Shard,
    ShardEvent, ShardRunner, ShardSummary, Store, arms, grid, html,
    report::{By, Report},
    write_file, write_table,
};
use output::{exit::End, json_pretty, note, say};

/// Arguments of `planscope lab`.
#[derive(Debug, Args)]
pub struct LabArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LabCommand,
}

/// What can be done in the lab.
#[derive(Debug, Subcommand)]
pub enum LabCommand {
    /// List the arms
    Arms,
    /// Read an experiment and say what it would run
    Check {
        /// The experiment file
        experiment: PathBuf,
        /// Tokens per second to assume for the estimate
        #[arg(long, value_name = "N", default_value_t = 10.0)]
        rate: f64,
    },
    /// Run the unfinished cells; interrupt at any time, run it again to continue
    Run(LabRunArgs),
    /// Run an experiment as a Slurm job array: write the array and a job that reports afterwards, and submit both
    Slurm(slurm::SlurmArgs),
    /// Show the progress of an experiment, as found on disk
    Status(status::StatusArgs),
    /// Recompute results from recorded sessions: where an older version measured less or judged
    /// differently, or a gold answer was corrected
    Reread {
        /// The experiment file
        experiment: PathBuf,
        /// Folder for results, instead of lab-NAME
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Collect all finished cells in one table
    Collect {
        /// The folder with the results
        dir: PathBuf,
        /// Also write results.csv
        #[arg(long)]
        csv: bool,
    },
    /// Compare the arms at each budget
    Report(ReportArgs),
    /// List cells with their results, and open any run in the debugger
    Open(open::OpenArgs),
}

/// Arguments of `planscope lab report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The folder with the results
    pub dir: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// The baseline to compare with, instead of the experiment's
    #[arg(long, value_name = "ARM")]
    pub baseline: Option<String>,
    /// Show what arms make of a pool of this many generated tokens per problem, shared by all problems; next to the experiment's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub pool: Vec<u32>,
    /// Compare the arms separately on each part of the problems
    #[arg(long, value_enum)]
    pub by: Option<Grouping>,
    /// Output file, instead of the terminal; html and parquet go to report.html and results.parquet in the
    /// folder
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `planscope lab run`.
#[derive(Debug, Args)]
pub struct LabRunArgs {
    /// The experiment file
    pub experiment: PathBuf,
    /// Folder for results, instead of lab-NAME
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Run only shard I of N, counted from 0, as in a job array: --shard $SLURM_ARRAY_TASK_ID/N
    #[arg(long, value_name = "I/N", default_value = "0/1")]
    pub shard: Shard,
    /// Run failed cells again
    #[arg(long)]
    pub retry: bool,
    /// Problems to run concurrently, batched on one model; default: llm.streams
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub parallel: Option<u32>,
}

/// How problems are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grouping {
    /// By family
    Family,
    /// By family and difficulty
    Dial,
}

/// Output format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReportFormat {
    /// Tables for a terminal
    #[default]
    Text,
    /// Markdown
    Md,
    /// One line per arm and budget
    Csv,
    /// One JSON object with all figures
    Json,
    /// One self-contained page with plots
    Html,
    /// The table of cells, as from lab collect
    Parquet,
}

/// Does what `args` ask for.
///
/// # Errors
/// When an experiment or results cannot be read, a model cannot be had, or results cannot be written.
pub async fn run(args: &LabArgs, common: &Common) -> Result<End, Failure> {
    match &args.command {
        LabCommand::Arms => say(&print::arms(arms::REGISTRY, super::width()))?,
        LabCommand::Check { experiment, rate } => {
            let (experiment, cells) = read(experiment, &common.config()?)?;
            say(&checked(&experiment, &cells, *rate))?;
        }
        LabCommand::Run(args) => {
            let mut config = common.config()?;
            config.llm.streams = args.parallel.unwrap_or(config.llm.streams);
            return run_shard(args, &config).await;
        }
        LabCommand::Slurm(args) => slurm::run(args, &common.config()?)?,
        LabCommand::Status(args) => status::run(args)?,
        LabCommand::Reread { experiment, out } => {
            let (experiment, cells) = read(experiment, &common.config()?)?;
            let store = Store::open(folder(out.as_ref(), &experiment))?;
            say(&reread_words(&lab::reread(&experiment.name, &cells, &store)?, cells.len()))?;
        }
        LabCommand::Collect { dir, csv } => {
            let store = Store::open(dir)?;
            let rows = store.rows()?;
            let path = store.dir().join("results.parquet");
            write_table(&path, &rows)?;
            if *csv {
                std::fs::write(path.with_extension("csv"), lab::csv(&rows))?;
            }
            said_where(&path, &rows)?;
        }
        LabCommand::Report(args) => report(args)?,
        LabCommand::Open(args) => return open::run(args, common).await,
    }
    Ok(End::Done)
}

/// Writes a report where it is asked for.
fn report(args: &ReportArgs) -> Result<(), Failure> {
    let ReportArgs { dir, format, baseline, pool, by, out } = args;
    let store = Store::open(dir)?;
    let rows = store.rows()?;
    if rows.is_empty() {
        return Err(LabError::Nothing(dir.clone()).into());
    }
    if let Some(wanted) = baseline
        && !rows.iter().any(|row| row.run.arm == *wanted)
    {
        let arms: BTreeSet<&str> = rows.iter().map(|row| row.run.arm.as_str()).collect();
        let arms = clean(&arms.into_iter().collect::<Vec<_>>().join(", ")).into_owned();
        return Err(Failure::new(format!("There is no arm called \"{wanted}\" in these results."))
            .hint(format!("the arms are {arms}")));
    }
    let in_folder = |name: &str| Some(out.clone().unwrap_or_else(|| store.dir().join(name)));
    let by = match by {
        None => By::Nothing,
        Some(Grouping::Family) => By::Family,
        Some(Grouping::Dial) => By::Dial,
    };
    let mut pools = store.pools();
    pools.extend(pool.iter().copied().map(f64::from));
    let report = || {
        let baseline = baseline.clone().or_else(|| store.baseline()).unwrap_or_default();
        Report::of(&rows, &baseline, by)
            .with_pools(&rows, &baseline, by, &pools)
            .with_settings(store.settings())
    };
    let (text, path) = match format {
        ReportFormat::Text => (print::text(&report(), super::width()), out.clone()),
        ReportFormat::Md => (print::markdown(&report()), out.clone()),
        ReportFormat::Csv => (print::csv(&report()), out.clone()),
        ReportFormat::Json => (json_pretty(&report())? + "\n", out.clone()),
        ReportFormat::Html => (html::page(&report(), &rows, store.dir()), in_folder("report.html")),
        ReportFormat::Parquet => {
            let path = in_folder("results.parquet").unwrap_or_default();
            write_table(&path, &rows)?;
            said_where(&path, &rows)?;
            return Ok(());
        }
    };
    match path {
        None => say(&text)?,
        Some(path) => {
            write_file(&path, text.as_bytes())?;
            said_where(&path, &rows)?;
        }
    }
    Ok(())
}

fn said_where(path: &Path, rows: &[ResultRow]) -> std::io::Result<()> {
    say(&format!("{}: {}\n", path.display(), things(rows.len() as u64, "cell")))
}

/// Reads an experiment, and its cells with the models that it names or the configuration does.
fn read(path: &Path, config: &Config) -> Result<(Experiment, Vec<Cell>), Failure> {
    let experiment = Experiment::read(path)?;
    let named =
        if experiment.models.is_empty() { vec![config.llm.model.clone()] } else { experiment.models.clone() };
    let models = named.iter().map(|asked| app::model_id(config, asked)).collect::<Result<Vec<_>, _>>()?;
    let cells = grid(&experiment, &models)?;
    Ok((experiment, cells))
}

/// Says what an experiment would run.
fn checked(experiment: &Experiment, cells: &[Cell], rate: f64) -> String {
    let problems: BTreeSet<&str> = cells.iter().map(|cell| cell.name.as_str()).collect();
    let unjudged = cells.iter().filter(|cell| !cell.problem.can_be_judged()).count();
    let values: usize = experiment.budgets.iter().map(|budget| budget.values.len()).sum();
    let mut lines = vec![format!(
        "{}: {} ({}, {}, {}, {})",
        clean(&experiment.name),
        things(cells.len() as u64, "cell"),
        things(problems.len() as u64, "problem"),
        things(experiment.seeds.len() as u64, "seed"),
        things(experiment.variants.len() as u64, "arm"),
        things(values as u64, "budget"),
    )];
    lines.push(format!("baseline: {}", clean(&experiment.baseline)));
    lines.push(format!("settings: blake3 {}", Frozen::of(cells).hash));
    for meter in [Meter::Generated, Meter::Fresh, Meter::Flops, Meter::WallS] {
        let sum: f64 = cells.iter().filter(|cell| cell.meter == meter).map(|cell| cell.budget).sum();
        if sum > 0.0 {
            let time = match meter {
                Meter::Generated => {
                    format!("; at {rate} tokens per second about {}", duration(sum / rate * 1e3))
                }
                Meter::WallS => format!("; about {}", duration(sum * 1e3)),
                Meter::Fresh | Meter::Flops => String::new(),
            };
            let sum = engine::budget::si(sum);
            lines.push(format!("budgets on {}: at most {sum} in total{time}", meter.name()));
        }
    }
    if unjudged > 0 {
        let cells = things(unjudged as u64, "cell");
        lines.push(format!("{cells} without a gold answer or rules: they cannot be judged"));
    }
    lines.join("\n") + "\n"
}

/// Refuses meters that would not charge every arm alike: the time of a cell that ran concurrently with others says nothing about it,
/// and what a server still has cached of the cell before is not ours to clear.
fn require_equal_cost(experiment: &Experiment, config: &Config) -> Result<(), Failure> {
    let alongside = config.llm.streams > 1;
    let on_server = config.llm.backend == BackendKind::Openai;
    for meter in experiment.budgets.iter().map(|budget| budget.meter) {
        match meter {
            Meter::Generated => {}
            Meter::WallS if alongside => {
                return Err(Failure::new(
                    "Concurrent runs share the machine, so a budget of wall_s is not the same for all.",
                )
                .hint("run one at a time: --parallel 1; or choose another meter"));
            }
            Meter::Fresh | Meter::Flops | Meter::WallS if on_server => {
                return Err(Failure::new(format!(
                    "A server keeps its cache from one cell to the next, so a budget of {} is not the same \
                     for all.",
                    meter.name()
                ))
                .hint("use the meter generated"));
            }
            Meter::Fresh | Meter::Flops | Meter::WallS => {}
        }
    }
    Ok(())
}

/// Returns where the results of an experiment lie.
fn folder(out: Option<&PathBuf>, experiment: &Experiment) -> PathBuf {
    out.cloned().unwrap_or_else(|| PathBuf::from(format!("lab-{}", experiment.name)))
}

fn reread_words(reported: &Reread, cells: usize) -> String {
    let Reread { changed, same, left, verdicts } = reported;
    let missing = cells - changed - same - left;
    let mut said = match verdicts.len() {
        0 => "No value or verdict changed.\n".to_owned(),
        other => format!("{} with a changed value or verdict:\n", things(other as u64, "result")),
    };
    said.extend(verdicts.iter().map(|changed| changed_words(changed) + "\n"));
    said += &format!("{} changed, {same} the same", things(*changed as u64, "result"));
    if *left > 0 {
        said += &format!(
            ", {left} left as they were: the run failed, or its session is incomplete or belongs to another run"
        );
    }
    if missing > 0 {
        said +=
            &format!("; {} not finished, or recorded under other settings", things(missing as u64, "cell"));
    }
    said + "\n"
}

/// Characters of a value that a line has room for.
const LONGEST_VALUE: usize = 60;

/// The first words of a value, since that of free text may be long.
fn beginning(value: &str) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{} …", value[..end].trim_end()),
        None => value.to_owned(),
    }
}

/// One line: which result, what it was and what it is, and why.
fn changed_words(changed: &Changed) -> String {
    let Changed { cell, label, was, now, why } = changed;
    let words = |(value, verdict): &(Option<String>, String)| {
        let value =
            value.as_ref().map_or_else(|| "no value".to_owned(), |value| format!("{:?}", beginning(value)));
        format!("{value} {verdict}")
    };
    let line = format!("{label}: {} → {} ({why}) [{cell}]", words(was), words(now));
    clean(&line).into_owned()
}

async fn run_shard(args: &LabRunArgs, config: &Config) -> Result<End, Failure> {
    let (experiment, cells) = read(&args.experiment, config)?;
    require_equal_cost(&experiment, config)?;
    let store = Store::create(folder(args.out.as_ref(), &experiment))?;
    store.note(&experiment, &cells)?;
    let load = |model: &ModelId| app::lab_backends(config, &experiment.base, model);
    let bench = ShardRunner {
        experiment: &experiment,
        cells: &cells,
        shard: args.shard,
        retry: args.retry,
        store: &store,
        load: &load,
        source: app::source,
    };
    let stop = CancellationToken::new();
    let asked = tokio::spawn(stop_on_interrupt(app::Interrupts::listen()?, stop.clone()));
    let done = bench.run(&stop, &mut |news| note(news_words(news))).await;
    let end = if stop.is_cancelled() { asked.await.ok().map(End::Signal) } else { None };
    let tally = done?;
    let mine: std::collections::HashSet<&str> =
        cells.iter().filter(|cell| args.shard.has(cell)).map(|cell| cell.id.0.as_str()).collect();
    let rows: Vec<_> = store.rows()?.into_iter().filter(|row| mine.contains(row.run.cell.as_str())).collect();
    let name = if args.shard == Shard::WHOLE { String::new() } else { format!("-{}", args.shard) };
    let table = store.dir().join(format!("results{name}.parquet"));
    write_table(&table, &rows)?;
    say(&tally_words(&tally, &store))?;
    Ok(end.filter(|_| tally.stopped).unwrap_or(End::Done))
}

/// The first request to end stops the run in order; returns the number of its signal.
async fn stop_on_interrupt(mut interrupts: app::Interrupts, stop: CancellationToken) -> i32 {
    let signal = interrupts.next().await;
    note("Stopping: the current cell is abandoned; finished cells are kept.");
    stop.cancel();
    signal
}

fn news_words(news: &ShardEvent<'_>) -> String {
    match news {
        ShardEvent::Done(tick) => tick_words(tick),
        ShardEvent::Elsewhere(cell) => {
            let (label, name) = (cell.label(), &cell.name);
            clean(&format!(
                "{label}, {name}: another process is running it; waiting for it once nothing else is left"
            ))
            .into_owned()
        }
        ShardEvent::Corrected(changed) => format!("judged again: {}", changed_words(changed)),
        ShardEvent::Stale(cell) => {
            let (label, name, id) = (cell.label(), &cell.name, &cell.id);
            clean(&format!(
                "{label}, {name}: judged by a gold answer that has since been corrected, and its session is incomplete; remove \
                 cells/{id}.json to run it again"
            ))
            .into_owned()
        }
    }
}

fn tick_words(tick: &CellFinished<'_>) -> String {
    let row = tick.row;
    let fate = match (&row.record.failure, row.answer.right) {
        (Some(why), _) => format!("failed: {}", clean(why)),
        (None, Some(true)) => "right".to_owned(),
        (None, Some(false)) => "wrong".to_owned(),
        (None, None) => "not judged".to_owned(),
    };
    format!(
        "[{}/{}] {} {} seed {} {} {}: {fate}, {:.0} % spent, {}; about {} left",
        tick.done,
        tick.total,
        clean(&row.run.arm),
        clean(&row.run.problem),
        row.run.seed,
        count(row.run.budget as u64),
        row.run.meter.name(),
        100.0 * row.spent.share,
        match row.record.read_from {
            Some(_) => "read from a longer run".to_owned(),
            None => duration(row.record.seconds * 1e3),
        },
        duration(tick.left_s * 1e3),
    )
}

fn tally_words(tally: &ShardSummary, store: &Store) -> String {
    let ShardSummary { run, skipped, failed, stopped } = *tally;
    let end = if stopped { "Stopped" } else { "Done" };
    let dir = store.dir().display();
    let next = if stopped {
        "run the same command again to continue"
    } else {
        "planscope lab report shows the results"
    };
    format!(
        "{end}: {} run, {skipped} finished before, {failed} failed; in {dir}, {next}\n",
        things(run as u64, "cell")
    )
}

impl From<LabError> for Failure {
    fn from(error: LabError) -> Self {
        Self { hint: error.hint(), message: error.to_string() }
    }
}
