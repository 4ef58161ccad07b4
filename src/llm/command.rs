//! Values of plans by an external command: one process a plan, one JSON object in, one out.
//!
//! Whatever a command does wrong gives no value and a sentence that says why; it never fails the call. Its output is
//! read up to a limit. It runs in a process group of its own, which is killed when the time is up or nobody waits for
//! its word any more.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use futures_util::{FutureExt, StreamExt, stream};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin},
};
use tokio_util::sync::CancellationToken;

use model::{Appraisal, LlmError, ScoringCommand};

/// Bytes of standard output that are read.
const MOST: u64 = 64 << 10;
/// Bytes of the end of standard error that are kept for the sentence.
const TAIL: usize = 4 << 10;
/// Characters of a command's own words that a sentence quotes.
const QUOTED: usize = 120;

/// What the command writes. Fields that are not known are ignored.
#[derive(Deserialize)]
struct CommandOutput {
    score: f64,
    #[serde(default)]
    parts: BTreeMap<String, f64>,
    stderr: Option<f64>,
    detail: Option<String>,
}

/// Runs `command` once for each of `plans`, as many side by side as there are processors.
///
/// # Errors
/// [`LlmError::Cancelled`] after `cancel` fires; all processes are dead then.
pub(super) async fn appraise(
    command: &ScoringCommand,
    plans: &[Value],
    cancel: &CancellationToken,
) -> Result<Vec<Appraisal>, LlmError> {
    let side_by_side = std::thread::available_parallelism().map_or(1, usize::from);
    let work: Vec<_> = plans.iter().map(|plan| run(command, plan).boxed()).collect();
    let all = stream::iter(work).buffered(side_by_side).collect();
    tokio::select! {
        appraisals = all => Ok(appraisals),
        () = cancel.cancelled() => Err(LlmError::Cancelled),
    }
}

async fn run(command: &ScoringCommand, plan: &Value) -> Appraisal {
    let limit = Duration::from_millis(command.timeout_ms);
    let outcome = match tokio::time::timeout(limit, talk(command, &plan.to_string())).await {
        Ok(outcome) => outcome,
        Err(_) => Err(format!("gave no value within {} ms and was stopped", command.timeout_ms)),
    };
    outcome.unwrap_or_else(|why| Appraisal::Nothing { why: format!("The command {} {why}.", command.path) })
}

/// Starts the command, feeds it, and reads its word. Dropped early, it takes the whole process group with it.
async fn talk(command: &ScoringCommand, input: &str) -> Result<Appraisal, String> {
    let mut child = spawn(command).map_err(|error| format!("cannot be started: {error}"))?;
    let mut group = ProcessGroup::of(&child);
    let pipes = child.stdin.take().zip(child.stdout.take()).zip(child.stderr.take());
    let ((stdin, stdout), stderr) = pipes.ok_or("has no pipes")?;
    let ((), written, complaint) =
        tokio::try_join!(feed(stdin, input.as_bytes()), whole(stdout), end(stderr))?;
    let status = child.wait().await.map_err(|error| format!("cannot be waited for: {error}"))?;
    group.is_over();
    if status.success() {
        return read(&written);
    }
    let last = complaint.lines().rev().find(|line| !line.trim().is_empty());
    let said = last.map_or_else(String::new, |line| format!(", saying: {}", quote(line)));
    Err(format!("ended with {status}{said}"))
}

fn spawn(command: &ScoringCommand) -> std::io::Result<Child> {
    let mut process = tokio::process::Command::new(&command.path);
    process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    process.process_group(0);
    process.spawn()
}

/// Kills a process group when it is dropped. Limitation: on systems without process groups only the command itself
/// is killed.
struct ProcessGroup(Option<u32>);

impl ProcessGroup {
    fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// The leader was waited for; its number may be another's from now on.
    fn is_over(&mut self) {
        self.0 = None;
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.0.take().and_then(|leader| libc::pid_t::try_from(leader).ok()) {
            // SAFETY: a plain system call. The leader was not waited for, so the number is still its group's.
            unsafe { libc::killpg(leader, libc::SIGKILL) };
        }
    }
}

