//! Calls as they are written: `name(parameter=value, …)`, with values of JSON or of Python.

use std::{collections::BTreeMap, fmt};

use super::literal::{Literal, Reader};

/// Calls that are read from one text.
const MOST: usize = 100;

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function.
    pub name: String,
    /// Values without a name, in order.
    pub unnamed: Vec<Literal>,
    /// Values by parameter.
    pub named: BTreeMap<String, Literal>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unnamed = self.unnamed.iter().map(Literal::to_string);
        let named = self.named.iter().map(|(name, value)| format!("{name}={value}"));
        write!(f, "{}({})", self.name, unnamed.chain(named).collect::<Vec<_>>().join(", "))
    }
}

/// Returns whether `text` can name a function: words with dots between them. A word may have hyphens within, as the names
/// of tools do.
pub(super) fn is_name(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && !word.ends_with('-')
            && word.chars().all(|c| in_name(c) && c != '.')
    };
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    text.len() <= 100 && starts && text.split('.').all(word)
}

/// Returns whether the character may stand in a function's name.
fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// Returns the regular expression of arguments, names included.
pub(super) fn arguments_pattern() -> String {
    let scalar = r#"("[^"\\]{0,60}"|-?[0-9]{1,30}(\.[0-9]{1,6})?|True|False|None)"#;
    let list = format!(r"\[({scalar}(, {scalar}){{0,7}})?\]");
    let member = format!(r#""[A-Za-z_]{{1,20}}": {scalar}"#);
    let object = format!(r"\{{{member}(, {member}){{0,3}}\}}");
    let argument = format!("[A-Za-z_][A-Za-z0-9_.-]{{0,30}}=({scalar}|{list}|{object})");
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
            .rfind(|c: char| !in_name(c))
            .map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        // A dash or a number before it is the sign of a list.
        let start =
            start + rest[start..open].find(|c: char| c.is_ascii_alphabetic() || c == '_').unwrap_or(0);
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
    let mut reader = Reader::new(inner);
    let mut call = Call { name: name.to_owned(), unnamed: Vec::new(), named: BTreeMap::new() };
    while !reader.take(')') {
        match reader.parameter() {
            Some(parameter) => {
                let value = reader.argument()?;
                if call.named.insert(parameter, value).is_some() {
                    return None;
                }
            }
            None => call.unnamed.push(reader.value()?),
        }
        if !reader.take(',') && !reader.is_at(')') {
            return None;
        }
    }
    Some((call, reader.rest()))
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
        assert_eq!(
            shown("- get-weather(city='Oslo')\n2.a.b-c.d2()"),
            ["get-weather(city=\"Oslo\")", "a.b-c.d2()"]
        );
        assert_eq!(shown("f(user-id=1, a.b=2, p=Paris) g(Paris)"), ["f(a.b=2, p=\"Paris\", user-id=1)"]);
        assert!(call("f(x=1) g(y=2)").is_none() && call("f(x=1, x=2)").is_none() && call("f(x=1").is_none());
    }

    #[test]
    fn the_pattern_admits_calls() {
        let pattern = regex::Regex::new(&format!("^{}$", arguments_pattern())).unwrap();
        for text in [
            "x=1",
            "x=-1.5, y=\"a, b\"",
            "x=[1, 2], y={\"a\": True, \"b\": \"c\"}",
            "user-id=9007199254740993",
        ] {
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
        assert_eq!(shown(&format!("f(x=\"{}\")", "a".repeat(10_000))).len(), 1);
        assert_eq!(shown(&format!("f(x=\"{}\")", "a".repeat(1_000_000))), [""; 0]);
        assert_eq!(shown("é(x=1)"), [""; 0]);
    }
}
