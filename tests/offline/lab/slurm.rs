//! Job arrays on a real Slurm, which `cluster.sh` starts: tasks that are requeued, killed and cancelled give
//! what an undisturbed run gives.
#![allow(clippy::disallowed_methods, reason = "the test harness hides what a test prints that passes")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use lab::{ExperimentProgress, Shard, Store};
use tempfile::TempDir;

use support::experiment::{Bench, WHOLE};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/offline/lab/cluster.sh");
/// The exit status of the script where something that it needs is missing.
const MISSING: i32 = 3;
/// Longer than any step takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(180);

/// A cluster of one node; it ends with this value.
struct Cluster {
    dir: TempDir,
}

impl Cluster {
    /// Starts one. `None`, with a loud note, where Slurm is not installed or cannot be started; an error where
    /// `PLANSCOPE_TEST_SLURM` demands it.
    fn start() -> Option<Self> {
        let cluster = Self { dir: tempfile::tempdir().unwrap() };
        // Into a file, since the daemons inherit what the script writes to.
        let log = cluster.dir.path().join("start.log");
        let file = fs::File::create(&log).unwrap();
        let mut script = Command::new(SCRIPT);
        script.arg("start").arg(cluster.dir.path()).stdout(file.try_clone().unwrap()).stderr(file);
        let status = script.status().unwrap();
        let words = fs::read_to_string(&log).unwrap();
        if status.success() {
            return Some(cluster);
        }
        let wanted = std::env::var_os("PLANSCOPE_TEST_SLURM").is_some();
        assert!(status.code() == Some(MISSING) && !wanted, "the cluster does not start: {words}");
        // Not by `eprintln`, which the test harness hides when a test passes.
        let note = format!("SKIPPED: no Slurm for the test of job arrays: {}\n", words.trim());
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        None
    }

    fn on(&self, mut command: Command) -> Command {
        command.env("SLURM_CONF", self.dir.path().join("slurm.conf"));
        command
    }

