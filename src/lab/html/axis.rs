//! Axes: which numbers are marked, and where a number lies.

use engine::budget::si;

/// A number that is marked on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AxisTick {
    /// The number.
    pub at: f64,
    /// What is written there.
    pub label: String,
    /// A second line, in other units.
    pub below: Option<String>,
}

impl AxisTick {
    /// Returns a tick with one line.
    pub(super) fn new(at: f64, label: impl Into<String>) -> Self {
        Self { at, label: label.into(), below: None }
    }
}

/// How numbers lie on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// Equal differences are equally far apart.
    Even,
    /// Equal ratios are.
    Ratio,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct ChartAxis {
    /// What it counts, with its unit.
    pub label: String,
    /// Where it begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// How numbers lie on it.
    pub spacing: Spacing,
    /// What is marked.
    pub ticks: Vec<AxisTick>,
}

impl ChartAxis {
    /// Returns the axis of shares from 0 to 1.
    pub(super) fn share(label: &str) -> Self {
        let ticks = (0..=5_u32).map(|fifth| f64::from(fifth) / 5.0);
        let ticks = ticks.map(|at| AxisTick::new(at, format!("{:.0} %", 100.0 * at))).collect();
        Self { label: label.to_owned(), low: 0.0, high: 1.0, spacing: Spacing::Even, ticks }
    }

    /// Returns an axis of differences of shares, in points, with 0 on it.
    pub(super) fn points(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let axis = Self::around(values.into_iter().map(|value| 100.0 * value), 0.0, 10.0);
        let ticks = axis.ticks.into_iter();
        let ticks = ticks.map(|tick| AxisTick::new(tick.at / 100.0, signed(tick.at))).collect();
        Self { label: label.to_owned(), low: axis.low / 100.0, high: axis.high / 100.0, ticks, ..axis }
    }

    /// Returns an axis from 0 to the largest of `values`.
    pub(super) fn amounts(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let axis = Self::around(values, 0.0, 0.0);
        let ticks = axis.ticks.into_iter().map(|tick| AxisTick::new(tick.at, si(tick.at))).collect();
        Self { label: label.to_owned(), ticks, ..axis }
    }

    /// Returns an axis that has `middle` and all `values` on it, and `least` on both sides of it.
    pub(super) fn around(values: impl IntoIterator<Item = f64>, middle: f64, least: f64) -> Self {
        let (mut low, mut high) = (middle - least, middle + least);
        for value in values.into_iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if high <= low {
            high = low + 1.0;
        }
        let step = step(high - low, 5.0);
        let (from, to) = ((low / step).floor(), (high / step).ceil());
        let count = (to - from).round() as u32;
        let ticks = (0..=count).map(|at| (from + f64::from(at)) * step);
        let ticks = ticks.map(|at| AxisTick::new(at, number(at, step))).collect();
        Self { label: String::new(), low: from * step, high: to * step, spacing: Spacing::Even, ticks }
    }

    /// Returns where `value` lies between `start` and `end`; what is beyond the axis lies at its end.
    pub(super) fn place(&self, value: f64, start: f64, end: f64) -> f64 {
        let (low, high, value) = match self.spacing {
            Spacing::Even => (self.low, self.high, value),
            Spacing::Ratio => (self.low.ln(), self.high.ln(), value.ln()),
        };
        let share = if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
        start + share * (end - start)
    }
}

/// The distance of marks, of which about `wanted` fit into `span`: 1, 2 or 5 times a power of ten.
fn step(span: f64, wanted: f64) -> f64 {
    let raw = span / wanted;
    let power = 10.0_f64.powf(raw.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= raw * (1.0 - 1e-9));
    times.unwrap_or(10.0) * power
}

/// A number with as many digits as its neighbours need.
fn number(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    let value = if value.abs() < step / 2.0 { 0.0 } else { value };
    format!("{value:.decimals$}")
}

/// A whole number of points with its sign, by a proper minus.
fn signed(points: f64) -> String {
    match points.round() {
        0.0 => "0".to_owned(),
        points if points < 0.0 => format!("−{:.0}", -points),
        points => format!("+{points:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &ChartAxis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn marks_are_round_numbers_and_hold_all_values() {
        assert_eq!(
            labels(&ChartAxis::points("d", [-0.13, 0.32])),
            ["−20", "−10", "0", "+10", "+20", "+30", "+40"]
        );
        assert_eq!(labels(&ChartAxis::points("d", [])), ["−10", "−5", "0", "+5", "+10"]);
        assert_eq!(labels(&ChartAxis::amounts("t", [0.0, 1234.0])), ["0", "500", "1000", "1500"]);
        assert_eq!(
            labels(&ChartAxis::around([0.02, 0.05], 0.0, 0.0)),
            ["0.00", "0.01", "0.02", "0.03", "0.04", "0.05"]
        );
        assert_eq!(ChartAxis::amounts("t", []).high, 1.0, "nothing has an axis too");
    }

    #[test]
    fn places_keep_within_the_axis() {
        let axis = ChartAxis::share("s");
        assert_eq!((axis.place(0.5, 0.0, 200.0), axis.place(3.0, 0.0, 200.0)), (100.0, 200.0));
        let ratio = ChartAxis { low: 256.0, high: 1024.0, spacing: Spacing::Ratio, ..axis };
        assert!((ratio.place(512.0, 0.0, 200.0) - 100.0).abs() < 1e-9);
        let one = ChartAxis { low: 512.0, high: 512.0, ..ratio };
        assert_eq!(one.place(512.0, 0.0, 200.0), 100.0, "a single number lies in the middle");
    }
}
