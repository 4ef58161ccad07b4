//! How the places of a plan are laid out in its lines.

use std::ops::Range;

use plan::{ItemId, ItemKind};
use serde::{Deserialize, Serialize};

use crate::{BLANK, Canvas, Token};

/// How a masked place is shown.
const SHADE: &str = "▒";

/// The lines of a plan whose places are filled with tokens of one vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenLayout {
    /// All tokens in the order of their numbers, the blank first.
    pub vocabulary: Vec<String>,
    /// The lines of a plan, in order.
    pub lines: Vec<LineForm>,
}

/// The form of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineForm {
    /// The kind of item that it is.
    pub kind: ItemKind,
    /// What it consists of.
    pub pieces: Vec<LinePart>,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinePart {
    /// Words that are the same whatever the plan says.
    Words(String),
    /// So many open places, whose tokens stand side by side.
    Open(usize),
}

/// A part of a line as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The text; a shade where the place is masked.
    pub text: &'a str,
    /// The place, counted from 0; none for words.
    pub place: Option<usize>,
}

impl LineForm {
    /// Returns the form of a step that begins with `words` and ends with one open place.
    pub fn step(words: impl Into<String>) -> Self {
        Self { kind: ItemKind::Step, pieces: vec![LinePart::Words(words.into()), LinePart::Open(1)] }
    }

    /// Returns how many places it has.
    pub fn places(&self) -> usize {
        let open = |piece: &LinePart| match piece {
            LinePart::Words(_) => 0,
            LinePart::Open(places) => *places,
        };
        self.pieces.iter().map(open).sum()
    }
}

impl TokenLayout {
    /// Returns how many places a plan has.
    pub fn places(&self) -> usize {
        self.lines.iter().map(LineForm::places).sum()
    }

    /// Returns the places of a line, counted from 0.
    pub fn places_of(&self, line: usize) -> Range<usize> {
        let start = self.lines.iter().take(line).map(LineForm::places).sum();
        start..start + self.lines.get(line).map_or(0, LineForm::places)
    }

    /// Returns the id that the item of a line has unless a person gave it another: its number among the lines of its kind.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn id(&self, line: usize) -> ItemId {
        let kind = self.lines[line].kind;
        let number = self.lines[..=line].iter().filter(|other| other.kind == kind).count();
        ItemId { kind, number: u32::try_from(number).unwrap_or(u32::MAX) }
    }

    /// Returns whether no place of a line is masked.
    pub fn is_whole(&self, line: usize, canvas: &Canvas) -> bool {
        canvas.tokens(self.places_of(line)).all(|token| token.is_some())
    }

    /// Returns whether the plan does without a line: all its places are blank.
    pub fn is_left_out(&self, line: usize, canvas: &Canvas) -> bool {
        canvas.tokens(self.places_of(line)).all(|token| token == Some(BLANK))
    }

    /// Returns the parts of a line in order.
    pub fn shown<'a>(&'a self, line: usize, canvas: &Canvas) -> Vec<Shown<'a>> {
        let mut places = self.places_of(line);
        let mut shown = Vec::new();
        for piece in self.lines.get(line).map_or(&[][..], |line| &line.pieces) {
            match piece {
                LinePart::Words(words) => shown.push(Shown { text: words, place: None }),
                LinePart::Open(count) => shown.extend(places.by_ref().take(*count).map(|place| {
                    let token = canvas.tokens(place..place + 1).next().flatten();
                    Shown { text: self.name(token), place: Some(place) }
                })),
            }
        }
        shown
    }

    /// Returns a line as text, with a shade for each masked place.
    pub fn text(&self, line: usize, canvas: &Canvas) -> String {
        self.shown(line, canvas).iter().map(|part| part.text).collect()
    }

    fn name(&self, token: Option<Token>) -> &str {
        let known = token.and_then(|token| self.vocabulary.get(usize::from(token)));
        known.map_or(SHADE, String::as_str)
    }
}
