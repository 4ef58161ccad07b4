//! Values as calls and expected calls write them: literals of JSON and of Python, with numbers kept exactly.

use std::{collections::BTreeMap, fmt};

use num_bigint::BigInt;
use num_traits::{FromPrimitive, ToPrimitive};
use serde_json::Value;

/// Bytes that one call may have.
const MAX_LENGTH: usize = 200_000;
/// How deep lists and objects may nest.
const MAX_DEPTH: usize = 32;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `None` or `null`.
    Null,
    /// A truth.
    Bool(bool),
    /// A whole number of any size.
    Whole(BigInt),
    /// A number with a point or an exponent.
    Decimal(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Literal>),
    /// A tuple of Python; shown as a list.
    Tuple(Vec<Literal>),
    /// An object, or a dict whose keys are texts.
    Object(BTreeMap<String, Literal>),
}

impl Literal {
    /// Reads all of `text` as one value.
    pub fn read(text: &str) -> Option<Self> {
        let mut reader = Reader::new(text);
        let value = reader.value()?;
        reader.rest().trim().is_empty().then_some(value)
    }

    /// Returns whether both are equal as Python has it: numbers by their exact value, truths as 0 and 1, texts to the letter.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (Self::Object(a), Self::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| a.equals(b)))
            }
            (Self::Bool(truth), other) | (other, Self::Bool(truth)) if !matches!(other, Self::Bool(_)) => {
                Self::Whole(u8::from(*truth).into()).equals(other)
            }
            (Self::Whole(whole), Self::Decimal(decimal)) | (Self::Decimal(decimal), Self::Whole(whole)) => {
                decimal.fract() == 0.0 && BigInt::from_f64(*decimal).as_ref() == Some(whole)
            }
            (one, other) => one == other,
        }
    }

    /// Returns a whole number as one with a point, as Python makes it of an argument that is to be one.
    pub(super) fn as_decimal(&self) -> Option<Self> {
        let Self::Whole(whole) = self else { return None };
        whole.to_f64().map(Self::Decimal)
    }

    /// Returns the values of a list, or the one value.
    pub(super) fn alternatives(&self) -> &[Self] {
        if let Self::List(values) = self { values } else { std::slice::from_ref(self) }
    }
}

