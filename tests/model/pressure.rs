//! Grammar pressure against the whole distribution, which another request gives: on a tiny model that the test writes
//! itself and that expects one of three letters, and on a real one.

use std::path::{Path, PathBuf};

use crate::tiny::{self, Meta, Tensor, WIDTH, byte_letters, made_up, pair};
use llm::{LlamaBackend, LlamaOptions};
use model::{Completion, Generation, GpuLayers, Mask, Output, Prompt, Request, Sampling};
use support::models::{self, backend, call, generate};

/// After `k` comes one of these letters, with logits in these proportions.
const EXPECTED: [(&str, f32); 3] = [("x", 1.0), ("y", 0.95), ("z", 0.9)];
const TEMPLATE: &str = "{% for m in messages %}{{ m.content }}{% endfor %}";

fn write_model(dir: &Path) -> PathBuf {
    let words: Vec<String> =
        byte_letters().into_iter().chain(["ab", "<|im_end|>"].map(str::to_owned)).collect();
    let place = |word: &str| WIDTH * words.iter().position(|other| other == word).unwrap();
    let embeddings = made_up(11, WIDTH * words.len());
    let mut rows = vec![0.0; WIDTH * words.len()];
    for (word, share) in EXPECTED {
        let (from, to) = (place("k"), place(word));
        (0..WIDTH).for_each(|at| rows[to + at] = share * embeddings[from + at]);
    }
    let mut tensors: Vec<Tensor> = tiny::layer(true);
    tensors.push(("token_embd.weight".into(), vec![WIDTH, words.len()], embeddings));
    tensors.push(("output.weight".into(), vec![WIDTH, words.len()], rows));
    let kinds: Vec<i32> = words.iter().map(|word| if word.starts_with("<|") { 3 } else { 1 }).collect();
    let pairs = [
        tiny::shape("qwen3"),
        tiny::vocabulary(&words, &kinds, words.len() - 1),
        vec![pair("tokenizer.chat_template", Meta::Text(TEMPLATE))],
    ];
    let path = dir.join("letters.gguf");
    std::fs::write(&path, tiny::file(&pairs.concat(), &tensors)).unwrap();
    path
}

pub fn tiny_backend(dir: &Path) -> LlamaBackend {
    let (path, gpu_layers) = (write_model(dir), GpuLayers::Count(0));
    backend(LlamaOptions {
        ctx: 256,
        sequences: 4,
        threads: Some(1),
        gpu_layers,
        ..LlamaOptions::new(path, "letters")
    })
}

fn generation(grammar: Option<&str>) -> Generation {
    Generation {
        prompt: Prompt::chat("S", "U").with_prefill("k"),
        sampling: Sampling::GREEDY,
        grammar: grammar.map(str::to_owned),
        max_tokens: 2,
        stop: Vec::new(),
        thinking: 0,
        distinct_from: None,
    }
}

/// The probability of each of `letters` after `prefill`, by the request for choices.
pub async fn probabilities(model: &mut LlamaBackend, prefill: &str, letters: &[&str]) -> Vec<f64> {
    let prompts = vec![Prompt::chat("S", "U").with_prefill(prefill)];
    let options = letters.iter().map(ToString::to_string).collect();
    let reply = call(model, &Request::Choose { prompts, options }).await.unwrap();
    let Output::Chosen { logprobs } = reply.output else { panic!() };
    logprobs[0].iter().map(|logprob| f64::from(*logprob).exp()).collect()
}

fn masks(completion: &Completion) -> Vec<Mask> {
    completion.tokens.iter().map(|token| token.mask.expect("a mask under a grammar")).collect()
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 2e-3, "{found} for {expected}");
}

