//! Calls as they are written: `name(parameter=value, …)`, with values of JSON or of Python.

use std::fmt;

use serde_json::{Map, Number, Value};

/// Bytes that one call may have.
const MAX_LENGTH: usize = 4000;
/// How deep lists and objects may nest.
const MAX_DEPTH: usize = 16;
/// Calls that are read from one text.
const MOST: usize = 100;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The function.
    pub name: String,
    /// Values without a name, in order.
    pub unnamed: Vec<Value>,
    /// Values by parameter.
    pub named: Map<String, Value>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unnamed = self.unnamed.iter().map(Value::to_string);
        let named = self.named.iter().map(|(name, value)| format!("{name}={value}"));
        write!(f, "{}({})", self.name, unnamed.chain(named).collect::<Vec<_>>().join(", "))
    }
}

/// Returns whether `text` can name a function: words with dots between them.
pub(super) fn is_name(text: &str) -> bool {
    let word = |word: &str| {
        let rest = |c: char| c.is_ascii_alphanumeric() || c == '_';
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && word.chars().all(rest)
    };
    text.len() <= 100 && text.split('.').all(word)
}

/// Returns the regular expression of arguments, names included.
pub(super) fn arguments_pattern() -> String {
    let scalar = r#"("[^"\\]{0,60}"|-?[0-9]{1,9}(\.[0-9]{1,6})?|True|False)"#;
    let list = format!(r"\[({scalar}(, {scalar}){{0,7}})?\]");
    let member = format!(r#""[A-Za-z_]{{1,20}}": {scalar}"#);
    let object = format!(r"\{{{member}(, {member}){{0,3}}\}}");
    let argument = format!("[A-Za-z_][A-Za-z0-9_]{{0,30}}=({scalar}|{list}|{object})");
    format!("{argument}(, {argument}){{0,5}}")
}

/// Reads all of `text` as one call.
pub(super) fn call(text: &str) -> Option<Call> {
    let (call, rest) = prefix(text.trim())?;
    rest.trim().is_empty().then_some(call)
}

/// Returns the calls in `text`, in order, at most a hundred. Words around them are passed over.
pub(super) fn calls_in(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let start = rest[..open]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
            .map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        match prefix(&rest[start..]) {
            Some((call, after)) => {
                calls.push(call);
                rest = after;
            }
            None => rest = &rest[open + 1..],
        }
        if calls.len() == MOST {
            break;
        }
    }
    calls
}

/// Reads a call at the start of `text`; returns it and what follows.
fn prefix(text: &str) -> Option<(Call, &str)> {
    let (name, inner) = text.split_once('(')?;
    let name = name.trim();
    if !is_name(name) {
        return None;
    }
    let mut reader = Reader { rest: inner, left: MAX_LENGTH };
    let mut call = Call { name: name.to_owned(), unnamed: Vec::new(), named: Map::new() };
    while !reader.take(')') {
        match reader.parameter() {
            Some(parameter) => {
                let value = reader.value(0)?;
                if call.named.insert(parameter, value).is_some() {
                    return None;
                }
            }
            None => call.unnamed.push(reader.value(0)?),
        }
        if !reader.take(',') && !reader.rest.trim_start().starts_with(')') {
            return None;
        }
    }
    // Calls are compared as text, and whether a map keeps its order depends on what else is compiled in.
    call.named.sort_keys();
    Some((call, reader.rest))
}

struct Reader<'a> {
    rest: &'a str,
    /// Bytes that may still be read.
    left: usize,
}

