//! The cursor of a list: the keys and clicks that move it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

/// Rows that a page key goes over.
const PAGE: isize = 10;

/// The row under the cursor, and where rows were drawn last.
#[derive(Debug, Clone, Default)]
pub(super) struct Cursor {
    pub(super) row: usize,
    /// Places on the screen, with the number of the row that each shows.
    pub(super) drawn: Vec<(Rect, usize)>,
}

impl Cursor {
    /// Goes over `step` of `rows`, as far as there are some.
    pub(super) fn step(&mut self, step: isize, rows: usize) {
        self.row = self.row.saturating_add_signed(step).min(rows.saturating_sub(1));
    }

    /// Does what a key means in every list of `rows`; returns whether it means anything.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other keys are somebody else's")]
    pub(super) fn on_key(&mut self, key: KeyEvent, rows: usize) -> bool {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let step = match key.code {
            KeyCode::Down => 1,
            KeyCode::Up => -1,
            KeyCode::Char('n') if ctrl => 1,
            KeyCode::Char('p') if ctrl => -1,
            KeyCode::PageDown => PAGE,
            KeyCode::PageUp => -PAGE,
            _ => return false,
        };
        self.step(step, rows);
        true
    }

    /// A click selects; returns whether it was on what is selected already, which takes it.
    pub(super) fn on_mouse(&mut self, mouse: MouseEvent, rows: usize) -> bool {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.step(1, rows),
            MouseEventKind::ScrollUp => self.step(-1, rows),
            MouseEventKind::Down(MouseButton::Left) => {
                let position = Position::new(mouse.column, mouse.row);
                let hit = self.drawn.iter().find(|(place, _)| place.contains(position));
                match hit.map(|(_, row)| *row) {
                    Some(row) if row == self.row => return true,
                    Some(row) => self.row = row,
                    None => {}
                }
            }
            MouseEventKind::Down(_)
            | MouseEventKind::Up(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => {}
        }
        false
    }
}
