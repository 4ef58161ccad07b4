//! Searching the lines of a pane.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use crate::commands::Pane;

/// Where a search continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the first line in sight that has the text, or the next one that has it.
    Here,
    /// To the next line.
    Next,
    /// To the line before.
    Previous,
}

/// What was searched for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The text. Capitals matter if there are any.
    pub text: String,
    pub pane: Pane,
    /// The line that was found last.
    pub at: Option<usize>,
}

/// A line that has the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub line: usize,
    /// Which one it is of those that have the text, from 1.
    pub number: usize,
    /// How many have it.
    pub count: usize,
}

impl Search {
    /// Returns the line of `lines` to go to, where `offset` is the first one in sight. After the last
    /// comes the first.
    pub fn find(&self, lines: &[String], offset: usize, direction: Direction) -> Option<Hit> {
        let hits: Vec<usize> = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !places(line, &self.text).is_empty())
            .map(|(at, _)| at)
            .collect();
        let last = hits.len().checked_sub(1)?;
        let from = self.at.unwrap_or(offset);
        let index = match (direction, self.at) {
            (Direction::Here, _) => hits.iter().position(|line| *line >= offset),
            (Direction::Next, None) => hits.iter().position(|line| *line >= from),
            (Direction::Next, Some(_)) => hits.iter().position(|line| *line > from),
            (Direction::Previous, _) => hits.iter().rposition(|line| *line < from).or(Some(last)),
        };
        let index = index.unwrap_or(0);
        Some(Hit { line: hits[index], number: index + 1, count: hits.len() })
    }
}

/// Returns where `text` stands in `line`, as ranges of bytes. Capitals matter if the text has any.
fn places(line: &str, text: &str) -> Vec<(usize, usize)> {
    if text.is_empty() {
        return Vec::new();
    }
    let exact = text.chars().any(char::is_uppercase);
    let same = |a: char, b: char| a == b || (!exact && a.to_lowercase().eq(b.to_lowercase()));
    let mut found = Vec::new();
    let mut start = 0;
    while start < line.len() {
        let rest = &line[start..];
        let mut letters = rest.char_indices();
        let fits = text.chars().all(|wanted| letters.next().is_some_and(|(_, letter)| same(letter, wanted)));
        let end = start + letters.next().map_or(rest.len(), |(at, _)| at);
        if fits {
            found.push((start, end));
            start = end;
        } else {
            start += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// Marks every place in `area` where `text` stands. What is broken over two lines is not seen.
pub fn highlight(text: &str, style: Style, area: Rect, buf: &mut Buffer) {
    for row in area.rows() {
        let mut line = String::new();
        let mut starts = Vec::new();
        for x in row.left()..row.right() {
            starts.push(line.len());
            line.push_str(buf[(x, row.y)].symbol());
        }
        for (start, end) in places(&line, text) {
            for (at, x) in starts.iter().zip(row.left()..row.right()) {
                if (start..end).contains(at) {
                    buf[(x, row.y)].set_style(style);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;

    use super::*;

    fn search(text: &str, at: Option<usize>) -> Search {
        Search { text: text.to_owned(), pane: Pane::Plan, at }
    }

    #[test]
    fn hits_are_gone_through_in_a_circle() {
        let lines: Vec<String> = ["a pen", "ink", "Pens", "none", "open"].map(str::to_owned).into();
        let line = |at, offset, direction| {
            search("pen", at).find(&lines, offset, direction).map(|hit| (hit.line, hit.number, hit.count))
        };
        assert_eq!(line(None, 1, Direction::Here), Some((2, 2, 3)));
        assert_eq!(line(Some(2), 1, Direction::Next), Some((4, 3, 3)));
        assert_eq!(line(Some(4), 0, Direction::Next), Some((0, 1, 3)));
        assert_eq!(line(Some(0), 0, Direction::Previous), Some((4, 3, 3)));
        assert_eq!(line(None, 0, Direction::Next), Some((0, 1, 3)));
        assert_eq!(search("Pen", None).find(&lines, 0, Direction::Here).map(|hit| hit.line), Some(2));
        assert_eq!(search("quill", None).find(&lines, 0, Direction::Here), None);
        assert_eq!(search("", None).find(&lines, 0, Direction::Here), None);
    }

    #[test]
    fn what_is_found_is_marked_beside_wide_letters_too() {
        let area = Rect::new(0, 0, 12, 1);
        let mut buf = Buffer::empty(area);
        buf.set_string(0, 0, "漢字 ÄPFEL x", Style::new());
        highlight("äpfel", Style::new().add_modifier(Modifier::REVERSED), area, &mut buf);
        let marked: String = (0..12)
            .filter(|x| buf[(*x, 0)].modifier.contains(Modifier::REVERSED))
            .map(|x| buf[(x, 0)].symbol())
            .collect();
        assert_eq!(marked, "ÄPFEL");
    }
}
