//! What sharing prefixes saves, what exact mode costs, and what the engine adds over bare llama.cpp calls.
//!
//! `cargo bench --bench prefix`, with `PLANSCOPE_TEST_MODEL` for another model. Each figure is the best of
//! some runs, for other work on the machine only ever makes them worse.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use std::num::NonZeroU32;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend as Llama;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_DISABLED;
use llm::{LlamaBackend, LlamaOptions};
use model::Generation;
use support::models::{backend, generate, generation, model, options, words};

const RUNS: u32 = 3;
const PROPOSALS: u32 = 4;
const TOKENS: u32 = 32;
/// Tokens over which the speed of decoding is taken.
const DECODED: u32 = 128;
/// With this argument the bench makes the bare calls itself.
const BARE: &str = "bare";

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

/// Seconds: of a prefill, and of a decoded token.
#[derive(Clone, Copy)]
struct Speed {
    prefill: f64,
    token: f64,
}

impl Speed {
    fn best(self, other: Self) -> Self {
        Self { prefill: self.prefill.min(other.prefill), token: self.token.min(other.token) }
    }

    fn line(self, name: &str, tokens: u64, bare: Self) {
        let percent = |ours: f64, theirs: f64| (ours / theirs - 1.0) * 100.0;
        println!(
            "  {name:6} prefill {:6.1} tok/s ({:+6.1} % time)   decode {:6.1} tok/s ({:+6.1} % time)",
            tokens as f64 / self.prefill,
            percent(self.prefill, bare.prefill),
            1.0 / self.token,
            percent(self.token, bare.token)
        );
    }
}

/// The same work by direct calls, greedy and without a grammar, with the context that our worker sets up.
fn bare(path: &Path, prompt_tokens: usize) -> Speed {
    let mut llama = Llama::init().unwrap();
    llama.void_logs();
    let model =
        LlamaModel::load_from_file(&llama, path, &LlamaModelParams::default().with_n_gpu_layers(0)).unwrap();
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(1024 * 8))
        .with_n_seq_max(8)
        .with_n_batch(512)
        .with_n_ubatch(512)
        .with_n_threads(2)
        .with_n_threads_batch(2)
        .with_flash_attention_policy(LLAMA_FLASH_ATTN_TYPE_DISABLED)
        .with_kv_unified(false);
    let mut context = model.new_context(&llama, params).unwrap();
    let text = words(3, 2000);
    let tokens = model.vocab().tokenize(text.as_bytes(), false, false);
    let tokens = &tokens[..prompt_tokens];
    let mut sampler = LlamaSampler::greedy();
    let mut batch = LlamaBatch::new(512, 1);
    let mut prefill = || {
        context.clear_kv_cache();
        let start = Instant::now();
        for (chunk, part) in tokens.chunks(512).enumerate() {
            batch.clear();
            for (i, token) in part.iter().enumerate() {
                let position = chunk * 512 + i;
                batch.add(*token, position as i32, &[0], position + 1 == tokens.len()).unwrap();
            }
            context.decode(&mut batch).unwrap();
        }
        start.elapsed().as_secs_f64()
    };
    // The first evaluation sets up buffers, as the worker's first does.
    prefill();
    let prefill = prefill();
    let mut token = sampler.sample(&context, batch.n_tokens() - 1);
    let start = Instant::now();
    for i in 0..DECODED - 1 {
        batch.clear();
        batch.add(token, tokens.len() as i32 + i as i32, &[0], true).unwrap();
        context.decode(&mut batch).unwrap();
        token = sampler.sample(&context, 0);
    }
    Speed { prefill, token: start.elapsed().as_secs_f64() / f64::from(DECODED - 1) }
}

/// [`bare`] in a process of its own, whose waiting threads are gone afterwards.
fn bare_apart(tokens: u64) -> Speed {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args([BARE, &tokens.to_string()]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Speed { prefill: numbers[0], token: numbers[1] }
}

/// What a worker of its own takes, and how many tokens its prompt has.
async fn ours(options: &LlamaOptions) -> (Speed, u64) {
    let mut worker = backend(options.clone());
    let free = |salt, most| {
        let mut generation = prompt(salt, "Continue without end.");
        generation.grammar = None;
        generation.max_tokens = most;
        generation
    };
    timed(&mut worker, vec![free(0, 1)]).await;
    let (prefill, tokens, _) = timed(&mut worker, vec![free(1, 1)]).await;
    // With the prompt cached, what is left is the time of the tokens that are drawn.
    let (one, _, _) = timed(&mut worker, vec![free(1, 1)]).await;
    let (all, _, drawn) = timed(&mut worker, vec![free(1, DECODED)]).await;
    (Speed { prefill, token: (all - one) / (drawn - 1) as f64 }, tokens)
}

/// Takes turns, so that a change of the machine's speed meets all alike.
async fn overhead(exact: &LlamaOptions, fast: &LlamaOptions) {
    let mut best: Option<[Speed; 3]> = None;
    let mut tokens = 0;
    for _ in 0..RUNS {
        let (of_fast, counted) = ours(fast).await;
        let (of_exact, _) = ours(exact).await;
        let now = [of_fast, of_exact, bare_apart(counted)];
        best = Some(best.map_or(now, |best| [0, 1, 2].map(|i| best[i].best(now[i]))));
        tokens = counted;
    }
    let Some([fast, exact, bare]) = best else { return };
    println!("the worker against bare calls in a context of the same kind, {tokens} tokens of prompt");
    bare.line("bare", tokens, bare);
    fast.line("fast", tokens, bare);
    exact.line("exact", tokens, bare);
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Some(path) = model() else { return };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [BARE, tokens] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        let Speed { prefill, token } = bare(&path, tokens.parse().unwrap());
        println!("{prefill} {token}");
        return;
    }
    println!("model {}", path.display());
    let exact = options(path);
    let fast = LlamaOptions { exact: false, ..exact.clone() };
    // `cargo bench --bench prefix -- overhead` leaves the first part out.
    if !arguments.iter().any(|argument| argument == "overhead") {
        sharing(&exact, "exact").await;
        sharing(&fast, "fast").await;
    }
    overhead(&exact, &fast).await;
}
