//! What decoding for several runs at once gains.
//!
//! `cargo bench --bench streams`, with `PLANSCOPE_TEST_MODEL` for another model, and `PLANSCOPE_BENCH_STREAMS=1,8,24` for other
//! numbers of runs. Each run writes one text after a prompt of its own; tokens per second of all together, the best of some
//! turns. With a GPU feature the model is on the GPU, where there is no exact mode: both columns are the fast one.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use std::time::Instant;

use llm::{LlamaBackend, LlamaOptions};
use model::Request;
use support::models::{backend, call, generation, model, options, words};

const TURNS: u32 = 3;
const TOKENS: u32 = 96;

/// How many runs there are at once.
fn streams() -> Vec<u32> {
    let Ok(wanted) = std::env::var("PLANSCOPE_BENCH_STREAMS") else { return vec![1, 2, 4, 8] };
    wanted.split(',').map(|streams| streams.trim().parse().expect("a number of streams")).collect()
}

/// A text that is as long as it may be.
fn text(salt: u32) -> Request {
    let mut text = generation(&words(salt, 200), TOKENS);
    text.grammar = Some(format!("start: /[a-z ]{{{}}}/", TOKENS * 12));
    Request::Generate { generations: vec![text] }
}

/// Seconds of a turn: prompts are cached by then, so that it is decoding alone.
async fn turn(streams: &mut [LlamaBackend]) -> f64 {
    let requests: Vec<Request> = (0..).take(streams.len()).map(text).collect();
    let begun = Instant::now();
    let work = streams.iter_mut().zip(&requests).map(|(stream, request)| call(stream, request));
    let replies = futures_util::future::join_all(work).await;
    let seconds = begun.elapsed().as_secs_f64();
    for reply in replies {
        assert_eq!(reply.expect("a reply").cost.generated, u64::from(TOKENS));
    }
    seconds
}

/// Tokens per second of all `streams` together.
async fn speed(options: LlamaOptions) -> f64 {
    let mut streams = backend(options).streams();
    turn(&mut streams).await;
    let mut best = f64::MAX;
    for _ in 0..TURNS {
        best = best.min(turn(&mut streams).await);
    }
    f64::from(TOKENS) * streams.len() as f64 / best
}

#[tokio::main]
async fn main() {
    let Some(path) = model() else { return };
    println!("| runs at once | exact | to one | fast | to one |");
    println!("| --- | --- | --- | --- | --- |");
    let mut alone = None;
    for streams in streams() {
        let options = LlamaOptions { streams, sequences: 4, ..options(path.clone()) };
        let exact = speed(options.clone()).await;
        let fast = speed(LlamaOptions { exact: false, ..options }).await;
        let (one, other) = *alone.get_or_insert((exact, fast));
        println!(
            "| {streams} | {exact:.1} tok/s | × {:.2} | {fast:.1} tok/s | × {:.2} |",
            exact / one,
            fast / other
        );
    }
}
