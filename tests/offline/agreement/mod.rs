//! Verdicts against those of independent checkers; `docs/agreement.md` says which, and how to run them on other answers.
#![cfg(target_os = "linux")]

use std::{fs, path::Path};

use engine::answer::readable;
use plan::Plan;
use problem::{Outcome, Problem, load};
use serde_json::Value;

/// Returns the problem of a line: that of its reference, or of the row that it carries.
fn problem(line: &Value, folder: &Path) -> Problem {
    if let Some(reference) = line["ref"].as_str() {
        return load(reference).unwrap_or_else(|error| panic!("{reference}: {error}"));
    }
    let file = folder.join("row.jsonl");
    fs::write(&file, line["problem"].to_string()).expect("written");
    let gold = folder.join("possible_answer.row.jsonl");
    if line["gold"].is_null() {
        // A problem without gold has none, not even that of the line before.
        drop(fs::remove_file(&gold));
    } else {
        fs::write(&gold, line["gold"].to_string()).expect("written");
    }
    load(&format!("{}#0", file.display())).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// Adds the verdict and the value that was read to each line.
fn judged(lines: &str) -> Vec<Value> {
    sandbox::use_program(env!("CARGO_BIN_EXE_planscope"));
    let folder = tempfile::tempdir().expect("a folder");
    let one = |line: &str| {
        let mut line: Value = serde_json::from_str(line).expect("a line of JSON");
        let problem = problem(&line, folder.path());
        // A session of an earlier version may have read the gold answer otherwise.
        line["family"] = problem.family().name().into();
        let cut = line["truncated"].as_bool().unwrap_or(false);
        let answer = line["answer"].as_str().expect("an answer").trim().to_owned();
        let answer = readable(problem.family(), answer, cut);
        let verdict = problem.family().check_answer(&problem, &Plan::default(), &answer);
        let word = match verdict.outcome {
            Outcome::Correct => "correct",
            Outcome::Wrong => "wrong",
            Outcome::Unparsed => "unreadable",
            Outcome::NotJudged => "not_judged",
            Outcome::NoGold => "no_gold",
        };
        (line["verdict"], line["value"]) = (word.into(), verdict.extracted.into());
        line["reason"] = verdict.reason.into();
        line
    };
    lines.lines().filter(|line| !line.trim().is_empty()).map(one).collect()
}

/// Answers whose verdicts the independent checkers gave, so that this needs none of them.
#[test]
fn the_kept_answers_are_judged_as_the_independent_checkers_judge_them() {
    let kept = judged(include_str!("kept.jsonl"));
    assert!(kept.len() >= 100, "{}", kept.len());
    let differing: Vec<String> = kept
        .iter()
        .filter(|line| {
            let right = line["expected"].as_bool().expect("a verdict");
            let allowed = if right { &["correct"][..] } else { &["wrong", "unreadable"] };
            !allowed.contains(&line["verdict"].as_str().unwrap_or_default())
        })
        .map(|line| format!("{} here, {} there: {}", line["verdict"], line["expected"], line["answer"]))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// Judges the answers in the file that `PLANSCOPE_ANSWERS` names, and writes them with their verdicts to that name and
/// `.judged`, for `check.py`.
#[test]
#[ignore = "needs a file of answers"]
fn answers_of_a_file() {
    let path = std::env::var("PLANSCOPE_ANSWERS").expect("PLANSCOPE_ANSWERS names a file");
    let lines = fs::read_to_string(&path).expect("the file can be read");
    let judged: Vec<String> = judged(&lines).iter().map(Value::to_string).collect();
    fs::write(format!("{path}.judged"), judged.join("\n") + "\n").expect("written");
}