/// Shows the value as JSON.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &str| Value::from(text).to_string();
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Whole(whole) => write!(f, "{whole}"),
            Self::Decimal(decimal) => write!(f, "{decimal:?}"),
            Self::Text(value) => f.write_str(&text(value)),
            Self::List(values) | Self::Tuple(values) => {
                let shown: Vec<String> = values.iter().map(Self::to_string).collect();
                write!(f, "[{}]", shown.join(","))
            }
            Self::Object(members) => {
                let shown = members.iter().map(|(name, value)| format!("{}:{value}", text(name)));
                write!(f, "{{{}}}", shown.collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Reads values from the front of a text.
pub(super) struct Reader<'a> {
    rest: &'a str,
    /// Bytes that may still be read.
    left: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, left: MAX_LENGTH }
    }

    /// Returns what has not been read.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    fn advance(&mut self, to: usize) -> Option<()> {
        self.left = self.left.checked_sub(to)?;
        self.rest = self.rest.get(to..)?;
        Some(())
    }

    /// Returns whether `sign` comes next.
    pub(super) fn is_at(&self, sign: char) -> bool {
        self.rest.trim_start().starts_with(sign)
    }

    /// Takes `sign` if it comes next.
    pub(super) fn take(&mut self, sign: char) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(after) => self.advance(self.rest.len() - after.len()).is_some(),
            None => false,
        }
    }

    /// Takes a parameter's name and its equals sign, if they come next.
    pub(super) fn parameter(&mut self) -> Option<String> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))?;
        let after = rest[end..].trim_start().strip_prefix('=').filter(|after| !after.starts_with('='))?;
        let name = rest[..end].to_owned();
        (!name.is_empty()).then_some(())?;
        self.advance(self.rest.len() - after.len())?;
        Some(name)
    }

    /// Reads the value of a parameter. A word without quotation marks is a text, as the leaderboard takes it.
    pub(super) fn argument(&mut self) -> Option<Literal> {
        let rest = self.rest.trim_start();
        let word = &rest[..rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())];
        let ends = rest[word.len()..].trim_start().starts_with([',', ')']);
        let known = ["True", "False", "None", "true", "false", "null"].contains(&word);
        if ends && !known && word.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            self.advance(self.rest.len() - rest.len() + word.len())?;
            return Some(Literal::Text(word.to_owned()));
        }
        self.value()
    }

    /// Reads a value.
    pub(super) fn value(&mut self) -> Option<Literal> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Option<Literal> {
        if depth > MAX_DEPTH {
            return None;
        }
        let rest = self.rest.trim_start();
        self.advance(self.rest.len() - rest.len())?;
        let mut ahead = rest.chars();
        match (ahead.next()?, ahead.next()) {
            ('[', _) => self.list(']', depth).map(|(values, _)| Literal::List(values)),
            ('(', _) => match self.list(')', depth)? {
                (mut values, false) if values.len() == 1 => values.pop(),
                (values, _) => Some(Literal::Tuple(values)),
            },
            ('{', _) => self.object(depth),
            ('"' | '\'', _) => self.text(false),
            (prefix @ ('r' | 'R' | 'u' | 'U'), Some('"' | '\'')) => {
                self.advance(1)?;
                self.text(matches!(prefix, 'r' | 'R'))
            }
            _ => self.word(),
        }
    }

    /// Reads values up to a closing bracket, and whether there was a comma.
    fn list(&mut self, close: char, depth: usize) -> Option<(Vec<Literal>, bool)> {
        self.advance(1)?;
        let (mut values, mut comma) = (Vec::new(), false);
        while !self.take(close) {
            values.push(self.nested(depth + 1)?);
            if self.take(',') {
                comma = true;
            } else if !self.is_at(close) {
                return None;
            }
        }
        Some((values, comma))
    }

    fn object(&mut self, depth: usize) -> Option<Literal> {
        self.advance(1)?;
        let mut members = BTreeMap::new();
        while !self.take('}') {
            let key = self.nested(depth + 1)?;
            let name = if let Literal::Text(name) = key { name } else { key.to_string() };
            self.take(':').then_some(())?;
            members.insert(name, self.nested(depth + 1)?);
            if !self.take(',') && !self.is_at('}') {
                return None;
            }
        }
        Some(Literal::Object(members))
    }

    /// Reads a text in its quotation marks, one or three.
    fn text(&mut self, raw: bool) -> Option<Literal> {
        let quote = self.rest.chars().next()?;
        let three: String = [quote; 3].iter().collect();
        let mark = if self.rest.starts_with(&three) { three } else { quote.to_string() };
        self.advance(mark.len())?;
        let mut text = String::new();
        loop {
            let at = self.rest.find(['\\', quote])?;
            text.push_str(&self.rest[..at]);
            self.advance(at)?;
            if self.rest.starts_with(&mark) {
                self.advance(mark.len())?;
                return Some(Literal::Text(text));
            }
            if self.rest.starts_with(quote) {
                text.push(quote);
                self.advance(1)?;
            } else if raw {
                let length = 1 + self.rest[1..].chars().next()?.len_utf8();
                text.push_str(&self.rest[..length]);
                self.advance(length)?;
            } else {
                self.escape(&mut text)?;
            }
        }
    }

    /// Reads one escape of Python or JSON.
    fn escape(&mut self, text: &mut String) -> Option<()> {
        let sign = self.rest[1..].chars().next()?;
        self.advance(1 + sign.len_utf8())?;
        let simple = match sign {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'a' => '\u{7}',
            '\n' => return Some(()),
            '\\' | '/' | '"' | '\'' => sign,
            'x' => char::from_u32(self.digits(2, 16)?)?,
            'U' => char::from_u32(self.digits(8, 16)?)?,
            'u' => self.utf16()?,
            '0'..='7' => {
                let more = self.rest.chars().take(2).take_while(|c| c.is_digit(8)).count();
                let rest = if more == 0 { 0 } else { self.digits(more, 8)? };
                char::from_u32((sign.to_digit(8)? << (3 * more)) + rest)?
            }
            // What is no escape stands for itself.
            other => {
                text.push('\\');
                other
            }
        };
        text.push(simple);
        Some(())
    }

    fn digits(&mut self, count: usize, radix: u32) -> Option<u32> {
        let value = u32::from_str_radix(self.rest.get(..count)?, radix).ok()?;
        self.advance(count)?;
        Some(value)
    }

    /// Reads four digits, and four more where the first are half of a pair.
    fn utf16(&mut self) -> Option<char> {
        let first = self.digits(4, 16)?;
        if let Some(one) = char::from_u32(first) {
            return Some(one);
        }
        self.rest.starts_with("\\u").then_some(())?;
        self.advance(2)?;
        let pair = [u16::try_from(first).ok()?, u16::try_from(self.digits(4, 16)?).ok()?];
        char::decode_utf16(pair).next()?.ok()
    }

    fn word(&mut self) -> Option<Literal> {
        let end = self.rest.find([',', ')', ']', '}', ':', ' ', '\t', '\n', '\r']).unwrap_or(self.rest.len());
        let value = match &self.rest[..end] {
            "True" | "true" => Literal::Bool(true),
            "False" | "false" => Literal::Bool(false),
            "None" | "null" => Literal::Null,
            word => number(word)?,
        };
        self.advance(end)?;
        Some(value)
    }
}

