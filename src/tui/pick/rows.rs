//! Where the rows of a list were drawn, so that they can be clicked.

use ratatui::layout::{Position, Rect};

/// Where the rows of a list were drawn last.
#[derive(Debug, Clone, Default)]
pub(super) struct DrawnRows(Vec<(Rect, usize)>);

impl DrawnRows {
    /// Forgets all rows: the list is drawn again.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Notes that `row` was drawn at `place`.
    pub(super) fn add(&mut self, place: Rect, row: usize) {
        self.0.push((place, row));
    }

    /// Returns the row at `position`.
    pub(super) fn at(&self, position: Position) -> Option<usize> {
        self.0.iter().find(|(place, _)| place.contains(position)).map(|(_, row)| *row)
    }

    /// Returns how many rows are in sight.
    pub(super) fn page(&self) -> usize {
        self.0.len()
    }
}
