//! Answers that are decoded several times at a temperature, and what they agree on.

use std::collections::BTreeMap;

use crate::seed;
use model::{Completion, Generation, Prompt, Sampling};
use problem::{Family, spelled_alike};
use session::Settings;

/// Rollouts look only among the most probable tokens, as proposals do.
const TOP_K: u32 = 64;

/// Returns `n` generations of `prompt`, each with a seed of its own. `variant` gives other seeds.
pub(super) fn generations(
    settings: &Settings,
    label: &str,
    variant: u32,
    prompt: &Prompt,
    max_tokens: u32,
) -> Vec<Generation> {
    let rollouts = &settings.rollouts;
    let sampling = |index| Sampling {
        temperature: rollouts.temperature,
        top_k: TOP_K,
        top_p: settings.top_p,
        seed: seed::derive(settings.seed, label, variant, index),
    };
    let generation = |index| Generation {
        prompt: prompt.clone(),
        sampling: sampling(index),
        grammar: None,
        max_tokens,
        stop: Vec::new(),
        thinking: settings.thinking.tokens,
        distinct_from: None,
    };
    (0..rollouts.n).map(generation).collect()
}

/// Returns the answer that each completion states; `None` where one states none.
pub(super) fn answers(family: &dyn Family, completions: &[Completion]) -> Vec<Option<String>> {
    let answers = completions.iter().map(|completion| family.extract_answer(&completion.text)).collect();
    spelled_alike(family, answers)
}

/// Returns the most frequent answer and how often it came; on a tie the one that came first.
pub(super) fn mode(answers: &[Option<String>]) -> Option<(&str, usize)> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (place, answer) in answers.iter().enumerate() {
        if let Some(answer) = answer {
            counts.entry(answer).or_insert((0, place)).0 += 1;
        }
    }
    let best = counts.into_iter().max_by_key(|(_, (count, place))| (*count, usize::MAX - place));
    best.map(|(answer, (count, _))| (answer, count))
}

/// Returns the standard error of a share `p` of `n`, √(p(1−p)/n), with one success and one failure added
/// (Agresti and Coull 1998), so that it is not 0 where all agree.
pub(super) fn share_error(count: f64, n: f64) -> f64 {
    let (count, n) = (count + 1.0, n + 2.0);
    let p = count / n;
    (p * (1.0 - p) / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_the_most_frequent_and_the_first_of_equals() {
        let answers = |list: &[&str]| -> Vec<Option<String>> {
            list.iter().map(|answer| (!answer.is_empty()).then(|| (*answer).to_owned())).collect()
        };
        assert_eq!(mode(&answers(&["7", "9", "9", ""])), Some(("9", 2)));
        assert_eq!(mode(&answers(&["9", "7"])), Some(("9", 1)));
        assert_eq!(mode(&answers(&["", ""])), None);
    }

    #[test]
    fn full_agreement_of_few_is_not_certain() {
        assert!(share_error(4.0, 4.0) > 0.1 && share_error(400.0, 400.0) < 0.01);
    }
}
