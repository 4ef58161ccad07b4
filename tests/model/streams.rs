//! Several calls to one model at the same time: each gives and costs what it does alone.

use std::time::Duration;

use llm::{LlamaBackend, LlamaOptions};
use model::{Backend, Cost, LlmError, Progress, Reply, Request, Sampling, StopReason};
use support::models::{backend, call, completions, generation, options, words};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::model;

fn streams(options: LlamaOptions, streams: u32) -> Vec<LlamaBackend> {
    backend(LlamaOptions { streams, sequences: 3, ..options }).streams()
}

fn texts(count: u32, salt: u32, tokens: u32) -> Request {
    let text = |seed| {
        let mut text = generation(&format!("{} Invent a name for a boat.", words(salt, 40)), tokens);
        text.sampling =
            Sampling { temperature: 1.0, top_k: 40, top_p: 0.95, seed: u64::from(10 * salt) + seed };
        text
    };
    Request::Generate { generations: (0..u64::from(count)).map(text).collect() }
}

/// Texts that end long before each other, and not in their order; those of a larger `salt` are longer.
fn uneven(salt: u32) -> Request {
    let Request::Generate { mut generations } = texts(3, salt, 0) else { unreachable!() };
    for (text, most) in generations.iter_mut().zip([3, 20, 9]) {
        text.max_tokens = most * salt;
    }
    generations.rotate_left(salt as usize % 3);
    Request::Generate { generations }
}

/// Requests of one run: more texts than a stream has sequences, a choice, a prompt that is cached by then, and texts of
/// which some end while others continue.
fn run(salt: u32) -> Vec<Request> {
    let prompts = vec![generation(&words(salt, 40), 1).prompt; 2];
    let options = ["yes", "no"].map(str::to_owned).to_vec();
    let choice = Request::Choose { prompts, options };
    vec![texts(4, salt, 24), choice, texts(1, salt, 40), texts(2, salt, 8), uneven(salt), uneven(salt)]
}

/// What a reply is apart from time.
fn timeless(reply: Reply) -> Reply {
    Reply { cost: Cost { wall_ms: 0.0, ..reply.cost }, ..reply }
}

async fn replies(mut backend: LlamaBackend, requests: Vec<Request>) -> Vec<Reply> {
    backend.forget().await;
    let mut replies = Vec::new();
    for request in &requests {
        replies.push(timeless(call(&mut backend, request).await.unwrap()));
    }
    replies
}

#[tokio::test]
async fn runs_beside_each_other_give_and_cost_what_they_do_alone() {
    let Some((path, _turn)) = model().await else { return };
    let mut alone = Vec::new();
    for salt in 1..=3 {
        let stream = streams(options(path.clone()), 1).remove(0);
        alone.push(replies(stream, run(salt)).await);
    }
    let alongside = streams(options(path.clone()), 3);
    let work = alongside.into_iter().zip(1..).map(|(stream, salt)| replies(stream, run(salt)));
    assert_eq!(futures_util::future::join_all(work).await, alone);
}

/// How many positions a call says that it evaluates.
async fn evaluated(backend: &mut LlamaBackend, request: &Request) -> (Reply, u32) {
    let (progress, mut reported) = mpsc::channel(1024);
    let reply = backend.call(request, &progress, &CancellationToken::new()).await.unwrap();
    let mut most = 0;
    while let Ok(progress) = reported.try_recv() {
        if let Progress::Prefill { total, .. } = progress {
            most = most.max(total);
        }
    }
    (timeless(reply), most)
}

#[tokio::test]
async fn what_was_evaluated_for_one_run_is_charged_to_the_next_and_not_evaluated_again() {
    let Some((path, _turn)) = model().await else { return };
    let mut streams = streams(options(path), 2);
    let prompt = |end: &str| {
        let mut text = generation(&format!("{} {end}", words(9, 150)), 4);
        text.sampling.seed = 1;
        Request::Generate { generations: vec![text] }
    };
    let mut reported = Vec::new();
    for (stream, end) in [(0, "Why?"), (1, "Why?"), (0, "Why?"), (1, "And what is it that follows?")] {
        streams[stream].forget().await;
        reported.push(evaluated(&mut streams[stream], &prompt(end)).await);
    }
    let [first, other_stream, again, other_end] = &reported[..] else { panic!() };
    assert_eq!([&other_stream.0, &again.0], [&first.0; 2], "it costs and gives the same");
    assert_eq!(first.0.cost.cached, 0);
    assert!(
        first.1 > 150 && other_stream.1 <= 2 && again.1 <= 2,
        "{} {} {}",
        first.1,
        other_stream.1,
        again.1
    );
    assert!(other_end.1 < 40, "only the end is another: {}", other_end.1);
    assert!(u64::from(other_end.0.prompts[0].tokens) <= other_end.0.cost.fresh);
}

#[tokio::test]
async fn costs_are_the_same_without_exact_mode_too() {
    let Some((path, _turn)) = model().await else { return };
    let fast = |count: u32| streams(LlamaOptions { exact: false, ..options(path.clone()) }, count);
    // As long as they may be, so that costs do not hang on what is drawn; some end while others continue.
    let run = |salt: u32| {
        let text = |most: u32| {
            let mut text = generation(&words(salt, 60), most);
            text.grammar = Some("start: /[a-z ]{200}/".into());
            text
        };
        vec![
            Request::Generate { generations: vec![text(6 * salt), text(15 * salt), text(2 * salt)] },
            Request::Generate { generations: vec![text(9), text(3)] },
            Request::Generate { generations: vec![text(12)] },
        ]
    };
    let costs = |replies: Vec<Reply>| {
        replies.into_iter().map(|reply| (reply.cost, reply.prompts)).collect::<Vec<_>>()
    };
    let alone = costs(replies(fast(1).remove(0), run(2)).await);
    let work = fast(3).into_iter().zip([1, 3, 2]).map(|(stream, salt)| replies(stream, run(salt)));
    let alongside = futures_util::future::join_all(work).await.pop().unwrap();
    assert_eq!(costs(alongside), alone);
}

