//! Signs beyond ASCII, and what stands for them on terminals that cannot show them.
//!
//! Panes draw with the signs themselves. Where only ASCII will do, the finished picture is rewritten by one
//! table, so that no pane needs to know, and nothing else can reach the terminal.

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr;

/// Which signs the terminal gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyphs {
    /// All.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// Every sign of the screen with its stand-in. Signs that may stand side by side have different ones.
const ASCII: &[(&str, &str)] = &[
    // Verdicts and marks of items.
    ("✓", "+"),
    ("✗", "x"),
    ("✔", "Y"),
    ("✘", "N"),
    ("∅", "0"),
    ("≡", "\""),
    ("·", "."),
    ("✎", "h"),
    ("●", "*"),
    ("○", "o"),
    ("▎", ">"),
    ("▏", "_"),
    ("›", ">"),
    // Numbers and text.
    ("–", "-"),
    ("−", "-"),
    ("±", "~"),
    ("×", "x"),
    ("…", "~"),
    ("⋯", "~"),
    // Arrows and keys.
    ("←", "<"),
    ("→", ">"),
    ("↑", "^"),
    ("↓", "v"),
    ("↕", "%"),
    ("⇧", "S"),
    // Frames, rules and bars.
    ("╭", "+"),
    ("╮", "+"),
    ("╰", "+"),
    ("╯", "+"),
    ("│", "|"),
    ("└", "`"),
    ("─", "-"),
    ("┊", ":"),
    ("━", "="),
    ("█", "#"),
    ("░", "."),
    // A masked token.
    ("▒", "_"),
    ("▁", "_"),
    ("▂", "."),
    ("▃", ","),
    ("▄", "-"),
    ("▅", "="),
    ("▆", "+"),
    ("▇", "*"),
    // Signs of the charts, the calls and the ledger.
    ("≥", ">"),
    ("≠", "!"),
    ("⏎", "~"),
    ("▸", ">"),
    ("◆", "+"),
    ("▲", "^"),
    ("■", "#"),
    ("▼", "v"),
    ("◇", "x"),
    ("△", "%"),
    // Marks of what happened in an iteration.
    ("⎇", "F"),
    ("⚑", "*"),
    ("∥", "&"),
    ("⇑", "/"),
    ("⇓", "\\"),
    ("≋", "w"),
    ("↶", "u"),
    ("↷", "r"),
    ("◎", "a"),
    // Signs of the plan and of what is typed into it.
    ("↻", "@"),
    ("≈", "~"),
    ("┃", "|"),
    ("‹", "<"),
    // The turning wheel.
    ("⠋", "|"),
    ("⠙", "/"),
    ("⠹", "-"),
    ("⠸", "\\"),
    ("⠼", "|"),
    ("⠴", "/"),
    ("⠦", "-"),
    ("⠧", "\\"),
    ("⠇", "|"),
    ("⠏", "/"),
];

/// Stands for what has no stand-in of its own, such as letters of other scripts.
const UNKNOWN: &str = "?";

impl Glyphs {
    /// Returns which signs are used in this process's environment.
    pub fn of_environment() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(variable).into_iter().find(|value| !value.is_empty());
        Self::of(locale.as_deref(), &variable("TERM"))
    }

    /// A locale that is set and is not UTF-8 rules signs out; where none is set, as in many containers,
    /// today's terminals still read UTF-8. The Linux console has no font for them.
    fn of(locale: Option<&str>, term: &str) -> Self {
        let utf8 = |locale: &str| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        };
        if term == "linux" || !locale.is_none_or(utf8) { Self::Ascii } else { Self::Unicode }
    }

    /// Rewrites `buf` so that it holds only what the terminal can show. Every cell keeps its place.
    pub fn apply(self, buf: &mut Buffer) {
        if self == Self::Unicode || buf.area.is_empty() {
            return;
        }
        for row in buf.content.chunks_mut(usize::from(buf.area.width)) {
            ascii_row(row);
        }
    }
}

