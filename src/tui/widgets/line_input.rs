//! A line that is typed: one line to its reader, wrapped on the screen.

use crossterm::event::KeyEvent;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    widgets::Widget,
};
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use super::wrap::wrap_text;

/// The most rows that it takes before it scrolls.
const MOST_ROWS: usize = 6;

/// A line editor with undo (Ctrl-U) and redo (Ctrl-R), words and paste. Line ends that are pasted become
/// spaces.
#[derive(Debug, Clone)]
pub struct LineInput {
    area: TextArea<'static>,
}

impl LineInput {
    /// Returns an editor of `text` with the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![one_line(text)]);
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_cursor_line_style(Style::new());
        area.set_selection_style(Style::new().add_modifier(Modifier::REVERSED));
        area.move_cursor(CursorMove::End);
        Self { area }
    }

    /// Returns the text so far.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Exchanges the text from its start up to byte `end`; the cursor stays where it was in the rest.
    pub fn replace_start(&mut self, end: usize, with: &str) {
        let (line, column) = (self.text().to_owned(), self.area.cursor().1);
        let old = line[..end].chars().count();
        let new = with.chars().count();
        self.area.move_cursor(CursorMove::Head);
        self.area.delete_str(old);
        self.area.insert_str(with);
        let column = if column >= old { column - old + new } else { new };
        self.area.move_cursor(CursorMove::Jump(0, u16::try_from(column).unwrap_or(u16::MAX)));
    }

    /// Takes in a key that means nothing else to the one who shows the editor. Enter is not for it.
    pub fn on_key(&mut self, key: KeyEvent) {
        self.area.input(key);
    }

    /// Puts pasted text in at the cursor.
    pub fn paste(&mut self, text: &str) {
        self.area.insert_str(one_line(text));
    }

    /// Returns how many rows it takes in `columns`.
    pub fn rows(&self, columns: u16) -> u16 {
        // The cursor stands behind the last character.
        let text = format!("{}_", self.text());
        wrap_text(&text, Style::new(), usize::from(columns), 0).len().clamp(1, MOST_ROWS) as u16
    }

    /// Draws the text in the style that `area` has, and its cursor.
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        (&self.area).render(area, buf);
    }
}

/// The text on one line, without what could act on the terminal.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    super::text::sanitise(&spaced).into_owned()
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    fn press(input: &mut LineInput, code: KeyCode, modifiers: KeyModifiers) {
        input.on_key(KeyEvent::new(code, modifiers));
    }

    #[test]
    fn typing_pasting_and_undoing() {
        let mut input = LineInput::new("S1: größe");
        input.paste(" 漢\n字\u{1b}");
        assert_eq!(input.text(), "S1: größe 漢 字␛");
        press(&mut input, KeyCode::Backspace, KeyModifiers::NONE);
        press(&mut input, KeyCode::Char('!'), KeyModifiers::SHIFT);
        assert_eq!(input.text(), "S1: größe 漢 字!");
        for _ in 0..3 {
            press(&mut input, KeyCode::Char('u'), KeyModifiers::CONTROL);
        }
        assert_eq!(input.text(), "S1: größe");
        press(&mut input, KeyCode::Char('r'), KeyModifiers::CONTROL);
        assert_eq!(input.text(), "S1: größe 漢 字␛");
    }

    #[test]
    fn the_start_can_be_exchanged_under_the_cursor() {
        let mut input = LineInput::new("S1: a");
        input.replace_start(2, "C12");
        input.paste("b");
        assert_eq!(input.text(), "C12: ab");
    }

    #[test]
    fn a_long_line_takes_more_rows_up_to_a_limit() {
        let input = LineInput::new(&"word ".repeat(10));
        assert_eq!((input.rows(80), input.rows(20), input.rows(5)), (1, 3, 6));
        for (columns, rows) in [(20, 3), (3, 1), (1, 1)] {
            let area = Rect::new(0, 0, columns, rows);
            input.draw(area, &mut Buffer::empty(area));
        }
    }
}