/// Reads a number as Python and JSON write them: `1_000`, `0x1F`, `-2.5e3`.
fn number(word: &str) -> Option<Literal> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    // Underscores stand between digits only.
    let fine = digits.split('_').all(|part| !part.is_empty());
    let plain = digits.replace('_', "").to_ascii_lowercase();
    let signed = |whole: BigInt| Literal::Whole(if negative { -whole } else { whole });
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = plain.strip_prefix(prefix) {
            return BigInt::parse_bytes(rest.as_bytes(), radix).filter(|_| fine).map(signed);
        }
    }
    plain.chars().next().filter(|c| fine && (c.is_ascii_digit() || *c == '.'))?;
    if plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return plain.parse().ok().map(signed);
    }
    let decimal: f64 = plain.parse().ok()?;
    Some(Literal::Decimal(if negative { -decimal } else { decimal }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        Literal::read(text).map(|value| value.to_string())
    }

    #[test]
    fn escapes_of_both_languages_are_read() {
        for (text, value) in [
            (r#""Caf\u00e9""#, r#""Café""#),
            (r"'Caf\xe9 \N'", r#""Café \\N""#),
            (r#""\ud83d\ude00 \U0001F600""#, r#""😀 😀""#),
            (r#""a\/b \101 \0""#, r#""a/b A \u0000""#),
            (r#"r"\d+\"x""#, r#""\\d+\\\"x""#),
            (r"'\d'", r#""\\d""#),
            (r#"'''it's "so"'''"#, r#""it's \"so\"""#),
            (r#""""#, r#""""#),
        ] {
            assert_eq!(shown(text).as_deref(), Some(value), "{text}");
        }
        for text in [r#""\ud83d""#, r#""\x1""#, r#""open"#, r#""\u00e""#] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_exactly() {
        for (text, value) in [
            ("9007199254740993", "9007199254740993"),
            ("-123456789012345678901234567890", "-123456789012345678901234567890"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("-2.50e3", "-2500.0"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("+7", "7"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(value), "{text}");
        }
        for text in ["1__0", "_1", "inf", "nan", "1,000", "--1", "0x"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn values_are_equal_as_python_has_it() {
        let same = |a: &str, b: &str| Literal::read(a).unwrap().equals(&Literal::read(b).unwrap());
        for (a, b) in [("1", "1.0"), ("True", "1"), ("[1, {'a': 2}]", "[1.0, {\"a\": 2}]"), ("(1)", "1")] {
            assert!(same(a, b) && same(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("9007199254740992.0", "9007199254740993"),
            ("9007199254740992", "9007199254740993"),
            ("123456789012345678901234567890", "123456789012345678901234567891"),
            ("(1, 2)", "[1, 2]"),
            ("(1,)", "1"),
            ("'a'", "'A'"),
            ("1", "'1'"),
            ("True", "'True'"),
            ("True", "2"),
        ] {
            assert!(!same(a, b) && !same(b, a), "{a} {b}");
        }
    }
}
