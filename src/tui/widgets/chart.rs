//! A small chart of values over steps, readable from one row upwards.

use std::ops::Range;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::Widget,
};

use super::text::{pad_left, width};
use crate::theme::{Role, Theme};

/// One step of the chart.
#[derive(Debug, Clone)]
pub struct Point {
    /// The value; a step without one leaves a gap.
    pub value: Option<f64>,
    /// The best value so far, drawn as a line.
    pub level: Option<f64>,
    /// Further values, one a [`Chart::series`].
    pub others: Vec<Option<f64>>,
    /// The sign below it.
    pub mark: (&'static str, Style),
    /// More signs next to it, as far as there is room; a plus stands for those that have none.
    pub signs: Vec<(&'static str, Style)>,
    /// The label below the sign.
    pub label: String,
}

/// A chart.
///
/// With five rows or more the values stand as dots over the line of the best; with fewer, as bars of one
/// row. Where not all steps fit, those around the cursor are shown.
pub struct Chart<'a> {
    /// How many steps there are.
    pub count: usize,
    /// Makes a step; only those that are shown are made.
    pub point: &'a dyn Fn(usize) -> Point,
    /// Room is kept for so many steps, so that the chart does not move while it grows.
    pub slots: usize,
    /// How many steps are wanted at once; without a wish as many as can be distinguished well.
    pub span: Option<usize>,
    /// The step that stands out.
    pub cursor: Option<usize>,
    /// How many steps lie before the current position; those after it are faint.
    pub past: usize,
    /// Signs and styles of the further values.
    pub series: &'a [(&'static str, Style)],
}

const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Columns of the scale at the left.
const SCALE: usize = 5;
/// Steps are never farther apart than this.
const WIDEST_STEP: usize = 12;
/// Steps are never closer than this, unless more of them are asked for.
const NARROWEST_STEP: usize = 3;

impl Chart<'_> {
    /// Returns which steps are shown on `columns` columns, and how far apart.
    pub fn window(&self, columns: usize) -> (Range<usize>, usize) {
        let (count, room) = (self.count, columns.saturating_sub(SCALE).max(1));
        let wanted = self.span.unwrap_or(count.max(self.slots)).max(1);
        let narrowest = if self.span.is_some() { 1 } else { NARROWEST_STEP };
        let step = (room / wanted).clamp(narrowest, WIDEST_STEP);
        let shown = (room / step).min(self.span.unwrap_or(count)).clamp(1, count.max(1)).min(count);
        let middle = self.cursor.unwrap_or(count.saturating_sub(1));
        let start = middle.saturating_sub(shown / 2).min(count - shown);
        (start..start + shown, step)
    }

    /// Draws the steps with their marks and labels. Returns the number and the place of each that is shown.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Vec<(usize, Rect)> {
        if self.count == 0 || area.height == 0 || usize::from(area.width) <= SCALE {
            return Vec::new();
        }
        let (window, step) = self.window(usize::from(area.width));
        let rows = if area.height <= 2 { 1 } else { area.height - 2 };
        let points: Vec<Point> = window.clone().map(self.point).collect();
        let plot = Plot {
            area: Rect { height: rows, ..area },
            bottom: area.bottom(),
            step,
            first: window.start,
            range: range(&points),
            theme,
        };
        plot.scale(buf);
        let place = |at| Rect { x: plot.left(at), width: step as u16, ..area }.intersection(area);
        let places = window.clone().map(|at| (at, place(at))).collect();
        for (at, point) in window.zip(&points) {
            if rows >= 3 {
                self.dots(&plot, at, point, buf);
            } else {
                plot.bar(at, point, self.faint(at), buf);
            }
            self.marks(&plot, at, rows, point, buf);
            let label = Span::styled(point.label.clone(), self.shade(at, theme[Role::Dim]));
            if width(&label.content) < step || at % (1 + width(&label.content) / step) == 0 {
                plot.below(at, rows + 1, &label, buf);
            }
        }
        places
    }

    fn dots(&self, plot: &Plot<'_>, at: usize, point: &Point, buf: &mut Buffer) {
        if let Some(level) = point.level {
            plot.level(at, level, buf);
        }
        for ((sign, style), value) in self.series.iter().zip(&point.others) {
            if let Some(value) = value {
                plot.sign(at, *value, sign, self.shade(at, *style), buf);
            }
        }
        if let Some(value) = point.value {
            let is_best = point.level.is_some_and(|level| value >= level);
            let role = if is_best && !self.faint(at) { Role::Accent } else { Role::Dim };
            plot.sign(at, value, "●", self.shade(at, plot.theme[role]), buf);
        }
    }

    /// Draws the sign below the step and those next to it. Where there is no room next to it, the first of those
    /// stands in its place: it says more.
    fn marks(&self, plot: &Plot<'_>, at: usize, row: u16, point: &Point, buf: &mut Buffer) {
        let room = plot.step - plot.step / 2 - 1;
        let mark = if room == 0 { point.signs.first().unwrap_or(&point.mark) } else { &point.mark };
        plot.below(at, row, &Span::styled(mark.0, self.shade(at, mark.1)), buf);
        let kept = if point.signs.len() > room { room.saturating_sub(1) } else { room };
        let rest = (point.signs.len() > room && room > 0).then_some(("+", plot.theme[Role::Dim]));
        let y = plot.area.y + row;
        for (place, (sign, style)) in (1..).zip(point.signs.iter().take(kept).copied().chain(rest)) {
            let x = plot.middle(at) + place;
            if x < plot.area.right() && y < plot.bottom {
                buf.set_string(x, y, sign, self.shade(at, style));
            }
        }
    }

    fn faint(&self, at: usize) -> bool {
        at >= self.past
    }

    fn shade(&self, at: usize, style: Style) -> Style {
        if self.cursor == Some(at) {
            style.add_modifier(Modifier::REVERSED)
        } else if self.faint(at) {
            style.add_modifier(Modifier::DIM)
        } else {
            style
        }
    }
}

