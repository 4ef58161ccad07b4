//! `planscope lab slurm`: an experiment as a job array.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use clap::Args;

use crate::{
    app,
    cli::text::{clean, things},
    config::Config,
    failure::Failure,
};
use engine::score::prm;
use lab::{
    Cell, Experiment, LabError, Store,
    slurm::{self, ArrayJob, JobId, Resources, Submitted},
};
use output::{note, say};

/// Arguments of `planscope lab slurm`.
#[derive(Debug, Args)]
pub struct SlurmArgs {
    /// The experiment file
    pub experiment: PathBuf,
    /// Folder for results, instead of lab-NAME; all nodes must see it
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Number of shards, instead of one per problem, seed and model up to 64
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub shards: Option<u32>,
    /// Maximum number of tasks at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub at_once: Option<u32>,
    /// Partition
    #[arg(long, value_name = "P", help_heading = "Resources per task")]
    pub partition: Option<String>,
    /// Time limit, such as 4:00:00; a task that comes near it requeues itself
    #[arg(long, value_name = "T", help_heading = "Resources per task")]
    pub time: Option<String>,
    /// Memory, such as 8G
    #[arg(long, value_name = "M", help_heading = "Resources per task")]
    pub mem: Option<String>,
    /// Processors, and inference threads unless a setting says otherwise
    #[arg(long, value_name = "N", help_heading = "Resources per task", value_parser = clap::value_parser!(u32).range(1..))]
    pub cpus: Option<u32>,
    /// Generic resources, such as gpu:1
    #[arg(long, value_name = "G", help_heading = "Resources per task")]
    pub gres: Option<String>,
    /// Account to charge
    #[arg(long, value_name = "A", help_heading = "Resources per task")]
    pub account: Option<String>,
    /// Another sbatch option, for both the array and the report; can be repeated
    #[arg(long, value_name = "ARG", help_heading = "Resources per task", allow_hyphen_values = true)]
    pub sbatch_arg: Vec<String>,
    /// Seconds before the time limit at which a task stops
    #[arg(long, value_name = "S", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=65535))]
    pub lead: u32,
    /// Run failed cells again
    #[arg(long, conflicts_with = "dry_run")]
    pub retry: bool,
    /// Only write the scripts, submit nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Parts that an experiment is cut into, where nothing else is said: each loads the model once.
const SHARDS: usize = 64;

/// Variables that say where the program finds what it needs; what else it reads from the environment is a setting.
const VARIABLES: [&str; 2] = ["PLANSCOPE_CACHE", "PLANSCOPE_PYTHON"];

/// Writes the scripts and submits them.
///
/// # Errors
/// When the experiment cannot be read, has nothing to run or is already running, the scripts cannot be written, or Slurm is not
/// there or refuses them.
pub(super) fn run(args: &SlurmArgs, config: &Config) -> Result<(), Failure> {
    let (experiment, cells) = super::read(&args.experiment, config)?;
    super::require_equal_cost(&experiment, config)?;
    require_models(&experiment, &cells, config)?;
    if !args.dry_run {
        sbatch(Path::new("."), &["--version"])?;
    }
    let out = super::folder(args.out.as_ref(), &experiment);
    let store = Store::create(std::path::absolute(out)?).map_err(elsewhere)?;
    require_no_array(&store)?;
    let (open, failed) = to_run(&store, &cells, args.retry)?;
    let job = job(args, config, &experiment, &cells, &open, &store)?;
    write(&job, &args.experiment, &experiment, &cells, &store)?;
    let dir = store.dir();
    let scripts =
        format!("{}, {} and {} in {}", slurm::ARRAY, slurm::REPORT, slurm::EXPERIMENT, dir.display());
    let what = format!("{}: {}", clean(&experiment.name), things(open.len() as u64, "cell"));
    let what = format!("{what} to run in {}", things(job.tasks.len() as u64, "task"));
    if args.dry_run {
        let dir = shlex::try_quote(&job.results).unwrap_or_default();
        say(&format!(
            "{what}\nwritten: {scripts}\nNothing is submitted. To do it by hand:\n  cd {dir} && sbatch {}\n  sbatch \
             --dependency=afterany:ARRAY {}    # with the number of the array\n\n{}",
            slurm::ARRAY,
            slurm::REPORT,
            job.array_script().map_err(not_text)?
        ))?;
        return Ok(());
    }
    // Before anything of it can run.
    failed.iter().try_for_each(|cell| store.forget(&cell.id))?;
    say(&format!("{what}\nwritten: {scripts}\n"))?;
    let (array, report) = submit(&job, &store)?;
    Ok(say(&submitted(&array, &report, &store))?)
}

/// A model that is not there would fail every task, hours later.
fn require_models(experiment: &Experiment, cells: &[Cell], config: &Config) -> Result<(), LabError> {
    let models: BTreeMap<_, _> = cells.iter().map(|cell| (&cell.model.asked, &cell.model)).collect();
    models.values().try_for_each(|model| app::lab_backends(config, &experiment.base, model).map(drop))
}

/// Two processes must not run the same cell, and what tasks read must not change below them.
fn require_no_array(store: &Store) -> Result<(), Failure> {
    let Some(Submitted { array, .. }) = Submitted::read(store)? else { return Ok(()) };
    let mut squeue = Command::new("squeue");
    squeue.args(["--noheader", "--jobs", &array.number.to_string()]);
    squeue.args(array.cluster.iter().map(|cluster| format!("--clusters={cluster}")));
    // One that Slurm has forgotten is an error to squeue.
    let queued = |output: Output| output.status.success() && !output.stdout.trim_ascii().is_empty();
    if squeue.output().is_ok_and(queued) {
        let number = array.number;
        let message = format!("The array {number} for {} is still in the queue.", store.dir().display());
        let hint = format!("wait until it is done (squeue -j {number}), or cancel it (scancel {number})");
        return Err(Failure::new(message).hint(hint));
    }
    Ok(())
}

/// Returns the cells that are to be run, and those of them that failed before.
fn to_run<'a>(
    store: &Store,
    cells: &'a [Cell],
    retry: bool,
) -> Result<(Vec<&'a Cell>, Vec<&'a Cell>), Failure> {
    let (mut open, mut failed) = (Vec::new(), Vec::new());
    for cell in cells {
        match store.finished(&cell.id)? {
            None => open.push(cell),
            Some(row) if row.record.failure.is_some() => failed.push(cell),
            Some(_) => {}
        }
    }
    if open.is_empty() && (failed.is_empty() || !retry) {
        let dir = store.dir().display();
        let all = things(cells.len() as u64, "cell");
        let (message, hint) = if failed.is_empty() {
            (format!("Nothing to run: all {all} are finished."), "")
        } else {
            let failed = failed.len();
            (
                format!("Nothing to run: all {all} are finished, {failed} of them failed."),
                "; --retry runs those again",
            )
        };
        return Err(
            Failure::new(message).hint(format!("planscope lab report {dir} shows their results{hint}"))
        );
    }
    if retry {
        open.extend(&failed);
    } else {
        failed.clear();
    }
    Ok((open, failed))
}

