//! What a log-point says: a text with values in it.

use std::fmt;

use super::{
    error::ProbeError,
    expr::Expr,
    value::{DIGITS, Value, show},
    variables::Moment,
};

/// A text with expressions in curly brackets, such as `best {best} at {iteration}`. A doubled bracket stands
/// for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct LogMessage {
    text: String,
    pieces: Vec<MessagePiece>,
}

#[derive(Debug, Clone, PartialEq)]
enum MessagePiece {
    Text(String),
    Value(Expr),
}

impl LogMessage {
    /// Reads `text`, as it stands between the quotes.
    ///
    /// # Errors
    /// When a bracket has no partner or what it holds is no expression.
    pub fn new(text: impl Into<String>) -> Result<Self, ProbeError> {
        let text = text.into();
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            plain += &rest[..at];
            let bracket = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(bracket) {
                plain += bracket;
                rest = after;
                continue;
            }
            let end = rest.find('}').filter(|_| bracket == "{");
            let end = end.ok_or_else(|| {
                ProbeError::new(format!("the message has a `{bracket}` without its partner"))
                    .with_hint(format!("for a bracket that stands for itself, write {bracket}{bracket}"))
            })?;
            pieces.push(MessagePiece::Text(std::mem::take(&mut plain)));
            let inside = &rest[..end];
            let expr = inside.parse().map_err(|error: ProbeError| ProbeError {
                message: format!("in {{{inside}}}: {error}"),
                at: None,
                ..error
            })?;
            pieces.push(MessagePiece::Value(expr));
            rest = &rest[end + 1..];
        }
        pieces.push(MessagePiece::Text(plain + rest));
        pieces.retain(|piece| !matches!(piece, MessagePiece::Text(text) if text.is_empty()));
        Ok(Self { text, pieces })
    }

    /// Returns the expressions in it.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.pieces.iter().filter_map(|piece| match piece {
            MessagePiece::Text(_) => None,
            MessagePiece::Value(expr) => Some(expr),
        })
    }

    /// Returns the text with the values of `moment`; one that is missing shows as such.
    pub fn fill(&self, moment: &Moment<'_>) -> String {
        let shown = |piece: &MessagePiece| match piece {
            MessagePiece::Text(text) => text.clone(),
            MessagePiece::Value(expr) => match expr.value(moment) {
                // Inside a text of the user's own, quotes would only disturb.
                Some(Value::Text(text)) => text.to_owned(),
                value => show(value, DIGITS),
            },
        };
        self.pieces.iter().map(shown).collect()
    }
}

impl fmt::Display for LogMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
