//! What changed from one plan to another, item by item.
//!
//! Items with the same id belong together. Those that keep their order (a longest increasing run of
//! positions) anchor the rows; others with a common id have moved. Between two anchors an item that went
//! and one that came are one changed item if they are of a kind and say much the same.

use std::collections::HashMap;

use similar::{ChangeTag, TextDiff};

use super::{
    item::{Item, ItemId},
    tree::Plan,
};

/// Texts at least this similar (shared words, 0 to 1) are one item under two ids.
const SIMILAR: f32 = 0.6;
/// In longer gaps ids alone decide, since comparing every pair would take too long.
const LONGEST_GAP: usize = 32;
/// In longer texts words are not looked for, for the same reason.
const LONGEST_TEXT: usize = 4000;

/// A stretch of text in a word-level diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Where the stretch occurs.
    pub kind: SegmentKind,
    /// The stretch.
    pub text: String,
}

/// Where a stretch of text occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// In both texts.
    Both,
    /// Only in the old one.
    Old,
    /// Only in the new one.
    New,
}

/// One row of a diff; `old` and `new` are positions in the two plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffRow {
    /// The item is as it was, apart from its origin.
    Same {
        /// Its old place.
        old: usize,
        /// Its new place.
        new: usize,
    },
    /// The item has another text, id, depth, or other dependencies or flags. It may have moved too.
    Changed {
        /// Its old place.
        old: usize,
        /// Its new place.
        new: usize,
        /// Whether its place among the others changed.
        moved: bool,
        /// The texts, word by word; one stretch if the text is the same.
        words: Vec<Segment>,
    },
    /// The item is as it was, at another place among the others.
    Moved {
        /// Its old place.
        old: usize,
        /// Its new place.
        new: usize,
    },
    /// The item is new.
    Added {
        /// Its place.
        new: usize,
    },
    /// The item is gone.
    Removed {
        /// The place it had.
        old: usize,
    },
}

/// How many rows there are of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "named as the rows are")]
pub struct DiffCounts {
    pub same: usize,
    pub changed: usize,
    pub moved: usize,
    pub added: usize,
    pub removed: usize,
}

/// What changed from one plan to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanDiff {
    /// In the new plan's order; what is gone stands before the next anchor.
    pub rows: Vec<DiffRow>,
}

impl PlanDiff {
    /// Returns how many rows there are of each sort. A changed item that moved counts as changed.
    pub fn counts(&self) -> DiffCounts {
        let mut counts = DiffCounts::default();
        for row in &self.rows {
            *match row {
                DiffRow::Same { .. } => &mut counts.same,
                DiffRow::Changed { .. } => &mut counts.changed,
                DiffRow::Moved { .. } => &mut counts.moved,
                DiffRow::Added { .. } => &mut counts.added,
                DiffRow::Removed { .. } => &mut counts.removed,
            } += 1;
        }
        counts
    }

    /// Returns whether nothing changed but origins.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| matches!(row, DiffRow::Same { .. }))
    }
}

/// Returns what changed from `old` to `new`. Takes n log n time in the number of items.
pub fn diff(old: &Plan, new: &Plan) -> PlanDiff {
    let (old, new) = (old.items(), new.items());
    let old_places: HashMap<ItemId, usize> = old.iter().enumerate().map(|(at, i)| (i.id, at)).collect();
    let partner: Vec<Option<usize>> = new.iter().map(|item| old_places.get(&item.id).copied()).collect();
    let mut kept = vec![false; old.len()];
    partner.iter().flatten().for_each(|at| kept[*at] = true);
    let common: Vec<(usize, usize)> =
        partner.iter().enumerate().filter_map(|(at, from)| from.map(|from| (from, at))).collect();

    let mut rows = DiffRows { old, new, partner: &partner, kept: &kept, rows: Vec::with_capacity(new.len()) };
    let (mut old_at, mut new_at) = (0, 0);
    for (old_anchor, new_anchor) in longest_run(&common) {
        rows.gap(old_at..old_anchor, new_at..new_anchor);
        rows.pair(old_anchor, new_anchor, false);
        (old_at, new_at) = (old_anchor + 1, new_anchor + 1);
    }
    rows.gap(old_at..old.len(), new_at..new.len());
    PlanDiff { rows: rows.rows }
}

/// Returns two texts as stretches that are in both, only in the old or only in the new, in reading order.
/// Both texts can be had back by joining the stretches that are in them.
pub fn word_diff(old: &str, new: &str) -> Vec<Segment> {
    let segment = |kind, text: &str| Segment { kind, text: text.to_owned() };
    if old == new {
        return vec![segment(SegmentKind::Both, old)];
    }
    if old.len().max(new.len()) > LONGEST_TEXT {
        return vec![segment(SegmentKind::Old, old), segment(SegmentKind::New, new)];
    }
    let mut segments: Vec<Segment> = Vec::new();
    for change in TextDiff::from_unicode_words(old, new).iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => SegmentKind::Both,
            ChangeTag::Delete => SegmentKind::Old,
            ChangeTag::Insert => SegmentKind::New,
        };
        match segments.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(change.value()),
            _ => segments.push(segment(kind, change.value())),
        }
    }
    segments
}