impl Reader<'_> {
    fn advance(&mut self, to: usize) -> Option<()> {
        self.left = self.left.checked_sub(to)?;
        self.rest = self.rest.get(to..)?;
        Some(())
    }

    /// Takes `sign` if it comes next.
    fn take(&mut self, sign: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(sign) {
            Some(after) => self.advance(self.rest.len() - after.len()).is_some(),
            None => false,
        }
    }

    /// Takes a parameter's name and its equals sign, if they come next.
    fn parameter(&mut self) -> Option<String> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        let after = rest[end..].trim_start().strip_prefix('=').filter(|after| !after.starts_with('='))?;
        let name = rest[..end].to_owned();
        (!name.is_empty()).then_some(())?;
        self.advance(self.rest.len() - after.len())?;
        Some(name)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let rest = self.rest.trim_start();
        self.advance(self.rest.len() - rest.len())?;
        match rest.chars().next()? {
            '[' | '(' => self.list(depth),
            '{' => self.object(depth),
            quote @ ('"' | '\'') => self.text(quote),
            _ => self.word(),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let close = if self.rest.starts_with('[') { ']' } else { ')' };
        self.advance(1)?;
        let mut values = Vec::new();
        while !self.take(close) {
            values.push(self.value(depth + 1)?);
            if !self.take(',') && !self.rest.trim_start().starts_with(close) {
                return None;
            }
        }
        Some(Value::Array(values))
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.advance(1)?;
        let mut members = Map::new();
        while !self.take('}') {
            let Value::String(name) = self.value(depth + 1)? else { return None };
            self.take(':').then_some(())?;
            members.insert(name, self.value(depth + 1)?);
            if !self.take(',') && !self.rest.trim_start().starts_with('}') {
                return None;
            }
        }
        members.sort_keys();
        Some(Value::Object(members))
    }

    fn text(&mut self, quote: char) -> Option<Value> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    other => text.push(other),
                },
                c if c == quote => {
                    self.advance(at + 1)?;
                    return Some(Value::String(text));
                }
                c => text.push(c),
            }
        }
        None
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.rest.find([',', ')', ']', '}', ':', ' ', '\n']).unwrap_or(self.rest.len());
        let value = match &self.rest[..end] {
            "True" | "true" => Value::Bool(true),
            "False" | "false" => Value::Bool(false),
            "None" | "null" => Value::Null,
            word => match word.parse::<i64>() {
                Ok(whole) => Value::Number(whole.into()),
                Err(_) => Value::Number(Number::from_f64(word.parse::<f64>().ok()?)?),
            },
        };
        self.advance(end)?;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        calls_in(text).iter().map(Call::to_string).collect()
    }

    #[test]
    fn calls_are_read_with_values_of_both_languages() {
        assert_eq!(shown("f(x=1, y=-2.5, z=True)"), ["f(x=1, y=-2.5, z=true)"]);
        assert_eq!(
            shown("T1: a.b(name='it\\'s (so)', list=[1, [2]], o={'k': \"v\"}) then c()"),
            ["a.b(list=[1,[2]], name=\"it's (so)\", o={\"k\":\"v\"})", "c()",]
        );
        assert_eq!(shown("sort('a.txt')"), ["sort(\"a.txt\")"]);
        assert_eq!(shown("words (in parentheses) and f(x=)"), [""; 0]);
        assert!(call("f(x=1) g(y=2)").is_none() && call("f(x=1, x=2)").is_none() && call("f(x=1").is_none());
    }

    #[test]
    fn the_pattern_admits_calls() {
        let pattern = regex::Regex::new(&format!("^{}$", arguments_pattern())).unwrap();
        for text in ["x=1", "x=-1.5, y=\"a, b\"", "x=[1, 2], y={\"a\": True, \"b\": \"c\"}"] {
            assert!(pattern.is_match(text), "{text}");
            assert!(call(&format!("f({text})")).is_some(), "{text}");
        }
    }

    #[test]
    fn hostile_text_is_bounded() {
        assert_eq!(shown(&format!("f(x={}", "[".repeat(100_000))), [""; 0]);
        assert_eq!(shown(&"(".repeat(10_000)), [""; 0]);
        assert_eq!(shown(&"f(é".repeat(1000)), [""; 0]);
        assert_eq!(calls_in(&"f() ".repeat(1000)).len(), MOST);
        assert_eq!(shown(&format!("f(x=\"{}\")", "a".repeat(10_000))), [""; 0]);
        assert_eq!(shown("é(x=1)"), [""; 0]);
    }
}
