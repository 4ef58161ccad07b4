//! A line that is being typed.

use ratatui::text::{Line, Span};
use tui_input::Input;

use super::text::sanitise;
use crate::theme::{Role, Theme};
use output::{acts, joins, picture};

/// The most characters that a line takes.
const MOST: usize = 4_000;

/// Puts pasted text in at the cursor, as one change; what ends lines becomes spaces.
///
/// # Errors
/// A sentence when the line would become too long; it stays as it was then.
pub fn paste(input: &mut Input, text: &str) -> Result<(), String> {
    let value = input.value();
    let pasted = text.chars().count();
    if value.chars().count() + pasted > MOST {
        return Err(format!(
            "The pasted text has {pasted} characters, and this line takes {MOST}; nothing was pasted."
        ));
    }
    let cursor = input.cursor();
    let at = value.char_indices().nth(cursor).map_or(value.len(), |(at, _)| at);
    let (before, after) = value.split_at(at);
    let middle: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    *input = Input::new(format!("{before}{middle}{after}")).with_cursor(cursor + pasted);
    Ok(())
}

/// Returns the line after `sign`, with its cursor; of a long one the part around the cursor.
pub fn input_line(sign: &str, input: &Input, columns: usize, theme: &Theme) -> Line<'static> {
    let room = columns.saturating_sub(sign.len() + 1).max(1);
    let value = input.value();
    let byte = |place: usize| value.char_indices().nth(place).map_or(value.len(), |(at, _)| at);
    let (before, after) = value.split_at(byte(input.cursor()));
    let hidden = input.visual_scroll(room);
    let mut used = 0;
    let before: String = before
        .chars()
        .skip_while(|letter| {
            used += unicode_width::UnicodeWidthChar::width(*letter).unwrap_or(0);
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

    #[test]
    fn a_paste_goes_to_the_cursor_and_has_a_limit() {
        let mut input = Input::new("why C2".to_owned()).with_cursor(4);
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
        let input = Input::new("a\u{202e}b\u{200d}".to_owned());
        for cursor in 0..=4 {
            let shown = text(&input_line(":", &input.clone().with_cursor(cursor), 20, &theme));
            assert!(!shown.contains(acts) && !shown.contains(joins), "{shown:?}");
        }
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let theme = Theme::bundled("dark").unwrap();
        assert_eq!(text(&input_line(":", &"next 3".into(), 20, &theme)), ":next 3 ");
        let long: Input = "0123456789".repeat(5).into();
        let shown = text(&input_line(":", &long, 20, &theme));
        assert!(shown.ends_with("789 ") && shown.len() <= 21, "{shown}");
    }
}
