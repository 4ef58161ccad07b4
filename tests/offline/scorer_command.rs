//! Commands that score, as real child processes; and the examples of `docs/scorers.md`.
#![cfg(unix)]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use engine::score::{REGISTRY, Scorer};
use llm::Routed;
use model::{
    Appraisal, Backend, LlmError, Output, Request, ScoringCommand, ScriptedBackend, scripted::ReplyScript,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const DOC: &str = include_str!("../../docs/scorers.md");

/// Makes an executable file. Another process writes it: a file that this one has open for writing at the moment when
/// another test forks is busy, and cannot be executed.
fn program(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("score");
    let mut writer = Command::new("sh")
        .args(["-c", "cat > \"$0\" && chmod +x \"$0\""])
        .arg(&path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    writer.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(writer.wait().unwrap().success());
    path
}

fn shell(dir: &Path, text: &str) -> PathBuf {
    program(dir, &format!("#!/bin/sh\n{text}\n"))
}

fn plan(lines: &[&str]) -> Value {
    let item = |(at, text): (usize, &&str)| json!({ "id": format!("S{at}"), "kind": "step", "deps": [], "text": text });
    let items: Vec<Value> = (1..).zip(lines).map(item).collect();
    json!({ "version": 1, "problem": { "text": "How many?" }, "plan": { "text": lines.join("\n"), "items": items } })
}

async fn ask(
    path: &Path,
    timeout_ms: u64,
    plans: Vec<Value>,
    cancel: &CancellationToken,
) -> Result<Vec<Appraisal>, LlmError> {
    let script = ReplyScript { name: "none".into(), delay_ms: 0, replies: Default::default() };
    let mut backend = Routed::new(Box::new(ScriptedBackend::new(script)));
    let command = ScoringCommand { path: path.display().to_string(), timeout_ms };
    let (progress, _keep) = mpsc::channel(8);
    let reply = backend.call(&Request::Appraise { command, plans }, &progress, cancel).await?;
    assert_eq!((reply.cost.calls, reply.cost.fresh), (0, 0), "no model was asked");
    let Output::Appraised { appraisals } = reply.output else { panic!("{:?}", reply.output) };
    Ok(appraisals)
}

/// What the command says of one plan.
async fn appraise(path: &Path, timeout_ms: u64) -> Appraisal {
    ask(path, timeout_ms, vec![plan(&["x = 1"])], &CancellationToken::new()).await.unwrap().remove(0)
}

/// Why there is no value.
async fn nothing(script: &str, timeout_ms: u64) -> String {
    let dir = tempfile::tempdir().unwrap();
    match appraise(&shell(dir.path(), script), timeout_ms).await {
        Appraisal::Nothing { why } => why,
        value @ Appraisal::Value { .. } => panic!("{value:?}"),
    }
}

/// Long enough for a process on a busy machine.
const PATIENT: u64 = 30_000;

/// The blocks of the page in that language.
fn examples(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    DOC.split(&start).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[tokio::test]
async fn the_examples_of_the_page_work() {
    let value = |appraisal: &Appraisal| match appraisal {
        Appraisal::Value { score, .. } => *score,
        Appraisal::Nothing { why } => panic!("{why}"),
    };
    let dir = tempfile::tempdir().unwrap();
    let plans = vec![plan(&["x = 1", "x = 1", "y = 2", "z = 3"]), plan(&["say it"])];
    let [python] = examples("python")[..] else { panic!("one example in Python") };
    let said =
        ask(&program(dir.path(), python), PATIENT, plans.clone(), &CancellationToken::new()).await.unwrap();
    assert_eq!([value(&said[0]), value(&said[1])], [0.5, 1.0]);
    let Appraisal::Value { parts, detail, .. } = &said[0] else { panic!() };
    assert_eq!((parts["S1"], parts["S3"], detail.as_deref()), (0.0, 1.0, Some("3 different lines.")));
    let [sh] = examples("sh")[..] else { panic!("one example for a shell") };
    let said = ask(&program(dir.path(), sh), PATIENT, plans, &CancellationToken::new()).await.unwrap();
    assert_eq!([value(&said[0]), value(&said[1])], [1.0, 0.0]);
}

#[test]
fn the_page_has_all_scorers() {
    let row = |scorer: &&'static dyn Scorer| {
        let tested = match scorer.verifier().map(|verifier| verifier.steps) {
            Ok(Some(_)) => "plans and steps",
            Ok(None) => "plans",
            Err(_) => "–",
        };
        format!("| `{}` | {} | {tested} |\n", scorer.doc().name, scorer.doc().doc)
    };
    let rows: String = REGISTRY.iter().map(row).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scorers.md");
    let page = fs::read_to_string(&path).unwrap();
    let head = "| scorer | looks at | tested on |\n|---|---|---|\n";
    let start = page.find(head).expect("the table of scorers") + head.len();
    let end = start + page[start..].find("\n\n").expect("its end") + 1;
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{}{rows}{}", &page[..start], &page[end..])).unwrap();
    } else {
        assert_eq!(
            &page[start..end],
            rows,
            "bring it up to date with UPDATE_DOCS=1 cargo test --release --test offline scorer_command"
        );
    }
}

#[tokio::test]
async fn a_command_that_is_not_done_in_time_dies_with_all_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.path().join("mark");
    let script = format!("(sleep 3; echo late > {}) & sleep 60", mark.display());
    let start = Instant::now();
    let why = nothing(&script, 500).await;
    assert!(why.ends_with("gave no value within 500 ms and was stopped."), "{why}");
    assert!(start.elapsed() < Duration::from_secs(30));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(!mark.exists(), "what it had started lived on");
}

