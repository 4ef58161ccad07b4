//! A line that is typed: one line to its reader, wrapped on the screen.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
    widgets::Widget,
};
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use super::wrap::wrap_text;
use output::{acts, joins, picture};

/// The most rows that it takes before it scrolls.
const MOST_ROWS: usize = 6;

/// A line editor with undo (Ctrl-U) and redo (Ctrl-R), words and paste. Line ends that are pasted become
/// spaces; all else stays as it is. What cannot be seen, such as a joiner within an emoji, is edited as a cell of its own
/// and is shown as a picture.
#[derive(Debug, Clone)]
pub struct LineInput {
    /// Its line holds the text with [`stand_in`]s.
    area: TextArea<'static>,
}

impl LineInput {
    /// Returns an editor of `text` with the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![text.chars().map(stand_in).collect()]);
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_cursor_line_style(Style::new());
        area.set_selection_style(Style::new().add_modifier(Modifier::REVERSED));
        area.move_cursor(CursorMove::End);
        Self { area }
    }

    /// Returns the text so far.
    pub fn text(&self) -> String {
        self.line().chars().map(stand_in).collect()
    }

    fn line(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Exchanges the text from its start up to byte `end`; the cursor stays where it was in the rest.
    pub fn replace_start(&mut self, end: usize, with: &str) {
        let (text, column) = (self.text(), self.area.cursor().1);
        let old = text[..end].chars().count();
        let new = with.chars().count();
        self.area.move_cursor(CursorMove::Head);
        self.area.delete_str(old);
        self.area.insert_str(with);
        let column = if column >= old { column - old + new } else { new };
        self.area.move_cursor(CursorMove::Jump(0, u16::try_from(column).unwrap_or(u16::MAX)));
    }

    /// Takes the last change back.
    pub fn undo(&mut self) {
        self.area.undo();
    }

    /// Brings back what was taken back last.
    pub fn redo(&mut self) {
        self.area.redo();
    }

    /// Takes in a key that means nothing else to the one who shows the editor. Enter is not for it.
    pub fn on_key(&mut self, key: KeyEvent) {
        let code = if let KeyCode::Char(c) = key.code { KeyCode::Char(stand_in(c)) } else { key.code };
        self.area.input(KeyEvent { code, ..key });
    }

    /// Puts pasted text in at the cursor.
    pub fn paste(&mut self, text: &str) {
        let one_line = |c: char| if ends_line(c) || ends_line(stand_in(c)) { ' ' } else { stand_in(c) };
        self.area.insert_str(text.chars().map(one_line).collect::<String>());
    }

    /// Returns how many rows it takes in `columns`.
    pub fn rows(&self, columns: u16) -> u16 {
        // The cursor stands behind the last character.
        let text: String = self.line().chars().map(shown).chain(['_']).collect();
        wrap_text(&text, Style::new(), usize::from(columns), 0).len().clamp(1, MOST_ROWS) as u16
    }

    /// Returns where its cursor was drawn in `area`.
    pub fn cursor(&self, area: Rect) -> Option<Position> {
        let (cursor, (above, left)) = (self.area.screen_cursor(), self.area.scroll_offset());
        let column = u16::try_from(cursor.col).ok()?.checked_sub(left)?;
        let row = u16::try_from(cursor.row).ok()?.checked_sub(above)?;
        let position = Position::new(area.x.saturating_add(column), area.y.saturating_add(row));
        Some(position).filter(|position| area.contains(*position))
    }

    /// Draws the text in the style that `area` has, and its cursor.
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        (&self.area).render(area, buf);
        for place in area.positions() {
            let cell = &mut buf[place];
            if let Some(c) = cell.symbol().chars().next().filter(|c| shown(*c) != *c) {
                cell.set_char(shown(c));
            }
        }
    }
}

/// Returns the character that stands in the editor for one that cannot be seen, and the other way round; others stand for
/// themselves. The stand-ins are private characters, which take a cell each.
fn stand_in(c: char) -> char {
    /// Private planes that mirror the first plane, and the block of tags and selectors.
    const PLANE: u32 = 0x10_0000;
    const TAGS: u32 = 0xe_0000;
    const PRIVATE_TAGS: u32 = 0xf_0000;
    let hidden = |c: char| acts(c) || joins(c);
    let code = u32::from(c);
    let other = match code {
        0..=0xffff => PLANE + code,
        0xe_0000..=0xe_0fff => PRIVATE_TAGS + (code - TAGS),
        0xf_0000..=0xf_0fff => TAGS + (code - PRIVATE_TAGS),
        0x10_0000..=0x10_ffff => code - PLANE,
        _ => code,
    };
    let other = char::from_u32(other).unwrap_or(c);
    if hidden(c) || hidden(other) { other } else { c }
}

/// Returns how a character of the editor is shown.
fn shown(c: char) -> char {
    match stand_in(c) {
        hidden if hidden == c => c,
        hidden if joins(hidden) => '·',
        hidden => picture(hidden),
    }
}

const fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;
    use proptest::prelude::*;

    use super::*;

    fn press(input: &mut LineInput, code: KeyCode, modifiers: KeyModifiers) {
        input.on_key(KeyEvent::new(code, modifiers));
    }

    #[test]
    fn typing_pasting_and_undoing() {
        let mut input = LineInput::new("S1: größe");
        input.paste(" 漢\n字\u{1b}");
        assert_eq!(input.text(), "S1: größe 漢 字\u{1b}");
        press(&mut input, KeyCode::Backspace, KeyModifiers::NONE);
        press(&mut input, KeyCode::Char('!'), KeyModifiers::SHIFT);
        assert_eq!(input.text(), "S1: größe 漢 字!");
        for _ in 0..3 {
            press(&mut input, KeyCode::Char('u'), KeyModifiers::CONTROL);
        }
        assert_eq!(input.text(), "S1: größe");
        press(&mut input, KeyCode::Char('r'), KeyModifiers::CONTROL);
        assert_eq!(input.text(), "S1: größe 漢 字\u{1b}");
    }

    proptest! {
        #[test]
        fn a_text_that_nobody_changes_stays(text in any::<String>()) {
            prop_assert_eq!(LineInput::new(&text).text(), text);
        }

        #[test]
        fn a_stand_in_is_seen_and_leads_back(c in any::<char>()) {
            prop_assert_eq!(stand_in(stand_in(c)), c);
            prop_assert!(!acts(shown(stand_in(c))) && !joins(shown(stand_in(c))) || stand_in(c) == c);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_edited_as_a_cell_and_stays() {
        let text = "S1: 👩\u{200d}🍳 ❤\u{fe0f} می\u{200c}خواهم\u{a0}\u{202e}";
        let mut input = LineInput::new(text);
        input.paste("1\u{200b}");
        press(&mut input, KeyCode::Char('\u{200f}'), KeyModifiers::NONE);
        assert_eq!(input.text(), format!("{text}1\u{200b}\u{200f}"));
        let area = Rect::new(0, 0, 60, 1);
        let mut buf = Buffer::empty(area);
        input.draw(area, &mut buf);
        let drawn: String = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert!(drawn.contains('·') && drawn.contains('\u{fffd}'), "{drawn}");
        assert!(!drawn.contains(acts) && !drawn.contains(joins), "{drawn:?}");
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
