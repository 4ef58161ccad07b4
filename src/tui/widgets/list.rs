//! The one list: a cursor among rows, the rows around it, and a filter.

use crossterm::event::KeyEvent;
use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use super::{
    input::{Input, paste},
    scroll::{Extent, Motion},
    text::fit_line,
};

/// The cursor of a list. Rows may come and go; it never points past the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    row: usize,
    /// The first row in sight when one was clicked: what lies under the pointer stays there, for a second click.
    top: Option<usize>,
}

impl Cursor {
    /// Returns a cursor at `row`.
    pub fn at(row: usize) -> Self {
        Self { row, top: None }
    }

    /// Returns its row among `rows`; 0 where there are none.
    pub fn row(self, rows: usize) -> usize {
        self.row.min(rows.saturating_sub(1))
    }

    /// Puts it on the row that was clicked while `top` was the first one in sight. Returns whether a click had put it there
    /// before.
    pub fn click(&mut self, row: usize, top: usize, rows: usize) -> bool {
        let again = self.top.is_some() && self.row(rows) == row;
        *self = Self { row, top: Some(top) };
        again
    }

    /// Moves it among `rows`.
    pub fn go(&mut self, motion: Motion, rows: usize) {
        self.top = None;
        self.row = match motion {
            Motion::By(step) => self.row(rows).saturating_add_signed(step).min(rows.saturating_sub(1)),
            Motion::Start => 0,
            Motion::End => rows.saturating_sub(1),
        };
    }

    /// Returns the first row in sight where `page` rows are: the cursor stays in the middle as far as possible, or where it
    /// was clicked.
    pub fn offset(self, rows: usize, page: usize) -> usize {
        let row = self.row(rows);
        let clicked = self.top.filter(|top| (*top..top.saturating_add(page)).contains(&row));
        clicked.unwrap_or(row.saturating_sub(page / 2)).min(rows.saturating_sub(page))
    }

    /// Draws the rows in sight, of which only these are made; `line` learns whether its row is under the cursor.
    pub fn draw(
        self,
        rows: usize,
        area: Rect,
        buf: &mut Buffer,
        mut line: impl FnMut(usize, bool) -> Line<'static>,
    ) -> Extent {
        let page = usize::from(area.height);
        let (offset, chosen) = (self.offset(rows, page), self.row(rows));
        for (at, place) in (offset..rows).zip(area.rows()) {
            fit_line(line(at, at == chosen), usize::from(area.width)).render(place, buf);
        }
        Extent { offset, max: rows.saturating_sub(page), page }
    }
}

/// Words that are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// Returns whether each of them occurs somewhere in `text`. Capitals do not matter.
    pub fn are_in(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let text = text.to_lowercase();
        self.0.iter().all(|word| text.contains(word))
    }
}

/// The rows that a typed filter lets through, with a cursor among them.
#[derive(Debug, Clone, Default)]
pub struct Filtered {
    filter: Input,
    shown: Vec<usize>,
    cursor: Cursor,
}

impl Filtered {
    /// Returns what is typed.
    pub fn filter(&self) -> &Input {
        &self.filter
    }

    /// Returns the numbers of the rows that are let through.
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// Returns the cursor among the rows that are let through.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Returns the number of the row under the cursor.
    pub fn chosen(&self) -> Option<usize> {
        self.shown.get(self.cursor.row(self.shown.len())).copied()
    }

    /// Moves the cursor.
    pub fn go(&mut self, motion: Motion) {
        self.cursor.go(motion, self.shown.len());
    }

    /// Puts the cursor on a row in sight, by its place there, as [`Cursor::click`] does.
    pub fn click(&mut self, row: usize, top: usize) -> bool {
        self.cursor.click(row, top, self.shown.len())
    }

    /// Puts the cursor on a row that is let through, or on the first one.
    pub fn choose(&mut self, row: Option<usize>) {
        let at = row.and_then(|row| self.shown.iter().position(|shown| *shown == row));
        self.cursor = Cursor::at(at.unwrap_or(0));
    }

    /// Lets those of the first `count` rows through for which `passes` returns true. The cursor keeps its row if that is
    /// still shown.
    pub fn refilter(&mut self, count: usize, passes: impl Fn(usize, &Words) -> bool) {
        let chosen = self.chosen();
        self.shown.clear();
        self.extend(0, count, passes);
        self.choose(chosen);
    }

    /// Adds those rows from `from` up to `count` that pass.
    pub fn extend(&mut self, from: usize, count: usize, passes: impl Fn(usize, &Words) -> bool) {
        let words = self.filter.value().split_whitespace().map(str::to_lowercase).collect();
        let words = Words(words);
        self.shown.extend((from..count).filter(|row| passes(*row, &words)));
    }

    /// Takes in a key that is typed. Returns whether the filter has changed; nothing where the key did nothing.
    pub fn on_key(&mut self, key: KeyEvent) -> Option<bool> {
        self.filter.on_key(key)
    }

    /// Empties the filter. Returns whether there was something in it.
    pub fn reset(&mut self) -> bool {
        let typed = !self.filter.value().is_empty();
        self.filter.reset();
        typed
    }

    /// Puts pasted text in at the cursor.
    ///
    /// # Errors
    /// A sentence when the line would become too long; it stays as it was then.
    pub fn paste(&mut self, text: &str) -> Result<(), String> {
        paste(&mut self.filter, text)
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    #[test]
    fn a_cursor_stays_among_its_rows_and_in_sight() {
        let mut cursor = Cursor::at(9);
        assert_eq!((cursor.row(4), cursor.row(0)), (3, 0));
        cursor.go(Motion::By(-1), 4);
        assert_eq!(cursor.row(4), 2);
        cursor.go(Motion::End, 100);
        assert_eq!((cursor.row(100), cursor.offset(100, 10), cursor.offset(100, 200)), (99, 90, 0));
        cursor.go(Motion::By(-30), 100);
        assert_eq!(cursor.offset(100, 10), 64);
        cursor.go(Motion::Start, 100);
        assert_eq!((cursor.row(100), cursor.offset(100, 10)), (0, 0));
    }

    #[test]
    fn a_click_moves_the_cursor_and_nothing_else() {
        let mut cursor = Cursor::at(50);
        let top = cursor.offset(100, 10);
        assert!(!cursor.click(50, top, 100), "a key put it there");
        assert!(!cursor.click(52, top, 100));
        assert_eq!((cursor.row(100), cursor.offset(100, 10)), (52, top));
        assert!(cursor.click(52, top, 100), "a second click");
        // With less room or fewer rows it stays in sight.
        assert_eq!((cursor.offset(100, 4), cursor.offset(47, 10)), (50, 37));
        cursor.go(Motion::By(1), 100);
        assert_eq!(cursor.offset(100, 10), 48);
    }

    #[test]
    fn a_filter_keeps_the_cursor_on_its_row() {
        let rows = ["Red pen", "blue pen", "red ink"];
        let mut list = Filtered::default();
        let passes = |at: usize, words: &Words| words.are_in(rows[at]);
        list.refilter(3, passes);
        list.go(Motion::End);
        assert_eq!((list.shown(), list.chosen()), (&[0, 1, 2][..], Some(2)));
        for letter in "RED".chars() {
            list.on_key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
        }
        list.refilter(3, passes);
        assert_eq!((list.shown(), list.chosen()), (&[0, 2][..], Some(2)));
        assert!(list.reset() && !list.reset());
    }
}