#[tokio::test]
async fn a_cancelled_call_leaves_no_process() {
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.path().join("mark");
    let path = shell(dir.path(), &format!("(sleep 3; echo late > {}) & sleep 60", mark.display()));
    let cancel = CancellationToken::new();
    let soon = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        cancel.cancel();
    };
    let (said, ()) = tokio::join!(ask(&path, PATIENT, vec![plan(&["x"]), plan(&["y"])], &cancel), soon);
    assert!(matches!(said, Err(LlmError::Cancelled)), "{said:?}");
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(!mark.exists(), "what it had started lived on");
}

#[tokio::test]
async fn a_crash_gives_no_value_and_its_last_words() {
    let why = nothing("echo first >&2; echo 'no such table' >&2; exit 3", PATIENT).await;
    assert!(why.contains("exit status: 3, saying: \"no such table\""), "{why}");
    let why = nothing("echo '{\"score\": 1}'; kill -9 $$", PATIENT).await;
    assert!(why.contains("signal: 9"), "{why}");
}

#[tokio::test]
async fn garbage_and_numbers_out_of_range_give_no_value() {
    assert!(nothing("cat > /dev/null", PATIENT).await.ends_with("wrote nothing."));
    let why = nothing("echo 'all is well'", PATIENT).await;
    assert!(why.contains("wrote no JSON object") && why.contains("all is well"), "{why}");
    assert!(nothing("printf '\\377\\376'", PATIENT).await.contains("wrote no JSON object"));
    assert!(nothing("echo '{\"score\": NaN}'", PATIENT).await.contains("wrote no JSON object"));
    assert!(nothing("echo '{\"score\": 1.01}'", PATIENT).await.contains("not from 0 to 1"));
}

#[tokio::test]
async fn what_is_written_is_read_up_to_a_limit() {
    let start = Instant::now();
    let why = nothing("yes '{\"score\": 1}'", PATIENT).await;
    assert!(why.ends_with("wrote more than 64 KiB and was stopped."), "{why}");
    assert!(start.elapsed() < Duration::from_secs(25), "it was not waited for");
    let dir = tempfile::tempdir().unwrap();
    let chatty = "head -c 3000000 /dev/zero >&2; echo '{\"score\": 0.25}'";
    let said = appraise(&shell(dir.path(), chatty), PATIENT).await;
    assert!(matches!(said, Appraisal::Value { score: 0.25, .. }), "standard error blocks nobody: {said:?}");
}

#[tokio::test]
async fn a_command_that_cannot_be_started_or_reads_nothing_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    match appraise(&dir.path().join("missing"), PATIENT).await {
        Appraisal::Nothing { why } => assert!(why.contains("cannot be started"), "{why}"),
        value @ Appraisal::Value { .. } => panic!("{value:?}"),
    }
    let long = plan(&["x = 1 "; 50_000]);
    let path = shell(dir.path(), "echo '{\"score\": 1}'");
    let said = ask(&path, PATIENT, vec![long], &CancellationToken::new()).await.unwrap();
    assert!(matches!(said[0], Appraisal::Value { score: 1.0, .. }), "{said:?}");
}

const SCRIPT: &str = r#"
name = "canned"
[[reply]]
when = "Write a plan"
text = "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens\nS2 <- S1: answer = total - 45"
[[reply]]
text = "There are 75 pens left [S2].\nThe answer is 75 [S2]."
repeat = true
[[reply]]
logprobs = [-0.5, -1.0]
repeat = true
"#;