/// Writes the input. A command that does not read it is none the worse for that.
async fn feed(mut stdin: ChildStdin, input: &[u8]) -> Result<(), String> {
    if stdin.write_all(input).await.is_ok() {
        // The end of the line, for those who read lines; then the end of the input.
        let _ = stdin.write_all(b"\n").await;
    }
    Ok(())
}

async fn whole(stdout: impl AsyncRead + Unpin) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = stdout.take(MOST + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > MOST {
        return Err(format!("wrote more than {} KiB and was stopped", MOST >> 10));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads all of standard error, so that the command does not block, and keeps its end.
async fn end(mut stderr: impl AsyncRead + Unpin) -> Result<String, String> {
    let (mut kept, mut piece) = (Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = stderr.read(&mut piece).await {
        kept.extend_from_slice(&piece[..read]);
        kept.drain(..kept.len().saturating_sub(TAIL));
    }
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

/// Reads what the command wrote: one JSON object, with numbers that make sense.
fn read(written: &str) -> Result<Appraisal, String> {
    let written = written.trim();
    if written.is_empty() {
        return Err("wrote nothing".into());
    }
    let CommandOutput { score, parts, stderr, detail } = serde_json::from_str(written).map_err(|error| {
        format!("wrote no JSON object with a number as \"score\" ({error}): {}", quote(written))
    })?;
    let share = |value: f64| (0.0..=1.0).contains(&value);
    if !share(score) {
        return Err(format!("gave the score {score}, which is not from 0 to 1"));
    }
    if let Some((name, value)) = parts.iter().find(|(_, value)| !share(**value)) {
        return Err(format!("gave the part {} the value {value}, which is not from 0 to 1", quote(name)));
    }
    if let Some(error) = stderr.filter(|error| *error < 0.0) {
        return Err(format!("gave the standard error {error}, which is negative"));
    }
    Ok(Appraisal::Value { score, parts, stderr, detail: detail.map(|detail| one_line(&detail, 4 * QUOTED)) })
}

fn quote(text: &str) -> String {
    format!("\"{}\"", one_line(text, QUOTED))
}

/// Returns the beginning of `text`, with runs of space and control characters as single spaces.
fn one_line(text: &str, most: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_from_0_to_1_is_a_value() {
        let read = read(
            " {\"score\": 0.5, \"parts\": {\"S1\": 1}, \"stderr\": 0.1, \"detail\": \"a\\nb\", \"more\": 1}\n",
        );
        let parts = BTreeMap::from([("S1".to_owned(), 1.0)]);
        let detail = Some("a b".to_owned());
        assert_eq!(read, Ok(Appraisal::Value { score: 0.5, parts, stderr: Some(0.1), detail }));
    }

    #[test]
    fn anything_else_is_none_and_says_why() {
        let why = |written: &str| read(written).unwrap_err();
        assert_eq!(why(" \n"), "wrote nothing");
        for none in [
            "NaN",
            "{\"score\": NaN}",
            "{\"score\": null}",
            "{\"score\": \"1\"}",
            "{\"parts\": {}}",
            "{\"score\": 1} x",
        ] {
            assert!(why(none).starts_with("wrote no JSON object with a number"), "{}", why(none));
        }
        assert!(why("{\"score\": 1.5}").contains("1.5, which is not from 0 to 1"));
        assert!(why("{\"score\": -0.1}").contains("not from 0 to 1"));
        assert!(why("{\"score\": 1e999}").contains("out of range"));
        assert!(why("{\"score\": 1, \"parts\": {\"S1\": 2}}").contains("part \"S1\""));
        assert!(why("{\"score\": 1, \"stderr\": -1}").contains("negative"));
        assert!(why(&"x".repeat(1000)).chars().count() < 300);
    }
}
