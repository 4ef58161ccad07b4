//! A real model, for tests and benches, and short ways to ask it.

use std::io::Write;
use std::path::PathBuf;

use llm::{LlamaBackend, LlamaOptions};
use model::{Backend, Completion, Generation, LlmError, Output, Progress, Prompt, Reply, Request, Sampling};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Returns the model to test with: `PLANSCOPE_TEST_MODEL`, or the smallest of the catalog where it was
/// downloaded. `None`, with a loud note, when it is not there.
#[allow(clippy::disallowed_methods, reason = "the test harness hides what a test prints that passes")]
pub fn model() -> Option<PathBuf> {
    let path = match std::env::var_os("PLANSCOPE_TEST_MODEL") {
        Some(path) => PathBuf::from(path),
        None => {
            directories::ProjectDirs::from("", "", "planscope")?.cache_dir().join("models/smollm2-135m.gguf")
        }
    };
    if path.is_file() {
        return Some(path);
    }
    // Not by `eprintln`, which the test harness hides when a test passes.
    let note = format!(
        "SKIPPED: there is no model at {}; run `planscope model pull smollm2-135m` or set PLANSCOPE_TEST_MODEL\n",
        path.display()
    );
    std::io::stderr().write_all(note.as_bytes()).ok()?;
    None
}

/// Options for many short sequences.
pub fn options(path: PathBuf) -> LlamaOptions {
    LlamaOptions { ctx: 1024, sequences: 8, threads: Some(2), ..LlamaOptions::new(path, "test") }
}

/// A backend whose worker is the program under test.
pub fn backend(options: LlamaOptions) -> LlamaBackend {
    LlamaBackend::new(options).with_program(crate::program())
}

/// A greedy answer to `user`.
pub fn generation(user: &str, max_tokens: u32) -> Generation {
    Generation {
        prompt: Prompt::chat("You are a helpful assistant.", user),
        sampling: Sampling::GREEDY,
        grammar: None,
        max_tokens,
        stop: vec![],
        thinking: 0,
        distinct_from: None,
    }
}

/// Makes a call whose progress nobody follows.
pub async fn call(backend: &mut LlamaBackend, request: &Request) -> Result<Reply, LlmError> {
    let (progress, mut received) = mpsc::channel::<Progress>(1024);
    let drain = tokio::spawn(async move { while received.recv().await.is_some() {} });
    let reply = backend.call(request, &progress, &CancellationToken::new()).await;
    drop(progress);
    drain.await.unwrap();
    reply
}

/// Generates; returns the completions, and the whole reply with its cost.
pub async fn generate(backend: &mut LlamaBackend, generations: Vec<Generation>) -> (Vec<Completion>, Reply) {
    let reply = call(backend, &Request::Generate { generations }).await.unwrap();
    let Output::Generated { completions } = &reply.output else { panic!("{reply:?}") };
    (completions.clone(), reply.clone())
}

/// The completions of a reply to a generation.
pub fn completions(reply: Reply) -> Vec<Completion> {
    let Output::Generated { completions } = reply.output else { panic!("{reply:?}") };
    completions
}

/// Scores texts after prompts; returns their log-probabilities, and the whole reply with its cost.
pub async fn score(backend: &mut LlamaBackend, pairs: Vec<(Prompt, String)>) -> (Vec<Vec<f32>>, Reply) {
    let reply = call(backend, &Request::Score { pairs }).await.unwrap();
    let Output::Scored { logprobs } = &reply.output else { panic!("{reply:?}") };
    (logprobs.clone(), reply.clone())
}

/// Returns the words of a text that is not periodic, so that prefixes do not match by chance.
pub fn words(seed: u32, count: u32) -> String {
    let list = [
        "river", "stone", "seven", "lamp", "counts", "green", "away", "box", "pens", "holds", "under", "each",
    ];
    (0..count)
        .map(|i| list[((seed + i) * (seed + i + 7) * 31 / 5) as usize % list.len()])
        .collect::<Vec<_>>()
        .join(" ")
}
