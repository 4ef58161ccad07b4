//! How far two plans are from each other, item by item.

use std::collections::HashSet;

use super::{
    diff::{DiffRow, Segment, SegmentKind, diff},
    item::Item,
    tree::Plan,
};

/// Share of the text in the difference of two items; the rest is shared evenly by dependencies and place.
const TEXT: f64 = 0.5;
const DEPS: f64 = 0.25;
const PLACE: f64 = 0.25;

/// Returns how far `b` is from `a`: 0 when they say the same in the same order, 1 when they have nothing in
/// common. \[our own measure\]
///
/// It is the mean difference over all items of both plans, those that belong together counted once (as
/// [`diff()`] aligns them). An item that only one plan has differs by 1. Others differ by half the share of
/// text that is not common, a quarter of the share of dependencies that are not, and a quarter if the place
/// or depth is another. Origins and flags do not count.
///
/// ```
/// use planscope_plan::{distance, parse};
///
/// let (a, b) = (parse("C1: rolls = 5\nC2: eaten = 3")?, parse("C1: rolls = 5")?);
/// assert_eq!([distance(&a, &a), distance(&a, &b)], [0.0, 0.5]);
/// # Ok::<(), planscope_plan::ParseErrors>(())
/// ```
pub fn distance(a: &Plan, b: &Plan) -> f64 {
    let rows = diff(a, b).rows;
    if rows.is_empty() {
        return 0.0;
    }
    let sum: f64 = rows
        .iter()
        .map(|row| match row {
            DiffRow::Same { .. } => 0.0,
            DiffRow::Moved { .. } => PLACE,
            DiffRow::Added { .. } | DiffRow::Removed { .. } => 1.0,
            DiffRow::Changed { old, new, moved, words } => {
                let (old, new) = (&a.items()[*old], &b.items()[*new]);
                let elsewhere = *moved || old.depth != new.depth;
                TEXT * text(words) + DEPS * deps(old, new) + PLACE * f64::from(u8::from(elsewhere))
            }
        })
        .sum();
    sum / rows.len() as f64
}

/// The share of both texts that is not common.
fn text(words: &[Segment]) -> f64 {
    let (mut common, mut all) = (0, 0);
    for word in words {
        let length = word.text.chars().count();
        match word.kind {
            SegmentKind::Both => (common, all) = (common + 2 * length, all + 2 * length),
            SegmentKind::Old | SegmentKind::New => all += length,
        }
    }
    if all == 0 { 0.0 } else { 1.0 - f64::from(common as u32) / f64::from(all as u32) }
}

/// The share of the dependencies of both that only one has.
fn deps(old: &Item, new: &Item) -> f64 {
    let (old, new): (HashSet<_>, HashSet<_>) = (old.deps.iter().collect(), new.deps.iter().collect());
    let all = old.union(&new).count();
    if all == 0 { 0.0 } else { 1.0 - old.intersection(&new).count() as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn between(a: &str, b: &str) -> f64 {
        distance(&parse(a).expect("a plan"), &parse(b).expect("a plan"))
    }

    #[test]
    fn the_ends_of_the_scale() {
        assert_eq!(between("S1: a", "S1 {human, pinned}: a"), 0.0);
        assert_eq!(between("S1: alpha", "C1: omega"), 1.0);
        assert_eq!(distance(&Plan::default(), &Plan::default()), 0.0);
    }

    #[test]
    fn parts_add_up() {
        assert_eq!(between("S1: a\nS2: b", "S2: b\nS1: a"), 0.125);
        assert_eq!(between("S1: a\nS2: b", "S1: a"), 0.5);
        assert_eq!(between("C1: a\nS1 <- C1: b", "C1: a\nS1: b"), 0.125);
        assert!((between("S1: one two", "S1: one ten") - 0.5 * 3.0 / 7.0).abs() < 1e-12);
    }
}
