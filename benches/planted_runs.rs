//! How well the checks of a record find faults that were planted in the run itself, with a real model.
//!
//! `PLANSCOPE_TEST_MODEL=FILE.gguf cargo bench --bench planted_runs`, with `PLANSCOPE_BENCH_PROBLEMS=FILE.jsonl#0..6` for
//! other problems than the bundled ones. Each problem is refined four times, with the same seed and the same proposer:
//!
//! | run | its score |
//! | --- | --- |
//! | sound | structure and checker, which always say the same of the same plan |
//! | noise | the same two, buried in Gaussian noise of 100 median steps |
//! | coin flip | none counts: the gate flips a coin |
//! | length | a command that values a plan by its length |
//!
//! Counted is how often each check finds fault, and how often it has not enough data.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path};

use diagnose::passive;
use llm::Routed;
use session::{EditWeights, FindingVerdict, ScoreNoise, Settings, State, Weights};
use support::runs::{backend, problems, record, share};
use support::walks::rule;

/// Iterations of a run: enough for each check to tell.
const ITERATIONS: u32 = 48;
/// The noise on both scorers, in units of the score, which no edit moves by more than 1.
const SIGMA: f64 = 3.0;

/// How often a check found what in one kind of run.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    faults: usize,
    decided: usize,
    undecided: usize,
}

fn sound() -> Settings {
    Settings {
        iterations: ITERATIONS,
        fruitless: 0,
        proposals: 1,
        scorers: Weights::of([("structure", 0.3), ("checker", 0.7)]),
        // Edits that lengthen are common, so that a score of length finds something to like.
        edits: EditWeights { insert: 5.0, ..EditWeights::default() },
        max_items: 8,
        ..Settings::default()
    }
}

fn runs(command: &Path) -> Vec<(&'static str, Settings)> {
    let noise = |name: &str| (name.to_owned(), ScoreNoise { sigma: SIGMA, frozen: false });
    let mut length = sound();
    length.scorers = Weights::of([("command", 1.0)]);
    length.scorer_command.path = Some(command.display().to_string());
    vec![
        ("sound", sound()),
        ("noise", Settings { score_noise: ["structure", "checker"].map(noise).into(), ..sound() }),
        ("coin flip", Settings { gate: rule("coin_flip 0.5"), ..sound() }),
        ("length", length),
    ]
}

/// Writes a command that says of a plan how long it is.
fn command(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("length.sh");
    // What it reads is nearly all problem and plan, and the problem stays.
    let script = r#"#!/bin/sh
awk '{ n += length($0) } END { printf "{\"score\": %.6f}\n", n / (n + 2000) }'
"#;
    fs::write(&path, script).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    path
}

#[tokio::main]
async fn main() {
    let Some(path) = support::models::model() else {
        println!("no model: set PLANSCOPE_TEST_MODEL");
        return;
    };
    let dir = tempfile::tempdir().expect("a directory");
    let kinds = runs(&command(dir.path()));
    let mut tallies: BTreeMap<&str, Vec<Tally>> = BTreeMap::new();
    let (mut all, mut items) = (0, vec![Vec::new(); kinds.len()]);
    for problem in problems() {
        all += 1;
        for (at, (kind, settings)) in kinds.iter().enumerate() {
            let routed = Routed::new(Box::new(backend(&path)));
            let records = record(&problem, settings.clone(), Box::new(routed)).await;
            let state = State::replay(&records);
            items[at].push(state.incumbent.as_ref().map_or(0, |view| view.plan.len()));
            for finding in passive::look(&records, &state, |_| true) {
                let check =
                    passive::CHECKS.iter().map(|check| check.doc().name).find(|name| *name == finding.check);
                let row = tallies
                    .entry(check.unwrap_or("?"))
                    .or_insert_with(|| vec![Tally::default(); kinds.len()]);
                match finding.verdict {
                    FindingVerdict::Fault => {
                        (row[at].faults, row[at].decided) = (row[at].faults + 1, row[at].decided + 1)
                    }
                    FindingVerdict::Clear => row[at].decided += 1,
                    FindingVerdict::Undecided => row[at].undecided += 1,
                }
            }
            eprintln!(
                "{} {kind}: {} iterations, {} items",
                problem.id,
                state.finished_iterations(),
                items[at].last().unwrap_or(&0)
            );
        }
    }
    println!(
        "{all} problems, {ITERATIONS} iterations; faults of those decided, and how many had not enough data"
    );
    println!("| check | {} |", kinds.iter().map(|(kind, _)| *kind).collect::<Vec<_>>().join(" | "));
    println!("| --- |{}", " --- |".repeat(kinds.len()));
    for (check, row) in tallies {
        let cell = |tally: &Tally| format!("{}; {}", share(tally.faults, tally.decided), tally.undecided);
        println!("| `{check}` | {} |", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
    let mean = |items: &Vec<usize>| items.iter().sum::<usize>() as f64 / items.len().max(1) as f64;
    println!(
        "| items at the end, mean | {} |",
        items.iter().map(|i| format!("{:.1}", mean(i))).collect::<Vec<_>>().join(" | ")
    );
}
