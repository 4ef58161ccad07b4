//! Answers: what a text states, and whether two answers are the same.
//!
//! Everything that compares answers does it here: the oracle, votes, agreement between runs and the checks for leaks.
//! There are three steps, each in a file of its own:
//!
//! 1. [`spoken`] leaves out what is not the answer: a model's thoughts, and a next question that it made up.
//! 2. [`stated`] finds the statement: what is in the last `\boxed{…}`, or what follows *the answer is*.
//! 3. [`Value::read`] gives it a type (number, choice, expression, list, interval, relation, text), and [`compare`]
//!    compares values of these types.
//!
//! A comparison has three outcomes. What cannot be decided is [`Equality::Undecided`] with the reason, and never the
//! same.

mod equal;
mod evaluate;
mod expression;
mod interval;
mod lexer;
mod parser;
mod spoken;
mod stated;
mod value;

#[cfg(test)]
mod tests;

use num_rational::BigRational;

pub use equal::Equality;
pub(super) use spoken::spoken;
pub(super) use stated::{after_mark, boxed, plain};

use super::report::{AnswerVerdict, Outcome};
use value::Value;

/// Returns the number that `text` states, or the expression, list or other formula that stands in the place of one.
///
/// A statement that is marked as the answer (`\boxed{…}`, *the answer is*, `####`) counts whole: `\boxed{3\pi}` is
/// never read as 3. Without a mark it is the last number or arithmetic expression of the text.
pub(super) fn stated_number(text: &str) -> Option<String> {
    stated::number(text).map(|value| value.show())
}

/// Returns whether `text` marks its answer: what is cut before that states none.
pub(super) fn is_marked(text: &str) -> bool {
    stated::is_marked(text)
}

/// Returns the answer that `text` states in any form: what is marked as the answer, otherwise all of it, with runs of
/// space made one.
pub(super) fn stated_text(text: &str) -> Option<String> {
    stated::any(text)
}

/// Returns the exact value of an answer that is a number in any notation, such as `1{,}234`, `2\frac{1}{2}` or `20\%`
/// (20).
pub(super) fn number(answer: &str) -> Option<BigRational> {
    match Value::read(answer) {
        Value::Number(quantity) => Some(quantity.number),
        Value::Choice(_)
        | Value::Expression(_)
        | Value::List(_)
        | Value::Interval(_)
        | Value::Relation(_)
        | Value::Matrix(_)
        | Value::Text(_)
        | Value::Unread(_) => None,
    }
}

/// Returns whether two answers are the same.
pub fn compare(answer: &str, gold: &str) -> Equality {
    equal::values(&Value::read(answer), &Value::read(gold))
}

/// Judges the number that a reply states; see [`stated_number`].
pub(super) fn judge_number(reply: &str, gold: Option<&str>) -> AnswerVerdict {
    // The value itself is compared, since what is shown of it has no unit.
    let value = spoken(reply).and_then(stated::number);
    judge(value.as_ref(), value.as_ref().map(Value::show), gold)
}

/// Judges the answer that a reply states in any form; see [`stated_text`].
pub(super) fn judge_text(reply: &str, gold: Option<&str>) -> AnswerVerdict {
    let text = spoken(reply).and_then(stated::any);
    judge(text.as_deref().map(Value::read).as_ref(), text, gold)
}

fn judge(answer: Option<&Value>, extracted: Option<String>, gold: Option<&str>) -> AnswerVerdict {
    let (outcome, reason) = match (answer, gold) {
        (_, None) => (Outcome::NoGold, None),
        (None, Some(_)) => (Outcome::Unparsed, None),
        (Some(answer), Some(gold)) => match equal::values(answer, &Value::read(gold)) {
            Equality::Same => (Outcome::Correct, None),
            Equality::Different => (Outcome::Wrong, None),
            Equality::Undecided(why) => (Outcome::NotJudged, Some(why.to_owned())),
        },
    };
    AnswerVerdict { outcome, extracted, reason }
}
