//! A process reward model, on a tiny file that the test writes itself: the right architecture with a head of two
//! classes, and made-up weights. No real one was tried.

use std::path::{Path, PathBuf};

use crate::tiny::{self, Meta, Tensor, WIDTH, byte_letters, made_up, pair};
use llm::{LlamaBackend, LlamaOptions, ModelTask, gguf};
use model::{Backend, GpuLayers, LlmError, Output, Prompt, RankBy, Request};
use support::models::{backend, call};
use tokio::sync::mpsc;

/// What a written model is like.
#[derive(Clone)]
struct Tiny {
    architecture: &'static str,
    labels: Vec<&'static str>,
    with_head: bool,
    /// Whether attention and feed-forward add nothing, so that the state is the last token's embedding.
    hollow: bool,
}

impl Default for Tiny {
    fn default() -> Self {
        Self { architecture: "qwen3", labels: vec!["no", "yes"], with_head: true, hollow: false }
    }
}

fn vocabulary() -> Vec<String> {
    let marks = ["ab", "<|im_start|>", "<|im_end|>", "<|endoftext|>"].map(String::from);
    byte_letters().into_iter().chain(marks).collect()
}

impl Tiny {
    /// The tensors: name, dimensions, numbers.
    fn tensors(&self) -> Vec<Tensor> {
        let words = vocabulary().len();
        let mut all = tiny::layer(self.hollow);
        all.insert(0, ("token_embd.weight".into(), vec![WIDTH, words], made_up(1, WIDTH * words)));
        if self.with_head {
            let classes = self.labels.len();
            all.push(("cls.output.weight".into(), vec![WIDTH, classes], made_up(9, WIDTH * classes)));
        }
        all
    }

    fn bytes(&self) -> Vec<u8> {
        let own = |key: &str| format!("{}.{key}", self.architecture);
        let words = vocabulary();
        let kinds: Vec<i32> = words.iter().map(|word| if word.starts_with("<|") { 3 } else { 1 }).collect();
        let labels: Vec<String> = self.labels.iter().map(|label| (*label).to_owned()).collect();
        let head = [
            pair(&own("pooling_type"), Meta::Number(4)),
            pair(&own("classifier.output_labels"), Meta::Texts(&labels)),
        ];
        let pairs = [
            tiny::shape(self.architecture),
            head.to_vec(),
            tiny::vocabulary(&words, &kinds, words.len() - 2),
        ];
        tiny::file(&pairs.concat(), &self.tensors())
    }

    fn write(&self, dir: &Path) -> PathBuf {
        let path = dir.join(format!("{}-{}.gguf", self.architecture, self.labels.join("-")));
        std::fs::write(&path, self.bytes()).unwrap();
        path
    }
}

fn options(path: PathBuf) -> LlamaOptions {
    let gpu_layers = GpuLayers::Count(0);
    LlamaOptions {
        ctx: 1024,
        threads: Some(1),
        task: ModelTask::Rank,
        gpu_layers,
        ..LlamaOptions::new(path, "tiny")
    }
}

fn steps(written: &str) -> Prompt {
    Prompt::chat("You check steps.", "How many pens?").with_prefill(written)
}

async fn rank(backend: &mut LlamaBackend, written: &[&str]) -> Vec<f32> {
    let prompts = written.iter().map(|written| steps(written)).collect();
    let reply = call(backend, &Request::Rank { prompts, by: RankBy::Head }).await.unwrap();
    assert_eq!(reply.prompts.len(), written.len());
    let Output::Ranked { probabilities } = reply.output else { panic!("{:?}", reply.output) };
    probabilities
}

