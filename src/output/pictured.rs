//! Pictures of characters that act on a terminal, or that make text look like other text.

use std::borrow::Cow;

/// Stands for a character that has no picture of its own.
const UNKNOWN: char = '\u{fffd}';

/// Returns whether a character could act on a terminal, turn the direction of writing, or hide in a text: all
/// controls (C0, DEL, C1), direction marks, line and paragraph separators, tags, and zero-width characters that join
/// nothing. Line feeds and tabs are among them; whoever shows text in lines lets them through.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
        || (matches!(c, '\u{e0000}'..='\u{e0fff}') && !joins(c))
}

/// Returns whether a character has no width and only shapes the one before it: joiners, which Persian, the scripts of
/// India and emoji need, and variation selectors.
pub const fn joins(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// Returns one visible character of one column that stands for a character that acts.
pub fn picture(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(UNKNOWN),
        '\u{7f}' => '\u{2421}',
        _ => UNKNOWN,
    }
}

/// Returns `text` with pictures in place of what acts. Line feeds and tabs stay, and a carriage return before a line
/// feed is dropped. Joiners stay where they have something to join, so that words and emoji look as they should;
/// elsewhere, as between two letters of ASCII, they would only hide, and show as a picture too.
pub fn pictured(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| joins(c) || (acts(c) && c != '\n' && c != '\t')) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => safe.push(c),
            '\r' if rest.peek() == Some(&'\n') => {}
            _ if acts(c) => safe.push(picture(c)),
            _ if joins(c) && !has_use(before, c, rest.peek().copied()) => safe.push(UNKNOWN),
            _ => safe.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(safe)
}

/// Returns `text` as one line: as [`pictured`], with spaces in place of line feeds and tabs.
pub fn pictured_line(text: &str) -> Cow<'_, str> {
    match pictured(text) {
        safe if safe.contains(['\n', '\t']) => Cow::Owned(safe.replace(['\n', '\t'], " ")),
        safe => safe,
    }
}

/// Whether the joiner between two characters shapes the one before it.
fn has_use(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    // A digit in a box, such as 1️⃣.
    let keycap = matches!(before, '0'..='9' | '#' | '*') && joiner == '\u{fe0f}' && after == Some('\u{20e3}');
    // A heart that is made an emoji and then joined, such as ❤️‍🔥.
    let selected = joins(before) && before != joiner && joiner == '\u{200d}';
    let letter = !before.is_ascii() && !before.is_whitespace() && !acts(before) && !joins(before);
    keycap || selected || letter
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_acts_becomes_a_picture() {
        assert_eq!(pictured("a\u{1b}]52;c;eA==\u{7}b"), "a␛]52;c;eA==␇b");
        assert_eq!(pictured("\u{9b}2J\u{9d}\u{7f}"), "\u{fffd}2J\u{fffd}␡");
        assert_eq!(
            pictured("abc\u{202e}cod\u{2066}\u{200f}\u{61c}"),
            "abc\u{fffd}cod\u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(pictured("one\r\ntwo\rthree\tfour"), "one\ntwo␍three\tfour");
        assert_eq!(pictured("a\u{2028}b\u{e0041}"), "a\u{fffd}b\u{fffd}");
        assert_eq!(pictured_line("a\n\tb\u{1b}"), "a  b␛");
    }

    #[test]
    fn words_and_emoji_look_as_they_should() {
        for text in ["می‌خواهم", "👩‍🍳 ❤️ ❤️‍🔥 1️⃣", "ক্‍ষ", "straße 漢字\u{a0}✓", "葛\u{e0100}"]
        {
            assert_eq!(pictured(text), text);
        }
        assert!(matches!(pictured("plain – ✓ 漢字\n\tok"), Cow::Borrowed(_)));
    }

    #[test]
    fn joiners_cannot_hide() {
        assert_eq!(pictured("pay\u{200d}pal"), "pay\u{fffd}pal");
        assert_eq!(pictured("\u{200c}a \u{fe0f}b"), "\u{fffd}a \u{fffd}b");
        let hidden = format!("é{}", "\u{200d}".repeat(3));
        assert_eq!(pictured(&hidden), "é\u{200d}\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn nothing_that_acts_is_left_and_a_second_time_changes_nothing(text in any::<String>()) {
            let safe = pictured(&text).into_owned();
            prop_assert!(safe.chars().all(|c| c == '\n' || c == '\t' || !acts(c)));
            prop_assert_eq!(pictured(&safe), &*safe);
        }
    }
}
