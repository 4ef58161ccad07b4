//! Plots with one row per number: a mark with its interval, or a bar, against a line to compare with.

use super::{
    axis::ChartAxis,
    drawing::{Anchor, bar, class, fit, line, mark, plot, width, words},
    markup::{Element, el},
};

const ROW: f64 = 20.0;
const HEADING: f64 = 24.0;
/// Room below the rows for marks and the name of the axis.
const FOOT: f64 = 42.0;
const TOP: f64 = 6.0;
/// The longest name of a row that is drawn whole.
const LONGEST: f64 = 190.0;
/// Half the height of the ends of an interval.
const END: f64 = 4.0;

/// What a row shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowContent {
    /// A number, with its interval where it has one.
    Value {
        /// The number.
        value: f64,
        interval: Option<(f64, f64)>,
    },
    /// A bar from 0, and what it reached at most where that is worth knowing.
    Bar {
        /// How long.
        value: f64,
        most: Option<f64>,
    },
    /// Nothing, for this reason.
    Nothing(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowMark {
    /// Its name.
    pub label: String,
    /// The arm's place, which its colour and shape come from.
    pub place: usize,
    /// What it shows.
    pub shown: RowContent,
}

impl RowMark {
    /// Returns why it shows nothing; `None` where it shows something.
    pub(super) fn why(&self) -> Option<&str> {
        match &self.shown {
            RowContent::Nothing(why) => Some(why),
            RowContent::Value { .. } | RowContent::Bar { .. } => None,
        }
    }
}

/// Rows under one heading.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowGroup {
    /// The heading; empty for none.
    pub heading: String,
    pub rows: Vec<RowMark>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowPlot<'a> {
    /// Unique on the page.
    pub id: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub describes: &'a str,
    /// The axis below.
    pub axis: ChartAxis,
    /// What rows are compared with: a number on the axis.
    pub reference: Option<f64>,
    pub groups: Vec<RowGroup>,
    /// The width between the names and the right end.
    pub span: f64,
}

impl RowPlot<'_> {
    pub(super) fn draw(&self) -> Element {
        let rows = || self.groups.iter().flat_map(|group| &group.rows);
        let widest = rows().map(|row| width(&row.label)).fold(60.0, f64::max).min(LONGEST);
        let (start, end) = (widest + 18.0, widest + 18.0 + self.span);
        let headings = self.groups.iter().filter(|group| !group.heading.is_empty()).count();
        let bottom = TOP + ROW * rows().count() as f64 + HEADING * headings as f64;
        let across = PlotWidth { axis: &self.axis, start, end };
        let svg = plot(self.id, end + 22.0, bottom + FOOT, self.title, self.describes);
        let mut svg = svg.children(across.frame(TOP, bottom, self.reference));
        let mut y = TOP;
        for group in &self.groups {
            if !group.heading.is_empty() {
                svg = svg.child(words("heading", (4.0, y + HEADING / 2.0), Anchor::Start, &group.heading));
                y += HEADING;
            }
            for row in &group.rows {
                let middle = y + ROW / 2.0;
                let name = fit(&row.label, LONGEST);
                svg = svg.child(words("name", (start - 12.0, middle), Anchor::End, &name));
                svg = svg.children(across.row(row, middle));
                y += ROW;
            }
        }
        svg
    }
}

/// What lies between the names and the right end.
struct PlotWidth<'a> {
    axis: &'a ChartAxis,
    start: f64,
    end: f64,
}

impl PlotWidth<'_> {
    fn x(&self, value: f64) -> f64 {
        self.axis.place(value, self.start, self.end)
    }

    /// The marks of the axis with their lines, its name, and the line to compare with.
    fn frame(&self, top: f64, bottom: f64, reference: Option<f64>) -> Vec<Element> {
        let mut drawn = Vec::new();
        let mut free = f64::NEG_INFINITY;
        for tick in &self.axis.ticks {
            let (x, half) = (self.x(tick.at), width(&tick.label) / 2.0);
            drawn.push(line("grid", (x, top), (x, bottom)));
            if x - half >= free {
                drawn.push(words("tick", (x, bottom + 11.0), Anchor::Middle, &tick.label));
                free = x + half + 4.0;
            }
        }
        drawn.push(line("rule", (self.start, bottom), (self.end, bottom)));
        let middle = f64::midpoint(self.start, self.end);
        drawn.push(words("axis", (middle, bottom + 30.0), Anchor::Middle, &self.axis.label));
        drawn.extend(reference.map(|at| line("reference", (self.x(at), top), (self.x(at), bottom))));
        drawn
    }

    fn row(&self, row: &RowMark, y: f64) -> Vec<Element> {
        let class = class(row.place);
        match &row.shown {
            RowContent::Value { value, interval } => {
                let mut drawn = Vec::new();
                if let Some((low, high)) = *interval {
                    let (low, high) = (self.x(low), self.x(high));
                    drawn.push(line(&format!("within {class}"), (low, y), (high, y)));
                    let ends = [low, high];
                    drawn.extend(ends.map(|x| line(&format!("within {class}"), (x, y - END), (x, y + END))));
                }
                drawn.push(mark(row.place, (self.x(*value), y)));
                drawn
            }
            RowContent::Bar { value, most } => {
                let (from, to) = (self.x(0.0), self.x(*value));
                let mut drawn = vec![bar(&format!("bar {class}"), (from, y - 6.0), to - from, 12.0)];
                if let Some(most) = most.map(|most| self.x(most)) {
                    drawn.push(line(&format!("within {class}"), (to, y), (most, y)));
                    drawn.push(line(&format!("within {class}"), (most, y - END), (most, y + END)));
                }
                drawn
            }
            RowContent::Nothing(why) => {
                let text = fit(&format!("– {why}"), self.end - self.start);
                vec![words("none", (self.start + 6.0, y), Anchor::Start, &text)]
            }
        }
    }
}

/// Returns the plot in a frame of its own, which is scrolled where the page is narrower.
pub(super) fn framed(svg: Element) -> Element {
    el("div").with("class", "plot").with("tabindex", "0").child(svg)
}
