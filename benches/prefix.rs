//! What sharing prefixes saves, what exact mode costs, and what the engine adds over bare llama.cpp calls.
//!
//! `cargo bench --bench prefix`, with `PLANSCOPE_TEST_MODEL` for another model. Each figure is the best of
//! some runs, for other work on the machine only ever makes them worse.

#[path = "../tests/support/mod.rs"]
mod support;

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Instant;

use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend as Llama;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use planscope::llm::{Generation, LlamaBackend, LlamaOptions};
use support::{backend, generate, generation, model, options, words};

const RUNS: u32 = 3;
const PROPOSALS: u32 = 4;
const TOKENS: u32 = 32;
/// Tokens over which the speed of decoding is taken.
const DECODED: u32 = 128;

/// Returns a prompt of some 500 tokens. Another `salt` shares nothing with it but the template's start.
fn prompt(salt: u32, tail: &str) -> Generation {
    let mut generation = generation(&format!("{} {tail}", words(3, 420)), TOKENS);
    generation.prompt.messages[0].content = format!("Run {salt}.");
    // A grammar keeps every run at the same number of tokens.
    generation.grammar = Some(format!("start: /[a-z ]{{{}}}/", TOKENS * 12));
    generation
}

async fn timed(backend: &mut LlamaBackend, generations: Vec<Generation>) -> (f64, u64, u64) {
    let start = Instant::now();
    let (_, reply) = generate(backend, generations).await;
    (start.elapsed().as_secs_f64(), reply.cost.fresh, reply.cost.generated)
}

async fn sharing(options: &LlamaOptions, name: &str) {
    let mut backend = backend(options.clone());
    timed(&mut backend, vec![prompt(0, "warm up")]).await;
    let (mut together, mut apart, mut tail) = (f64::MAX, f64::MAX, f64::MAX);
    let (mut fresh_together, mut fresh_apart, mut fresh_tail) = (0, 0, 0);
    for run in 1..=RUNS {
        let proposals = (0..PROPOSALS).map(|i| prompt(100 * run, &format!("Proposal {i}"))).collect();
        let (seconds, fresh, _) = timed(&mut backend, proposals).await;
        (together, fresh_together) = (together.min(seconds), fresh);
        let mut sum = (0.0, 0);
        for i in 0..PROPOSALS {
            let (seconds, fresh, _) = timed(&mut backend, vec![prompt(100 * run + 1 + i, "Proposal")]).await;
            sum = (sum.0 + seconds, sum.1 + fresh);
        }
        (apart, fresh_apart) = (apart.min(sum.0), sum.1);
        let (seconds, fresh, _) = timed(&mut backend, vec![prompt(100 * run, "Proposal 0, once more")]).await;
        (tail, fresh_tail) = (tail.min(seconds), fresh);
    }
    println!("{name}: {PROPOSALS} proposals of {TOKENS} tokens");
    println!("  together      {together:7.2} s  {fresh_together:5} positions evaluated");
    println!("  one by one    {apart:7.2} s  {fresh_apart:5}  ({:.1} times as long)", apart / together);
    println!("  changed tail  {tail:7.2} s  {fresh_tail:5}  (one proposal)");
}

/// The same work by direct calls, greedy and without a grammar.
fn bare(llama: &Llama, path: &Path, prompt_tokens: usize) -> (f64, f64) {
    let model =
        LlamaModel::load_from_file(llama, path, &LlamaModelParams::default().with_n_gpu_layers(0)).unwrap();
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(1024 * 8))
        .with_n_seq_max(8)
        .with_n_batch(512)
        .with_n_ubatch(512)
        .with_n_threads(2)
        .with_n_threads_batch(2)
        .with_kv_unified(true);
    let mut context = model.new_context(llama, params).unwrap();
    let tokens: Vec<LlamaToken> = model
        .vocab()
        .tokenize(words(3, 2000).as_bytes(), false, false)
        .into_iter()
        .take(prompt_tokens)
        .collect();
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        context.clear_kv_cache();
        let mut sampler = LlamaSampler::greedy();
        let mut batch = LlamaBatch::new(512, 1);
        let start = Instant::now();
        for (chunk, part) in tokens.chunks(512).enumerate() {
            batch.clear();
            for (i, token) in part.iter().enumerate() {
                let position = chunk * 512 + i;
                batch.add(*token, position as i32, &[0], position + 1 == tokens.len()).unwrap();
            }
            context.decode(&mut batch).unwrap();
        }
        let mut token = sampler.sample(&context, batch.n_tokens() - 1);
        let prefill = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for i in 0..DECODED - 1 {
            batch.clear();
            batch.add(token, tokens.len() as i32 + i as i32, &[0], true).unwrap();
            context.decode(&mut batch).unwrap();
            token = sampler.sample(&context, 0);
        }
        let decode = start.elapsed().as_secs_f64() / f64::from(DECODED - 1);
        best = (best.0.min(prefill), best.1.min(decode));
    }
    best
}

async fn overhead(options: &LlamaOptions, name: &str, llama: &Llama) {
    let mut worker = backend(options.clone());
    let free = |salt, most| {
        let mut generation = prompt(salt, "Go on without end.");
        generation.grammar = None;
        generation.max_tokens = most;
        generation
    };
    timed(&mut worker, vec![free(0, 1)]).await;
    let (mut prefill, mut decode, mut tokens) = (f64::MAX, f64::MAX, 0);
    for run in 1..=RUNS {
        let (seconds, fresh, _) = timed(&mut worker, vec![free(run, 1)]).await;
        (prefill, tokens) = (prefill.min(seconds), fresh);
        // With the prompt cached, what is left is the time of the tokens that are drawn.
        let (one, _, _) = timed(&mut worker, vec![free(run, 1)]).await;
        let (all, _, drawn) = timed(&mut worker, vec![free(run, DECODED)]).await;
        decode = decode.min((all - one) / (drawn - 1) as f64);
    }
    drop(worker);
    let (bare_prefill, bare_decode) = bare(llama, &options.path, tokens as usize);
    let percent = |ours: f64, theirs: f64| (ours / theirs - 1.0) * 100.0;
    println!("{name} against bare calls with llama.cpp's default settings, {tokens} tokens of prompt");
    println!(
        "  prefill {:6.1} tok/s, bare {:6.1}: {:+.1} %",
        tokens as f64 / prefill,
        tokens as f64 / bare_prefill,
        percent(prefill, bare_prefill)
    );
    println!(
        "  decode  {:6.1} tok/s, bare {:6.1}: {:+.1} %",
        1.0 / decode,
        1.0 / bare_decode,
        percent(decode, bare_decode)
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Some(path) = model() else { return };
    println!("model {}", path.display());
    let exact = options(path);
    let fast = LlamaOptions { exact: false, ..exact.clone() };
    // `cargo bench --bench prefix -- overhead` leaves the first part out.
    if !std::env::args().any(|argument| argument == "overhead") {
        sharing(&exact, "exact").await;
        sharing(&fast, "fast").await;
    }
    let mut llama = Llama::init().unwrap();
    llama.void_logs();
    overhead(&fast, "fast", &llama).await;
    overhead(&exact, "exact", &llama).await;
}
