//! `planscope scorer`: lists the scorers, and measures how well each separates right from wrong.

mod report;

use std::{cell::Cell, io::Write};

use clap::{Args, Subcommand};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Common, progress::ProgressLine, scoring, text::wrap};
use crate::app;
use crate::failure::Failure;
use engine::score::{REGISTRY, Scorer};
use model::{Backend, ModelInfo};
use output::{exit::End, json_pretty, note};
use problem::{Sample, load_labelled};
use session::{Settings, Weights};
use verifier::{JudgedSample, ScorerEvaluator, VerifierReport, draw::draw};

/// Progress reports that may wait; more are dropped.
const PROGRESS: usize = 64;

/// List and test scorers.
#[derive(Debug, Args)]
pub struct ScorerArgs {
    #[command(subcommand)]
    command: ScorerCommand,
}

#[derive(Debug, Subcommand)]
enum ScorerCommand {
    /// List the scorers: what each measures, its cost, and what it sees
    List {
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Measure on labelled data how well a scorer separates right plans and steps from wrong ones
    ///
    /// Ctrl-C stops early and prints the results so far.
    Test(TestArgs),
}

#[derive(Debug, Args)]
struct TestArgs {
    /// A name of `planscope scorer list`, or cmd:PATH for your own command
    name: String,
    /// Labelled plans: a JSON file of ProcessBench, or of PlanBench's plan verification
    #[arg(long, value_name = "FILE")]
    data: String,
    /// Use this many of them, drawn by --seed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// Does what `planscope scorer` was asked for.
///
/// # Errors
/// When the data or the model cannot be had, the scorer is no verifier, or a call fails.
pub async fn run(
    args: &ScorerArgs,
    common: &Common,
    width: usize,
    out: &mut dyn Write,
) -> Result<End, Failure> {
    match &args.command {
        ScorerCommand::List { json } => {
            let listed = if *json { json_pretty(&rows())? } else { list(width) };
            writeln!(out, "{listed}")?;
            out.flush()?;
            Ok(End::Done)
        }
        ScorerCommand::Test(args) => test(args, common, width, out).await,
    }
}

/// A scorer as `list` shows it.
#[derive(Debug, Serialize)]
struct ScorerRow {
    name: &'static str,
    doc: &'static str,
    cost: &'static str,
    deterministic: bool,
    oracle: bool,
    /// What it can be tested on.
    #[serde(skip_serializing_if = "Option::is_none")]
    test: Option<&'static str>,
    /// Why it cannot be tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_test: Option<&'static str>,
}

fn rows() -> Vec<ScorerRow> {
    let row = |scorer: &&'static dyn Scorer| {
        let doc = scorer.doc();
        let verifier = scorer.verifier();
        let test = verifier.ok().map(|verifier| match verifier.steps {
            Some(_) => "whole plans and steps",
            None => "whole plans",
        });
        ScorerRow {
            name: doc.name,
            doc: doc.doc,
            cost: doc.cost,
            deterministic: doc.deterministic,
            oracle: doc.oracle,
            test,
            no_test: verifier.err(),
        }
    };
    REGISTRY.iter().map(row).collect()
}

/// Width of the longest scorer's name, and two columns after it.
const NAME: usize = 15;

fn list(width: usize) -> String {
    let indent = " ".repeat(NAME);
    let entry = |row: ScorerRow| {
        let same = if row.deterministic {
            "deterministic: the same plan always gets the same value"
        } else {
            "values vary"
        };
        let gold = if row.oracle { "ORACLE: sees the gold answer" } else { "never sees the gold answer" };
        let test = match (row.test, row.no_test) {
            (Some(what), _) => format!("can be tested on {what}"),
            (None, why) => format!("cannot be tested: {}", why.unwrap_or_default()),
        };
        [
            wrap(row.doc, width, &format!("{:<NAME$}", row.name), &indent),
            wrap(&format!("costs {}", row.cost), width, &indent, &indent),
            wrap(&format!("{same}; {gold}"), width, &indent, &indent),
            wrap(&test, width, &indent, &indent),
        ]
        .join("\n")
    };
    rows().into_iter().map(entry).collect::<Vec<_>>().join("\n")
}

/// What `test --json` prints.
#[derive(Debug, Serialize)]
struct Tested<'a> {
    data: &'a str,
    format: &'static str,
    /// Samples in the file.
    available: usize,
    seed: u64,
    /// Whether all requested samples were scored.
    complete: bool,
    model: &'a ModelInfo,
    #[serde(flatten)]
    report: VerifierReport,
}

async fn test(args: &TestArgs, common: &Common, width: usize, out: &mut dyn Write) -> Result<End, Failure> {
    let mut config = common.config()?;
    let name = scoring::name(&args.name, &mut config.run)?;
    let labelled = load_labelled(&args.data)?;
    let (format, available) = (labelled.format, labelled.samples.len());
    let seed = config.run.seed;
    let samples = draw(labelled.samples, args.limit.map(|limit| limit as usize), seed);
    // The scorer that is tested is the one that counts.
    let settings = Settings { scorers: Weights::of([(name, 1.0)]), ..config.run.clone() };
    let mut asking = TestedScorer::new(name, &settings, samples)?;
    let mut backend = app::backend_of_scorers(&config.llm, &settings)?;
    let ended = asking.all(backend.as_mut()).await;
    if asking.judged.is_empty() {
        return ended;
    }
    let report = VerifierReport::new(name, asking.evaluator.verifier(), &asking.judged, seed);
    let complete = asking.judged.len() == asking.samples.len();
    let tested = Tested { data: &args.data, format, available, seed, complete, model: &asking.model, report };
    let printed = if args.json { json_pretty(&tested)? } else { report::text(&tested, width) };
    writeln!(out, "{printed}")?;
    out.flush()?;
    ended
}

/// A scorer that is being tested.
struct TestedScorer<'a> {
    name: &'a str,
    evaluator: ScorerEvaluator<'a>,
    samples: Vec<Sample>,
    judged: Vec<JudgedSample>,
    model: ModelInfo,
}

impl<'a> TestedScorer<'a> {
    fn new(name: &'a str, settings: &'a Settings, samples: Vec<Sample>) -> Result<Self, Failure> {
        let evaluator = ScorerEvaluator::new(name, settings)?;
        Ok(Self { name, evaluator, samples, judged: Vec::new(), model: ModelInfo::default() })
    }

    /// Asks about all samples. Ctrl-C ends it; what was judged till then stays.
    async fn all(&mut self, backend: &mut dyn Backend) -> Result<End, Failure> {
        let (reports, mut progress) = mpsc::channel(PROGRESS);
        let mut interrupts = app::Interrupts::listen()?;
        let mut line = ProgressLine::default();
        let (name, total, done) = (self.name, self.samples.len(), Cell::new(0));
        let work = async {
            let cancel = CancellationToken::new();
            self.model = backend.info(&reports).await?;
            for sample in &self.samples {
                self.judged.push(self.evaluator.judge(sample, backend, &reports, &cancel).await?);
                done.set(self.judged.len());
            }
            Ok(End::Done)
        };
        tokio::pin!(work);
        loop {
            tokio::select! {
                ended = &mut work => {
                    line.clear();
                    return ended;
                }
                Some(report) = progress.recv() => {
                    line.show(format!("{name}, {} of {total} plans", done.get()), &report);
                }
                signal = interrupts.next() => {
                    line.clear();
                    note(format!("Interrupted after {} of {total} plans.", done.get()));
                    return Ok(End::Signal(signal));
                }
            }
        }
    }
}
