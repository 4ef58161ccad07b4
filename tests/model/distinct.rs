//! Texts that must differ, on the tiny model of `pressure` that expects one of three letters, and on a real one.

use std::collections::BTreeSet;

use crate::pressure::{probabilities, tiny_backend};
use crate::{model, model_alone};
use llm::{LlamaBackend, LlamaOptions};
use model::{Completion, EarlierText, Generation, Prompt, Sampling, StopReason};
use support::models::{backend, generate, generation, options};

const LETTERS: &str = "start: /[xyz]/";

fn letter(seed: u64, seen: Vec<EarlierText>) -> Generation {
    Generation {
        prompt: Prompt::chat("S", "U").with_prefill("k"),
        sampling: Sampling { temperature: 1.0, top_k: 0, top_p: 1.0, seed },
        grammar: Some(LETTERS.into()),
        distinct_from: Some(seen),
        ..generation("", 4)
    }
}

fn texts(written: &[Completion]) -> Vec<&str> {
    written.iter().map(|one| one.text.as_str()).collect()
}

/// Draws text after text, each distinct from all before, until nothing is left.
async fn all_of(
    backend: &mut LlamaBackend,
    of: impl Fn(Vec<EarlierText>) -> Generation,
    most: usize,
) -> Vec<Completion> {
    let mut written: Vec<Completion> = Vec::new();
    while written.len() < most {
        let seen = written.iter().filter_map(Completion::seen).collect();
        let (mut next, _) = generate(backend, vec![of(seen)]).await;
        written.push(next.remove(0));
        if written.last().is_some_and(|last| last.stop == StopReason::Exhausted) {
            break;
        }
    }
    written
}

#[tokio::test]
async fn three_letters_are_drawn_once_each_and_then_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = tiny_backend(dir.path());
    let odds = probabilities(&mut model, "k", &["x", "y", "z"]).await;
    let whole: f64 = odds.iter().sum();
    let written = all_of(&mut model, |seen| letter(seen.len() as u64, seen), 9).await;
    assert_eq!(written.len(), 4, "{written:?}");
    let letters: BTreeSet<&str> = texts(&written[..3]).into_iter().collect();
    assert_eq!(letters, BTreeSet::from(["x", "y", "z"]));
    for one in &written[..3] {
        let place = "xyz".find(&one.text).unwrap();
        let share = f64::from(one.tokens[0].share.unwrap()).exp();
        assert!((share - odds[place] / whole).abs() < 1e-4, "{share} of {odds:?}");
    }
    let last = written.last().unwrap();
    assert!(last.text.is_empty() && last.tokens.is_empty() && last.seen().is_none());
}

#[tokio::test]
async fn texts_side_by_side_differ_and_what_was_dropped_is_paid_for() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = tiny_backend(dir.path());
    let mut dropped = 0;
    for first in 0..8 {
        let four = (0..4).map(|at| letter(100 * first + at, Vec::new())).collect();
        let (written, reply) = generate(&mut model, four).await;
        let letters: BTreeSet<&str> = texts(&written).into_iter().filter(|text| !text.is_empty()).collect();
        assert_eq!(letters.len(), 3, "{written:?}");
        assert_eq!(written.iter().filter(|one| one.stop == StopReason::Exhausted).count(), 1);
        dropped += reply.cost.generated - written.iter().map(Completion::drawn).sum::<u64>();
        let again = (0..4).map(|at| letter(100 * first + at, Vec::new())).collect();
        assert_eq!(generate(&mut model, again).await.0, written, "it repeats itself");
    }
    assert!(dropped > 0);
}

#[tokio::test]
async fn a_text_that_is_known_without_its_tokens_is_not_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = tiny_backend(dir.path());
    let known = |text: &str| EarlierText { text: text.into(), ..EarlierText::default() };
    for seed in 0..6 {
        let (written, _) = generate(&mut model, vec![letter(seed, vec![known("x"), known("z")])]).await;
        assert_eq!(texts(&written), ["y"]);
    }
}

#[tokio::test]
async fn without_the_wish_nothing_changes() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = tiny_backend(dir.path());
    for seed in 0..6 {
        let free = Generation { distinct_from: None, ..letter(seed, Vec::new()) };
        let (written, _) = generate(&mut model, vec![free.clone(), free, letter(seed, Vec::new())]).await;
        assert_eq!(written[0], written[1]);
        assert_eq!(written[0].text, written[2].text);
        assert!(written[0].tokens.iter().all(|token| token.share.is_none()));
    }
}

#[tokio::test]
async fn a_real_model_writes_other_lines_each_time_also_at_temperature_0() {
    let Some((path, _turn)) = model().await else { return };
    for (exact, temperature) in [(true, 0.0), (false, 0.0), (false, 0.8)] {
        let mut backend = backend(LlamaOptions { exact, ..options(path.clone()) });
        let line = |seen: Vec<EarlierText>| Generation {
            sampling: Sampling { temperature, top_k: 64, top_p: 0.95, seed: seen.len() as u64 },
            stop: vec!["\n".into()],
            distinct_from: Some(seen),
            ..generation("Name an animal. Answer with one word.", 12)
        };
        let written = all_of(&mut backend, line, 6).await;
        let known: Vec<&str> =
            written.iter().filter(|one| one.seen().is_some()).map(|one| &*one.text).collect();
        assert!(known.len() > 1, "{:?}", texts(&written));
        assert_eq!(known.iter().collect::<BTreeSet<_>>().len(), known.len(), "{:?}", texts(&written));
        let free = Generation { distinct_from: None, ..line(Vec::new()) };
        assert_eq!(generate(&mut backend, vec![free]).await.0[0].text, written[0].text);
    }
}

#[tokio::test]
async fn a_small_space_is_exhausted_on_a_real_model() {
    let Some((path, _turn)) = model_alone().await else { return };
    let mut backend = backend(options(path));
    let word = |seen: Vec<EarlierText>| Generation {
        sampling: Sampling { temperature: 0.8, top_k: 64, top_p: 0.95, seed: 7 },
        grammar: Some("start: \"true\" | \"false\" | \"unknown\"".into()),
        distinct_from: Some(seen),
        ..generation("Is the sea blue? Answer true, false or unknown.", 12)
    };
    let written = all_of(&mut backend, word, 9).await;
    let words: Vec<&str> = texts(&written).into_iter().filter(|text| !text.is_empty()).collect();
    assert!(words.len() <= 3 && words.iter().collect::<BTreeSet<_>>().len() == words.len(), "{words:?}");
    assert_eq!(written.last().unwrap().stop, StopReason::Exhausted);
}
