//! Countdown as tokens: digits of the numbers and the target, and one operation a line.

use denoise::{LineForm, LinePart};
use plan::ItemKind;

use super::CountdownSettings;
use crate::{
    Problem,
    tokens::{PlanTokens, TokenForm},
};

/// Digits of a number, at most.
const DIGITS: usize = 3;

pub(super) struct CountdownTokens;

impl PlanTokens for CountdownTokens {
    fn vocabulary(&self) -> &'static [&'static str] {
        &["", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "+", "-", "*", "/"]
    }

    fn form(&self, problem: &Problem) -> Result<TokenForm, String> {
        let settings: CountdownSettings = problem.read_settings()?;
        let tokens: &dyn PlanTokens = self;
        let mut digits = Vec::new();
        for number in settings.numbers.iter().chain([&settings.target]) {
            digits.extend(tokens.read(&number.to_string(), DIGITS)?);
        }
        // Each step joins two numbers to one; a plan that leaves numbers out has fewer steps.
        Ok(TokenForm { problem: digits, lines: vec![operation(); settings.numbers.len() - 1] })
    }
}

/// `44 - 15 = 29`
fn operation() -> LineForm {
    let words = |words: &str| LinePart::Words(words.into());
    let number = || LinePart::Open(DIGITS);
    let pieces = vec![number(), words(" "), LinePart::Open(1), words(" "), number(), words(" = "), number()];
    LineForm { kind: ItemKind::Step, pieces }
}
