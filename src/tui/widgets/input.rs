//! A line that is being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{
    layout::{Position, Rect},
    text::{Line, Span},
};
use ratatui_textarea::{CursorMove, TextArea};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::text::sanitise;
use crate::theme::{Role, Theme};
use output::{acts, joins, picture};

/// The most characters that a line takes.
const MOST: usize = 4_000;

/// A line that is typed on one row, with the keys of a shell's prompt. Characters that form one sign are passed and
/// deleted together.
#[derive(Debug, Clone, Default)]
pub struct Input {
    area: TextArea<'static>,
}

impl From<&str> for Input {
    /// The cursor stands at the end.
    fn from(text: &str) -> Self {
        let mut area = TextArea::new(vec![text.to_owned()]);
        area.move_cursor(CursorMove::End);
        Self { area }
    }
}

impl Input {
    /// Returns the line.
    pub fn value(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Returns how many characters are before the cursor.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Returns what is before the cursor, and what is under and behind it.
    pub fn halves(&self) -> (&str, &str) {
        let value = self.value();
        let at = value.char_indices().nth(self.cursor()).map_or(value.len(), |(at, _)| at);
        value.split_at(at)
    }

    /// Empties the line.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes a key in. Returns whether the text has changed; nothing where the key did nothing at all.
    pub fn on_key(&mut self, key: KeyEvent) -> Option<bool> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        let (text, cursor) = (self.value().to_owned(), self.cursor());
        self.edit(key.code, key.modifiers);
        let changed = self.value() != text;
        (changed || self.cursor() != cursor).then_some(changed)
    }

    /// Does what a key means here. The editor has keys of its own, which mean other things than at a prompt.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other keys of the terminal mean nothing here")]
    fn edit(&mut self, code: KeyCode, held: KeyModifiers) {
        use KeyCode::{Backspace, Char, Delete, End, Home, Left, Right};
        let plain = held.is_empty();
        let (ctrl, alt) = (held == KeyModifiers::CONTROL, held == KeyModifiers::ALT);
        let both = KeyModifiers::CONTROL | KeyModifiers::ALT;
        let typed = plain || held == KeyModifiers::SHIFT || held == both;
        let (before, after) = self.halves();
        let before = length(before.graphemes(true).next_back());
        let after = length(after.graphemes(true).next());
        // What is done, and how often.
        let (step, times): (fn(&mut TextArea<'static>), usize) = match code {
            Char('h') if ctrl => (|area| _ = area.delete_char(), before),
            Backspace if plain => (|area| _ = area.delete_char(), before),
            Delete if plain => (|area| _ = area.delete_next_char(), after),
            Char('b') if ctrl => (|area| area.move_cursor(CursorMove::Back), before),
            Left if plain => (|area| area.move_cursor(CursorMove::Back), before),
            Char('f') if ctrl => (|area| area.move_cursor(CursorMove::Forward), after),
            Right if plain => (|area| area.move_cursor(CursorMove::Forward), after),
            Left if ctrl => (|area| area.move_cursor(CursorMove::WordBack), 1),
            Right if ctrl => (|area| area.move_cursor(CursorMove::WordForward), 1),
            Char('a') if ctrl => (|area| area.move_cursor(CursorMove::Head), 1),
            Home if plain => (|area| area.move_cursor(CursorMove::Head), 1),
            Char('e') if ctrl => (|area| area.move_cursor(CursorMove::End), 1),
            End if plain => (|area| area.move_cursor(CursorMove::End), 1),
            Char('w') if ctrl => (|area| _ = area.delete_word(), 1),
            Backspace if alt => (|area| _ = area.delete_word(), 1),
            Delete if ctrl => (|area| _ = area.delete_next_word(), 1),
            Char('k') if ctrl => (|area| _ = area.delete_line_by_end(), 1),
            Char('u') if ctrl => {
                let empty = |area: &mut TextArea<'static>| {
                    area.select_all();
                    area.cut();
                };
                (empty, 1)
            }
            Char('y') if ctrl => (|area| _ = area.paste(), 1),
            Char(letter) if typed && !letter.is_control() => return self.area.insert_char(letter),
            _ => return,
        };
        for _ in 0..times {
            step(&mut self.area);
        }
    }
}

