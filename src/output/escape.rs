//! JSON that says the same and cannot act on a terminal.

use std::fmt::Write;

use serde::Serialize;

use super::pictured::{acts, joins};

/// Returns `value` as JSON on one line, with `\uXXXX` for every character that could act or hide.
///
/// # Errors
/// When the value is none of JSON.
pub fn json(value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    serde_json::to_string(value).map(escaped)
}

/// As [`json`], on several indented lines.
///
/// # Errors
/// When the value is none of JSON.
pub fn json_pretty(value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(escaped)
}

/// Outside its strings JSON has none of these characters but white space, so that all others may be escaped.
fn escaped(json: String) -> String {
    let needs = |c: char| joins(c) || (acts(c) && c != '\n');
    if !json.contains(needs) {
        return json;
    }
    let mut safe = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        match c {
            '\r' | '\t' => safe.push(' '),
            _ if needs(c) => {
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(safe, "\\u{unit:04x}");
                }
            }
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_acts_is_escaped() {
        assert_eq!(json("a\u{1b}\u{9b}\u{202e}é").unwrap(), r#""a\u001b\u009b\u202eé""#);
        assert_eq!(json("\u{e0041}").unwrap(), r#""\udb40\udc41""#);
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str("{\t\"a\":\r\n\"\u{9d}\"}").unwrap();
        assert_eq!(json(&raw).unwrap(), "{ \"a\": \n\"\\u009d\"}");
    }

    proptest! {
        #[test]
        fn the_value_stays_and_a_printer_leaves_it(text in any::<String>()) {
            for written in [json(&text).unwrap(), json_pretty(&[&text]).unwrap()] {
                let value: serde_json::Value = serde_json::from_str(&written).unwrap();
                prop_assert_eq!(value.as_str().or_else(|| value[0].as_str()), Some(&*text));
                prop_assert_eq!(crate::pictured(&written), &*written);
            }
        }
    }
}
