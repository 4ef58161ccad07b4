//! The jump list: earlier positions in the record, and bookmarks.

use std::collections::BTreeMap;

/// The most moments that are kept to return to.
const KEPT: usize = 100;

/// A moment of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// After this many events.
    At(usize),
    /// After the newest event, whichever that is by then.
    Newest,
}

impl Moment {
    /// Returns the position among events; it may lie past their end.
    pub fn position(self) -> usize {
        match self {
            Self::At(position) => position,
            Self::Newest => usize::MAX,
        }
    }
}

/// The way through the record that a person took, and bookmarks.
#[derive(Debug, Clone, Default)]
pub struct Moments {
    back: Vec<Moment>,
    forward: Vec<Moment>,
    marks: BTreeMap<char, usize>,
}

impl Moments {
    /// Keeps the moment that is left for another one. What was returned from is forgotten.
    pub fn leave(&mut self, moment: Moment) {
        self.forward.clear();
        if self.back.last() != Some(&moment) {
            self.back.push(moment);
        }
        if self.back.len() > KEPT {
            self.back.remove(0);
        }
    }

    /// Returns the position before `now`, which can be taken back.
    pub fn back(&mut self, now: Moment) -> Option<Moment> {
        let moment = self.back.pop()?;
        self.forward.push(now);
        Some(moment)
    }

    /// Returns the moment that was returned from to `now`.
    pub fn forward(&mut self, now: Moment) -> Option<Moment> {
        let moment = self.forward.pop()?;
        self.back.push(now);
        Some(moment)
    }

    /// Sets a bookmark after that many events.
    pub fn mark(&mut self, letter: char, position: usize) {
        self.marks.insert(letter, position);
    }

    /// Returns where the bookmark is.
    pub fn marked(&self, letter: char) -> Option<usize> {
        self.marks.get(&letter).copied()
    }

    /// Returns all bookmarks with the number of events before them.
    pub fn marks(&self) -> impl Iterator<Item = (char, usize)> {
        self.marks.iter().map(|(letter, position)| (*letter, *position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_can_be_taken_back_until_another_way_is_taken() {
        let mut moments = Moments::default();
        moments.leave(Moment::Newest);
        moments.leave(Moment::At(5));
        assert_eq!(moments.back(Moment::At(9)), Some(Moment::At(5)));
        assert_eq!(moments.back(Moment::At(5)), Some(Moment::Newest));
        assert_eq!(moments.back(Moment::Newest), None);
        assert_eq!(moments.forward(Moment::Newest), Some(Moment::At(5)));
        moments.leave(Moment::At(5));
        assert_eq!(moments.forward(Moment::At(7)), None);
        assert_eq!(moments.back(Moment::At(7)), Some(Moment::At(5)));
    }

    #[test]
    fn only_so_many_moments_are_kept() {
        let mut moments = Moments::default();
        (0..500).for_each(|at| moments.leave(Moment::At(at)));
        assert_eq!(moments.back.len(), KEPT);
        assert_eq!(moments.back(Moment::At(0)), Some(Moment::At(499)));
    }
}
