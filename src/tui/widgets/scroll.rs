//! Lines that scroll.

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use super::text::fit_line;

/// How far something is scrolled and how far it could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// The first row shown.
    pub offset: usize,
    /// The largest offset that makes sense.
    pub max: usize,
    /// How many rows are shown at once.
    pub page: usize,
}

/// A way to go through rows or lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// So many forwards, or backwards if negative.
    By(isize),
    /// To the first.
    Start,
    /// To the last.
    End,
}

/// How far a text is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll {
    /// The first line in sight, as far as the text reaches.
    pub offset: usize,
}

impl Scroll {
    /// Scrolls what was drawn with `extent` last.
    pub fn go(&mut self, motion: Motion, extent: Extent) {
        self.offset = match motion {
            Motion::By(step) => self.offset.min(extent.max).saturating_add_signed(step).min(extent.max),
            Motion::Start => 0,
            Motion::End => extent.max,
        };
    }
}

/// Draws the part of `lines` that `scroll` asks for; without a wish the start, or the end when `follow`.
pub fn draw_lines(
    lines: Vec<Line<'static>>,
    scroll: Option<usize>,
    follow: bool,
    area: Rect,
    buf: &mut Buffer,
) -> Extent {
    let page = usize::from(area.height);
    let max = lines.len().saturating_sub(page);
    let offset = scroll.unwrap_or(if follow { max } else { 0 }).min(max);
    for (line, row) in lines.into_iter().skip(offset).zip(area.rows()) {
        fit_line(line, usize::from(area.width)).render(row, buf);
    }
    Extent { offset, max, page }
}
