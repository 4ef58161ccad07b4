//! Plain text for terminals, logs and pages: clean, wrapped, aligned. What is missing shows as [`MISSING`], never as 0.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::pictured_line;

/// Stands for a value that is not known.
pub const MISSING: &str = "–";

/// Returns one line without anything that could act on a terminal, so that it can be measured.
pub fn clean(text: &str) -> Cow<'_, str> {
    pictured_line(text)
}

/// Returns `text` broken into lines no wider than `width`: the first begins with `first`, the others with
/// `rest`. Line breaks in the text stay; a word that is too wide is cut.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut out = String::new();
    let mut lead = first;
    for line in text.lines() {
        let line = clean(line);
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        for piece in pieces(line.trim(), width.saturating_sub(rest.width().max(lead.width()) + indent.len()))
        {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(lead);
            out.push_str(&indent);
            out.push_str(&piece);
            lead = rest;
        }
    }
    if out.is_empty() { first.trim_end().to_owned() } else { out }
}

/// Breaks one line at its spaces. A width below a few columns counts as those few.
fn pieces(line: &str, width: usize) -> Vec<String> {
    const NARROWEST: usize = 8;
    let width = width.max(NARROWEST);
    let mut pieces = vec![String::new()];
    let mut used = 0_usize;
    for word in line.split_inclusive(' ') {
        let (bare, wide) = (word.trim_end().width(), word.width());
        if used > 0 && used.saturating_add(bare) > width {
            pieces.push(String::new());
            used = 0;
        }
        for grapheme in word.graphemes(true) {
            let step = grapheme.width();
            if bare > width && used.saturating_add(step) > width {
                pieces.push(String::new());
                used = 0;
            }
            if let Some(last) = pieces.last_mut() {
                last.push_str(grapheme);
            }
            used += if bare > width { step } else { 0 };
        }
        used += if bare > width { 0 } else { wide };
    }
    pieces.iter_mut().for_each(|piece| piece.truncate(piece.trim_end().len()));
    pieces
}

/// Returns `text` as one line of at most `width` columns; what is cut off shows as an ellipsis.
pub fn fit(text: &str, width: usize) -> String {
    let text = clean(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used + 1 > width {
            break;
        }
        out.push_str(grapheme);
    }
    out.push('…');
    out
}

/// Returns the value as text, or [`MISSING`].
pub fn or_missing<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| MISSING.to_owned(), |value| value.to_string())
}

/// Returns a count with commas between the thousands.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Returns a duration in words, from milliseconds.
pub fn duration(ms: f64) -> String {
    if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if ms < 99_950.0 {
        format!("{:.1} s", ms / 1e3)
    } else {
        let seconds = (ms / 1e3).round();
        format!("{:.0} min {:02.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

/// Returns `count` things in words; the plural takes an s.
pub fn things(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{} {thing}s", self::count(count)) }
}

/// Which side of its column a cell stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Returns rows of cells as aligned lines; the first row is the head. Each line is cut to `width`.
pub fn table(align: &[Align], rows: &[Vec<String>], width: usize) -> Vec<String> {
    let rows: Vec<Vec<Cow<'_, str>>> =
        rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|c| c.width()).max();
    let widths: Vec<usize> = (0..align.len()).map(|column| widest(column).unwrap_or(0)).collect();
    let line = |row: &Vec<Cow<'_, str>>| {
        let mut out = String::new();
        for ((cell, align), &column) in row.iter().zip(align).zip(&widths) {
            if !out.is_empty() {
                out.push_str("  ");
            }
            let pad = " ".repeat(column - cell.width());
            match align {
                Align::Left => out.extend([&**cell, &pad]),
                Align::Right => out.extend([&*pad, cell]),
            }
        }
        fit(out.trim_end(), width)
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_model_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\u{202e}c\td"), "a␛[2Jb\u{fffd}c d");
        assert!(matches!(clean("plain – text"), Cow::Borrowed(_)));
    }

    #[test]
    fn wrapping_keeps_width_indent_and_words() {
        let text = wrap("one two three four\n  nested five six", 12, "> ", "  ");
        assert_eq!(text, "> one two\n  three four\n    nested\n    five six");
        assert!(wrap(&"x".repeat(50), 20, "", "").lines().all(|line| line.width() <= 20));
        assert_eq!(wrap("a b", usize::MAX, "", ""), "a b");
        assert_eq!(wrap("日本語日本語日本語", 8, "", "").lines().count(), 3);
        assert_eq!(fit("日本語日本語", 6), "日本…");
        assert_eq!(fit("short", 6), "short");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
        assert_eq!((duration(12.4), duration(3_210.0)), ("12 ms".to_owned(), "3.2 s".to_owned()));
        assert_eq!(duration(125_000.0), "2 min 05 s");
        assert_eq!(things(1, "call"), "1 call");
    }

    #[test]
    fn columns_line_up() {
        let rows = [["name", "n"], ["propose", "12"], ["é", "3"]].map(|row| row.map(str::to_owned).to_vec());
        let lines = table(&[Align::Left, Align::Right], &rows, 80);
        assert_eq!(lines, ["name      n", "propose  12", "é         3"]);
    }
}
