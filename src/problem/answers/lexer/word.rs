//! Letters: words, names of functions, and products of variables.

use super::Token;
use crate::answers::expression::Function;

/// Units of two letters and more that follow a number without a space.
const UNITS: [&str; 26] = [
    "cm", "mm", "km", "nm", "kg", "mg", "lb", "lbs", "oz", "ft", "in", "yd", "mi", "min", "hr", "hrs", "sec",
    "ml", "mL", "cl", "mph", "kph", "rad", "deg", "st", "th",
];

/// Returns the length of the word that `text` starts with. In running text a word holds digits too, as an id does.
pub(super) fn length(text: &str, running: bool) -> usize {
    let inside = |c: char| c.is_alphabetic() || (running && (c.is_ascii_digit() || c == '_' || c == '\''));
    text.find(|c: char| !inside(c)).unwrap_or(text.len())
}

/// Returns whether the ending of an ordinal number follows, such as *th*.
pub(super) fn ordinal(after: &str) -> bool {
    let word = after[..length(after, false)].to_ascii_lowercase();
    matches!(word.as_str(), "st" | "nd" | "rd" | "th")
}

/// Returns the token of a word that has a meaning of its own.
pub(super) fn known(word: &str, after: &str) -> Option<Token> {
    Some(match word.to_ascii_lowercase().as_str() {
        "and" | "or" => Token::Joint,
        "pi" => Token::Pi,
        "infinity" | "inf" => Token::Infinity,
        "percent" => Token::Percent,
        "degree" | "degrees" => Token::Degree,
        "union" => Token::Union,
        "sqrt" if after.starts_with('(') => Token::Root,
        // A sign only where a number follows.
        "minus" | "negative" if after.trim_start().starts_with(|c: char| c.is_ascii_digit()) => Token::Minus,
        name => {
            let applied =
                after.trim_start().starts_with(['(', '{']) || after.starts_with(|c: char| c.is_ascii_digit());
            return Function::named(name).filter(|_| applied).map(Token::Function);
        }
    })
}

/// Returns whether some letters that touch an operator or a number are a product of variables, as in `2xy` or `ab^2`.
pub(super) fn is_product(word: &str, before: Option<char>, after: &str) -> bool {
    let touches = before.is_some_and(|c| c.is_ascii_digit() || "+-*/^_=)}".contains(c))
        || after.starts_with(['+', '-', '*', '/', '^', '_'])
        || after.trim_start().starts_with('=');
    let letters = word.chars().count();
    letters > 1
        && letters <= 3
        && touches
        && word.chars().all(|c| c.is_ascii_lowercase())
        && !UNITS.contains(&word)
}
