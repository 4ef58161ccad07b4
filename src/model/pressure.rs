//! Grammar pressure: how much of the model's probability a grammar takes away while a text is written. Plain data.

use serde::{Deserialize, Serialize};

use super::types::{Completion, Output};

/// A line under less pressure than this, in nats, is not named in the event of its call: the grammar left the model at
/// least e⁻² = 14 % of what it wanted to write. \[our own\]
const NAMED: f64 = 2.0;

/// What a grammar's mask left where one token was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Mask {
    /// Natural logarithm of the probability mass that the allowed tokens have under the model, before temperature, top-k
    /// and top-p: at most 0, and rounded to thousandths.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left: f32,
    /// Whether the grammar allowed one text only: a single token, or tokens that each begin the longest of them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fixed: bool,
}

impl Mask {
    /// Returns the mask that left `left` (a natural logarithm), rounded.
    pub fn new(left: f64, fixed: bool) -> Self {
        // Rounding errors may put the sum of all tokens a little above 1; adding 0 takes the sign off -0.
        Self { left: ((left.min(0.0) * 1e3).round() / 1e3 + 0.0) as f32, fixed }
    }
}

fn is_zero(number: &f32) -> bool {
    *number == 0.0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero_f64(number: &f64) -> bool {
    *number == 0.0
}

/// The grammar pressure on a text: −Σ ln(mass left) over its tokens, in nats.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Pressure {
    /// The part of the tokens where the grammar left a choice.
    #[serde(default, skip_serializing_if = "is_zero_f64")]
    pub choice: f64,
    /// The part of the tokens where it left one text only.
    #[serde(default, skip_serializing_if = "is_zero_f64")]
    pub fixed: f64,
    /// The lines under the most pressure where there was a choice, in the order of the text; most texts have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<PressedLine>,
}

/// One line of a text, and the grammar pressure on it, in nats.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PressedLine {
    /// The line, trimmed.
    pub text: String,
    /// As in [`Pressure::choice`].
    #[serde(default, skip_serializing_if = "is_zero_f64")]
    pub choice: f64,
    /// As in [`Pressure::fixed`].
    #[serde(default, skip_serializing_if = "is_zero_f64")]
    pub fixed: f64,
}

impl PressedLine {
    fn add(&mut self, mask: Mask) {
        let nats = -f64::from(mask.left);
        if mask.fixed { self.fixed += nats } else { self.choice += nats }
    }
}

impl Pressure {
    /// Returns it in words.
    pub fn words(&self) -> String {
        format!("{:.2} nats where there was a choice, {:.2} where one text was left", self.choice, self.fixed)
    }

    /// Returns the pressure on a text of these lines.
    fn of(mut lines: Vec<PressedLine>) -> Self {
        let (choice, fixed) =
            lines.iter().fold((0.0, 0.0), |(choice, fixed), line| (choice + line.choice, fixed + line.fixed));
        lines.retain(|line| line.choice >= NAMED);
        for line in &mut lines {
            (line.choice, line.fixed) = (rounded(line.choice), rounded(line.fixed));
        }
        Self { choice: rounded(choice), fixed: rounded(fixed), lines }
    }
}

/// Rounds to thousandths, so that records stay small.
fn rounded(nats: f64) -> f64 {
    (nats * 1e3).round() / 1e3
}

impl Completion {
    /// Returns the grammar pressure on each line of the text that is not empty. `None` where it was not measured: the
    /// text was written without a grammar, by a server, or recorded by an older version.
    pub fn pressed_lines(&self) -> Option<Vec<PressedLine>> {
        if self.tokens.iter().all(|token| token.mask.is_none()) {
            return None;
        }
        let mut lines: Vec<PressedLine> = Vec::new();
        // For each line of the text the place in `lines` of the one that its tokens count for.
        let mut places = Vec::new();
        for text in self.text.split('\n').map(str::trim) {
            if !text.is_empty() || lines.is_empty() {
                lines.push(PressedLine { text: text.to_owned(), ..PressedLine::default() });
            }
            places.push(lines.len() - 1);
        }
        let numbers = line_numbers(self.tokens.iter().map(|token| token.text.as_str()));
        for (token, number) in self.tokens.iter().zip(numbers) {
            // What was cut off the text, as at a stop string, belongs to its end.
            let place = places.get(number).or(places.last());
            if let (Some(mask), Some(line)) = (token.mask, place.and_then(|place| lines.get_mut(*place))) {
                line.add(mask);
            }
        }
        Some(lines)
    }

    /// Returns the grammar pressure on the text; `None` where it was not measured.
    pub fn pressure(&self) -> Option<Pressure> {
        self.pressed_lines().map(Pressure::of)
    }
}