fn ascii_row(row: &mut [Cell]) {
    let mut covered = 0;
    for at in 0..row.len() {
        let symbol = row[at].symbol();
        if covered > 0 {
            // The right half of a wide letter: a cell that the terminal would have skipped.
            covered -= 1;
            row[at].set_symbol(" ");
        } else if let Some((before, own)) = arrow(symbol).filter(|_| at > 0 && row[at - 1].symbol() == " ") {
            row[at - 1].set_symbol(before);
            row[at].set_symbol(own);
        } else if !symbol.is_ascii() {
            covered = symbol.width().saturating_sub(1);
            row[at].set_symbol(stand_in(symbol));
        }
    }
}

/// Arrows between words take the space before them too: a lone ">" would compare.
fn arrow(symbol: &str) -> Option<(&'static str, &'static str)> {
    match symbol {
        "←" => Some(("<", "-")),
        "→" => Some(("-", ">")),
        _ => None,
    }
}

fn stand_in(symbol: &str) -> &'static str {
    let listed = ASCII.iter().find(|(sign, _)| *sign == symbol).map(|(_, ascii)| *ascii);
    listed.or_else(|| line(symbol.chars().next()?)).unwrap_or(UNKNOWN)
}

/// What stands for a line that leaves a cell to some of its sides: of the whole range of such signs only the straight ones are
/// in the table or here, and all others are bends and crossings.
fn line(sign: char) -> Option<&'static str> {
    match sign {
        '\u{2574}' | '\u{2576}' | '\u{257c}' | '\u{257e}' => Some("-"),
        '\u{2578}' | '\u{257a}' => Some("="),
        '\u{2575}' | '\u{2577}' | '\u{2579}' | '\u{257b}' | '\u{257d}' | '\u{257f}' => Some("|"),
        '\u{250c}'..='\u{254b}' => Some("+"),
        // Pictures of dots.
        '\u{2800}' => Some(" "),
        '\u{2801}'..='\u{28ff}' => Some("."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use ratatui::{layout::Rect, style::Style};

    use super::*;

    #[test]
    fn the_locale_decides() {
        assert_eq!(Glyphs::of(Some("de_DE.UTF-8"), "xterm"), Glyphs::Unicode);
        assert_eq!(Glyphs::of(Some("C.utf8"), "xterm"), Glyphs::Unicode);
        assert_eq!(Glyphs::of(None, "xterm"), Glyphs::Unicode);
        assert_eq!(Glyphs::of(Some("C"), "xterm"), Glyphs::Ascii);
        assert_eq!(Glyphs::of(Some("C.UTF-8"), "linux"), Glyphs::Ascii);
    }

    #[test]
    fn every_cell_keeps_its_place() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 9, 2));
        buf.set_string(0, 0, "✓ 漢字 é→", Style::new());
        buf.set_string(0, 1, "│a → b│", Style::new());
        Glyphs::Ascii.apply(&mut buf);
        let row = |y: u16| (0..9).map(|x| buf[(x, y)].symbol()).collect::<String>();
        assert_eq!([row(0), row(1)], ["+ ? ?  ?>", "|a-> b|  "]);
    }

    #[test]
    fn stand_ins_are_single_ascii_letters_given_once() {
        for (at, (sign, ascii)) in ASCII.iter().enumerate() {
            assert!(ascii.is_ascii() && ascii.len() == 1 && sign.width() == 1, "{sign}");
            assert!(ASCII[at + 1..].iter().all(|(other, _)| other != sign), "{sign} stands twice");
        }
    }

    fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|end| end == "rs") {
                into.push(path);
            }
        }
    }

    #[test]
    fn every_sign_that_the_screen_draws_has_a_stand_in() {
        let mut files = Vec::new();
        sources(Path::new(env!("CARGO_MANIFEST_DIR")), &mut files);
        assert!(files.len() > 20, "the sources were not found");
        let mut missing = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let drawn = text.split("mod tests {").next().unwrap();
            for line in drawn.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let signs = line.chars().filter(|c| !c.is_ascii()).map(String::from);
                let unknown: Vec<String> = signs.filter(|sign| stand_in(sign) == UNKNOWN).collect();
                missing.extend(unknown.into_iter().map(|sign| format!("{sign} in {}", file.display())));
            }
        }
        assert!(missing.is_empty(), "add to the table: {}", missing.join(", "));
    }
}
