//! What the benches with real runs share.

use std::{path::Path, sync::Arc};

use engine::{Run, Start, Update, machine, start};
use llm::{LlamaBackend, LlamaOptions};
use model::Backend;
use problem::Problem;
use session::{Manifest, Record, SessionWriter, Settings};
use stats::intervals::wilson;

/// The problems that `PLANSCOPE_BENCH_PROBLEMS` names as `FILE#FROM..TO`, or the bundled ones of the family `math`.
pub fn problems() -> Vec<Problem> {
    let Ok(named) = std::env::var("PLANSCOPE_BENCH_PROBLEMS") else {
        return problem::list_bundled().into_iter().filter(|problem| problem.family == "math").collect();
    };
    let (file, rows) = named.split_once('#').expect("FILE#FROM..TO");
    let (from, to) = rows.split_once("..").expect("FILE#FROM..TO");
    let rows = from.parse::<u32>().expect("a row")..to.parse().expect("a row");
    rows.map(|row| problem::load(&format!("{file}#{row}")).expect("a problem")).collect()
}

/// Runs `problem` to its end and returns its record.
pub async fn record(problem: &Problem, settings: Settings, backend: Box<dyn Backend>) -> Vec<Record> {
    let dir = tempfile::tempdir().expect("a directory");
    let card = machine::card(problem);
    let created = "2026-01-01T00:00:00Z".parse().expect("a time");
    let manifest = Manifest::new(&card, "bench", settings.seed, created);
    let mut handle = start(Run {
        problem: Arc::new(problem.clone()),
        start: Start::New(Box::new(settings)),
        backend,
        writer: SessionWriter::create(&dir.path().join("session"), manifest).expect("a session"),
    });
    let mut records = Vec::new();
    while let Some(update) = handle.updates.recv().await {
        if let Update::Event(record) = update {
            records.push(*record);
        }
    }
    records
}

/// A backend for the model at `path`, with room for long prompts.
pub fn backend(path: &Path) -> LlamaBackend {
    let options =
        LlamaOptions { ctx: 8192, sequences: 8, threads: Some(2), ..LlamaOptions::new(path, "bench") };
    LlamaBackend::new(options).with_program(crate::program())
}

/// How many of all, with Wilson's interval.
pub fn share(yes: usize, all: usize) -> String {
    match wilson(yes, all, 0.95) {
        Some((low, high)) => format!("{yes} of {all} ({low:.2}–{high:.2})"),
        None => "–".to_owned(),
    }
}
