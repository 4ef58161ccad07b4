//! Sampling without replacement: texts that were drawn before from the same distribution are not drawn again.
//!
//! The tokens of each known text are a path through the tree of all texts, with the probability that the sampler gave to
//! each step. What lies on known paths below a token is taken off that token's probability before the draw, so a
//! sequence leaves them where it is most probable that it would, not at their ends: UniqueRandomizer (Shi, Bieber and
//! Singh 2020, "Incremental Sampling Without Replacement for Sequence Models"). A text that is known but reached by
//! other tokens shows only at its end; its path is known from then on, and the writer begins again.

use std::collections::HashSet;

use model::EarlierText;

/// Where less than this share of the probability is left to texts that were not seen, nothing is drawn: of a thousand
/// independent draws not one would be new. \[our own\]
pub(super) const EXHAUSTED: f64 = 1e-3;
/// A share below this is a rounding error: probabilities are known to about seven digits.
pub(super) const NOTHING: f64 = 1e-6;

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Unseen {
    texts: HashSet<String>,
    paths: Vec<Path>,
}

#[derive(Debug, Clone, PartialEq)]
struct Path {
    tokens: Vec<i32>,
    /// For each length the probability of all further tokens of the path, after so many of them.
    rest: Vec<f64>,
}

impl Path {
    fn new(tokens: Vec<i32>, shares: &[f32]) -> Self {
        let mut rest = vec![1.0; tokens.len() + 1];
        for at in (0..tokens.len()).rev() {
            let share = shares.get(at).map_or(0.0, |share| f64::from(*share).min(0.0));
            rest[at] = rest[at + 1] * share.exp();
        }
        Self { tokens, rest }
    }
}

impl Unseen {
    /// Returns what is left when `seen` is known.
    pub(super) fn new(seen: &[EarlierText]) -> Self {
        let mut unseen = Self::default();
        for one in seen {
            unseen.add(one);
        }
        unseen
    }

    /// Returns whether a text is known.
    pub(super) fn knows(&self, text: &str) -> bool {
        self.texts.contains(text)
    }

    /// Takes note of a text and, where its tokens are known, of its path.
    pub(super) fn add(&mut self, seen: &EarlierText) {
        self.texts.insert(seen.text.clone());
        let known = self.paths.iter().any(|path| path.tokens == seen.tokens);
        if !known && !seen.tokens.is_empty() {
            self.paths.push(Path::new(seen.tokens.clone(), &seen.shares));
        }
    }

    /// Returns the tokens that known paths take after `written`, each with the share of its probability that lies on
    /// them.
    pub(super) fn taken(&self, written: impl Iterator<Item = i32> + Clone) -> Vec<(i32, f64)> {
        let mut taken: Vec<(i32, f64)> = Vec::new();
        let depth = written.clone().count();
        for path in self.paths.iter().filter(|path| path.tokens.len() > depth) {
            if !written.clone().eq(path.tokens[..depth].iter().copied()) {
                continue;
            }
            let (token, share) = (path.tokens[depth], path.rest[depth + 1]);
            match taken.iter_mut().find(|(other, _)| *other == token) {
                Some((_, sum)) => *sum += share,
                None => taken.push((token, share)),
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, steps: &[(i32, f64)]) -> EarlierText {
        let (tokens, shares) = steps.iter().map(|(token, p)| (*token, p.ln() as f32)).unzip();
        EarlierText { text: text.into(), tokens, shares }
    }

    fn taken(unseen: &Unseen, written: &[i32]) -> Vec<(i32, f64)> {
        unseen.taken(written.iter().copied())
    }

    #[test]
    fn what_known_paths_hold_of_each_token_adds_up() {
        // From the root 1 (0.5) leads to 2 (0.4) or 3 (0.6); 4 (0.5) ends at once.
        let unseen = Unseen::new(&[
            seen("ab", &[(1, 0.5), (2, 0.4)]),
            seen("ac", &[(1, 0.5), (3, 0.6)]),
            seen("d", &[(4, 0.5)]),
        ]);
        let near = |found: Vec<(i32, f64)>, expected: &[(i32, f64)]| {
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!(found.0 == expected.0 && (found.1 - expected.1).abs() < 1e-6, "{found:?}");
            }
        };
        near(taken(&unseen, &[]), &[(1, 1.0), (4, 1.0)]);
        near(taken(&unseen, &[1]), &[(2, 1.0), (3, 1.0)]);
        near(taken(&unseen, &[2]), &[]);
        near(taken(&unseen, &[4]), &[]);
        near(taken(&Unseen::new(&[seen("ab", &[(1, 0.5), (2, 0.4)])]), &[]), &[(1, 0.4)]);
    }

    #[test]
    fn a_path_counts_once_and_a_text_may_have_several() {
        let mut unseen =
            Unseen::new(&[seen("ab", &[(1, 0.5), (2, 0.25)]), seen("ab", &[(1, 0.5), (2, 0.25)])]);
        assert!(taken(&unseen, &[]).iter().all(|(token, share)| *token == 1 && (share - 0.25).abs() < 1e-6));
        unseen.add(&seen("ab", &[(5, 0.1)]));
        assert_eq!(taken(&unseen, &[]).len(), 2);
        // Of a text alone only its end shows that it is known.
        unseen.add(&EarlierText { text: "x".into(), ..EarlierText::default() });
        assert!(unseen.knows("x") && unseen.knows("ab") && !unseen.knows("a"));
        assert_eq!(taken(&unseen, &[]).len(), 2);
    }
}
