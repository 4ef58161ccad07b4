//! What asking the model about a plan costs, all at once and one by one.
//!
//! `PLANSCOPE_TEST_MODEL=FILE.gguf cargo bench --bench diagnosis_cost`: for each experiment the same requests twice in one
//! run, as they are made (one batch over shared beginnings), and the naive way: each sequence as a call of its own, with
//! nothing cached from the one before. The plan is the model's own for the first problem, of ten items at most.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use diagnose::experiment::{EXPERIMENTS, ExaminedPlan};
use llm::LlamaBackend;
use model::{Backend, Cost, LlmError, ModelInfo, Output, Progress, Reply, Request};
use session::{Mode, Settings, State};
use support::runs::{backend, problems, record};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Counts what calls cost, and makes each sequence a call of its own where it is naive.
struct Metered {
    inner: LlamaBackend,
    naive: bool,
    spent: Cost,
}

#[async_trait::async_trait]
impl Backend for Metered {
    async fn info(&mut self, progress: &mpsc::Sender<Progress>) -> Result<ModelInfo, LlmError> {
        self.inner.info(progress).await
    }

    async fn call(
        &mut self,
        request: &Request,
        progress: &mpsc::Sender<Progress>,
        cancel: &CancellationToken,
    ) -> Result<Reply, LlmError> {
        let single = if self.naive { split(request) } else { vec![request.clone()] };
        let mut whole: Option<Reply> = None;
        for request in &single {
            if self.naive {
                self.inner.forget().await;
            }
            let reply = self.inner.call(request, progress, cancel).await?;
            self.spent += reply.cost;
            whole = Some(match whole {
                None => reply,
                Some(before) => join(before, reply),
            });
        }
        whole.ok_or(LlmError::Cancelled)
    }

    async fn forget(&mut self) {
        self.inner.forget().await;
    }
}

/// The request, one sequence at a time. What is compared with the first prompt needs it each time.
fn split(request: &Request) -> Vec<Request> {
    match request.clone() {
        Request::Generate { generations } => {
            generations.into_iter().map(|one| Request::Generate { generations: vec![one] }).collect()
        }
        Request::Score { pairs } => {
            pairs.into_iter().map(|pair| Request::Score { pairs: vec![pair] }).collect()
        }
        Request::Choose { prompts, options } => prompts
            .into_iter()
            .map(|prompt| Request::Choose { prompts: vec![prompt], options: options.clone() })
            .collect(),
        Request::Contrast { prompts, continuation } => {
            let pair = |at: usize| {
                if at == 0 { vec![prompts[0].clone()] } else { vec![prompts[0].clone(), prompts[at].clone()] }
            };
            let one = |at: usize| Request::Contrast { prompts: pair(at), continuation: continuation.clone() };
            (0..prompts.len()).map(one).collect()
        }
        whole @ (Request::Rank { .. }
        | Request::Fill { .. }
        | Request::Latents { .. }
        | Request::Appraise { .. }) => vec![whole],
    }
}

/// Puts the outputs of two calls behind each other.
fn join(before: Reply, next: Reply) -> Reply {
    let output = match (before.output, next.output) {
        (Output::Generated { mut completions }, Output::Generated { completions: more }) => {
            completions.extend(more);
            Output::Generated { completions }
        }
        (Output::Scored { mut logprobs }, Output::Scored { logprobs: more }) => {
            logprobs.extend(more);
            Output::Scored { logprobs }
        }
        (Output::Chosen { mut logprobs }, Output::Chosen { logprobs: more }) => {
            logprobs.extend(more);
            Output::Chosen { logprobs }
        }
        (Output::Contrasted { mut contrasts }, Output::Contrasted { contrasts: mut more }) => {
            contrasts.extend(more.pop());
            Output::Contrasted { contrasts }
        }
        (output, _) => output,
    };
    Reply { output, cost: before.cost + next.cost, ..next }
}

#[tokio::main]
async fn main() {
    let Some(path) = support::models::model() else {
        println!("no model: set PLANSCOPE_TEST_MODEL");
        return;
    };
    let problem = problems().into_iter().next().expect("a problem");
    let settings = Settings { mode: Mode::Draft, max_items: 10, ..Settings::default() };
    let state = State::replay(&record(&problem, settings, Box::new(backend(&path))).await);
    let Some(subject) = ExaminedPlan::of(&state, &problem) else {
        println!("the model wrote no plan");
        return;
    };
    println!(
        "{}: a plan of {} items",
        problem.id,
        state.incumbent.as_ref().map_or(0, |view| view.plan.len())
    );
    println!("| experiment | evaluated | one by one | seconds | one by one | same verdict |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let (progress, _quiet) = mpsc::channel(1);
    let (mut sums, never) = ([Cost::default(); 2], CancellationToken::new());
    let mut ask = Metered { inner: backend(&path), naive: false, spent: Cost::default() };
    for experiment in EXPERIMENTS {
        let (mut costs, mut verdicts) = ([Cost::default(); 2], Vec::new());
        for (at, naive) in [false, true].into_iter().enumerate() {
            (ask.naive, ask.spent) = (naive, Cost::default());
            ask.forget().await;
            match subject.examine(experiment, &mut ask, &progress, &never, |_| {}).await {
                Ok(finding) => verdicts.push(finding.verdict),
                Err(error) => eprintln!("{}: {error}", experiment.doc().name),
            }
            costs[at] = ask.spent;
            sums[at] += ask.spent;
        }
        print(
            experiment.doc().name,
            &costs,
            if verdicts.windows(2).all(|two| two[0] == two[1]) { "yes" } else { "no" },
        );
    }
    print("all", &sums, "");
}

fn print(name: &str, [batched, naive]: &[Cost; 2], same: &str) {
    let ratio = |a: f64, b: f64| a / b.max(1e-9);
    println!(
        "| {name} | {} | {} (× {:.1}) | {:.1} | {:.1} (× {:.1}) | {same} |",
        batched.fresh,
        naive.fresh,
        ratio(naive.fresh as f64, batched.fresh as f64),
        batched.wall_ms / 1e3,
        naive.wall_ms / 1e3,
        ratio(naive.wall_ms, batched.wall_ms),
    );
}
