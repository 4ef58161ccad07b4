//! Breaking styled text into lines.

use std::borrow::Cow;

use ratatui::{
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::text::sanitise;

/// Returns `spans` as lines of at most `columns` columns, broken between words where possible. Every
/// line after the first starts with `hang` spaces.
pub fn wrap(spans: &[Span<'_>], columns: usize, hang: usize) -> Vec<Line<'static>> {
    let columns = columns.max(1);
    let hang = if hang * 2 > columns { 0 } else { hang };
    let clean: Vec<(Cow<'_, str>, Style)> =
        spans.iter().map(|span| (sanitise(&span.content), span.style)).collect();
    let mut lines = Lines::new(columns, hang);
    for (text, style) in &clean {
        if text.is_ascii() {
            // Each byte is a character of its own: no need to look for where one ends.
            (0..text.len()).for_each(|at| lines.push(&text[at..=at], 1, *style));
        } else {
            text.graphemes(true).for_each(|grapheme| lines.push(grapheme, grapheme.width(), *style));
        }
    }
    lines.finish()
}

/// Returns plain `text` as lines of at most `columns` columns.
pub fn wrap_text(text: &str, style: Style, columns: usize, hang: usize) -> Vec<Line<'static>> {
    wrap(&[Span::styled(text, style)], columns, hang)
}

struct Lines<'a> {
    columns: usize,
    hang: usize,
    done: Vec<Line<'static>>,
    /// The line so far: graphemes with their widths and styles.
    row: Vec<(&'a str, usize, Style)>,
    used: usize,
    /// Whether the line was begun because the one before was full up to a space.
    fresh: bool,
}

impl<'a> Lines<'a> {
    fn new(columns: usize, hang: usize) -> Self {
        Self { columns, hang, done: Vec::new(), row: Vec::new(), used: 0, fresh: false }
    }

    fn push(&mut self, grapheme: &'a str, width: usize, style: Style) {
        if grapheme == "\n" {
            self.close();
            self.fresh = false;
            return;
        }
        if self.used + width > self.columns {
            if grapheme == " " {
                // The line ends here anyway; what comes next starts the next one.
                self.close();
                self.indent();
                self.fresh = true;
                return;
            }
            self.break_line();
        }
        if self.fresh && grapheme == " " {
            return;
        }
        self.fresh = false;
        self.used += width;
        self.row.push((grapheme, width, style));
    }

    /// Ends the line at its last space, and takes what follows to the next.
    fn break_line(&mut self) {
        let start = self.row.iter().take_while(|(g, _, _)| *g == " ").count();
        let space = self.row[start..].iter().rposition(|(g, _, _)| *g == " ").map(|at| at + start);
        let rest = space.map_or_else(Vec::new, |at| self.row.split_off(at + 1));
        self.close();
        self.indent();
        self.row.extend(rest);
        self.used = self.row.iter().map(|(_, width, _)| width).sum();
        if self.used >= self.columns {
            // A word of wide characters can fill the line again at once.
            self.close();
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.hang {
            self.row.push((" ", 1, Style::new()));
        }
        self.used = self.hang;
    }

    fn close(&mut self) {
        while self.row.last().is_some_and(|(g, _, _)| *g == " ") {
            self.row.pop();
        }
        let spans = self.row.chunk_by(|a, b| a.2 == b.2).map(|run| {
            let text: String = run.iter().map(|(grapheme, _, _)| *grapheme).collect();
            Span::styled(text, run[0].2)
        });
        let line = spans.collect();
        self.row.clear();
        self.used = 0;
        self.done.push(line);
    }

    fn finish(mut self) -> Vec<Line<'static>> {
        let blank = self.row.iter().all(|(grapheme, _, _)| *grapheme == " ");
        if !blank || self.done.is_empty() {
            self.close();
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::widgets::text;

    fn plain(lines: &[Line<'_>]) -> Vec<String> {
        lines.iter().map(|line| line.spans.iter().map(|s| s.content.as_ref()).collect()).collect()
    }

    #[test]
    fn breaks_between_words_and_hangs() {
        let lines = wrap_text("one two three four", Style::new(), 9, 2);
        assert_eq!(plain(&lines), ["one two", "  three", "  four"]);
        let long = wrap_text("abcdefghij", Style::new(), 4, 0);
        assert_eq!(plain(&long), ["abcd", "efgh", "ij"]);
        assert_eq!(plain(&wrap_text("a\n\nb", Style::new(), 4, 0)), ["a", "", "b"]);
    }

    #[test]
    fn a_word_may_change_style_without_breaking() {
        let spans = [Span::raw("total = 1"), Span::styled("20", Style::new().bold()), Span::raw(" pens")];
        assert_eq!(plain(&wrap(&spans, 10, 0)), ["total =", "120 pens"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_letter_is_lost(source in "[a-z漢字é ]{0,80}", columns in 2_usize..20) {
            let lines = plain(&wrap_text(&source, Style::new(), columns, 0));
            for line in &lines {
                prop_assert!(text::width(line) <= columns, "{line:?} in {columns}");
            }
            let letters = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&source));
            // Leading spaces stay, and leave less room for the first word.
            let source = source.trim_start();
            let lines = plain(&wrap_text(source, Style::new(), columns, 0));
            if source.split(' ').all(|word| text::width(word) <= columns) {
                let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
                prop_assert_eq!(words(&lines.join(" ")), words(source));
            }
        }
    }
}