fn job(
    args: &SlurmArgs,
    config: &Config,
    experiment: &Experiment,
    cells: &[Cell],
    open: &[&Cell],
    store: &Store,
) -> Result<ArrayJob, Failure> {
    let groups = cells.iter().map(|cell| cell.group + 1).max().unwrap_or(1);
    let shards = args.shards.map_or_else(|| groups.min(SHARDS), |shards| shards as usize);
    let tasks: BTreeSet<usize> = open.iter().map(|cell| cell.group % shards).collect();
    let environment =
        VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
    Ok(ArrayJob {
        name: experiment.name.clone(),
        program: text(&std::env::current_exe()?)?,
        directory: text(&std::env::current_dir()?)?,
        results: text(store.dir())?,
        shards,
        tasks,
        at_once: args.at_once,
        lead_s: args.lead,
        resources: Resources {
            partition: args.partition.clone(),
            time: args.time.clone(),
            mem: args.mem.clone(),
            cpus: args.cpus,
            gres: args.gres.clone(),
            account: args.account.clone(),
            others: args.sbatch_arg.clone(),
        },
        settings: settings(config, args.cpus)?,
        environment: environment.collect(),
    })
}

/// All that says who answers, as `key=value`, whatever files and variables say by the time that a task begins. What
/// else shapes a run is in the experiment.
fn settings(config: &Config, cpus: Option<u32>) -> Result<Vec<String>, Failure> {
    let mut config = config.clone();
    config.llm.threads = config.llm.threads.or(cpus);
    let mut pairs = Vec::new();
    let mut put = |section: &str, value: serde_json::Value| {
        let Some(table) = value.as_object() else { return };
        for (key, value) in table.iter().filter(|(_, value)| !value.is_null()) {
            let value = match value.as_str() {
                Some(word) => toml::Value::from(word).to_string(),
                None => value.to_string(),
            };
            pairs.push(format!("{section}.{key}={value}"));
        }
    };
    put("llm", serde_json::to_value(&config.llm)?);
    let weight = config.run.scorers.get(prm::NAME);
    if weight > 0.0 {
        put("run.prm", serde_json::to_value(&config.run.prm)?);
    }
    pairs.push(format!("run.scorers.{}={weight:?}", prm::NAME));
    Ok(pairs)
}

fn write(
    job: &ArrayJob,
    path: &Path,
    experiment: &Experiment,
    cells: &[Cell],
    store: &Store,
) -> Result<(), Failure> {
    let (array, report) = (job.array_script().map_err(not_text)?, job.report_script().map_err(not_text)?);
    let copy = slurm::self_contained(path, &fs::read_to_string(path)?)?;
    let put = |name: &str, text: &str| {
        let path = store.dir().join(name);
        fs::write(&path, text).map_err(|source| elsewhere(LabError::Io { doing: "writing", path, source }))
    };
    let folder = store.dir().join(slurm::FOLDER);
    fs::create_dir_all(&folder)
        .map_err(|source| elsewhere(LabError::Io { doing: "making", path: folder.clone(), source }))?;
    put(slurm::ARRAY, &array)?;
    put(slurm::REPORT, &report)?;
    put(slurm::EXPERIMENT, &copy)?;
    store.note(experiment, cells).map_err(elsewhere)
}

