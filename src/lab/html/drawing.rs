//! What plots are drawn with: lines, words, marks. Units are pixels of the plot; colours and type are the style's.

use super::markup::{Element, el, said};

/// The width of a letter of the plots' type, on average.
const LETTER: f64 = 6.6;
/// Marks and colours that arms take in turn. The style has as many classes `s1`, `s2`, ..., and `s0` for the baseline.
/// Their numbers have no common factor, so that thirty arms look different.
const SHAPES: [MarkShape; 5] =
    [MarkShape::Circle, MarkShape::Square, MarkShape::Up, MarkShape::Diamond, MarkShape::Cross];
const COLOURS: usize = 6;

/// What a value is marked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MarkShape {
    Circle,
    Square,
    Up,
    Diamond,
    Cross,
}

/// Where words are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// They begin there.
    Start,
    /// They lie about it.
    Middle,
    /// They end there.
    End,
}

/// Returns the class of the arm at this place: its colour and, for lines, its dashes. The baseline's is at 0.
pub(super) fn class(place: usize) -> String {
    match place.checked_sub(1) {
        None => "s0".to_owned(),
        Some(other) => format!("s{}", 1 + other % COLOURS),
    }
}

/// Returns an empty plot of this size, with its title and what it shows in words.
pub(super) fn plot(id: &str, width: f64, height: f64, title: &str, describes: &str) -> Element {
    el("svg")
        .with("viewBox", format!("0 0 {} {}", px(width), px(height)))
        .with("width", px(width))
        .with("height", px(height))
        .with("role", "img")
        .with("aria-labelledby", format!("{id}-title {id}-desc"))
        .child(said("title", title).with("id", format!("{id}-title")))
        .child(said("desc", describes).with("id", format!("{id}-desc")))
}

/// Returns a straight line.
pub(super) fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Element {
    el("line")
        .with("class", class)
        .with("x1", px(from.0))
        .with("y1", px(from.1))
        .with("x2", px(to.0))
        .with("y2", px(to.1))
}

/// Returns a line through points.
pub(super) fn path(class: &str, points: &[(f64, f64)]) -> Element {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", px(*x), px(*y))).collect();
    el("polyline").with("class", class).with("points", points.join(" "))
}

/// Returns a box.
pub(super) fn bar(class: &str, at: (f64, f64), width: f64, height: f64) -> Element {
    el("rect")
        .with("class", class)
        .with("x", px(at.0))
        .with("y", px(at.1))
        .with("width", px(width.max(0.0)))
        .with("height", px(height))
}

/// Returns words whose middle line is at `at`.
pub(super) fn words(class: &str, at: (f64, f64), anchor: Anchor, text: &str) -> Element {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    said("text", text)
        .with("class", class)
        .with("x", px(at.0))
        .with("y", px(at.1))
        .with("text-anchor", anchor)
        .with("dominant-baseline", "central")
}

/// Returns the mark of the arm at this place.
pub(super) fn mark(place: usize, at: (f64, f64)) -> Element {
    let (x, y) = at;
    let corners = |corners: &[(f64, f64)]| {
        let points: Vec<String> =
            corners.iter().map(|(dx, dy)| format!("{},{}", px(x + dx), px(y + dy))).collect();
        el("polygon").with("points", points.join(" "))
    };
    let shape = match SHAPES[place % SHAPES.len()] {
        MarkShape::Circle => el("circle").with("cx", px(x)).with("cy", px(y)).with("r", "4.5"),
        MarkShape::Square => corners(&[(-4.0, -4.0), (4.0, -4.0), (4.0, 4.0), (-4.0, 4.0)]),
        MarkShape::Up => corners(&[(0.0, -5.0), (5.0, 4.0), (-5.0, 4.0)]),
        MarkShape::Diamond => corners(&[(0.0, -5.5), (5.5, 0.0), (0.0, 5.5), (-5.5, 0.0)]),
        MarkShape::Cross => corners(&[
            (-2.0, -5.5),
            (2.0, -5.5),
            (2.0, -2.0),
            (5.5, -2.0),
            (5.5, 2.0),
            (2.0, 2.0),
            (2.0, 5.5),
            (-2.0, 5.5),
            (-2.0, 2.0),
            (-5.5, 2.0),
            (-5.5, -2.0),
            (-2.0, -2.0),
        ]),
    };
    shape.with("class", format!("mark {}", class(place)))
}

/// Returns a sample of an arm's mark, to show next to its name.
pub(super) fn sample(place: usize) -> Element {
    el("svg")
        .with("class", "sample")
        .with("viewBox", "0 0 14 14")
        .with("width", px(14.0))
        .with("height", px(14.0))
        .with("aria-hidden", "true")
        .child(mark(place, (7.0, 7.0)))
}

/// Returns how wide `text` is about.
pub(super) fn width(text: &str) -> f64 {
    use unicode_width::UnicodeWidthStr;
    text.width() as f64 * LETTER
}

/// Returns `text`, cut to about `room` pixels.
pub(super) fn fit(text: &str, room: f64) -> String {
    output::text::fit(text, (room / LETTER).max(1.0) as usize)
}

/// A tenth of a pixel is finer than any screen shows.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_arms_look_different() {
        let looks: std::collections::HashSet<String> =
            (0..30).map(|place| mark(place, (0.0, 0.0)).to_string()).collect();
        assert_eq!(looks.len(), 30);
        assert_eq!(class(1), class(7), "six colours besides the baseline's");
        assert!((1..30).all(|place| class(place) != class(0)), "the baseline's is its own");
    }

    #[test]
    fn pixels_are_short() {
        assert_eq!([px(10.0), px(-0.01), px(3.26)], ["10", "0", "3.3"]);
    }
}
