//! A line of key hints.

use std::ops::Range;

use ratatui::text::{Line, Span};

use super::text::width;
use crate::theme::{Role, Theme};

/// Returns as many hints as fit into `columns`, first ones first, never half a hint. Room is kept for
/// those in `always`, which come last. Returns the columns of each shown hint too, with its number among
/// `hints` and `always` together.
pub fn hint_line(
    hints: &[(String, &str)],
    always: &[(String, &str)],
    columns: usize,
    theme: &Theme,
) -> (Line<'static>, Vec<(usize, Range<u16>)>) {
    let kept: usize = always.iter().map(|(key, word)| 4 + width(key) + width(word)).sum();
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    let mut places = Vec::new();
    let all = hints.iter().map(|hint| (hint, kept)).chain(always.iter().map(|hint| (hint, 0)));
    for (at, ((key, word), kept)) in all.enumerate() {
        let gap = if used > 1 { 3 } else { 0 };
        let needed = gap + width(key) + 1 + width(word);
        if used + needed + kept > columns {
            continue;
        }
        places.push((at, (used + gap) as u16..(used + needed) as u16));
        used += needed;
        spans.push(Span::raw(" ".repeat(gap)));
        spans.push(Span::styled(key.clone(), theme[Role::Key]));
        spans.push(Span::styled(format!(" {word}"), theme[Role::Dim]));
    }
    (Line::from(spans), places)
}