/// Where things stand in the part of the chart above the marks.
struct Plot<'a> {
    area: Rect,
    /// Where the rows of marks and labels end.
    bottom: u16,
    step: usize,
    first: usize,
    range: (f64, f64),
    theme: &'a Theme,
}

impl Plot<'_> {
    fn left(&self, at: usize) -> u16 {
        self.area.x + (SCALE + (at - self.first) * self.step) as u16
    }

    fn middle(&self, at: usize) -> u16 {
        self.left(at) + (self.step / 2) as u16
    }

    fn row(&self, value: f64) -> u16 {
        let from_top = (1.0 - share(value, self.range)) * f64::from(self.area.height - 1);
        self.area.y + from_top.round() as u16
    }

    fn scale(&self, buf: &mut Buffer) {
        let label = |value: f64, row: u16, buf: &mut Buffer| {
            let text = pad_left(&format!("{value:.1}"), 3);
            let place = Rect { y: self.area.y + row, height: 1, width: self.area.width.min(4), ..self.area };
            Line::from(Span::styled(text, self.theme[Role::Dim])).render(place, buf);
        };
        label(self.range.1, 0, buf);
        if self.area.height >= 3 {
            label(self.range.0, self.area.height - 1, buf);
            for row in self.area.rows() {
                buf.set_string(self.area.x + 4, row.y, "┊", self.theme[Role::Border]);
            }
        }
    }

    fn sign(&self, at: usize, value: f64, sign: &str, style: Style, buf: &mut Buffer) {
        let x = self.middle(at);
        if x < self.area.right() {
            buf.set_string(x, self.row(value), sign, style);
        }
    }

    fn level(&self, at: usize, level: f64, buf: &mut Buffer) {
        let left = self.left(at);
        for x in left..(left + self.step as u16).min(self.area.right()) {
            buf.set_string(x, self.row(level), "─", self.theme[Role::BarRest]);
        }
    }

    fn bar(&self, at: usize, point: &Point, faint: bool, buf: &mut Buffer) {
        let (Some(value), x) = (point.value, self.middle(at)) else { return };
        if x >= self.area.right() {
            return;
        }
        let levels = usize::from(self.area.height) * BLOCKS.len();
        let mut eighths = 1 + (share(value, self.range) * (levels - 1) as f64).round() as usize;
        let is_best = point.level.is_some_and(|level| value >= level) && !faint;
        let style = self.theme[if is_best { Role::Bar } else { Role::Dim }];
        for row in self.area.rows().rev() {
            if eighths == 0 {
                break;
            }
            let block = eighths.min(BLOCKS.len());
            buf.set_string(x, row.y, BLOCKS[block - 1], style);
            eighths -= block;
        }
    }

    /// Puts `span` under the step, `row` rows below the top, where it fits.
    fn below(&self, at: usize, row: u16, span: &Span<'_>, buf: &mut Buffer) {
        let columns = width(&span.content) as u16;
        let x = self.middle(at).saturating_sub(columns / 2);
        let y = self.area.y + row;
        if x + columns <= self.area.right() && y < self.bottom {
            buf.set_span(x, y, span, columns);
        }
    }
}

