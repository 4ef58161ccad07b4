//! Tabs that stay in one line.

use std::ops::Range;

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::text::width;
use crate::tui::theme::{Role, Theme};

/// One tab.
pub struct Tab {
    /// The sign before the name.
    pub glyph: &'static str,
    /// The sign's style.
    pub style: Style,
    /// The name.
    pub name: String,
}

/// Returns the line of tabs, numbered from 1. Names are left out where they do not all fit; where even
/// the numbers do not, the line starts at the selected tab's neighbourhood. Returns the columns of each
/// shown tab with its number in `tabs` too.
pub fn tab_line(
    tabs: &[Tab],
    selected: usize,
    columns: usize,
    theme: &Theme,
) -> (Line<'static>, Vec<(usize, Range<u16>)>) {
    let digits = tabs.len().to_string().len();
    let long: usize = tabs.iter().map(|tab| digits + width(&tab.name) + 6).sum();
    let with_names = long <= columns + 1;
    let fitting = if with_names { tabs.len() } else { (columns / (digits + 5)).max(1) };
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
        let own = spans.iter().rev().take(2).map(|span| width(&span.content)).sum::<usize>() as u16;
        places.push((at, x..x + own));
        x += own;
    }
    (Line::from(spans), places)
}
