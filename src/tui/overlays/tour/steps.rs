//! The steps of the tour, read from the text that is part of the program.

use std::{fmt::Write as _, sync::Arc};

use crate::{
    commands::{Asked, keymap::Keymap},
    core::script::{Script, ScriptError},
};

/// The text of the tour.
const TEXT: &str = include_str!("tour.txt");
/// Where the pictures of `docs/tour.script` go, and the step whose picture stands in the readme.
const PICTURES: &str = "target/tour";
const README: (usize, &str) = (5, "docs/screen.svg");

/// One step of the tour.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is seen; names of commands in braces stand for their keys.
    text: String,
    /// What brings the screen there from the step before.
    pub commands: Vec<Asked>,
    /// The same as it was written.
    lines: Vec<String>,
}

/// A piece of a step's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(String),
    /// A key, or a command that has none.
    Key(String),
}

impl Step {
    /// Returns its text with the keys of `keymap`.
    pub fn pieces(&self, keymap: &Keymap) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = self.text.as_str();
        while let Some((words, (name, after))) =
            rest.split_once('{').and_then(|(words, tail)| Some((words, tail.split_once('}')?)))
        {
            pieces.push(Piece::Words(words.to_owned()));
            let key = keymap.labels(name).first().cloned();
            pieces.push(Piece::Key(key.unwrap_or_else(|| format!(":{name}"))));
            rest = after;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        pieces
    }

    /// Returns the names of the commands whose keys its text names.
    pub fn reported(&self) -> impl Iterator<Item = &str> {
        self.text.split('{').skip(1).filter_map(|tail| tail.split('}').next())
    }
}

/// The tour, at one of its steps.
#[derive(Debug, Clone)]
pub struct Tour {
    steps: Arc<[Step]>,
    at: usize,
}

impl Tour {
    /// Reads the tour of this program.
    ///
    /// # Errors
    /// When one of its commands does not exist.
    pub fn bundled() -> Result<Self, ScriptError> {
        let mut steps = Vec::new();
        for part in TEXT.split("\n\n") {
            let (mut text, mut lines) = (Vec::new(), Vec::new());
            for line in part.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
                match line.strip_prefix("> ") {
                    Some(words) => text.push(words),
                    None => lines.push(line.to_owned()),
                }
            }
            if !text.is_empty() {
                let commands = Script::parse("tour", &lines.join("\n"))?.asked();
                steps.push(Step { text: text.join(" "), commands, lines });
            }
        }
        Ok(Self { steps: steps.into(), at: 0 })
    }

    /// Returns all steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the place of the present step.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Goes to the step at `at`, or to the last one.
    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at.min(self.steps.len().saturating_sub(1));
    }
}

/// Returns the tour as a script that goes through it and takes a picture of each step: `docs/tour.script`.
///
/// # Errors
/// As [`Tour::bundled`].
pub fn script() -> Result<String, ScriptError> {
    let tour = Tour::bundled()?;
    let mut text = "\
# The tour of planscope as a script that takes a picture of each step. It is generated from src/tui/overlays/tour/tour.txt;
# UPDATE_DOCS=1 cargo test --test offline tour writes it again. To play it:
#     planscope replay sessions/dinner --script docs/tour.script
goto 0
"
    .to_owned();
    for (at, step) in tour.steps.iter().enumerate() {
        let number = at + 1;
        let words = step.pieces(&Keymap::default()).into_iter().map(|piece| match piece {
            Piece::Words(text) | Piece::Key(text) => text,
        });
        let _ = writeln!(text, "\n# {number}. {}", words.collect::<String>());
        for line in &step.lines {
            let _ = writeln!(text, "{line}");
        }
        if number == README.0 {
            // The message on the picture before would be on this one.
            let _ = writeln!(text, "back\nscreenshot {}", README.1);
        }
        let _ = writeln!(text, "screenshot {PICTURES}/{number:02}.svg");
    }
    text.push_str("\nback\nquit\n");
    Ok(text)
}
