//! How answers are asked for, written and taken.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// How one of several answers is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerChoice {
    /// The most frequent value: self-consistency (Wang et al. 2023).
    #[default]
    Majority,
    /// The one that the model itself finds most surely right: best-of-N.
    Best,
}

/// What an answer consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStyle {
    /// The result and what it cites, in one line.
    Short,
    /// A sentence for each step, then the result.
    Explained,
    /// The result that the family's evaluator computed. No model wrote it.
    Evaluated,
}

impl AnswerStyle {
    /// Returns its name in settings and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Explained => "explained",
            Self::Evaluated => "evaluated",
        }
    }
}

/// Which style answers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StyleChoice {
    /// Short where the plan evaluates exactly, explained elsewhere.
    #[default]
    Auto,
    /// Short.
    Short,
    /// Explained.
    Explained,
    /// Computed by the family's evaluator: the model is not asked, and a plan without a result has no answer. As under
    /// `Auto` in families that do not evaluate plans.
    Evaluated,
}

/// How answers are written, and how one of several is taken. A key that is absent has the meaning that it had before there
/// was such a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerSettings {
    /// The most answers; fewer where the budget ends. 1 for one answer and no choice.
    pub n: u32,
    /// How one is taken.
    pub choice: AnswerChoice,
    /// Which style they have.
    #[serde(default = "explained")]
    pub style: StyleChoice,
    /// Whether the prompt shows each item of an exact plan with its value.
    #[serde(default)]
    pub values: bool,
}

const fn explained() -> StyleChoice {
    StyleChoice::Explained
}

impl AnswerSettings {
    /// Returns what holds for a session that was recorded before there were such settings.
    pub const fn of_older_sessions() -> Self {
        Self { n: 1, choice: AnswerChoice::Majority, style: explained(), values: false }
    }
}

impl Default for AnswerSettings {
    fn default() -> Self {
        Self { n: 1, choice: AnswerChoice::default(), style: StyleChoice::default(), values: true }
    }
}

/// What the sentences of an answer must cite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cite {
    /// Nothing.
    Off,
    /// Items of the plan.
    #[default]
    Items,
    /// Items of the plan that have the numbers of the sentence.
    Values,
}

impl Cite {
    /// Returns whether anything is cited.
    pub const fn is_on(self) -> bool {
        match self {
            Self::Off => false,
            Self::Items | Self::Values => true,
        }
    }
}

impl<'de> Deserialize<'de> for Cite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CiteVisitor)
    }
}

/// Reads the names of [`Cite`], and the flag that it once was.
struct CiteVisitor;

impl de::Visitor<'_> for CiteVisitor {
    type Value = Cite;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("off, items, values, true or false")
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<Cite, E> {
        Ok(if on { Cite::Items } else { Cite::Off })
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Cite, E> {
        match name {
            "off" | "false" => Ok(Cite::Off),
            "items" | "true" => Ok(Cite::Items),
            "values" => Ok(Cite::Values),
            _ => Err(E::invalid_value(de::Unexpected::Str(name), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cited_is_read_in_the_old_and_the_new_form() {
        let read = |text: &str| serde_json::from_str::<Cite>(text);
        for (text, cite) in [
            ("true", Cite::Items),
            ("false", Cite::Off),
            ("\"off\"", Cite::Off),
            ("\"items\"", Cite::Items),
            ("\"values\"", Cite::Values),
        ] {
            assert_eq!(read(text).unwrap(), cite, "{text}");
        }
        for wrong in ["\"value\"", "\"\"", "1", "null", "[true]"] {
            assert!(read(wrong).unwrap_err().to_string().contains("off, items, values"), "{wrong}");
        }
        for cite in [Cite::Off, Cite::Items, Cite::Values] {
            assert_eq!(read(&serde_json::to_string(&cite).unwrap()).unwrap(), cite);
        }
    }

    #[test]
    fn an_absent_key_means_what_it_meant_before_there_was_one() {
        let read = |text: &str| serde_json::from_str::<AnswerSettings>(text).unwrap();
        assert_eq!(read("{}"), AnswerSettings::of_older_sessions());
        assert_eq!(read(r#"{"n":4,"choice":"best"}"#).style, StyleChoice::Explained);
        for style in [StyleChoice::Auto, StyleChoice::Short, StyleChoice::Explained, StyleChoice::Evaluated] {
            let settings = AnswerSettings { style, ..AnswerSettings::default() };
            assert_eq!(read(&serde_json::to_string(&settings).unwrap()), settings);
        }
    }
}
