//! The llama.cpp backend when things go wrong: every fault is an error with a reason, and the next call works.

use std::path::Path;
use std::time::{Duration, Instant};

use llm::LlamaOptions;
use model::{Backend, LlmError, Output, Progress, Request, StopReason};
use support::models::{backend, generate, generation, options, words};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{model, model_alone};

async fn load_error(path: &Path) -> LlmError {
    let (progress, _keep) = mpsc::channel(16);
    backend(LlamaOptions::new(path, "broken")).info(&progress).await.unwrap_err()
}

/// A header in the format's own words: text key, then a value with its type.
struct Gguf(Vec<u8>);

impl Gguf {
    fn new(tensors: u64, pairs: u64) -> Self {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(pairs.to_le_bytes());
        Self(bytes)
    }

    fn text(mut self, text: &str) -> Self {
        self.0.extend((text.len() as u64).to_le_bytes());
        self.0.extend(text.as_bytes());
        self
    }

    fn number(mut self, number: u32) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    fn long(mut self, number: u64) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    fn tensor(self, elements: u64, offset: u64) -> Self {
        self.text("t").number(1).long(elements).number(0).long(offset)
    }
}

fn architecture(tensors: u64, pairs: u64, name: &str) -> Gguf {
    Gguf::new(tensors, pairs).text("general.architecture").number(8).text(name)
}

#[tokio::test]
async fn broken_files_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let no_layers = architecture(1, 2, "llama").text("llama.block_count").number(4).number(0).tensor(1, 0);
    let unknown = architecture(1, 1, "nonsense").tensor(4, 0);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "the file is empty"),
        (
            "random",
            (0..5000u32).map(|i| (i * 31 % 251) as u8).collect(),
            "does not start with the letters GGUF",
        ),
        ("short", b"GG".to_vec(), "a few bytes only"),
        ("version", [b"GGUF".as_slice(), &[99, 0, 0, 0]].concat(), "version 99"),
        ("claims", Gguf::new(u64::MAX, 1).0, "cannot be"),
        ("cut header", Gguf::new(0, 3).text("general.architecture").0, "cut off"),
        ("long text", Gguf::new(0, 1).long(u64::MAX).0, "cut off"),
        ("cut data", architecture(1, 1, "llama").tensor(1000, 0).0, "cut off"),
        ("huge tensor", architecture(1, 1, "llama").tensor(u64::MAX, u64::MAX).0, "impossible sizes"),
        ("nameless", [Gguf::new(1, 0).tensor(1, 0).0, vec![0; 64]].concat(), "no architecture"),
        ("no tensors", architecture(0, 1, "llama").0, "no tensors"),
        ("no layers", [no_layers.0, vec![0; 64]].concat(), "0 layers"),
        ("unknown architecture", [unknown.0, vec![0; 128]].concat(), "unknown model architecture"),
    ];
    for (name, bytes, reason) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = load_error(&path).await;
        assert!(matches!(error, LlmError::Unavailable { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains(reason), "{name}: {error}");
        assert!(error.hint().is_some_and(|hint| !hint.is_empty()));
    }
    assert!(load_error(&folder.path().join("missing")).await.to_string().contains("no such file"));
    assert!(load_error(folder.path()).await.to_string().contains("folder"));
}

#[tokio::test]
async fn a_model_that_is_cut_off_is_refused() {
    let Some((path, _turn)) = model().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.gguf");
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() - 1000]).unwrap();
    assert!(load_error(&cut).await.to_string().contains("cut off"));
}

#[tokio::test]
async fn a_context_beyond_the_memory_is_refused_with_numbers() {
    let Some((path, _turn)) = model().await else { return };
    let (progress, _keep) = mpsc::channel(16);
    let huge = LlamaOptions { ctx: 0, sequences: 64, ..LlamaOptions::new(path, "huge") };
    let refused = match backend(huge.clone()).info(&progress).await {
        Err(error) => error.to_string(),
        // A machine with plenty of memory may hold it.
        Ok(info) => format!("{} GiB of memory", info.sequences.unwrap()),
    };
    assert!(refused.contains("GiB of memory"), "{refused}");
}

