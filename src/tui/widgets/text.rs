//! Text that is safe to show and fits its place.

use std::borrow::Cow;

use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use output::{acts, joins, picture};

/// Returns `text` as it is shown in cells: pictures stand for what could act on the terminal or hide (see
/// [`picture`]). Line ends stay, and tabs become spaces. Joiners and variation selectors vanish, since terminals do not
/// agree on the columns of what they join; in the text itself they stay.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c == '\n' || !(acts(c) || joins(c))) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => clean.push('\n'),
            '\t' => clean.push_str("    "),
            '\r' if rest.peek() == Some(&'\n') => {}
            _ if joins(c) => {}
            _ if acts(c) => clean.push(picture(c)),
            _ => clean.push(c),
        }
    }
    Cow::Owned(clean)
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
        let clean = sanitise("a\u{1b}[31mb\u{202e}c\u{200b}d\te\r\nf\u{7f}\u{9b}\rg❤\u{fe0f}\u{200d}h");
        assert_eq!(clean, "a␛[31mb\u{fffd}c\u{fffd}d    e\nf␡\u{fffd}␍g❤h");
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
