//! The members of a row as data sets have them: names in any case, numbers as text and text as numbers, lists of one.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{control, error::LoadError, records::Record};

/// Members without which a task would not be whole, and which no format takes up.
const NEEDED: [&str; 9] =
    ["choices", "options", "context", "passage", "paragraph", "body", "table", "image", "images"];
/// Where an answer is kept, whatever else a row has.
pub(super) const ANSWERS: [&str; 4] = ["answer", "final_answer", "final_ans", "expected_answer"];
/// What stands in the place of an answer where there is none.
const NO_ANSWERS: [&str; 4] = ["proof", "notfound", "not found", "n/a"];
/// Digits that a number is written out to.
const MAX_DIGITS: i64 = 60;

/// The members of a row, each as it is written, by their names in lower case.
#[derive(Debug)]
pub(super) struct Fields<'r> {
    record: &'r Record<'r>,
    members: BTreeMap<String, &'r RawValue>,
}

impl<'r> Fields<'r> {
    /// Reads the members of `record`.
    ///
    /// # Errors
    /// Where it is no object, or a name comes twice.
    pub fn of(record: &'r Record<'r>) -> Result<Self, LoadError> {
        let Members(members) = record.read()?;
        Ok(Self { record, members })
    }

    /// Returns whether there is a member of this name, in lower case.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Returns the names of all members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// Returns the task, the text called `name`.
    ///
    /// # Errors
    /// Where there is none, or it is not all of the task.
    pub fn task(&self, name: &str) -> Result<String, LoadError> {
        let empty = |raw: &&RawValue| ["null", "[]", "{}", "\"\"", "false"].contains(&raw.get());
        if let Some(other) =
            NEEDED.iter().find(|other| self.members.get(**other).is_some_and(|raw| !empty(raw)))
        {
            return Err(self.record.invalid(format!(
                "the task would lack its member {other}; write the whole task as a row with family, text and gold"
            )));
        }
        self.text(name)?.ok_or_else(|| self.record.invalid(format!("it has no {name}")))
    }

    /// Returns the text called `name`; `None` where it is absent or null.
    ///
    /// # Errors
    /// Where it is something else than a text, or has characters that no text has.
    pub fn text(&self, name: &str) -> Result<Option<String>, LoadError> {
        let Some(raw) = self.members.get(name).filter(|raw| raw.get() != "null") else { return Ok(None) };
        if !raw.get().starts_with('"') {
            let message = format!("its {name} is {} where a text is due", kind(raw));
            return Err(self.record.invalid(message));
        }
        self.unquoted(name, raw).map(Some)
    }

    /// Returns the answer under the first of `names` that has one, as text: a number as it would be written out, and of a list
    /// its only member; `None` where there is none.
    ///
    /// # Errors
    /// Where it is no single text or number.
    pub fn answer(&self, names: &[&str]) -> Result<Option<String>, LoadError> {
        for name in names {
            let Some(raw) = self.members.get(*name) else { continue };
            if let Some(answer) = self.single(name, raw)?.filter(|answer| !answer.trim().is_empty()) {
                if NO_ANSWERS.contains(&answer.trim().to_lowercase().as_str()) {
                    let message = format!(
                        "its {name} is \"{}\", so that nothing can be compared with it",
                        answer.trim()
                    );
                    return Err(self.record.invalid(message));
                }
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn single(&self, name: &str, raw: &RawValue) -> Result<Option<String>, LoadError> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => self.unquoted(name, raw).map(Some),
            Some(b'-' | b'0'..=b'9') => Ok(Some(written_out(text))),
            Some(b'n') => Ok(None),
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
                match list[..] {
                    [] => Ok(None),
                    [one] => self.single(name, one),
                    _ => Err(self.record.invalid(format!(
                        "its {name} has {} members, and it is not known whether one or all of them are the answer",
                        list.len()
                    ))),
                }
            }
            Some(_) | None => {
                Err(self.record.invalid(format!("its {name} is {} where an answer is due", kind(raw))))
            }
        }
    }

    /// Returns how hard the row says that it is, from 1 to 5: a number, or a text such as *Level 2*. Other scales are not
    /// ours, and so are left out.
    pub fn level(&self, name: &str) -> Option<u8> {
        let text = self.members.get(name)?.get().trim_matches('"').to_lowercase();
        let number: f64 = text.trim_start_matches("level").trim().parse().ok()?;
        (1..=5).find(|level| f64::from(*level) == number)
    }

