//! The prefix cache: evaluated prompts, kept for later prompts that start alike.
//!
//! Runs of an experiment forget what they have cached, so that none profits from another's prompts. But most of their
//! prompts begin alike, and need not be evaluated again to be paid for: what comes from this cache costs a run what
//! evaluating it would have cost. Pure; the engine copies the sequences.

use super::slots::{Slot, common};

/// Evaluating fewer tokens than these is faster than copying them.
pub(super) const MIN_CACHED_PREFIX: usize = 64;

/// Sequences with prompts that belong to no stream.
pub(super) struct PrefixCache {
    /// The first of the sequences.
    first: usize,
    held: Vec<Slot>,
    clock: u64,
}

impl PrefixCache {
    /// Returns an empty cache of `count` sequences from `first` on.
    pub(super) fn new(first: usize, count: usize) -> Self {
        Self { first, held: vec![Slot::default(); count], clock: 0 }
    }

    /// Returns the sequence that begins as `tokens` do for longest, and for how long: `most` of them at most. `None`
    /// where that is not worthwhile.
    pub(super) fn find(&mut self, tokens: &[i32], most: usize) -> Option<(usize, usize)> {
        let lengths = self.held.iter().map(|held| common(&held.tokens, tokens).min(most));
        let (at, length) =
            lengths.enumerate().max_by_key(|(at, length)| (*length, std::cmp::Reverse(*at)))?;
        if length < MIN_CACHED_PREFIX {
            return None;
        }
        self.touch(at);
        Some((self.first + at, length))
    }

    /// Returns the tokens of a sequence.
    pub(super) fn tokens(&self, sequence: usize) -> &[i32] {
        &self.held[sequence - self.first].tokens
    }

    /// Picks the sequence to overwrite with a prompt of `tokens`: one that is a prefix of the prompt, otherwise the least
    /// recently used. `None` where there is no sequence, or one already holds these tokens.
    pub(super) fn keep(&mut self, tokens: &[i32]) -> Option<usize> {
        let all = tokens.len();
        if let Some(at) = self.held.iter().position(|held| common(&held.tokens, tokens) == all) {
            self.touch(at);
            return None;
        }
        let begins = |held: &Slot| common(&held.tokens, tokens) == held.tokens.len();
        let at =
            (0..self.held.len()).min_by_key(|at| (!begins(&self.held[*at]), self.held[*at].used, *at))?;
        self.held[at].tokens = tokens.to_vec();
        self.touch(at);
        Some(self.first + at)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.held.fill(Slot::default());
    }

    fn touch(&mut self, at: usize) {
        self.clock += 1;
        self.held[at].used = self.clock;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(salt: i32, length: i32) -> Vec<i32> {
        (0..length).map(|n| if n < 70 { n } else { salt + n }).collect()
    }

    #[test]
    fn what_begins_alike_is_found() {
        let mut cache = PrefixCache::new(10, 2);
        assert_eq!(cache.find(&text(0, 100), 98), None);
        assert_eq!(cache.keep(&text(0, 100)), Some(10));
        assert_eq!(cache.find(&text(0, 100), 98), Some((10, 98)), "its end is evaluated for its logits");
        assert_eq!(cache.find(&text(1000, 100), 98), Some((10, 70)));
        assert_eq!(cache.find(&text(1000, 100), 60), None, "less is not worthwhile");
        assert_eq!(cache.tokens(10), text(0, 100));
    }

    #[test]
    fn what_was_of_use_longest_ago_makes_room() {
        let mut cache = PrefixCache::new(10, 2);
        assert_eq!([cache.keep(&text(0, 100)), cache.keep(&text(1000, 100))], [Some(10), Some(11)]);
        assert_eq!(cache.keep(&text(0, 100)), None, "it is there");
        assert_eq!(cache.keep(&text(2000, 100)), Some(11));
        assert_eq!(cache.keep(&text(2000, 120)), Some(11), "it extends what was there");
        cache.clear();
        assert_eq!(cache.find(&text(0, 100), 98), None);
        assert_eq!(PrefixCache::new(10, 0).keep(&text(0, 100)), None);
    }
}
