//! Plots of numbers with intervals over another number: lines, one a series.

use super::{
    axis::ChartAxis,
    drawing::{Anchor, class, fit, line, mark, path, plot, width, words},
    markup::Element,
};

/// A number with its interval over another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ChartPoint {
    /// Over what.
    pub x: f64,
    /// The number.
    pub y: f64,
    /// Its interval, where it has one.
    pub interval: Option<(f64, f64)>,
}

/// Points of one arm.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub name: String,
    /// The arm's place, which colour, dashes and shape come from.
    pub place: usize,
    /// Its points, from left to right.
    pub points: Vec<ChartPoint>,
}

/// How large a chart is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ChartSize {
    /// The width of the area with the lines.
    pub width: f64,
    pub height: f64,
    /// Whether names stand at the ends of the lines.
    pub named: bool,
}

impl ChartSize {
    /// All series in one chart.
    pub(super) const WHOLE: Self = Self { width: 420.0, height: 280.0, named: true };
    /// One of several charts, with one series and the baseline.
    pub(super) const ONE_OF_MANY: Self = Self { width: 190.0, height: 130.0, named: false };
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct LineChart<'a> {
    /// Unique on the page.
    pub id: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub describes: &'a str,
    /// What the numbers are over.
    pub x: ChartAxis,
    /// The numbers.
    pub y: ChartAxis,
    /// What numbers are compared with.
    pub reference: Option<f64>,
    /// The lines.
    pub series: Vec<Series>,
    /// How large it is.
    pub size: ChartSize,
}

const LEFT: f64 = 58.0;
const TOP: f64 = 10.0;
/// Room on both sides of the first and the last place on the x axis.
const MARGIN: f64 = 24.0;
/// How far series that share a place on the x axis stand apart.
const APART: f64 = 7.0;
/// The least distance of two names.
const LEADING: f64 = 15.0;
/// The longest name that is drawn whole.
const LONGEST: f64 = 190.0;