/// Submits the array, then what waits for it.
fn submit(job: &ArrayJob, store: &Store) -> Result<(JobId, JobId), Failure> {
    let array = submit_one(store, &[slurm::ARRAY])?;
    let mut submitted =
        Submitted { array: array.clone(), report: None, shards: job.shards, tasks: job.tasks.clone() };
    submitted.note(store)?;
    let dependency = format!("--dependency=afterany:{}", array.number);
    let cluster = array.cluster.as_ref().map(|cluster| format!("--clusters={cluster}"));
    let mut args = vec![dependency.as_str()];
    args.extend(cluster.as_deref());
    args.push(slurm::REPORT);
    let report = submit_one(store, &args).map_err(|failure| {
        let message =
            format!("The array {} is submitted, but not its report. {}", array.number, failure.message);
        Failure::new(message).hint("when it is done, run planscope lab collect and planscope lab report")
    })?;
    submitted.report = Some(report.clone());
    submitted.note(store)?;
    Ok((array, report))
}

fn submit_one(store: &Store, args: &[&str]) -> Result<JobId, Failure> {
    let answer = sbatch(store.dir(), &[&["--parsable"], args].concat())?;
    answer.parse().map_err(|()| {
        Failure::new(format!(
            "sbatch should have printed a job number, but printed \"{}\".",
            clean(answer.trim())
        ))
        .hint("squeue --me lists what it has submitted")
    })
}

/// Returns what `sbatch` says, started in `dir`.
fn sbatch(dir: &Path, args: &[&str]) -> Result<String, Failure> {
    let output = Command::new("sbatch").current_dir(dir).args(args).output();
    let output = output.map_err(|error| {
        let message = if error.kind() == io::ErrorKind::NotFound {
            "sbatch is not installed on this machine.".to_owned()
        } else {
            format!("sbatch cannot be started: {error}.")
        };
        Failure::new(message)
            .hint("run this where jobs are submitted, or only write the scripts with --dry-run")
    })?;
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() {
        let words = if words.is_empty() { output.status.to_string() } else { words };
        return Err(Failure::new(format!("sbatch refuses: {words}"))
            .hint("change the requested resources; --dry-run only writes the scripts"));
    }
    if !words.is_empty() {
        note(words);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn submitted(array: &JobId, report: &JobId, store: &Store) -> String {
    let (array_id, report_id, dir) = (array.number, report.number, store.dir().display());
    let cluster = array.cluster.as_ref().map_or_else(String::new, |cluster| format!(" -M {cluster}"));
    format!(
        "submitted: array {array_id}, and job {report_id} that reports when it has ended\n\
         watch:     squeue{cluster} -j {array_id},{report_id}; planscope lab status {dir}\n\
         logs:      {dir}/slurm/{array_id}_TASK.log\n\
         results:   {dir}/report.md, {dir}/results.parquet\n\
         continue:  if tasks failed or were cancelled, the same command again runs what is left\n"
    )
}

fn text(path: &Path) -> Result<String, Failure> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| not_text(format!("\"{}\" is not valid text", path.display())))
}

fn not_text(why: String) -> Failure {
    Failure::new(format!("Cannot write the scripts: {why}.")).hint("use another name or folder")
}

fn elsewhere(error: LabError) -> Failure {
    Failure::from(error).hint("name another folder with --out DIR")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, BackendKind, LlmConfig};
    use model::GpuLayers;

    #[test]
    fn settings_read_back_are_the_same() {
        let llm = LlmConfig {
            backend: BackendKind::Openai,
            model: "a \"b\" \\c = d'".into(),
            url: Some("http://localhost:8080/v1".into()),
            gpu_layers: GpuLayers::Count(3),
            exact: Some(false),
            ..LlmConfig::default()
        };
        let mut config = Config { llm, ..Config::default() };
        config.run.scorers.set("prm", 0.25);
        config.run.prm.model = Some("0123".into());
        let read = config::load(&settings(&config, Some(6)).unwrap()).unwrap();
        assert_eq!(read.llm, LlmConfig { threads: Some(6), ..config.llm.clone() });
        assert_eq!((read.run.scorers.get("prm"), &read.run.prm), (0.25, &config.run.prm));
        config.llm.threads = Some(2);
        let read = config::load(&settings(&config, Some(6)).unwrap()).unwrap();
        assert_eq!(read.llm.threads, Some(2));
        let without = settings(&Config::default(), None).unwrap();
        assert!(without.contains(&"run.scorers.prm=0.0".to_owned()), "{without:?}");
    }
}