#[tokio::test]
async fn the_head_reads_the_state_of_the_last_token() {
    let dir = tempfile::tempdir().unwrap();
    let tiny = Tiny { hollow: true, ..Tiny::default() };
    let found = rank(&mut backend(options(tiny.write(dir.path()))), &["S1: x", "S1: y"]).await;
    let tensors = tiny.tensors();
    let numbers = |name: &str| tensors.iter().find(|(own, ..)| own == name).unwrap().2.clone();
    let (embeddings, head) = (numbers("token_embd.weight"), numbers("cls.output.weight"));
    for (letter, probability) in "xy".chars().zip(found) {
        // Nothing is added to the embedding: it is normalised, and the head and a softmax follow.
        let at = letter as usize * WIDTH;
        let state = &embeddings[at..at + WIDTH];
        let scale = (state.iter().map(|x| x * x).sum::<f32>() / WIDTH as f32 + 1e-6).sqrt();
        let class =
            |class: usize| -> f32 { (0..WIDTH).map(|i| head[class * WIDTH + i] * state[i] / scale).sum() };
        let expected = 1.0 / (1.0 + (class(0) - class(1)).exp());
        assert!((probability - expected).abs() < 1e-3, "{letter}: {probability} instead of {expected}");
    }
}

#[tokio::test]
async fn steps_go_on_from_what_was_evaluated_and_labels_say_which_class_is_right() {
    let dir = tempfile::tempdir().unwrap();
    let mut one = backend(options(Tiny::default().write(dir.path())));
    let long = format!("S1: {}\n", "pens and boxes ".repeat(20));
    let all = [long.as_str(), &format!("{long}S2: a\n"), &format!("{long}S2: a\nS3: b\n")];
    let together = rank(&mut one, &all).await;
    assert!(together.iter().all(|p| *p > 0.0 && *p < 1.0) && together[0] != together[1], "{together:?}");
    let reply = call(
        &mut one,
        &Request::Rank { prompts: all.iter().map(|text| steps(text)).collect(), by: RankBy::Head },
    )
    .await;
    let cost = reply.unwrap().cost;
    assert!(cost.cached > 2 * cost.fresh, "a prompt continues from the one before it: {cost:?}");
    let mut alone = backend(options(Tiny::default().write(dir.path())));
    let last = rank(&mut alone, &all[2..]).await;
    assert!((last[0] - together[2]).abs() < 1e-3, "{last:?} {together:?}");
    let turned = Tiny { labels: vec!["Yes", "No"], ..Tiny::default() };
    let turned = rank(&mut backend(options(turned.write(dir.path()))), &all[2..]).await;
    assert!((turned[0] + last[0] - 1.0).abs() < 1e-3, "the other class: {turned:?} {last:?}");
}

#[tokio::test]
async fn whatever_has_no_usable_head_is_refused_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let cases = [
        (Tiny { with_head: false, ..Tiny::default() }, "no classification head"),
        (Tiny { architecture: "llama", ..Tiny::default() }, "architecture llama"),
        (Tiny { labels: vec!["yes"], ..Tiny::default() }, "1 classes, not two"),
        (Tiny { labels: vec!["cat", "dog"], ..Tiny::default() }, "cat and dog, means right"),
    ];
    for (tiny, reason) in cases {
        let path = tiny.write(dir.path());
        let (progress, _keep) = mpsc::channel(16);
        let error = backend(options(path.clone())).info(&progress).await.unwrap_err();
        assert!(
            matches!(error, LlmError::Unavailable { .. }) && error.to_string().contains(reason),
            "{error}"
        );
        let early = gguf::require_head(&path);
        assert_eq!(early.is_ok(), reason.contains("means right"), "{reason}: {early:?}");
    }
}

#[tokio::test]
async fn a_head_writes_no_text_and_a_writer_has_no_head() {
    let dir = tempfile::tempdir().unwrap();
    let path = Tiny::default().write(dir.path());
    let mut ranker = backend(options(path.clone()));
    let choose = Request::Choose { prompts: vec![steps("")], options: vec!["a".into(), "b".into()] };
    assert!(matches!(call(&mut ranker, &choose).await, Err(LlmError::Refused { .. })));
    let mut writer = backend(LlamaOptions { task: ModelTask::Write, ..options(path) });
    let request = Request::Rank { prompts: vec![steps("")], by: RankBy::Head };
    let refused = call(&mut writer, &request).await.unwrap_err();
    assert!(refused.to_string().contains("classification head"), "{refused}");
}
