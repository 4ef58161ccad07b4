//! Job arrays where there is no Slurm: what the command writes and says, with stand-ins for the programs of Slurm, and
//! what the scripts do when they are asked to stop.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use support::experiment::{Bench, SMALL, finished};

/// Answers with a number a job, and notes what it was asked.
const SBATCH: &str = "[ \"$1\" = --version ] && exit; pwd >>\"$NOTES\"; printf '<%s>' \"$@\" >>\"$NOTES\"; echo >>\"$NOTES\"\n\
                      echo $((40 + $(wc -l <\"$NOTES\") / 2))\n";

/// An experiment with stand-ins for Slurm's programs.
struct Alone {
    bench: Bench,
}

impl Alone {
    fn new(programs: &[(&str, &str)], delay_ms: u32) -> Self {
        let alone = Self { bench: Bench::new(SMALL, delay_ms) };
        fs::create_dir(alone.bench.path("bin")).unwrap();
        programs.iter().for_each(|(name, text)| alone.put(name, text));
        alone
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.bench.path("bin").join(name);
        fs::write(&path, format!("#!/bin/bash\n{text}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Only the stand-ins and the usual programs are found, so that a Slurm of this machine is not.
    fn on_path(&self, command: &mut Command) {
        let usual = self.bench.path("usual");
        if !usual.is_dir() {
            fs::create_dir(&usual).unwrap();
            for name in ["bash", "date", "hostname", "mv", "rm", "sleep", "wc"] {
                let path = ["/bin", "/usr/bin"].map(|dir| format!("{dir}/{name}"));
                let path = path.iter().find(|path| fs::metadata(path).is_ok()).unwrap();
                std::os::unix::fs::symlink(path, usual.join(name)).unwrap();
            }
        }
        let path = format!("{}:{}", self.bench.path("bin").display(), usual.display());
        command.env("PATH", path).env("NOTES", self.bench.path("notes"));
    }

    fn slurm(&self, args: &[&str]) -> Output {
        let mut command = self.bench.command(&[&["lab", "slurm", "all.toml"], args].concat());
        self.on_path(&mut command);
        command.output().unwrap()
    }

    fn said(&self, args: &[&str]) -> String {
        let output = self.slurm(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.slurm(args);
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains("error: ") && words.contains("hint: "), "{words}");
        words
    }

    fn notes(&self) -> String {
        fs::read_to_string(self.bench.path("notes")).unwrap_or_default()
    }

    /// Starts a task as Slurm does.
    fn task(&self, out: &str, task: &str) -> Child {
        let mut command = Command::new("bash");
        command
            .arg(self.bench.path(out).join("slurm/array.sh"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.env("SLURM_ARRAY_JOB_ID", "41").env("SLURM_ARRAY_TASK_ID", task);
        self.on_path(&mut command);
        command.spawn().unwrap()
    }
}

#[test]
fn an_array_and_its_report_are_submitted() {
    let alone = Alone::new(&[("sbatch", SBATCH)], 0);
    let out = "it's a \"lab\" $HOME";
    let said =
        alone.said(&["--out", out, "--time", "1:00:00", "--gres", "gpu:1", "--sbatch-arg", "--qos=a b"]);
    assert!(said.starts_with("small: 16 cells to run in 4 tasks\n"), "{said}");
    assert!(said.contains("submitted: array 41, and job 42") && said.contains("squeue -j 41,42"), "{said}");
    let dir = alone.bench.path(out);
    let place = dir.display();
    assert_eq!(
        alone.notes(),
        format!(
            "{place}\n<--parsable><slurm/array.sh>\n{place}\n<--parsable><--dependency=afterany:41><slurm/report.sh>\n"
        )
    );
    let script = fs::read_to_string(dir.join("slurm/array.sh")).unwrap();
    for line in ["--array=0-3", "--time=1:00:00", "--gres=gpu:1", "\"--qos=a b\""] {
        assert!(script.contains(&format!("\n#SBATCH {line}\n")), "{script}");
    }
    let status = alone.bench.said(&["lab", "status", out]);
    assert!(status.starts_with("small: 16 cells; 0 finished, 0 failed, 16 to do\n\narray 41\n"), "{status}");
    assert_eq!(alone.bench.said(&["lab", "status", out, "--shard", "1/4", "--left"]), "4\n");
    // The tasks run what the experiment was, wherever they are started.
    fs::write(alone.bench.path("all.toml"), "name = 'other'").unwrap();
    for task in ["0", "1", "2", "3"] {
        let output = alone.task(out, task).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let report = Command::new("bash").arg(dir.join("slurm/report.sh")).output().unwrap();
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stderr));
    assert!(fs::read_to_string(dir.join("report.md")).unwrap().contains("| arm | right |"));
    assert!(dir.join("results.parquet").is_file() && dir.join("results.csv").is_file());
    fs::write(alone.bench.path("all.toml"), SMALL).unwrap();
    alone.bench.finish("whole", "0/1");
    assert_eq!(alone.bench.canonical(out), alone.bench.canonical("whole"));
    let refused = alone.refused(&["--out", out]);
    assert!(refused.contains("Nothing to run: all 16 cells are finished"), "{refused}");
}

#[test]
fn only_parts_with_something_to_run_are_tasks() {
    let alone = Alone::new(&[("sbatch", SBATCH)], 0);
    alone.bench.finish("out", "1/3");
    let said = alone.said(&["--out", "out", "--shards", "3", "--at-once", "1", "--dry-run"]);
    assert!(
        said.contains("12 cells to run in 2 tasks") && said.contains("#SBATCH --array=0,2%1\n"),
        "{said}"
    );
    assert!(said.contains("&& sbatch slurm/array.sh") && alone.notes().is_empty(), "{said}");
}

#[test]
fn failed_cells_run_again_when_asked() {
    let alone = Alone::new(&[("sbatch", SBATCH)], 0);
    let script = fs::read_to_string(alone.bench.path("script.toml")).unwrap();
    let cut = script.find("[[reply]]\nwhen = \"N/A\"").unwrap();
    fs::write(alone.bench.path("script.toml"), &script[..cut]).unwrap();
    alone.bench.finish("out", "0/1");
    let status = alone.bench.said(&["lab", "status", "out"]);
    assert!(status.starts_with("small: 16 cells; 8 finished, 8 failed, 0 to do\n  "), "{status}");
    assert!(status.contains(" × ") && status.contains("no more logprobs"), "{status}");
    let refused = alone.refused(&["--out", "out"]);
    assert!(refused.contains("8 of them failed") && refused.contains("--retry"), "{refused}");
    assert!(alone.said(&["--out", "out", "--retry"]).starts_with("small: 8 cells to run in 4 tasks\n"));
    assert_eq!(alone.bench.said(&["lab", "status", "out", "--left"]), "8\n");
}

#[test]
fn what_stands_in_the_way_is_said_with_a_hint() {
    let alone = Alone::new(&[], 0);
    let refused = alone.refused(&[]);
    assert!(
        refused.contains("sbatch is not installed on this machine") && refused.contains("--dry-run"),
        "{refused}"
    );
    assert!(
        alone.said(&["--dry-run"]).contains("Nothing is submitted"),
        "it takes no Slurm to write the scripts"
    );

    alone.put(
        "sbatch",
        "[ \"$1\" = --version ] && exit; echo 'sbatch: error: invalid partition specified: x' >&2; exit 1\n",
    );
    let refused = alone.refused(&["--partition", "x"]);
    assert!(refused.contains("sbatch refuses: sbatch: error: invalid partition specified: x"), "{refused}");

    alone.put("sbatch", "[ \"$1\" = --version ] && exit; echo Submitted\n");
    assert!(alone.refused(&[]).contains("should have printed a job number, but printed \"Submitted\""));

    let no_report = "case \"$*\" in *afterany*) echo no >&2; exit 1 ;; --parsable*) echo '41;west' ;; esac\n";
    alone.put("sbatch", no_report);
    let refused = alone.refused(&[]);
    assert!(
        refused.contains("array 41 is submitted, but not its report") && refused.contains("no"),
        "{refused}"
    );

    alone.put("squeue", "[ \"$*\" = '--noheader --jobs 41 --clusters=west' ] && echo 41_0\n");
    let refused = alone.refused(&[]);
    assert!(
        refused.contains("array 41")
            && refused.contains("still in the queue")
            && refused.contains("scancel 41")
    );
    assert!(alone.refused(&["--dry-run"]).contains("still in the queue"), "nor is anything written");

    fs::write(alone.bench.path("file"), "").unwrap();
    let refused = alone.refused(&["--out", "file"]);
    assert!(refused.contains("file/cells failed") && refused.contains("--out DIR"), "{refused}");
    let refused = alone.refused(&["--out", "b", "--sbatch-arg", "--comment=a\nb"]);
    assert!(refused.contains("no single line of text"), "{refused}");
}

/// Starts the only task, asks it to stop after `cells` cells, and returns the result. Slurm says that it is `state`;
/// before, it was stopped `fruitless` times without a finished cell.
fn stopped(
    signal: libc::c_int,
    cells: usize,
    state: &str,
    fruitless: usize,
) -> (Option<i32>, String, String) {
    let alone = Alone::new(&[("scontrol", "echo scontrol \"$@\" >>\"$NOTES\"\n")], 20);
    alone.put("squeue", &format!("echo {state}\n"));
    alone.said(&["--out", "out", "--shards", "1", "--dry-run"]);
    fs::write(alone.bench.path("out/slurm/41_0.fruitless"), "16\n".repeat(fruitless)).unwrap();
    let child = alone.task("out", "0");
    let begun = Instant::now();
    let sessions = || fs::read_dir(alone.bench.path("out/sessions")).map_or(0, Iterator::count);
    while finished(&alone.bench.path("out")).len() < cells || sessions() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "cells are finished");
        sleep(Duration::from_millis(5));
    }
    // SAFETY: the process is our own child, which has not been waited for.
    assert_eq!(unsafe { libc::kill(libc::pid_t::try_from(child.id()).unwrap(), signal) }, 0);
    let output = child.wait_with_output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let left = fs::read_dir(alone.bench.path("out/cells")).unwrap();
    assert!(left.count() < 16, "it was stopped in the middle: {said}");
    (output.status.code(), said, alone.notes())
}

#[test]
fn a_task_near_its_time_limit_requeues_itself_alone() {
    let (code, said, notes) = stopped(libc::SIGUSR1, 2, "RUNNING", 2);
    assert!(said.contains("Stopped: ") && said.contains("puts itself back into the queue"), "{said}");
    // Not the number of the job, which may be that of the whole array.
    assert_eq!((code, notes.as_str()), (Some(0), "scontrol requeue 41_0\n"));
}

#[test]
fn a_task_that_finishes_no_cell_within_its_time_does_not_begin_again_and_again() {
    let (code, said, notes) = stopped(libc::SIGUSR1, 0, "RUNNING", 2);
    assert!(said.contains("three times no cell finished within the time limit"), "{said}");
    assert_eq!((code, notes.as_str()), (Some(1), ""));
    let (code, _, notes) = stopped(libc::SIGUSR1, 0, "RUNNING", 1);
    assert_eq!((code, notes.as_str()), (Some(0), "scontrol requeue 41_0\n"), "twice is no proof");
}

#[test]
fn a_task_that_is_told_to_end_requeues_itself_unless_slurm_has_ended_it() {
    let (code, _, notes) = stopped(libc::SIGTERM, 0, "RUNNING", 0);
    assert_eq!((code, notes.as_str()), (Some(0), "scontrol requeue 41_0\n"));
    let (code, said, notes) = stopped(libc::SIGTERM, 2, "COMPLETING", 0);
    assert!(said.contains("stopped by Slurm (COMPLETING)"), "{said}");
    assert_eq!((code, notes.as_str()), (Some(1), ""));
}