fn length(sign: Option<&str>) -> usize {
    sign.map_or(0, |sign| sign.chars().count())
}

/// Puts pasted text in at the cursor, as one change; what ends lines becomes spaces.
///
/// # Errors
/// A sentence when the line would become too long; it stays as it was then.
pub fn paste(input: &mut Input, text: &str) -> Result<(), String> {
    let pasted = text.chars().count();
    if input.value().chars().count() + pasted > MOST {
        return Err(format!(
            "The pasted text has {pasted} characters, and this line takes {MOST}; nothing was pasted."
        ));
    }
    let one_line = |letter: char| if letter.is_control() { ' ' } else { letter };
    input.area.insert_str(text.chars().map(one_line).collect::<String>());
    Ok(())
}

/// Returns how many columns of `before`, which ends at the cursor, do not find room.
fn hidden(before: &str, room: usize) -> usize {
    let widths = before.graphemes(true).map(UnicodeWidthStr::width);
    let over = widths.clone().sum::<usize>().saturating_sub(room);
    let mut hidden = 0;
    for width in widths {
        if hidden >= over {
            break;
        }
        hidden += width;
    }
    hidden
}

/// Returns where the cursor of a line that [`input_line`] made is on the screen, drawn into `area`.
pub fn input_cursor(line: &Line<'_>, area: Rect) -> Position {
    let before: usize = line.spans.iter().take(2).map(Span::width).sum();
    Position::new(area.x + (before as u16).min(area.width.saturating_sub(1)), area.y)
}

