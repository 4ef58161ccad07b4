//! Tabs that stay in one line.

use std::ops::Range;

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::text::width;
use crate::theme::{Role, Theme};

/// One tab.
pub struct Tab {
    /// The sign before the name.
    pub glyph: &'static str,
    /// The sign's style.
    pub style: Style,
    pub name: String,
    /// What stands after the sign, such as a score; may be empty.
    pub note: String,
}

/// Returns the line of tabs, numbered from 1. Where not all fit, first the names are left out, then the
/// notes; where even the numbers do not fit, the line starts at the selected tab's neighbourhood. Returns the
/// columns of each shown tab with its number in `tabs` too.
pub fn tab_line(
    tabs: &[Tab],
    selected: usize,
    columns: usize,
    theme: &Theme,
) -> (Line<'static>, Vec<(usize, Range<u16>)>) {
    let digits = tabs.len().to_string().len();
    let bare = digits + 5;
    let extra = |text: &str| if text.is_empty() { 0 } else { width(text) + 1 };
    let notes: usize = tabs.iter().map(|tab| bare + extra(&tab.note)).sum();
    let names: usize = notes + tabs.iter().map(|tab| extra(&tab.name)).sum::<usize>();
    let (with_names, with_notes) = (names <= columns + 1, notes <= columns + 1);
    let fitting = if with_notes { tabs.len() } else { (columns / bare).max(1) };
    let first = (selected + 1).saturating_sub(fitting);
    let mut spans = Vec::new();
    let mut places = Vec::new();
    let mut x = 0;
    for (at, tab) in tabs.iter().enumerate().skip(first).take(fitting) {
        if at > first {
            spans.push(Span::styled("│", theme[Role::Border]));
            x += 1;
        }
        let name_style = if at == selected { theme[Role::Select] } else { theme[Role::Dim] };
        let name = if with_names { format!(" {}", tab.name) } else { String::new() };
        spans.push(Span::styled(format!(" {}{name} ", at + 1), name_style));
        spans.push(Span::styled(format!("{} ", tab.glyph), tab.style));
        if with_notes && !tab.note.is_empty() {
            spans.push(Span::styled(format!("{} ", tab.note), theme[Role::Dim]));
        }
        let own = spans.iter().map(|span| width(&span.content)).sum::<usize>() as u16;
        places.push((at, x..own));
        x = own;
    }
    (Line::from(spans), places)
}
