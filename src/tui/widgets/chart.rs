//! A small chart of a value over steps, readable from one row upwards.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use super::text::{pad_left, width};
use crate::tui::theme::{Role, Theme};

/// One step of the chart.
#[derive(Debug, Clone)]
pub struct Point {
    /// The value; a step without one leaves a gap.
    pub value: Option<f64>,
    /// The best value so far, drawn as a line.
    pub level: Option<f64>,
    /// The sign below it.
    pub mark: (&'static str, Style),
    /// The label below the sign.
    pub label: String,
}

const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Draws `points` with their marks and labels. With five rows or more the values stand as dots over the
/// line of the best; with fewer, as bars of one row. Room is kept for `slots` steps, so that the chart
/// stands still while it grows. Where not all steps fit, the last ones are shown. Returns the place of each
/// shown step with its number in `points`.
pub fn draw(
    points: &[Point],
    slots: usize,
    area: Rect,
    buf: &mut Buffer,
    theme: &Theme,
) -> Vec<(usize, Rect)> {
    if points.is_empty() || area.is_empty() {
        return Vec::new();
    }
    let (low, high) = range(points);
    let axis = 5;
    let room = usize::from(area.width).saturating_sub(axis);
    let step = (room / points.len().max(slots)).clamp(3, 12);
    let shown = (room / step).clamp(1, points.len());
    let first = points.len() - shown;
    let points = &points[first..];
    let rows = area.height;
    let plot = match rows {
        0..=2 => 1,
        3..=4 => rows - 2,
        _ => rows - 2,
    };
    let plot_area = Rect { height: plot, ..area };
    if plot >= 3 {
        dots(points, plot_area, step, (low, high), buf, theme);
    } else {
        bars(points, plot_area, step, (low, high), buf, theme);
    }
    let below = |row: u16, cell: &dyn Fn(&Point) -> Span<'static>, buf: &mut Buffer| {
        for (at, point) in points.iter().enumerate() {
            let span = cell(point);
            let x = area.x + (axis + at * step + step / 2) as u16;
            let x = x.saturating_sub((width(&span.content) / 2) as u16);
            if x + (width(&span.content) as u16) <= area.right() {
                buf.set_span(x, area.y + row, &span, area.right() - x);
            }
        }
    };
    if rows > plot {
        below(plot, &|point| Span::styled(point.mark.0, point.mark.1), buf);
    }
    if rows > plot + 1 {
        below(plot + 1, &|point| Span::styled(point.label.clone(), theme[Role::Dim]), buf);
    }
    let place = |at: usize| Rect { x: area.x + (axis + at * step) as u16, width: step as u16, ..area };
    (0..shown).map(|at| (first + at, place(at).intersection(area))).collect()
}

/// The values' range, widened so that a flat line is not at the edge.
fn range(points: &[Point]) -> (f64, f64) {
    let values = points.iter().flat_map(|point| [point.value, point.level]).flatten();
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if !low.is_finite() || !high.is_finite() {
        return (0.0, 1.0);
    }
    let low = (low * 10.0).floor() / 10.0;
    let high = (high * 10.0).ceil() / 10.0;
    if high - low < 0.1 { ((low - 0.1).max(0.0), high.max(low + 0.1)) } else { (low, high) }
}

fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

fn axis_label(value: f64, row: u16, area: Rect, buf: &mut Buffer, theme: &Theme) {
    let label = Line::from(Span::styled(pad_left(&format!("{value:.1}"), 3), theme[Role::Dim]));
    label.render(Rect { y: area.y + row, height: 1, width: area.width.min(4), ..area }, buf);
}

fn dots(points: &[Point], area: Rect, step: usize, range: (f64, f64), buf: &mut Buffer, theme: &Theme) {
    axis_label(range.1, 0, area, buf, theme);
    axis_label(range.0, area.height - 1, area, buf, theme);
    let row_of = |value: f64| {
        let from_top = (1.0 - share(value, range)) * f64::from(area.height - 1);
        area.y + from_top.round() as u16
    };
    for y in area.rows().map(|row| row.y) {
        buf.set_string(area.x + 4, y, "┊", theme[Role::Border]);
    }
    for (at, point) in points.iter().enumerate() {
        let left = area.x + (5 + at * step) as u16;
        if let Some(level) = point.level {
            for x in left..(left + step as u16).min(area.right()) {
                buf.set_string(x, row_of(level), "─", theme[Role::BarRest]);
            }
        }
        let x = left + (step / 2) as u16;
        if let Some(value) = point.value.filter(|_| x < area.right()) {
            let is_best = point.level.is_some_and(|level| value >= level);
            let style = if is_best { theme[Role::Accent] } else { theme[Role::Dim] };
            buf.set_string(x, row_of(value), "●", style);
        }
    }
}

fn bars(points: &[Point], area: Rect, step: usize, range: (f64, f64), buf: &mut Buffer, theme: &Theme) {
    axis_label(range.1, 0, area, buf, theme);
    let levels = usize::from(area.height) * BLOCKS.len();
    for (at, point) in points.iter().enumerate() {
        let Some(value) = point.value else { continue };
        let x = area.x + (5 + at * step + step / 2) as u16;
        if x >= area.right() {
            break;
        }
        let mut eighths = 1 + (share(value, range) * (levels - 1) as f64).round() as usize;
        let is_best = point.level.is_some_and(|level| value >= level);
        let style = if is_best { theme[Role::Bar] } else { theme[Role::Dim] };
        for y in area.rows().map(|row| row.y).rev() {
            if eighths == 0 {
                break;
            }
            let block = eighths.min(BLOCKS.len());
            buf.set_string(x, y, BLOCKS[block - 1], style);
            eighths -= block;
        }
    }
}
