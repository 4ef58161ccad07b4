//! How large the parts of a split are, and how a person changes that.

use std::collections::BTreeMap;

use ratatui::layout::{Position, Rect};
use serde::{Deserialize, Serialize};

use super::forms::{Axis, Node, Size};
use crate::commands::Edge;

/// The sizes that a person gave to the parts of splits, by the splits' names. They are shares, so that
/// they hold on screens of other sizes too. What does not fit a split is left aside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sizes {
    shares: BTreeMap<String, Vec<u16>>,
}

impl Sizes {
    /// Moves a divider so that what comes after it begins at column or row `to`, as far as the parts on
    /// both sides allow.
    pub fn drag(&mut self, divider: &Divider, to: u16) {
        let (at, now) = (divider.at, divider.start);
        let slack = |part: usize| divider.lengths[part].saturating_sub(divider.minima[part]);
        let to = to.clamp(now.saturating_sub(slack(at - 1)), now.saturating_add(slack(at)));
        let mut lengths = divider.lengths.clone();
        lengths[at - 1] = lengths[at - 1] + to - now;
        lengths[at] = lengths[at] + now - to;
        self.shares.insert(divider.split.to_owned(), lengths);
    }

    /// Returns the sizes for the parts of the split called `id`.
    pub(super) fn wish(&self, id: &str, parts: &[(Size, Node)]) -> Vec<Size> {
        let usable =
            |shares: &&Vec<u16>| shares.len() == parts.len() && shares.iter().any(|share| *share > 0);
        match self.shares.get(id).filter(usable) {
            Some(shares) => shares.iter().map(|share| Size::Share(*share)).collect(),
            None => parts.iter().map(|(size, _)| *size).collect(),
        }
    }
}

/// What stands between two parts of a split and can be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divider {
    split: &'static str,
    /// The number of the part after it.
    at: usize,
    axis: Axis,
    /// The whole split.
    area: Rect,
    /// Where the part after it begins.
    start: u16,
    lengths: Vec<u16>,
    minima: Vec<u16>,
}

impl Divider {
    pub(super) fn new(
        split: &'static str,
        at: usize,
        axis: Axis,
        area: Rect,
        start: u16,
        lengths: &[u16],
        minima: &[u16],
    ) -> Self {
        Self { split, at, axis, area, start, lengths: lengths.to_vec(), minima: minima.to_vec() }
    }

    /// Returns the cells that it is dragged by: the frames of both neighbours.
    pub fn handle(&self) -> Rect {
        self.axis.slice(self.area, self.start.saturating_sub(1), 2)
    }

    /// Returns where it stands on its way.
    pub fn start(&self) -> u16 {
        self.start
    }

    /// Returns the number of the column or row that a pointer at `position` means for it.
    pub fn along(&self, position: Position) -> u16 {
        match self.axis {
            Axis::Columns => position.x,
            Axis::Rows => position.y,
        }
    }

    /// Returns whether it stands at this edge of a pane.
    pub fn is_at(&self, edge: Edge, pane: Rect) -> bool {
        let (axis, place) = match edge {
            Edge::Left => (Axis::Columns, pane.x),
            Edge::Right => (Axis::Columns, pane.right()),
            Edge::Top => (Axis::Rows, pane.y),
            Edge::Bottom => (Axis::Rows, pane.bottom()),
        };
        self.axis == axis && self.start == place && self.area.intersects(pane)
    }
}

/// Returns the length of each part. Those in cells come first, the others share what is left; no part gets
/// less than its minimum unless there is not even room for the minima.
pub(super) fn lengths(wished: &[Size], minima: &[u16], total: u16) -> Vec<u16> {
    let least: u16 = minima.iter().sum();
    if least >= total {
        return divide(total, minima);
    }
    let mut lengths = minima.to_vec();
    let mut spare = total - least;
    for (at, size) in wished.iter().enumerate() {
        if let Size::Cells(cells) = size {
            let more = cells.saturating_sub(minima[at]).min(spare);
            lengths[at] += more;
            spare -= more;
        }
    }
    let mut open: Vec<(usize, u16)> = wished
        .iter()
        .enumerate()
        .filter_map(|(at, size)| match size {
            Size::Share(share) => Some((at, *share)),
            Size::Cells(_) => None,
        })
        .collect();
    loop {
        let room =
            total - (0..lengths.len()).filter(|at| !is_open(&open, *at)).map(|at| lengths[at]).sum::<u16>();
        let shares: Vec<u16> = open.iter().map(|(_, share)| *share).collect();
        let given = divide(room, &shares);
        let short = open.iter().zip(&given).position(|((at, _), length)| *length < minima[*at]);
        match short {
            // A part that falls short keeps its minimum, and the others share the rest.
            Some(short) => drop(open.remove(short)),
            None => {
                for ((at, _), length) in open.iter().zip(given) {
                    lengths[*at] = length;
                }
                break;
            }
        }
    }
    let left: u16 = total - lengths.iter().sum::<u16>();
    if let Some(last) = lengths.last_mut() {
        *last += left;
    }
    lengths
}

fn is_open(open: &[(usize, u16)], at: usize) -> bool {
    open.iter().any(|(part, _)| *part == at)
}

/// Divides `total` by `shares`, whole cells each, with nothing left over unless there are no shares.
fn divide(total: u16, shares: &[u16]) -> Vec<u16> {
    let sum: u32 = shares.iter().map(|share| u32::from(*share)).sum();
    if sum == 0 {
        return vec![0; shares.len()];
    }
    let (mut before, mut given) = (0_u32, 0_u32);
    let next = |share: &u16| {
        before += u32::from(*share);
        let upto = (u32::from(total) * before + sum / 2) / sum;
        let length = upto - given;
        given = upto;
        length as u16
    };
    shares.iter().map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_first_and_shares_divide_the_rest() {
        let wished = [Size::Share(1), Size::Cells(8), Size::Share(3)];
        assert_eq!(lengths(&wished, &[3, 3, 3], 48), [10, 8, 30]);
        assert_eq!(lengths(&wished, &[3, 3, 3], 10), [3, 4, 3]);
        assert_eq!(lengths(&wished, &[3, 3, 3], 6), [2, 2, 2]);
    }

    #[test]
    fn a_part_that_falls_short_keeps_its_minimum() {
        assert_eq!(lengths(&[Size::Share(1), Size::Share(99)], &[10, 10], 60), [10, 50]);
        assert_eq!(lengths(&[Size::Share(0), Size::Share(5)], &[10, 10], 60), [10, 50]);
        assert_eq!(lengths(&[Size::Cells(5), Size::Cells(5)], &[3, 3], 60), [5, 55]);
    }

    #[test]
    fn sizes_that_do_not_fit_are_left_aside() {
        let sizes: Sizes = toml::from_str("wide = [1, 2]\ncompact = [0, 0]").unwrap();
        let parts = || {
            (0..3)
                .map(|_| (Size::Share(7), Node::Pane(crate::commands::pane::Pane::Plan)))
                .collect::<Vec<_>>()
        };
        assert_eq!(sizes.wish("wide", &parts()), [Size::Share(7); 3]);
        assert_eq!(sizes.wish("compact", &parts()[..2]), [Size::Share(7); 2]);
        assert_eq!(sizes.wish("wide", &parts()[..2]), [Size::Share(1), Size::Share(2)]);
    }
}