    fn unquoted(&self, name: &str, raw: &RawValue) -> Result<String, LoadError> {
        let text: String = serde_json::from_str(raw.get())
            .map_err(|error| self.record.invalid(format!("its {name} is no text: {error}")))?;
        let text = control::with_lines(&text);
        match control::fault(&text) {
            Some(fault) => Err(self.record.invalid(format!("its {name} has {fault}"))),
            None => Ok(text),
        }
    }
}

/// Says what a value is.
fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        Some(_) | None => "a number",
    }
}

/// Writes a number of JSON out in digits: `-4.9e6` is -4900000, and `27.0` is 27. One that is too long stays as it is.
pub(super) fn written_out(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let Some(point) = exponent.parse::<i64>().ok().map(|exponent| exponent + whole.len() as i64) else {
        return number.to_owned();
    };
    let mut digits = format!("{whole}{part}");
    if point.abs() > MAX_DIGITS || digits.len() as i64 > MAX_DIGITS {
        return number.to_owned();
    }
    if point < 1 {
        digits.insert_str(0, &"0".repeat((1 - point) as usize));
    }
    let point = point.max(1) as usize;
    if digits.len() < point {
        digits += &"0".repeat(point - digits.len());
    }
    let (whole, part) = digits.split_at(point);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let part = part.trim_end_matches('0');
    let dot = if part.is_empty() { "" } else { "." };
    let sign = if whole == "0" && part.is_empty() { "" } else { sign };
    format!("{sign}{whole}{dot}{part}")
}

/// An object's members as they are written.
struct Members<'de>(BTreeMap<String, &'de RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the members of a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    let name = name.trim().to_lowercase();
                    if members.insert(name.clone(), value).is_some() {
                        return Err(A::Error::custom(format!("the row has two members called {name}")));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, read: impl Fn(&Fields<'_>) -> T) -> T {
        let record = Record { path: "a.jsonl", row: 0, line: 1, text };
        read(&Fields::of(&record).unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn answers_are_texts_numbers_or_lists_of_one() {
        let answer = |value: &str| {
            with(&format!("{{\"Answer\": {value}}}"), |row| {
                row.answer(&ANSWERS).map_err(|error| error.to_string())
            })
        };
        for (value, read) in [
            ("\"27\"", "27"),
            ("27.0", "27"),
            ("-4900000.0", "-4900000"),
            ("[\"12.0\"]", "12.0"),
            ("[[3]]", "3"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1.5e3", "1500"),
            ("2E-3", "0.002"),
            ("-0.0", "0"),
            ("0.10", "0.1"),
            ("1e999", "1e999"),
        ] {
            assert_eq!(answer(value).unwrap().as_deref(), Some(read), "{value}");
        }
        for value in ["null", "\" \"", "[]", "[null]"] {
            assert_eq!(answer(value), Ok(None), "{value}");
        }
        for (value, why) in [
            ("[1, 2]", "its answer has 2 members"),
            ("true", "is true or false where an answer is due"),
            ("{\"a\": 1}", "is an object where"),
            ("\"Proof\"", "nothing can be compared"),
            ("\"\\frac{1}{2}\"", "if \\frac is meant"),
            ("\"\\ud800\"", "is no text"),
        ] {
            assert!(answer(value).unwrap_err().contains(why), "{value}: {:?}", answer(value));
        }
    }

    #[test]
    fn levels_are_numbers_or_words_on_our_scale() {
        let level = |value: &str| with(&format!("{{\"level\": {value}}}"), |row| row.level("level"));
        for value in ["2", "2.0", "\"2\"", "\"Level 2\"", "\"level 2\""] {
            assert_eq!(level(value), Some(2), "{value}");
        }
        for value in ["0", "6", "2.5", "\"Level ?\"", "null", "\"hard\"", "[2]"] {
            assert_eq!(level(value), None, "{value}");
        }
    }

    #[test]
    fn a_task_without_what_it_is_about_is_refused() {
        let task = |more: &str| {
            with(&format!("{{\"Question\": \"Which one?\", {more}}}"), |row| {
                row.task("question").map_err(|error| error.to_string())
            })
        };
        assert!(task("\"choices\": [\"a\", \"b\"]").unwrap_err().contains("lack its member choices"));
        assert!(task("\"Body\": \"There are two.\"").unwrap_err().contains("lack its member body"));
        assert_eq!(task("\"context\": null, \"options\": []"), Ok("Which one?".to_owned()));
        let twice = Record { path: "a.jsonl", row: 0, line: 3, text: "{\"answer\": 1, \"Answer\": 2}" };
        let said = Fields::of(&twice).unwrap_err().to_string();
        assert!(said.starts_with("a.jsonl, line 3") && said.contains("two members called answer"), "{said}");
    }
}