/// The rows so far, with what is needed to make more.
struct DiffRows<'a> {
    old: &'a [Item],
    new: &'a [Item],
    /// For each new item the old place of the item with its id.
    partner: &'a [Option<usize>],
    /// For each old item whether its id is still there.
    kept: &'a [bool],
    rows: Vec<DiffRow>,
}

impl DiffRows<'_> {
    fn pair(&mut self, old: usize, new: usize, moved: bool) {
        let (before, after) = (&self.old[old], &self.new[new]);
        let same = before.text == after.text
            && before.id == after.id
            && before.depth == after.depth
            && before.deps == after.deps
            && (before.pinned, before.muted) == (after.pinned, after.muted);
        self.rows.push(match (same, moved) {
            (true, false) => DiffRow::Same { old, new },
            (true, true) => DiffRow::Moved { old, new },
            (false, _) => DiffRow::Changed { old, new, moved, words: word_diff(&before.text, &after.text) },
        });
    }

    /// Makes the rows between two anchors.
    fn gap(&mut self, old: std::ops::Range<usize>, new: std::ops::Range<usize>) {
        let mut gone: Vec<usize> = old.filter(|at| !self.kept[*at]).collect();
        let comparable = gone.len() <= LONGEST_GAP && new.len() <= LONGEST_GAP;
        for at in new {
            if let Some(from) = self.partner[at] {
                self.pair(from, at, true);
                continue;
            }
            let like = |from: &usize| comparable && alike(&self.old[*from], &self.new[at]);
            let Some(found) = gone.iter().position(like) else {
                self.rows.push(DiffRow::Added { new: at });
                continue;
            };
            // What went before the one that was found is paired with nothing: rows keep both orders.
            let from = gone[found];
            self.rows.extend(gone.drain(..=found).take(found).map(|old| DiffRow::Removed { old }));
            self.pair(from, at, false);
        }
        self.rows.extend(gone.into_iter().map(|old| DiffRow::Removed { old }));
    }
}

fn alike(old: &Item, new: &Item) -> bool {
    old.id.kind == new.id.kind
        && (old.text == new.text
            || (old.text.len().max(new.text.len()) <= LONGEST_TEXT
                && TextDiff::from_unicode_words(&old.text, &new.text).ratio() >= SIMILAR))
}

/// Returns a longest choice of pairs whose first members increase; the second ones already increase.
pub(super) fn longest_run(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    if pairs.is_sorted() {
        return pairs.to_vec();
    }
    // `ends[n]` is the pair with the smallest first member that ends a run of n + 1.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; pairs.len()];
    for (at, (first, _)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|&end| pairs[end].0 < *first);
        previous[at] = length.checked_sub(1).map(|before| ends[before]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut run: Vec<_> =
        std::iter::successors(ends.last().copied(), |&at| previous[at]).map(|at| pairs[at]).collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn rows(old: &str, new: &str) -> Vec<DiffRow> {
        diff(&parse(old).expect("a plan"), &parse(new).expect("a plan")).rows
    }

    #[test]
    fn items_align_by_id() {
        let found = rows("S1: a\nS2: b b b\nS3: c\nS4: d", "S1 {human}: a\nS5: new\nS2: b b x\nS4: d");
        let words = vec![
            Segment { kind: SegmentKind::Both, text: "b b ".into() },
            Segment { kind: SegmentKind::Old, text: "b".into() },
            Segment { kind: SegmentKind::New, text: "x".into() },
        ];
        assert_eq!(
            found,
            [
                DiffRow::Same { old: 0, new: 0 },
                DiffRow::Added { new: 1 },
                DiffRow::Changed { old: 1, new: 2, moved: false, words },
                DiffRow::Removed { old: 2 },
                DiffRow::Same { old: 3, new: 3 },
            ]
        );
    }

    #[test]
    fn the_fewest_items_move() {
        let found = rows("S1: a\nS2: b\nS3: c\nS4: d", "S2: b\nS3: c\nS1: a\nS4: d");
        assert_eq!(found.iter().filter(|row| matches!(row, DiffRow::Moved { old: 0, new: 2 })).count(), 1);
        assert_eq!(found.iter().filter(|row| matches!(row, DiffRow::Same { .. })).count(), 3);
    }

    #[test]
    fn a_renamed_item_is_found_by_what_it_says() {
        let found = rows(
            "S1: total = 20 * 6\nS2: unrelated words here\nS3: end",
            "S8: total = 20 * 7\nC1: unrelated words here\nS3: end",
        );
        assert!(matches!(found[0], DiffRow::Changed { old: 0, new: 0, moved: false, .. }));
        assert_eq!(found[1..3], [DiffRow::Added { new: 1 }, DiffRow::Removed { old: 1 }]);
    }

    #[test]
    fn a_hundred_thousand_items_are_no_trouble() {
        let text = |shift: usize| {
            let numbers = (0..100_000).map(|n| (n + shift) % 100_000 + 1);
            numbers.map(|number| format!("S{number}: item {number}\n")).collect::<String>()
        };
        let (old, new) = (parse(&text(0)).expect("a plan"), parse(&text(7)).expect("a plan"));
        assert!(diff(&old, &old).is_empty());
        let counts = DiffCounts { same: 99_993, moved: 7, ..DiffCounts::default() };
        assert_eq!(diff(&old, &new).counts(), counts);
    }
}