#[tokio::test]
async fn a_killed_worker_is_an_error_and_the_next_call_works() {
    let Some((path, _turn)) = model().await else { return };
    let mut backend = backend(options(path));
    let (expected, _) = generate(&mut backend, vec![generation("Say hello.", 8)]).await;
    let id = backend.worker_id().unwrap() as i32;
    let killer = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(400)).await;
        // SAFETY: sends a signal to the child that the backend started.
        unsafe { libc::kill(id, libc::SIGKILL) };
    });
    let (progress, _keep) = mpsc::channel(16);
    let request = Request::Generate { generations: vec![generation(&words(5, 500), 400)] };
    let error = backend.call(&request, &progress, &CancellationToken::new()).await.unwrap_err();
    killer.await.unwrap();
    let LlmError::WorkerDied { status, log_tail } = &error else { panic!("{error:?}") };
    assert!(status.contains("SIGKILL"), "{status}");
    assert!(log_tail.contains("llama"), "{log_tail}");
    let (after, _) = generate(&mut backend, vec![generation("Say hello.", 8)]).await;
    assert_eq!(after, expected);
    assert_ne!(backend.worker_id().unwrap() as i32, id);
    // Killed between two calls, it is started again without an error.
    // SAFETY: as above.
    unsafe { libc::kill(backend.worker_id().unwrap() as i32, libc::SIGKILL) };
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(generate(&mut backend, vec![generation("Say hello.", 8)]).await.0, expected);
}

#[tokio::test]
async fn cancelling_stops_within_a_decode_call() {
    let Some((path, _turn)) = model_alone().await else { return };
    let mut backend = backend(options(path));
    let (expected, _) = generate(&mut backend, vec![generation("Say hello.", 8)]).await;
    let (progress, mut received) = mpsc::channel(4096);
    let cancel = CancellationToken::new();
    let request =
        Request::Generate { generations: vec![generation("Write a very long story about a king.", 600)] };
    let trigger = cancel.clone();
    let watcher = tokio::spawn(async move {
        let mut pieces = 0;
        while let Some(step) = received.recv().await {
            pieces += u32::from(matches!(step, Progress::Text(_)));
            if pieces == 5 {
                trigger.cancel();
                return Instant::now();
            }
        }
        panic!("there was no text");
    });
    let reply = backend.call(&request, &progress, &cancel).await.unwrap();
    let took = watcher.await.unwrap().elapsed();
    let Output::Generated { completions } = &reply.output else { panic!() };
    assert_eq!(completions[0].stop, StopReason::Cancelled);
    assert!((5..60).contains(&completions[0].tokens.len()), "{}", completions[0].tokens.len());
    assert!(took < Duration::from_secs(2), "{took:?}");
    // During the evaluation of a prompt, and for work that has no part results.
    let cancel = CancellationToken::new();
    let trigger = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(150)).await;
        trigger.cancel();
    });
    let prompt = generation(&words(9, 700), 1).prompt;
    let request = Request::Score { pairs: vec![(prompt, "yes".into())] };
    let start = Instant::now();
    let error = backend.call(&request, &progress, &cancel).await.unwrap_err();
    assert!(matches!(error, LlmError::Cancelled), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(generate(&mut backend, vec![generation("Say hello.", 8)]).await.0, expected);
}

#[tokio::test]
async fn a_dropped_call_does_not_hold_up_the_next() {
    let Some((path, _turn)) = model_alone().await else { return };
    let mut backend = backend(options(path));
    let (expected, _) = generate(&mut backend, vec![generation("Say hello.", 8)]).await;
    let (progress, _keep) = mpsc::channel(16);
    let request =
        Request::Generate { generations: vec![generation("Write a very long story about a king.", 900)] };
    let never = CancellationToken::new();
    let call = backend.call(&request, &progress, &never);
    assert!(tokio::time::timeout(Duration::from_millis(500), call).await.is_err());
    let start = Instant::now();
    assert_eq!(generate(&mut backend, vec![generation("Say hello.", 8)]).await.0, expected);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_worker_ends_with_its_host() {
    let Some((path, _turn)) = model().await else { return };
    let mut backend = backend(options(path));
    generate(&mut backend, vec![generation("Say hello.", 2)]).await;
    let id = backend.worker_id().unwrap() as i32;
    drop(backend);
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        // SAFETY: signal 0 only asks whether the process exists.
        if unsafe { libc::kill(id, 0) } != 0 {
            return;
        }
    }
    panic!("the worker {id} is still there");
}
