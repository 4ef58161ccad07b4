//! A process reward model, on a tiny file that the test writes itself: the right architecture with a head of two
//! classes, and made-up weights. No real one was tried.

mod support;

use std::path::{Path, PathBuf};

use planscope::llm::{
    Backend, GpuLayers, LlamaBackend, LlamaOptions, LlmError, Output, Prompt, RankBy, Request, gguf,
};
use support::{backend, call};
use tokio::sync::mpsc;

/// Width of the residual stream, and of a head.
const WIDTH: usize = 64;
const HEAD: usize = 32;

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

/// Numbers from −0.5 to 0.5 that look like chance.
fn made_up(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..count).map(|_| next()).collect()
}

/// The letters that stand for bytes in vocabularies of GPT-2's kind.
fn byte_letters() -> Vec<String> {
    let plain = |byte: u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let mut others = 256..;
    let letter = |byte: u32| char::from_u32(if plain(byte) { byte } else { others.next().unwrap() }).unwrap();
    (0..256).map(letter).map(String::from).collect()
}

fn vocabulary() -> Vec<String> {
    let marks = ["ab", "<|im_start|>", "<|im_end|>", "<|endoftext|>"].map(String::from);
    byte_letters().into_iter().chain(marks).collect()
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

/// A metadata value with its type.
enum Meta<'a> {
    Number(u32),
    Real(f32),
    Text(&'a str),
    Texts(&'a [String]),
    Kinds(&'a [i32]),
}

fn pair(key: &str, value: Meta<'_>) -> Vec<u8> {
    let list = |kind: u32, count: usize| {
        [9_u32.to_le_bytes(), kind.to_le_bytes()]
            .concat()
            .into_iter()
            .chain((count as u64).to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let value = match value {
        Meta::Number(number) => [4_u32.to_le_bytes(), number.to_le_bytes()].concat(),
        Meta::Real(real) => [6_u32.to_le_bytes(), real.to_le_bytes()].concat(),
        Meta::Text(word) => [&8_u32.to_le_bytes()[..], &text(word)].concat(),
        Meta::Texts(texts) => {
            texts.iter().fold(list(8, texts.len()), |bytes, one| [bytes, text(one)].concat())
        }
        Meta::Kinds(kinds) => {
            kinds.iter().fold(list(5, kinds.len()), |bytes, one| [bytes, one.to_le_bytes().to_vec()].concat())
        }
    };
    [text(key), value].concat()
}

impl Tiny {
    /// The tensors: name, dimensions, numbers.
    fn tensors(&self) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let ones = |count: usize| vec![1.0_f32; count];
        let dead = |seed, count| if self.hollow { vec![0.0; count] } else { made_up(seed, count) };
        let square = WIDTH * WIDTH;
        let block = |name: &str| format!("blk.0.{name}.weight");
        let words = vocabulary().len();
        let mut all = vec![
            ("token_embd.weight".into(), vec![WIDTH, words], made_up(1, WIDTH * words)),
            ("output_norm.weight".into(), vec![WIDTH], ones(WIDTH)),
            (block("attn_norm"), vec![WIDTH], ones(WIDTH)),
            (block("attn_q"), vec![WIDTH, WIDTH], made_up(2, square)),
            (block("attn_k"), vec![WIDTH, HEAD], made_up(3, WIDTH * HEAD)),
            (block("attn_v"), vec![WIDTH, HEAD], made_up(4, WIDTH * HEAD)),
            (block("attn_output"), vec![WIDTH, WIDTH], dead(5, square)),
            (block("attn_q_norm"), vec![HEAD], ones(HEAD)),
            (block("attn_k_norm"), vec![HEAD], ones(HEAD)),
            (block("ffn_norm"), vec![WIDTH], ones(WIDTH)),
            (block("ffn_gate"), vec![WIDTH, WIDTH], made_up(6, square)),
            (block("ffn_up"), vec![WIDTH, WIDTH], made_up(7, square)),
            (block("ffn_down"), vec![WIDTH, WIDTH], dead(8, square)),
        ];
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
        let pairs = [
            pair("general.architecture", Meta::Text(self.architecture)),
            pair(&own("context_length"), Meta::Number(1024)),
            pair(&own("embedding_length"), Meta::Number(WIDTH as u32)),
            pair(&own("block_count"), Meta::Number(1)),
            pair(&own("feed_forward_length"), Meta::Number(WIDTH as u32)),
            pair(&own("attention.head_count"), Meta::Number(2)),
            pair(&own("attention.head_count_kv"), Meta::Number(1)),
            pair(&own("attention.key_length"), Meta::Number(HEAD as u32)),
            pair(&own("attention.value_length"), Meta::Number(HEAD as u32)),
            pair(&own("attention.layer_norm_rms_epsilon"), Meta::Real(1e-6)),
            pair(&own("rope.freq_base"), Meta::Real(10_000.0)),
            pair(&own("pooling_type"), Meta::Number(4)),
            pair(&own("classifier.output_labels"), Meta::Texts(&labels)),
            pair("tokenizer.ggml.model", Meta::Text("gpt2")),
            pair("tokenizer.ggml.pre", Meta::Text("qwen2")),
            pair("tokenizer.ggml.tokens", Meta::Texts(&words)),
            pair("tokenizer.ggml.token_type", Meta::Kinds(&kinds)),
            pair("tokenizer.ggml.merges", Meta::Texts(&["a b".to_owned()])),
            pair("tokenizer.ggml.eos_token_id", Meta::Number(words.len() as u32 - 2)),
        ];
        let tensors = self.tensors();
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend((tensors.len() as u64).to_le_bytes());
        bytes.extend((pairs.len() as u64).to_le_bytes());
        bytes.extend(pairs.concat());
        let mut offset = 0_u64;
        for (name, dimensions, numbers) in &tensors {
            bytes.extend(text(name));
            bytes.extend((dimensions.len() as u32).to_le_bytes());
            bytes.extend(dimensions.iter().flat_map(|size| (*size as u64).to_le_bytes()));
            bytes.extend(0_u32.to_le_bytes());
            bytes.extend(offset.to_le_bytes());
            offset += 4 * numbers.len() as u64;
        }
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        bytes.extend(
            tensors.iter().flat_map(|(_, _, numbers)| numbers).flat_map(|number| number.to_le_bytes()),
        );
        bytes
    }

    fn write(&self, dir: &Path) -> PathBuf {
        let path = dir.join(format!("{}-{}.gguf", self.architecture, self.labels.join("-")));
        std::fs::write(&path, self.bytes()).unwrap();
        path
    }
}

fn options(path: PathBuf) -> LlamaOptions {
    let gpu_layers = GpuLayers::Count(0);
    LlamaOptions { ctx: 1024, threads: Some(1), head: true, gpu_layers, ..LlamaOptions::new(path, "tiny") }
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
    assert!(cost.cached > 2 * cost.fresh, "a prompt goes on from the one before it: {cost:?}");
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
    let mut writer = backend(LlamaOptions { head: false, ..options(path) });
    let request = Request::Rank { prompts: vec![steps("")], by: RankBy::Head };
    let refused = call(&mut writer, &request).await.unwrap_err();
    assert!(refused.to_string().contains("classification head"), "{refused}");
}