#[tokio::test]
async fn the_mass_left_is_that_of_what_the_grammar_allows() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = tiny_backend(dir.path());
    let p = probabilities(&mut model, "k", &["x", "y", "z"]).await;
    assert!(p[0] > 0.4 && p[0] < 0.8 && p[0] > p[1] && p[1] > p[2], "{p:?}");
    let hot = Generation {
        sampling: Sampling { temperature: 2.0, top_k: 1, top_p: 0.5, seed: 1 },
        ..generation(Some("start: /[^x]/"))
    };
    let grammars = ["start: /(.|\\n)*/", "start: /[^x](.|\\n)*/", "start: \"y\" | \"z\"", "start: \"z\""];
    let mut generations: Vec<Generation> = grammars.iter().map(|grammar| generation(Some(grammar))).collect();
    generations.extend([hot, generation(None)]);
    let (written, _) = generate(&mut model, generations).await;
    let first = |at: usize| masks(&written[at])[0];
    near(f64::from(first(0).left), 0.0);
    near(f64::from(first(1).left), (1.0 - p[0]).ln());
    near(f64::from(first(2).left), (p[1] + p[2]).ln());
    near(f64::from(first(3).left), p[2].ln());
    assert_eq!([0, 1, 2, 3].map(|at| first(at).fixed), [false, false, false, true]);
    assert_eq!(first(4), first(1), "temperature, top-k and top-p come later");
    assert!(written[5].tokens.iter().all(|token| token.mask.is_none()) && written[5].pressure().is_none());
}

#[tokio::test]
async fn the_pressure_on_a_text_is_the_sum_over_its_tokens() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = tiny_backend(dir.path());
    let (written, reply) =
        generate(&mut model, vec![generation(Some("start: (\"y\" | \"z\") /[pq]/"))]).await;
    let [text] = &written[..] else { panic!() };
    assert_eq!(text.text.len(), 2);
    let one = probabilities(&mut model, "k", &["y", "z"]).await;
    let two = probabilities(&mut model, &format!("k{}", &text.text[..1]), &["p", "q"]).await;
    let pressure = text.pressure().unwrap();
    near(pressure.choice, -(one.iter().sum::<f64>().ln() + two.iter().sum::<f64>().ln()));
    assert_eq!((pressure.fixed, &pressure.lines[0].text), (0.0, &text.text));
    assert_eq!(reply.output.pressures(), [Some(pressure)]);
}

#[tokio::test]
async fn tokens_that_cut_one_and_the_same_text_leave_no_choice() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = tiny_backend(dir.path());
    // The vocabulary has "a" and "ab": both begin the only text.
    let (written, _) = generate(
        &mut model,
        vec![generation(Some("start: \"ab\"")), generation(Some("start: \"a\" | \"b\""))],
    )
    .await;
    assert!(masks(&written[0]).iter().all(|mask| mask.fixed), "{written:?}");
    let pressure = written[0].pressure().unwrap();
    assert!(pressure.choice == 0.0 && pressure.fixed > 5.0, "{pressure:?}");
    assert!(!masks(&written[1])[0].fixed && written[1].pressure().unwrap().fixed == 0.0, "{written:?}");
}

/// A real vocabulary has many tokens that begin alike, so here the bounds are loose.
#[tokio::test]
async fn a_real_model_is_pressed_where_its_best_token_is_forbidden() {
    let Some((path, _turn)) = crate::model().await else { return };
    let mut model = backend(models::options(path));
    let free = models::generation("What is the capital of France? Answer with one word.", 1);
    let (written, _) = generate(&mut model, vec![free.clone()]).await;
    let best = &written[0].tokens[0];
    let probability = f64::from(best.logprob.unwrap()).exp();
    let letter = best.text.chars().next().filter(char::is_ascii_alphabetic).expect("a word");
    let under = |grammar: String| Generation { grammar: Some(grammar), ..free.clone() };
    let anything = under("start: /(.|\\n)*/".to_owned());
    let (written, _) =
        generate(&mut model, vec![anything, under(format!("start: /[^{letter}](.|\\n)*/"))]).await;
    let nats = |at: usize| written[at].pressure().unwrap().choice;
    assert!(nats(0) < 0.05, "{}", nats(0));
    assert!(nats(1) > -(1.0 - probability).ln() - 1e-3, "{} for {probability}", nats(1));
}