#[tokio::test]
async fn a_call_that_is_cancelled_leaves_the_others() {
    let Some((path, _turn)) = model().await else { return };
    let mut streams = streams(options(path), 2).into_iter();
    let (mut first, mut second) = (streams.next().unwrap(), streams.next().unwrap());
    let asked = texts(1, 7, 60);
    let alone = timeless(call(&mut first, &asked).await.unwrap());
    first.forget().await;
    let cancel = CancellationToken::new();
    let (progress, mut reported) = mpsc::channel(64);
    let cancelled = async {
        let request = texts(2, 8, 400);
        let work = second.call(&request, &progress, &cancel);
        let stop = async {
            reported.recv().await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            cancel.cancel();
        };
        let (reply, ()) = tokio::join!(work, stop);
        completions(reply.unwrap())
    };
    let (whole, cut) = tokio::join!(call(&mut first, &asked), cancelled);
    assert_eq!(timeless(whole.unwrap()), alone);
    assert!(cut.iter().all(|text| text.stop == StopReason::Cancelled && text.tokens.len() < 400));
    // Its stream works on, also after a call that nobody waits for any more.
    let (dropped, never) = (texts(1, 9, 400), CancellationToken::new());
    let call_of = second.call(&dropped, &progress, &never);
    assert!(tokio::time::timeout(Duration::from_millis(300), call_of).await.is_err());
    let next = call(&mut second, &asked).await.unwrap();
    assert_eq!(next.output, alone.output);
}

#[tokio::test]
async fn a_refusal_is_of_one_call_alone() {
    let Some((path, _turn)) = model().await else { return };
    let mut streams = streams(options(path), 2).into_iter();
    let (mut first, mut second) = (streams.next().unwrap(), streams.next().unwrap());
    let mut broken = generation("Say a word.", 20);
    broken.grammar = Some("start: nothing_here".into());
    let broken = Request::Generate { generations: vec![broken] };
    let whole = texts(1, 3, 60);
    let (refused, whole) = tokio::join!(call(&mut second, &broken), call(&mut first, &whole));
    assert!(matches!(refused, Err(LlmError::Refused { .. })), "{refused:?}");
    assert!(whole.is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn a_dead_worker_is_told_to_all_and_started_once() {
    let Some((path, _turn)) = model().await else { return };
    let mut streams = streams(options(path), 2).into_iter();
    let (mut first, mut second) = (streams.next().unwrap(), streams.next().unwrap());
    call(&mut first, &texts(1, 1, 2)).await.unwrap();
    let id = first.worker_id().unwrap();
    let kill = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        // SAFETY: sends a signal to the worker that this test started.
        unsafe { libc::kill(id as i32, libc::SIGKILL) };
    };
    let (one, other) = (texts(1, 1, 600), texts(1, 2, 600));
    let (one, other, ()) = tokio::join!(call(&mut first, &one), call(&mut second, &other), kill);
    for dead in [one, other] {
        assert!(
            matches!(&dead, Err(LlmError::WorkerDied { status, .. }) if status.contains("SIGKILL")),
            "{dead:?}"
        );
    }
    let (one, other) = (texts(1, 1, 4), texts(1, 2, 4));
    let (one, other) = tokio::join!(call(&mut first, &one), call(&mut second, &other));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(first.worker_id(), second.worker_id());
    assert_ne!(first.worker_id(), Some(id));
}

#[tokio::test]
async fn forgetting_is_of_one_stream_alone() {
    let Some((path, _turn)) = model().await else { return };
    let mut streams = streams(options(path), 2).into_iter();
    let (mut first, mut second) = (streams.next().unwrap(), streams.next().unwrap());
    for stream in [&mut first, &mut second] {
        call(stream, &texts(1, 5, 4)).await.unwrap();
    }
    first.forget().await;
    assert_eq!(call(&mut first, &texts(1, 5, 4)).await.unwrap().cost.cached, 0);
    assert!(call(&mut second, &texts(1, 5, 4)).await.unwrap().cost.cached > 0);
}

#[tokio::test]
async fn there_may_be_more_sequences_than_rows_of_logits() {
    let Some((path, _turn)) = model().await else { return };
    let options = LlamaOptions { ctx: 128, ..options(path) };
    let mut many = streams(options, 32);
    let last = many.pop().unwrap();
    let (first, last) =
        tokio::join!(replies(many.remove(0), vec![texts(3, 1, 4)]), replies(last, vec![texts(3, 1, 4)]));
    assert_eq!(first, last);
}

#[tokio::test]
async fn more_sequences_than_llama_cpp_holds_are_refused() {
    let Some((path, _turn)) = model().await else { return };
    let (progress, _told) = mpsc::channel(16);
    let error = streams(options(path), 64).remove(0).info(&progress).await.unwrap_err();
    assert!(error.to_string().contains("64 calls side by side with 3 sequences each"), "{error}");
    assert!(error.hint().is_some());
}