impl LineChart<'_> {
    pub(super) fn draw(&self) -> Element {
        let ChartSize { width: across, height, named } = self.size;
        let names = self.series.iter().map(|series| width(&series.name)).fold(0.0, f64::max).min(LONGEST);
        let right = LEFT + across;
        let foot = if self.x.ticks.iter().any(|tick| tick.below.is_some()) { 58.0 } else { 44.0 };
        let whole = right + if named { names + 30.0 } else { 12.0 };
        let svg = plot(self.id, whole, TOP + height + foot, self.title, self.describes);
        let mut svg = svg.children(self.frame(right, TOP + height, foot));
        for (at, series) in self.series.iter().enumerate() {
            svg = svg.children(self.line(series, self.aside(at)));
        }
        if named { svg.children(self.names(right)) } else { svg }
    }

    /// How far the series at this place among the others is moved aside, so that intervals do not cover each other.
    fn aside(&self, at: usize) -> f64 {
        let last = self.series.len().saturating_sub(1) as f64;
        let apart = APART.min(2.0 * MARGIN / last.max(1.0));
        (at as f64 - last / 2.0) * apart
    }

    fn at_x(&self, value: f64) -> f64 {
        self.x.place(value, LEFT + MARGIN, LEFT + self.size.width - MARGIN)
    }

    fn at_y(&self, value: f64) -> f64 {
        self.y.place(value, TOP + self.size.height, TOP)
    }

    fn frame(&self, right: f64, bottom: f64, foot: f64) -> Vec<Element> {
        let mut drawn = Vec::new();
        for tick in &self.y.ticks {
            let y = self.at_y(tick.at);
            drawn.push(line("grid", (LEFT, y), (right, y)));
            drawn.push(words("tick", (LEFT - 6.0, y), Anchor::End, &tick.label));
        }
        let mut free = f64::NEG_INFINITY;
        for tick in &self.x.ticks {
            let x = self.at_x(tick.at);
            drawn.push(line("rule", (x, bottom), (x, bottom + 4.0)));
            let widest = width(&tick.label).max(tick.below.as_deref().map_or(0.0, width));
            if x - widest / 2.0 < free {
                // It would be written over the one before.
                continue;
            }
            free = x + widest / 2.0 + 4.0;
            drawn.push(words("tick", (x, bottom + 13.0), Anchor::Middle, &tick.label));
            let below = tick.below.as_deref();
            drawn.extend(below.map(|label| words("tick", (x, bottom + 27.0), Anchor::Middle, label)));
        }
        drawn.push(line("rule", (LEFT, bottom), (right, bottom)));
        let middle = f64::midpoint(LEFT, right);
        drawn.push(words("axis", (middle, bottom + foot - 11.0), Anchor::Middle, &self.x.label));
        drawn.extend(
            self.reference.map(|at| line("reference", (LEFT, self.at_y(at)), (right, self.at_y(at)))),
        );
        drawn
    }

    fn line(&self, series: &Series, aside: f64) -> Vec<Element> {
        let class = class(series.place);
        let place = |point: &ChartPoint| (self.at_x(point.x) + aside, self.at_y(point.y));
        let points: Vec<(f64, f64)> = series.points.iter().map(place).collect();
        let mut drawn = vec![path(&format!("through {class}"), &points)];
        for point in &series.points {
            let (x, y) = place(point);
            if let Some((low, high)) = point.interval {
                let (low, high) = (self.at_y(low), self.at_y(high));
                drawn.push(line(&format!("within {class}"), (x, low), (x, high)));
                let ends = [low, high];
                drawn.extend(ends.map(|y| line(&format!("within {class}"), (x - 3.0, y), (x + 3.0, y))));
            }
            drawn.push(mark(series.place, (x, y)));
        }
        drawn
    }

    /// Names at the ends of the lines, moved apart where they would cover each other.
    fn names(&self, right: f64) -> Vec<Element> {
        let mut ends: Vec<(&Series, f64)> = self
            .series
            .iter()
            .filter_map(|series| Some((series, self.at_y(series.points.last()?.y))))
            .collect();
        ends.sort_by(|a, b| a.1.total_cmp(&b.1));
        let wanted: Vec<f64> = ends.iter().map(|(_, y)| *y).collect();
        let places = spread(&wanted, TOP + 4.0, TOP + self.size.height - 4.0);
        let name = |((series, end), y): (&(&Series, f64), f64)| {
            let last = series.points.last().map_or(right, |point| self.at_x(point.x));
            let leader =
                path(&format!("leader {}", class(series.place)), &[(last + 26.0, *end), (right + 4.0, y)]);
            let sample = mark(series.place, (right + 12.0, y));
            let text = fit(&series.name, LONGEST);
            [leader, sample, words("name", (right + 22.0, y), Anchor::Start, &text)]
        };
        ends.iter().zip(places).flat_map(name).collect()
    }
}

/// Returns places near the `wanted` ones, which are in order, at least a line apart and between `top` and `bottom`, as
/// far as there is room.
fn spread(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut places = wanted.to_vec();
    let mut least = top;
    for place in &mut places {
        *place = place.max(least);
        least = *place + LEADING;
    }
    let mut most = bottom;
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - LEADING;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_moved_apart_and_kept_within() {
        assert_eq!(spread(&[50.0, 52.0, 100.0], 0.0, 200.0), [50.0, 65.0, 100.0]);
        assert_eq!(spread(&[195.0, 199.0], 0.0, 200.0), [185.0, 200.0]);
        assert_eq!(spread(&[], 0.0, 200.0), Vec::<f64>::new());
    }

    #[test]
    fn a_chart_tells_of_all_its_points() {
        let point = |x, y| ChartPoint { x, y, interval: Some((y - 0.1, y + 0.1)) };
        let series = |name: &str, place, y| Series {
            name: name.into(),
            place,
            points: vec![point(1.0, y), point(2.0, y)],
        };
        let chart = LineChart {
            id: "t",
            title: "A & B",
            describes: "Both.",
            x: ChartAxis::amounts("x", [2.0]),
            y: ChartAxis::share("y"),
            reference: Some(0.5),
            series: vec![series("a", 0, 0.4), series("<b>", 1, 0.6)],
            size: ChartSize::WHOLE,
        };
        let text = chart.draw().to_string();
        assert!(text.contains("<title id=\"t-title\">A &amp; B</title>"), "{text}");
        assert_eq!(text.matches("class=\"mark s1\"").count(), 3, "two points and the sample by the name");
        assert!(text.contains("&lt;b&gt;") && text.contains("class=\"reference\""));
        let bare = LineChart { size: ChartSize::ONE_OF_MANY, ..chart }.draw().to_string();
        assert!(!bare.contains("&lt;b&gt;"));
    }
}
