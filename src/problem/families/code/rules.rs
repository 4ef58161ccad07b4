//! Rules that hold for all of a function, however it is written.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::facts::Facts;

/// A rule on code that can be checked without running it. Written as people would: `at most 12 lines`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rule {
    /// Nothing is imported.
    NoImports,
    /// No function calls itself, directly or over others.
    NoRecursion,
    /// No global state: no `global` or `nonlocal`, nothing printed, read or looked up outside.
    Pure,
    /// At most so many loops, those of comprehensions included.
    Loops(usize),
    /// At most so many lines, without blank ones and comments.
    Lines(usize),
}

impl Rule {
    /// Returns why `facts` break the rule, as a clause; `None` where they keep it.
    pub fn broken(self, facts: &Facts) -> Option<String> {
        match self {
            Self::NoImports => facts.imports.first().map(|module| format!("{module} is imported")),
            Self::NoRecursion => facts.recursive.as_ref().map(|name| format!("{name} calls itself")),
            Self::Pure => facts.impure.as_ref().map(|what| format!("it has {what}")),
            Self::Loops(most) => {
                (facts.loops > most).then(|| format!("it has {} loops where {most} may be", facts.loops))
            }
            Self::Lines(most) => {
                (facts.lines > most).then(|| format!("it has {} lines where {most} may be", facts.lines))
            }
        }
    }

    /// Returns whether the text of a constraint states the rule: its word, and its number where it has one.
    pub(crate) fn is_stated(self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        let number = |most: usize| {
            let spelt = ["zero", "one", "two", "three"].get(most).copied();
            words.iter().any(|word| word.parse() == Ok(most) || Some(*word) == spelt)
        };
        match self {
            Self::NoImports => text.contains("import"),
            Self::NoRecursion => text.contains("recurs") || text.contains("itself"),
            Self::Pure => text.contains("pure") || text.contains("global"),
            Self::Loops(most) => text.contains("loop") && number(most),
            Self::Lines(most) => text.contains("line") && number(most),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |most: usize| if most == 1 { "" } else { "s" };
        match *self {
            Self::NoImports => f.write_str("no imports"),
            Self::NoRecursion => f.write_str("no recursion"),
            Self::Pure => f.write_str("pure: no global state, nothing printed"),
            Self::Loops(most) => write!(f, "at most {most} loop{}", many(most)),
            Self::Lines(most) => write!(f, "at most {most} line{}", many(most)),
        }
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let most = |unit: &str| {
            let number = text.strip_prefix("at most ")?.strip_suffix(unit)?;
            number.trim().parse::<usize>().ok()
        };
        match text {
            "no imports" => Ok(Self::NoImports),
            "no recursion" => Ok(Self::NoRecursion),
            _ if text == "pure" || text.starts_with("pure:") => Ok(Self::Pure),
            _ => None
                .or_else(|| most("loops").or_else(|| most("loop")).map(Self::Loops))
                .or_else(|| most("lines").or_else(|| most("line")).map(Self::Lines))
                .ok_or_else(|| {
                    format!(
                        "there is no rule {text}; rules are no imports, no recursion, pure, at most N loops, at most N lines"
                    )
                }),
        }
    }
}

impl TryFrom<String> for Rule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Rule; 5] = [Rule::NoImports, Rule::NoRecursion, Rule::Pure, Rule::Loops(1), Rule::Lines(12)];

    #[test]
    fn rules_are_read_as_they_are_written_and_state_themselves() {
        for rule in ALL {
            assert_eq!(rule.to_string().parse(), Ok(rule));
            assert!(rule.is_stated(&rule.to_string()), "{rule}");
            assert_eq!(
                ALL.into_iter().filter(|other| other.is_stated(&rule.to_string())).count(),
                1,
                "{rule}"
            );
        }
        assert!("no magic".parse::<Rule>().unwrap_err().contains("rules are no imports"));
        assert!(Rule::Loops(1).is_stated("use one loop only") && !Rule::Loops(1).is_stated("use 2 loops"));
    }

    #[test]
    fn each_rule_can_be_kept_and_broken() {
        let broken = |rule: Rule, code: &str| rule.broken(&Facts::of(code).unwrap());
        let plain = "def f(xs):\n    return len(xs)";
        assert!(ALL.into_iter().all(|rule| broken(rule, plain).is_none()));
        assert_eq!(broken(Rule::NoImports, "import os").as_deref(), Some("os is imported"));
        assert_eq!(broken(Rule::NoRecursion, "def f():\n    f()").as_deref(), Some("f calls itself"));
        assert_eq!(broken(Rule::Pure, "print(1)").as_deref(), Some("it has a call of print"));
        assert_eq!(
            broken(Rule::Loops(1), "x = [a for b in c for a in b]").as_deref(),
            Some("it has 2 loops where 1 may be")
        );
        assert_eq!(
            broken(Rule::Lines(1), "x = 1\n\n# y\nz = 2").as_deref(),
            Some("it has 2 lines where 1 may be")
        );
    }
}
