//! A drawn screen as an SVG picture.

use std::fmt::Write as _;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr;

/// Columns, rows and the letters' base line in pixels.
const CELL: (f64, u16, u16) = (8.4, 17, 13);
/// The free border around the screen.
const MARGIN: u16 = 10;
/// The colours of a terminal that is left its own, by the darkness of the theme.
const DARK: Ground = Ground { text: "#d7dae0", back: "#16181d" };
const LIGHT: Ground = Ground { text: "#24292f", back: "#ffffff" };

/// What stands for the terminal's own colours.
#[derive(Clone, Copy)]
struct Ground {
    text: &'static str,
    back: &'static str,
}

/// The colours of the terminal's table that are the same everywhere: the first sixteen.
const SIXTEEN: [&str; 16] = [
    "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5", "#666666",
    "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
];

/// How a run of cells looks.
#[derive(PartialEq)]
struct Look {
    text: String,
    back: Option<String>,
    modifiers: Modifier,
}

/// Returns the picture of `buf`; `light` says that it was drawn for a light terminal.
pub fn picture(buf: &Buffer, light: bool) -> String {
    let ground = if light { LIGHT } else { DARK };
    let (columns, rows) = (buf.area.width, buf.area.height);
    let (width, height) = (f64::from(columns) * CELL.0 + 2.0 * f64::from(MARGIN), rows * CELL.1 + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-{MARGIN} -{MARGIN} {width:.0} {height}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\
         <rect x=\"-{MARGIN}\" y=\"-{MARGIN}\" width=\"{width:.0}\" height=\"{height}\" rx=\"8\" fill=\"{}\"/>\n",
        ground.back
    );
    for y in 0..rows {
        let runs = runs(buf, y, ground);
        for (x, columns, _, look) in &runs {
            if let Some(back) = &look.back {
                let _ = write!(
                    svg,
                    "<rect x=\"{:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{}\" fill=\"{back}\"/>",
                    f64::from(*x) * CELL.0,
                    y * CELL.1,
                    *columns as f64 * CELL.0,
                    CELL.1
                );
            }
        }
        runs.iter()
            .filter(|(_, _, text, _)| !text.trim().is_empty())
            .for_each(|run| write_text(&mut svg, y, run));
        svg.push('\n');
    }
    svg.push_str("</svg>\n");
    svg
}

/// The cells of a row as runs that look the same: column, width in columns, text, look. Spaces between
/// words of one colour belong to the run.
fn runs(buf: &Buffer, y: u16, ground: Ground) -> Vec<(u16, usize, String, Look)> {
    let mut runs: Vec<(u16, usize, String, Look)> = Vec::new();
    let mut x = 0;
    while x < buf.area.width {
        let cell = &buf[(x, y)];
        let columns = cell.symbol().width().max(1);
        let look = look(cell, ground);
        match runs.last_mut() {
            Some((_, wide, text, last)) if *last == look => {
                text.push_str(cell.symbol());
                *wide += columns;
            }
            Some(_) | None => runs.push((x, columns, cell.symbol().to_owned(), look)),
        }
        x += columns as u16;
    }
    runs
}

fn write_text(svg: &mut String, y: u16, (x, _, text, look): &(u16, usize, String, Look)) {
    let lead = text.len() - text.trim_start().len();
    let text = text.trim();
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{}\" fill=\"{}\"",
        (f64::from(*x) + lead as f64) * CELL.0,
        y * CELL.1 + CELL.2,
        look.text
    );
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::CROSSED_OUT, " text-decoration=\"line-through\""),
        (Modifier::DIM, " opacity=\"0.7\""),
    ] {
        if look.modifiers.contains(modifier) {
            svg.push_str(attribute);
        }
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let width = text.width() as f64 * CELL.0;
    let _ = write!(svg, " textLength=\"{width:.1}\" xml:space=\"preserve\">{escaped}</text>");
}

fn look(cell: &Cell, ground: Ground) -> Look {
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let text = colour(cell.fg);
    let back = colour(cell.bg);
    let (text, back) = if reversed {
        let fill = text.unwrap_or_else(|| ground.text.to_owned());
        (back.unwrap_or_else(|| ground.back.to_owned()), Some(fill))
    } else {
        (text.unwrap_or_else(|| ground.text.to_owned()), back)
    };
    Look { text, back, modifiers: cell.modifier - Modifier::REVERSED }
}

/// Returns the colour as a picture knows it; none for the terminal's own.
fn colour(colour: Color) -> Option<String> {
    let index = match colour {
        Color::Reset => return None,
        Color::Rgb(r, g, b) => return Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(index) => return Some(indexed(index)),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    Some(SIXTEEN[index].to_owned())
}

/// The table of 256 colours: sixteen, a cube of six steps a side, then greys.
fn indexed(index: u8) -> String {
    let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match index {
        0..16 => SIXTEEN[usize::from(index)].to_owned(),
        16..232 => {
            let n = index - 16;
            format!("#{:02x}{:02x}{:02x}", step(n / 36), step(n / 6 % 6), step(n % 6))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{layout::Rect, style::Style};

    use super::*;

    #[test]
    fn colours_weight_and_reversal_reach_the_picture() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 12, 2));
        buf.set_string(0, 0, "a<b", Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD));
        buf.set_string(4, 0, "漢x", Style::new().add_modifier(Modifier::REVERSED));
        buf.set_string(0, 1, "z", Style::new().bg(Color::Indexed(196)));
        let svg = picture(&buf, false);
        assert!(svg.contains("fill=\"#010203\" font-weight=\"bold\" textLength=\"25.2\""), "{svg}");
        assert!(svg.contains(">a&lt;b</text>"));
        assert!(
            svg.contains("<rect x=\"33.6\" y=\"0\" width=\"25.2\" height=\"17\" fill=\"#d7dae0\"/>"),
            "{svg}"
        );
        assert!(svg.contains("fill=\"#ff0000\"/>"), "{svg}");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(picture(&buf, true).contains(LIGHT.back));
    }

    #[test]
    fn the_table_of_colours_is_the_usual_one() {
        assert_eq!(
            [16, 21, 231, 232, 255].map(indexed),
            ["#000000", "#0000ff", "#ffffff", "#080808", "#eeeeee"]
        );
    }
}
