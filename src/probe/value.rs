//! Values that expressions are made of.

/// What kind of value an expression has; known before anything is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number.
    Number,
    /// A word or a text.
    Text,
    /// True or false.
    Truth,
}

impl Kind {
    /// Returns the kind in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Truth => "true or false",
        }
    }
}

/// A value. One that is missing is `None` of an `Option`, and never zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A finite number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// True or false.
    Truth(bool),
}

impl Value<'_> {
    /// Returns the number; none for one that is not finite, as after a division by zero.
    pub fn number(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self::Number(number))
    }

    /// Returns what kind of value it is.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::Truth(_) => Kind::Truth,
        }
    }

    /// Returns the value with a text of its own.
    pub fn held(self) -> Held {
        match self {
            Self::Number(number) => Held::Number(number),
            Self::Text(text) => Held::Text(text.to_owned()),
            Self::Truth(truth) => Held::Truth(truth),
        }
    }
}

/// A [`Value`] that is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// True or false.
    Truth(bool),
}

impl Held {
    /// Returns the value.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text),
            Self::Truth(truth) => Value::Truth(*truth),
        }
    }
}

/// Returns the value as shown in a sentence; numbers have at most `digits` decimals.
pub(super) fn show(value: Option<Value<'_>>, digits: usize) -> String {
    match value {
        None => "no value".to_owned(),
        Some(Value::Number(number)) => show_number(number, digits),
        Some(Value::Text(text)) => format!("\"{text}\""),
        Some(Value::Truth(truth)) => truth.to_string(),
    }
}

fn show_number(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Decimals of a number in a sentence, unless more are needed to tell two apart.
pub(super) const DIGITS: usize = 4;

/// Returns two values with as many decimals as tell them apart.
pub(super) fn show_change(old: Option<Value<'_>>, new: Option<Value<'_>>) -> String {
    let shown = |digits| (show(old, digits), show(new, digits));
    let (old, new) =
        [DIGITS, 8, 17].map(shown).into_iter().find(|(old, new)| old != new).unwrap_or_else(|| shown(17));
    format!("{old} -> {new}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_but_tell_apart() {
        let number = |number| Some(Value::Number(number));
        assert_eq!(show(number(0.71), DIGITS), "0.71");
        assert_eq!(show(number(3.0), DIGITS), "3");
        assert_eq!(show(number(-0.000_01), DIGITS), "0");
        assert_eq!(show(number(1200.0), DIGITS), "1200");
        assert_eq!(show_change(number(0.5), number(0.500_001)), "0.5 -> 0.500001");
        assert_eq!(show_change(None, number(0.25)), "no value -> 0.25");
        assert_eq!(Value::number(1.0 / 0.0), None);
    }
}
