//! Exact mode: bit for bit the same results alone, in company, and from any cache.

use llm::{LlamaBackend, LlamaOptions};
use model::{Generation, Output, Prompt, Request, Sampling};
use support::models::{backend, call, generate, generation, options, score, words};

use crate::model;

/// Prompts of different lengths that share different beginnings.
fn crowd() -> Vec<Generation> {
    let shared = words(2, 60);
    let mut all: Vec<Generation> = (0..8)
        .map(|i| match i {
            0..4 => generation(&format!("{shared} {}", words(20 + i, 5 + i * 9)), 24),
            4..6 => generation(&words(40 + i, 3 + i * 30), 24),
            _ => generation(&format!("Hi {i}"), 24),
        })
        .collect();
    all[2].sampling = Sampling { temperature: 0.9, top_k: 40, top_p: 0.9, seed: 5 };
    all
}

/// Returns what must be equal: tokens, and the bits of their log-probabilities.
fn bits(completion: &model::Completion) -> Vec<(Option<i32>, u32)> {
    completion.tokens.iter().map(|t| (t.id, t.logprob.unwrap().to_bits())).collect()
}

async fn alone(options: &LlamaOptions, generation: &Generation) -> Vec<(Option<i32>, u32)> {
    let mut fresh = backend(options.clone());
    bits(&generate(&mut fresh, vec![generation.clone()]).await.0[0])
}

#[tokio::test]
async fn company_and_cache_change_nothing() {
    let Some((path, _turn)) = model().await else { return };
    let options = options(path);
    let crowd = crowd();
    let mut together: LlamaBackend = backend(options.clone());
    let (first, _) = generate(&mut together, crowd.clone()).await;
    for i in [0, 2, 5, 7] {
        assert_eq!(bits(&first[i]), alone(&options, &crowd[i]).await, "generation {i} in company");
    }
    // Again, all from the cache; then in another order, with one missing.
    let (again, reply) = generate(&mut together, crowd.clone()).await;
    assert!(reply.prompts.iter().all(|p| p.tokens - p.cached <= 2), "{:?}", reply.prompts);
    let mut turned: Vec<Generation> = crowd.clone();
    turned.remove(1);
    turned.reverse();
    let (turned, _) = generate(&mut together, turned).await;
    for i in 0..8 {
        assert_eq!(bits(&first[i]), bits(&again[i]), "generation {i} from the cache");
        if i != 1 {
            let place = if i == 0 { 6 } else { 7 - i };
            assert_eq!(bits(&first[i]), bits(&turned[place]), "generation {i} in another order");
        }
    }
}

#[tokio::test]
async fn scores_and_choices_are_exact_too() {
    let Some((path, _turn)) = model().await else { return };
    let prompt = |i: u32| Prompt::chat(words(2, 50), words(60 + i, 4 + 13 * (i % 3)));
    let pairs: Vec<(Prompt, String)> = (0..8).map(|i| (prompt(i), words(80 + i, 1 + 11 * (i % 4)))).collect();
    let mut together = backend(options(path.clone()));
    let (batch, _) = score(&mut together, pairs.clone()).await;
    let mut single = backend(options(path));
    for (i, pair) in pairs.iter().enumerate() {
        let (one, _) = score(&mut single, vec![pair.clone()]).await;
        assert_eq!(
            one[0].iter().map(|l| l.to_bits()).collect::<Vec<_>>(),
            batch[i].iter().map(|l| l.to_bits()).collect::<Vec<_>>(),
            "pair {i}"
        );
    }
    let options = vec!["Yes".to_string(), "No".to_string()];
    let request = |prompts: Vec<Prompt>| Request::Choose { prompts, options: options.clone() };
    let all = call(&mut together, &request((0..8).map(prompt).collect())).await.unwrap();
    let one = call(&mut single, &request(vec![prompt(3)])).await.unwrap();
    let (Output::Chosen { logprobs: all }, Output::Chosen { logprobs: one }) = (all.output, one.output)
    else {
        panic!()
    };
    assert_eq!(all[3], one[0]);
}

#[tokio::test]
async fn fast_mode_gives_text_as_well() {
    let Some((path, _turn)) = model().await else { return };
    let mut fast = backend(LlamaOptions { exact: false, ..options(path) });
    let (completions, _) = generate(&mut fast, crowd()).await;
    assert!(completions.iter().all(|c| !c.tokens.is_empty()));
    let (_, reply) = generate(&mut fast, crowd()).await;
    assert!(reply.prompts.iter().all(|p| p.tokens - p.cached <= 1), "{:?}", reply.prompts);
}