fn planscope(dir: &Path, args: &[&str]) -> (bool, String, String) {
    let script = dir.join("model.toml");
    fs::write(&script, SCRIPT).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_planscope"))
        .args(args)
        .args(["--backend", "scripted", "--model", script.to_str().unwrap()])
        .args(["--sessions", dir.join("sessions").to_str().unwrap()])
        .current_dir(dir)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_flag_scores_a_run_and_the_record_says_so() {
    let dir = tempfile::tempdir().unwrap();
    shell(dir.path(), "echo '{\"score\": 0.625, \"parts\": {\"S1\": 0.5}, \"stderr\": 0.125}'");
    let args = [
        "run",
        "pens",
        "--json",
        "--scorer",
        "cmd:./score",
        "--scorer",
        "self_check=0",
        "--set",
        "iterations=0",
        "--set",
        "surface=items",
    ];
    let (fine, out, err) = planscope(dir.path(), &args);
    assert!(fine, "{err}");
    let scored = out.lines().find(|line| line.contains("\"scored\"")).expect("a score");
    assert!(scored.contains("\"name\":\"command\",\"value\":0.625"), "{scored}");
    let session = out.lines().last().and_then(|line| serde_json::from_str::<Value>(line).ok()).unwrap();
    let session = session["session"].as_str().unwrap();
    let (fine, shown, err) = planscope(dir.path(), &["show", session, "--calls"]);
    assert!(fine && shown.contains("command"), "{shown}{err}");
    // A record alone never runs a command.
    let (fine, _, err) = planscope(dir.path(), &["fork", session, "--iteration", "0", "--json"]);
    assert!(!fine && err.contains("scorer_command.path"), "{err}");
    let path = dir.path().join("score").canonicalize().unwrap();
    let set = format!("scorer_command.path={}", path.display());
    let (fine, _, err) =
        planscope(dir.path(), &["fork", session, "--iteration", "0", "--json", "--set", &set]);
    assert!(fine, "{err}");
}

#[test]
fn a_command_is_tested_on_labelled_plans() {
    let dir = tempfile::tempdir().unwrap();
    // A wrong step ends with a 7; so this command sees everything.
    let script = "read -r case; p=; n=1; while [ $n -le 3 ]; do case \"$case\" in *\"S$n: x is 7\"*) v=0;; *) v=1;; esac; \
                  p=\"$p\\\"S$n\\\": $v,\"; n=$((n + 1)); done; case \"$case\" in *'x is 7'*) s=0;; *) s=1;; esac; \
                  echo \"{\\\"score\\\": $s, \\\"parts\\\": {${p%,}}}\"";
    shell(dir.path(), script);
    let row = |number: usize| {
        let wrong = number.is_multiple_of(2).then_some(number / 2 % 3);
        let steps: Vec<&str> = (0..3).map(|at| if Some(at) == wrong { "x is 7" } else { "x is 6" }).collect();
        json!({ "id": format!("own-{number}"), "problem": format!("What is x, {number}?"), "steps": steps,
                "label": wrong.map_or(-1, |at| at as i64) })
    };
    let data = dir.path().join("data.json");
    fs::write(&data, serde_json::to_string(&(0..60).map(row).collect::<Vec<_>>()).unwrap()).unwrap();
    let args = ["scorer", "test", "cmd:./score", "--data", "data.json", "--limit", "50", "--seed", "3"];
    let (fine, out, err) = planscope(dir.path(), &args);
    assert!(fine, "{err}");
    assert!(
        out.contains("50 of 60 plans") && out.contains("better than a coin") && out.contains("F1 1.000"),
        "{out}"
    );
    let (fine, out, err) = planscope(dir.path(), &[&args[..], &["--json"]].concat());
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{fine} {out}{err}"));
    assert_eq!(report["steps"]["first_error"]["status"], "measured");
    assert_eq!((report["complete"].as_bool(), report["samples"].as_u64()), (Some(true), Some(50)));
    // Too few say nothing.
    let (_, out, _) =
        planscope(dir.path(), &["scorer", "test", "self_check", "--data", "data.json", "--limit", "6"]);
    assert!(out.contains("not enough data"), "{out}");
    let (fine, _, err) = planscope(dir.path(), &["scorer", "test", "structure", "--data", "data.json"]);
    assert!(!fine && err.contains("no verifier"), "{err}");
    let (fine, list, _) = planscope(dir.path(), &["scorer", "list"]);
    assert!(fine && REGISTRY.iter().all(|scorer| list.contains(scorer.doc().name)), "{list}");
}
