//! A line that is being typed.

use ratatui::text::{Line, Span};
use tui_input::Input;

use super::text::sanitise;
use crate::tui::theme::{Role, Theme};

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
    let under = rest.next().unwrap_or(' ');
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
    fn the_cursor_stays_in_sight() {
        let theme = Theme::bundled("dark").unwrap();
        assert_eq!(text(&input_line(":", &"next 3".into(), 20, &theme)), ":next 3 ");
        let long: Input = "0123456789".repeat(5).into();
        let shown = text(&input_line(":", &long, 20, &theme));
        assert!(shown.ends_with("789 ") && shown.len() <= 21, "{shown}");
    }
}