/// Returns the line after `sign`, with its cursor; of a long one the part around the cursor.
pub fn input_line(sign: &str, input: &Input, columns: usize, theme: &Theme) -> Line<'static> {
    let room = columns.saturating_sub(sign.len() + 1).max(1);
    let (before, after) = input.halves();
    let hidden = hidden(before, room);
    let mut used = 0;
    let before: String = before
        .chars()
        .skip_while(|letter| {
            used += letter.width().unwrap_or(0);
            used <= hidden
        })
        .collect();
    let mut rest = after.chars();
    let under = rest.next().filter(|c| !joins(*c)).map_or(' ', |c| if acts(c) { picture(c) } else { c });
    Line::from(vec![
        Span::styled(sign.to_owned(), theme[Role::Accent]),
        Span::styled(sanitise(&before).into_owned(), theme[Role::Text]),
        Span::styled(under.to_string(), theme[Role::Select]),
        Span::styled(sanitise(rest.as_str()).into_owned(), theme[Role::Text]),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &Line<'_>) -> String {
        line.spans.iter().map(|span| span.content.as_ref()).collect()
    }

    /// An input with so many characters before its cursor.
    fn at(text: &str, cursor: u16) -> Input {
        let mut input = Input::from(text);
        input.area.move_cursor(CursorMove::Jump(0, cursor));
        input
    }

    #[test]
    fn the_keys_are_those_of_a_prompt() {
        use KeyCode::{Backspace, Char, Delete, End, Enter, Home, Left, Right, Tab, Up};
        let (none, shift, ctrl) = (KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::CONTROL);
        let alt = KeyModifiers::ALT;
        let (moved, changed, nothing) = (Some(false), Some(true), None);
        let mut input = Input::from("goto 12");
        for (code, held, did, value, cursor) in [
            (Char('3'), none, changed, "goto 123", 8),
            (Char('S'), shift, changed, "goto 123S", 9),
            (Char('@'), ctrl | alt, changed, "goto 123S@", 10),
            (Backspace, none, changed, "goto 123S", 9),
            (Char('h'), ctrl, changed, "goto 123", 8),
            (Right, none, nothing, "goto 123", 8),
            (Left, shift, nothing, "goto 123", 8),
            (Left, none, moved, "goto 123", 7),
            (Delete, none, changed, "goto 12", 7),
            (Left, ctrl, moved, "goto 12", 5),
            (Char('w'), ctrl, changed, "12", 0),
            (Backspace, none, nothing, "12", 0),
            (Char('y'), ctrl, changed, "goto 12", 5),
            (Home, none, moved, "goto 12", 0),
            (Right, ctrl, moved, "goto 12", 5),
            (Char('k'), ctrl, changed, "goto ", 5),
            (Backspace, alt, changed, "", 0),
            (Char('y'), ctrl, changed, "goto ", 5),
            (Char('u'), ctrl, changed, "", 0),
            (Char('u'), ctrl, nothing, "", 0),
            (Char('y'), ctrl, changed, "goto ", 5),
            (Char('a'), ctrl, moved, "goto ", 0),
            (Char('e'), ctrl, moved, "goto ", 5),
            (Char('b'), ctrl, moved, "goto ", 4),
            (Char('f'), ctrl, moved, "goto ", 5),
            (Char('a'), ctrl, moved, "goto ", 0),
            (Delete, ctrl, changed, " ", 0),
            (End, none, moved, " ", 1),
            (Enter, none, nothing, " ", 1),
            (Tab, none, nothing, " ", 1),
            (Up, none, nothing, " ", 1),
            (Char('j'), ctrl, nothing, " ", 1),
            (Char('m'), ctrl, nothing, " ", 1),
            (Char('3'), alt, nothing, " ", 1),
        ] {
            assert_eq!(input.on_key(KeyEvent::new(code, held)), did, "{held:?} {code:?}");
            assert_eq!((input.value(), input.cursor()), (value, cursor), "{held:?} {code:?}");
        }
        let mut released = KeyEvent::new(Char('x'), none);
        released.kind = KeyEventKind::Release;
        assert_eq!(input.on_key(released), nothing);
    }

    #[test]
    fn characters_that_form_one_sign_stay_together() {
        let cook = "👩\u{200d}🍳";
        let mut input = Input::from(format!("e\u{301}{cook}").as_str());
        let press = |input: &mut Input, code| input.on_key(KeyEvent::new(code, KeyModifiers::NONE));
        press(&mut input, KeyCode::Left);
        assert_eq!(input.halves(), ("e\u{301}", cook));
        press(&mut input, KeyCode::Backspace);
        press(&mut input, KeyCode::Delete);
        assert_eq!(input.value(), "");
    }

    #[test]
    fn a_paste_goes_to_the_cursor_and_has_a_limit() {
        let mut input = at("why C2", 4);
        paste(&mut input, "ä\nb ").unwrap();
        assert_eq!((input.value(), input.cursor()), ("why ä b C2", 8));
        let said = paste(&mut input, &"x".repeat(200_000)).unwrap_err();
        assert!(said.contains("200000 characters") && said.contains("4000"), "{said}");
        assert_eq!(input.value(), "why ä b C2");
        paste(&mut input, &"x".repeat(MOST - 10)).unwrap();
        assert!(paste(&mut input, "y").is_err());
    }

    #[test]
    fn what_is_typed_cannot_act() {
        let theme = Theme::bundled("dark").unwrap();
        for cursor in 0..=4 {
            let shown = text(&input_line(":", &at("a\u{202e}b\u{200d}", cursor), 20, &theme));
            assert!(!shown.contains(acts) && !shown.contains(joins), "{shown:?}");
        }
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let theme = Theme::bundled("dark").unwrap();
        assert_eq!(text(&input_line(":", &"next 3".into(), 20, &theme)), ":next 3 ");
        let long = Input::from("0123456789".repeat(5).as_str());
        let shown = text(&input_line(":", &long, 20, &theme));
        assert!(shown.ends_with("789 ") && shown.len() <= 21, "{shown}");
    }
}
