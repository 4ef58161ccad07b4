//! A small experiment on a scripted model.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use lab::{ResultRow, Store, canonical};
use tempfile::TempDir;

/// The arms of [`WHOLE`].
pub const ARMS: usize = 13;
/// The problems of both experiments.
pub const PROBLEMS: usize = 4;
/// The budgets of [`WHOLE`].
pub const BUDGETS: usize = 2;

/// A folder with an experiment and its model.
pub struct Bench {
    dir: TempDir,
}

impl Bench {
    /// The experiment `text`, run on a model that pauses `delay_ms` between words.
    pub fn new(text: &str, delay_ms: u32) -> Self {
        let bench = Self { dir: tempfile::tempdir().unwrap() };
        let rows: String = (1..=PROBLEMS)
            .map(|n| {
                let (boxes, left) = (10 * n, 60 * n - 45);
                format!(
                    "{{\"question\": \"A shop has {boxes} boxes of 6 pens and sells 45. How many are left?\", \
                     \"answer\": \"#### {left}\"}}\n"
                )
            })
            .collect();
        fs::write(bench.path("rows.jsonl"), rows).unwrap();
        fs::write(bench.path("all.toml"), text).unwrap();
        bench.pause(delay_ms);
        bench
    }

    /// Has the model pause `delay_ms` between words from now on.
    pub fn pause(&self, delay_ms: u32) {
        fs::write(self.path("script.toml"), format!("delay_ms = {delay_ms}\n{SCRIPT}")).unwrap();
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program, started in the folder with the scripted model.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(crate::program());
        command.current_dir(self.dir.path()).args(args).env_remove("PLANSCOPE_MODEL");
        command.args(["--backend", "scripted", "--model", "script.toml"]);
        command
    }

    /// Starts a run of a shard; its results go to `out`.
    pub fn start(&self, out: &str, shard: &str) -> Child {
        let mut command = self.command(&["lab", "run", "all.toml", "--out", out, "--shard", shard]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs a shard to its end.
    pub fn finish(&self, out: &str, shard: &str) {
        let output = self.start(out, shard).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What a command prints.
    pub fn said(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The results in `out`.
    pub fn rows(&self, out: &str) -> Vec<ResultRow> {
        Store::open(self.path(out)).unwrap().rows().unwrap()
    }

    /// All results as text, without times.
    pub fn canonical(&self, out: &str) -> Vec<String> {
        self.rows(out).iter().map(|row| canonical(&row.canonical())).collect()
    }
}

/// The names of the finished cells, with what is kept of each.
pub fn finished(out: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(out.join("cells")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let whole = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    whole.map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

/// All arms.
pub const WHOLE: &str = r#"
name = "all"
problems = ["rows.jsonl#0..4"]
seeds = [7]
arms = ["direct", "long", "majority", "best-answer", "draft", "draft-majority", "best-draft", "until-pass", "program", "local-search",
        "coin-flip", "restore", "refine"]
baseline = "majority"
budgets = [{ meter = "generated", values = [150, 400] }]

[settings]
surface = "items"
answer_tokens = 60
proposals = 2
proposers = { edit = 1.0, redraft = 0.0 }
gate = { rule = "greedy" }
"#;

/// A few arms, so that a slow model is done in some seconds.
pub const SMALL: &str = r#"
name = "small"
problems = ["rows.jsonl#0..4"]
arms = ["direct", "majority", "coin-flip", "refine"]
budgets = [{ meter = "generated", values = [150] }]

[settings]
surface = "items"
answer_tokens = 60
proposals = 4
proposers = { edit = 1.0, redraft = 0.0 }
scorers = { self_check = 0.3 }
gate = { rule = "greedy" }
"#;

const SCRIPT: &str = r#"
[[reply]]
when = "Improve the plan with one small edit"
text = " S1 <- C1 C2: total = boxes * pens"
repeat = true
[[reply]]
when = "[mask]"
text = "S1 <- C1 C2: total = boxes * pens"
repeat = true
[[reply]]
when = "Think step by step"
text = "There are some boxes of pens, and some are sold. The answer is 75."
repeat = true
[[reply]]
when = "\n\nPlan:\n"
text = "There are 75 pens left [S2]. The answer is 75 [S2]."
repeat = true
[[reply]]
text = "C1: boxes = 20\nC2: pens = 6\nS1 <- C1: total = boxes * boxes\nS2 <- S1: answer = total - 45"
repeat = true
[[reply]]
when = "N/A"
logprobs = [-0.7, -0.7]
repeat = true
[[reply]]
logprobs = [-0.5, -1.0]
repeat = true
"#;