/// The values' range, widened so that a flat line is not at the edge.
fn range(points: &[Point]) -> (f64, f64) {
    let of = |point: &Point| [point.value, point.level].into_iter().chain(point.others.clone());
    let values = points.iter().flat_map(of).flatten();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: usize) -> Point {
        let value = Some(at as f64 / 100.0);
        let (mark, signs) = (("✔", Style::new()), vec![("≈", Style::new()); at % 3]);
        Point { value, level: value, others: vec![], mark, signs, label: at.to_string() }
    }

    fn chart(count: usize, span: Option<usize>, cursor: Option<usize>) -> Chart<'static> {
        Chart { count, point: &point, slots: 0, span, cursor, past: count, series: &[] }
    }

    #[test]
    fn the_window_holds_the_cursor_and_the_wished_number_of_steps() {
        assert_eq!(chart(100, None, None).window(65), (80..100, 3));
        assert_eq!(chart(100, None, Some(0)).window(65), (0..20, 3));
        assert_eq!(chart(100, Some(5), Some(50)).window(65), (48..53, 12));
        assert_eq!(chart(100, Some(1000), Some(50)).window(65), (20..80, 1));
        assert_eq!(chart(2, None, None).window(65), (0..2, 12));
    }

    #[test]
    fn signs_stand_beside_the_mark_as_far_as_there_is_room() {
        let theme = Theme::bundled("dark").unwrap();
        let marks = |span, columns| {
            let area = Rect::new(0, 0, columns, 8);
            let mut buf = Buffer::empty(area);
            chart(3, span, None).draw(area, &mut buf, &theme);
            (5..columns).map(|x| buf[(x, 6)].symbol()).collect::<String>()
        };
        assert_eq!(marks(None, 38).trim_end(), "     ✔          ✔≈         ✔≈≈");
        assert_eq!(marks(None, 15), " ✔  ✔≈ ✔+ ", "two signs and room for one");
        assert_eq!(marks(Some(1000), 8), "✔≈≈", "no room next to it");
    }

    #[test]
    fn it_draws_in_any_place() {
        let theme = Theme::bundled("dark").unwrap();
        for (columns, rows) in (0..40).flat_map(|columns| (0..9).map(move |rows| (columns, rows))) {
            let area = Rect::new(1, 1, columns, rows);
            let mut buf = Buffer::empty(Rect::new(0, 0, 42, 11));
            chart(30, None, Some(7)).draw(area, &mut buf, &theme);
            let outside = |x: u16, y: u16| !area.contains((x, y).into());
            for (x, y) in (0..42).flat_map(|x| (0..11).map(move |y| (x, y))).filter(|(x, y)| outside(*x, *y))
            {
                assert_eq!(buf[(x, y)].symbol(), " ", "{columns} by {rows} at {x} {y}");
            }
        }
    }
}
