//! The one frame: around panes, lists and dialogs.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{Block, BorderType, Widget},
};

/// Draws a frame around `area` and returns its inside, one column in from both sides.
pub fn frame(title: Line<'static>, border: Style, area: Rect, buf: &mut Buffer) -> Rect {
    let block = Block::bordered().border_type(BorderType::Rounded).border_style(border).title_top(title);
    let inner = block.inner(area);
    block.render(area, buf);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// Returns a place of `size` (columns and rows) in the middle of `area`, as far as there is room.
pub fn centred(size: (u16, u16), area: Rect) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