    /// Does a command of Slurm, and returns what it says.
    fn slurm(&self, program: &str, args: &[&str]) -> String {
        let mut command = Command::new(program);
        command.args(args);
        let output = self.on(command).output().unwrap();
        assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The states of the jobs that are not done.
    fn queue(&self) -> Vec<String> {
        self.slurm("squeue", &["--noheader", "--array", "--format=%i %T"])
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let ended = Command::new(SCRIPT).arg("stop").arg(self.dir.path()).status();
        assert!(ended.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// An experiment that a cluster runs.
struct Array<'a> {
    cluster: &'a Cluster,
    bench: &'a Bench,
    out: &'a str,
    number: u64,
}

impl<'a> Array<'a> {
    fn submit(cluster: &'a Cluster, bench: &'a Bench, out: &'a str) -> Self {
        let command = bench.command(&[
            "lab",
            "slurm",
            "all.toml",
            "--out",
            out,
            "--sbatch-arg",
            "--comment=a \"b\" \\c",
        ]);
        let output = cluster.on(command).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let number = said.split("array ").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
        Self { cluster, bench, out, number: number.parse().unwrap() }
    }

    fn dir(&self) -> PathBuf {
        self.bench.path(self.out)
    }

    fn task(&self, task: usize) -> String {
        format!("{}_{task}", self.number)
    }

    fn log(&self, task: usize) -> String {
        fs::read_to_string(self.dir().join(format!("slurm/{}.log", self.task(task)))).unwrap_or_default()
    }

    fn progress(&self, task: usize) -> ExperimentProgress {
        ExperimentProgress::of(&Store::open(self.dir()).unwrap(), Shard { index: task, of: TASKS }).unwrap()
    }

    /// Waits until a task has finished some cells, and is still at it.
    fn in_the_middle(&self, task: usize) {
        self.until("a task is in the middle", || self.progress(task).finished >= 2);
        assert!(self.progress(task).open > 2, "task {task} is not nearly done");
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}: {}", self.state());
            sleep(Duration::from_millis(50));
        }
    }

    /// All that there is to know when something is wrong.
    fn state(&self) -> String {
        let logs: Vec<String> = (0..TASKS).map(|task| self.log(task)).collect();
        format!("{:?}\n{}", self.cluster.queue(), logs.join("\n"))
    }

    fn is_running(&self, task: usize) -> bool {
        self.cluster.queue().contains(&format!("{} RUNNING", self.task(task)))
    }
}

/// One per problem.
const TASKS: usize = 4;

#[test]
fn an_array_that_is_disturbed_gives_what_an_undisturbed_run_gives() {
    let Some(cluster) = Cluster::start() else { return };
    let bench = Bench::new(WHOLE, 0);
    bench.finish("whole", "0/1");
    bench.pause(1);
    let whole = bench.canonical("whole");
    disturbed(&cluster, &bench, &whole);
    cancelled(&cluster, &bench, &whole);
}

fn disturbed(cluster: &Cluster, bench: &Bench, whole: &[String]) {
    let array = Array::submit(cluster, bench, "it's a \"lab\"");
    // The tasks have a copy.
    fs::write(bench.path("all.toml"), "name = 'edited meanwhile'").unwrap();
    // As an administrator does, or Slurm itself when a node fails or a task is preempted.
    array.in_the_middle(0);
    cluster.slurm("scontrol", &["requeue", &array.task(0)]);
    // What Slurm sends when the time limit is near, and what somebody may send who wants the place.
    for (task, signal) in [(2, "--signal=USR1"), (3, "--signal=TERM")] {
        array.in_the_middle(task);
        cluster.slurm("scancel", &[signal, "--batch", &array.task(task)]);
    }
    // The task and its program at once, as when memory runs out; then somebody puts it back.
    array.in_the_middle(1);
    cluster.slurm("scancel", &["--signal=KILL", "--full", &array.task(1)]);
    array.until("the killed task is gone", || {
        !cluster.queue().iter().any(|job| job.starts_with(&array.task(1)))
    });
    assert!(array.progress(1).open > 0);
    cluster.slurm("scontrol", &["requeue", &array.task(1)]);
    array.until("all is done", || cluster.queue().is_empty());
    fs::write(bench.path("all.toml"), WHOLE).unwrap();
    assert_eq!(bench.canonical(array.out), whole, "{}", array.state());
    for task in 0..TASKS {
        let log = array.log(task);
        assert!(log.contains("times requeued: 0") && log.contains("times requeued: 1"), "{log}");
        assert_eq!(log.contains("puts itself back into the queue"), task > 1, "{log}");
    }
    reported(&array.dir(), bench);
}

fn reported(dir: &Path, bench: &Bench) {
    assert!(fs::read_to_string(dir.join("report.md")).unwrap().contains("| arm | right |"));
    let csv = fs::read_to_string(dir.join("results.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + bench.rows("whole").len(), "the report came after the last task");
    for row in bench.rows(dir.to_str().unwrap()).iter().take(8) {
        bench.said(&["replay", "--check", dir.join(&row.record.session).to_str().unwrap()]);
    }
}

/// A cancelled array stays cancelled, and the same command runs the rest.
fn cancelled(cluster: &Cluster, bench: &Bench, whole: &[String]) {
    let array = Array::submit(cluster, bench, "cancelled");
    (0..TASKS).for_each(|task| array.until("all tasks run", || array.is_running(task)));
    array.in_the_middle(0);
    let again = bench.command(&["lab", "slurm", "all.toml", "--out", "cancelled"]);
    let refused = cluster.on(again).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("still in the queue"));
    cluster.slurm("scancel", &[&array.number.to_string()]);
    array.until("the array has ended", || cluster.queue().is_empty());
    let before = bench.canonical("cancelled").len();
    assert!(before < whole.len(), "{}", array.state());
    let rest = Array::submit(cluster, bench, "cancelled");
    rest.until("the rest is done", || cluster.queue().is_empty());
    assert_eq!(bench.canonical("cancelled"), whole, "{}", rest.state());
}
