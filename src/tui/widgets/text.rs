//! Text that is safe to show and fits its place.

use std::borrow::Cow;

use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Returns `text` with everything taken out or made visible that could act on the terminal or turn the
/// reading direction: control bytes become their pictures, direction marks the replacement character,
/// zero-width characters vanish. Line ends stay; tabs become spaces.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c == '\n' || !needs_care(c)) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => clean.push('\n'),
            '\t' => clean.push_str("    "),
            '\r'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2064}'
            | '\u{feff}'
            | '\u{fe0e}'
            | '\u{fe0f}' => {}
            '\0'..='\u{1f}' => clean.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            _ if needs_care(c) => clean.push('\u{fffd}'),
            _ => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

fn needs_care(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe0e}' | '\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns how many columns `text` takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Returns `text` in at most `columns` columns; what is cut ends in an ellipsis.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 0;
    let mut kept = String::new();
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used >= columns {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    Cow::Owned(kept)
}

/// Returns `line` in at most `columns` columns; what is cut ends in an ellipsis.
pub fn fit_line(line: Line<'_>, columns: usize) -> Line<'static> {
    let mut left = columns;
    let mut spans: Vec<Span<'static>> = Vec::new();
    let total: usize = line.spans.iter().map(|span| width(&span.content)).sum();
    for span in line.spans {
        let own = width(&span.content);
        let rest_follows = total > columns;
        if own < left || (own == left && !rest_follows) {
            left -= own;
            spans.push(Span::styled(span.content.into_owned(), span.style));
            continue;
        }
        let mut cut = fit(&span.content, left).into_owned();
        if !cut.ends_with('…') {
            // The span fits exactly, but more follows: the last column goes to the ellipsis.
            cut = fit(&format!("{}{}", span.content, "  "), left).into_owned();
        }
        spans.push(Span::styled(cut, span.style));
        break;
    }
    Line { spans, style: line.style, alignment: line.alignment }
}

/// Returns `text` filled with spaces to `columns`, or cut to it.
pub fn pad(text: &str, columns: usize) -> String {
    let fitted = fit(text, columns);
    let fill = columns.saturating_sub(width(&fitted));
    format!("{fitted}{}", " ".repeat(fill))
}

/// Returns `text` set to the right of `columns`, or cut to it.
pub fn pad_left(text: &str, columns: usize) -> String {
    let fitted = fit(text, columns);
    let fill = columns.saturating_sub(width(&fitted));
    format!("{}{fitted}", " ".repeat(fill))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_act() {
        let clean = sanitise("a\u{1b}[31mb\u{202e}c\u{200b}d\te\r\nf\u{7f}\u{9b}");
        assert_eq!(clean, "a␛[31mb\u{fffd}cd    e\nf\u{fffd}\u{fffd}");
        assert!(matches!(sanitise("plain ✓ 漢字\nok"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_cut_ends_in_an_ellipsis() {
        assert_eq!(fit("hello world", 11), "hello world");
        assert_eq!(fit("hello world", 8), "hello w…");
        assert_eq!(fit("hello world", 7), "hello…");
        assert_eq!(fit("漢字漢字", 4), "漢…");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(pad("漢", 4), "漢  ");
        assert_eq!(pad_left("7", 3), "  7");
    }

    #[test]
    fn lines_are_cut_across_spans() {
        let line = || Line::from(vec![Span::raw("abc"), Span::raw("def")]);
        let text = |line: Line<'_>| line.spans.iter().map(|s| s.content.to_string()).collect::<String>();
        assert_eq!(text(fit_line(line(), 6)), "abcdef");
        assert_eq!(text(fit_line(line(), 5)), "abcd…");
        assert_eq!(text(fit_line(line(), 3)), "ab…");
    }
}