impl Output {
    /// Returns the grammar pressure on each text; empty where none was measured.
    pub fn pressures(&self) -> Vec<Option<Pressure>> {
        let pressures: Vec<Option<Pressure>> = match self {
            Self::Generated { completions } => completions.iter().map(Completion::pressure).collect(),
            Self::Scored { .. }
            | Self::Chosen { .. }
            | Self::Contrasted { .. }
            | Self::Ranked { .. }
            | Self::Filled { .. }
            | Self::Found { .. }
            | Self::Appraised { .. } => Vec::new(),
        };
        if pressures.iter().all(Option::is_none) { Vec::new() } else { pressures }
    }

    /// Returns the grammar pressure on all texts together; `None` where none was measured.
    pub fn pressure(&self) -> Option<Pressure> {
        self.pressures().into_iter().flatten().reduce(|mut sum, text| {
            sum.choice += text.choice;
            sum.fixed += text.fixed;
            sum.lines.extend(text.lines);
            sum
        })
    }
}

/// Returns for each of the pieces of a text the number of its line, from 0: that of its first character that is no line
/// break. A piece of only line breaks counts for the line that it ends.
pub(crate) fn line_numbers<'t>(pieces: impl IntoIterator<Item = &'t str>) -> impl Iterator<Item = usize> {
    let mut before = 0;
    pieces.into_iter().map(move |piece| {
        let breaks = piece.len() - piece.trim_start_matches('\n').len();
        let number = if breaks < piece.len() { before + breaks } else { before };
        before += piece.matches('\n').count();
        number
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{StopReason, Token};

    fn completion(text: &str, tokens: &[(&str, Option<Mask>)]) -> Completion {
        let token = |(text, mask): &(&str, Option<Mask>)| Token {
            id: None,
            text: (*text).to_owned(),
            logprob: None,
            mask: *mask,
            share: None,
        };
        let tokens = tokens.iter().map(token).collect();
        Completion { text: text.to_owned(), tokens, stop: StopReason::EndOfTurn, thinking: None }
    }

    fn left(left: f64) -> Option<Mask> {
        Some(Mask::new(left, false))
    }

    #[test]
    fn each_token_counts_for_its_line() {
        let numbers: Vec<usize> = line_numbers(["a", " b\n", "\n", "c\n\n  d", "\n\ne", ""]).collect();
        assert_eq!(numbers, [0, 0, 1, 2, 6, 6]);
    }

    #[test]
    fn lines_and_sums_keep_choices_and_fixed_text_apart() {
        let fixed = |left| Some(Mask::new(left, true));
        let tokens = [("S1", fixed(-1.5)), (": a", left(-4.0)), ("\n", left(-0.25)), ("\n", left(-0.5))];
        let rest = [("S2: b", left(-0.125)), ("\n", None), ("<end>", left(-2.0))];
        let written = completion("S1: a\n\nS2: b\n", &[&tokens[..], &rest[..]].concat());
        let line = |text: &str, choice, fixed| PressedLine { text: text.into(), choice, fixed };
        let first = line("S1: a", 4.75, 1.5);
        let second = line("S2: b", 2.125, 0.0);
        assert_eq!(written.pressed_lines(), Some(vec![first.clone(), second.clone()]));
        let whole = written.pressure().unwrap();
        assert_eq!((whole.choice, whole.fixed), (6.875, 1.5));
        assert_eq!(whole.lines, [first, second]);
    }

    #[test]
    fn nothing_measured_is_missing_and_no_pressure_is_zero() {
        let free = completion("a b", &[("a", None), (" b", None)]);
        assert_eq!((free.pressure(), free.pressed_lines()), (None, None));
        let easy = completion("a b", &[("a", left(0.0)), (" b", left(-0.1))]);
        let pressure = easy.pressure().unwrap();
        assert!((pressure.choice - 0.1).abs() < 1e-9 && pressure.lines.is_empty(), "{pressure:?}");
        let both = |completions| Output::Generated { completions };
        assert_eq!(both(vec![free.clone()]).pressures(), []);
        assert_eq!(both(vec![free, easy]).pressures(), [None, Some(pressure)]);
    }

    #[test]
    fn a_record_names_only_what_is_not_zero() {
        let json = |mask: Mask| serde_json::to_string(&mask).unwrap();
        assert_eq!(json(Mask::new(1e-7, false)), "{}");
        assert_eq!(json(Mask::new(-4e-4, false)), "{}");
        assert_eq!(json(Mask::new(-0.512_49, true)), r#"{"left":-0.512,"fixed":true}"#);
        let free = completion("a", &[("a", None)]);
        assert!(!serde_json::to_string(&free).unwrap().contains("mask"));
        let old: Token = serde_json::from_str(r#"{"id":1,"text":"a","logprob":-0.5}"#).unwrap();
        assert_eq!(old.mask, None);
    }
}
