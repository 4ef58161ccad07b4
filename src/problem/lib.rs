//! Problems: what a plan is for, how a model is asked for one, and how plans and answers are checked.
//!
//! A [`Problem`] is plain data. Its [`Family`] knows everything specific: the framing of prompts, the
//! idiom and grammar of item texts, the plan checker (which never sees the gold answer) and the answer
//! checker (which does: it is the *oracle*). A new family is a folder of `families` and one line in [`FAMILIES`].
//!
//! The gold answer can reach a prompt by no accident: [`Gold`] has no readable `Debug`, is left out of
//! every serialization, and is read only through [`Problem::oracle`].

mod answers;
mod evaluation;
pub mod expr;
mod families;
pub mod family;
pub mod generate;
mod labelled;
pub mod load;
mod numbers;
mod report;
mod rng;
mod spellings;
pub mod tokens;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

pub use evaluation::Evaluation;
pub use families::{FAMILIES, code, family, free, math::ANSWER};
pub use family::{AnswerForm, Example, Family, Framing, ItemPattern, spelled_alike};
pub use generate::{Generated, Generator, generate};
pub use labelled::{Label, Labelled, Sample, load_labelled};
pub use load::{LoadError, formats, list_bundled, load, load_set};
pub use numbers::{TENS, UNITS};
pub use report::{AnswerVerdict, Finding, ItemCheck, Outcome, PlanReport, Satisfied, Severity, Tally};

/// What only the oracle may see: the gold answer and the hidden part of the goal.
///
/// `Debug` says only that it is there, and it implements neither `Display` nor `Serialize`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Gold {
    answer: Option<String>,
    goal: Vec<String>,
}

impl Gold {
    /// Makes gold of an answer, a hidden goal, or both.
    pub fn new(answer: Option<String>, goal: Vec<String>) -> Self {
        Self { answer, goal }
    }

    /// Returns the gold answer.
    pub fn answer(&self) -> Option<&str> {
        self.answer.as_deref()
    }

    /// Returns the hidden assertions on the end state, in the family's own notation.
    pub fn goal(&self) -> &[String] {
        &self.goal
    }
}

impl fmt::Debug for Gold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gold(hidden)")
    }
}

/// One problem: what is shown to the model and to people, and, kept apart, what the oracle knows.
///
/// Serializing a problem leaves the gold out, so what a session records of it is its public view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The name by which the problem is asked for, such as `pens` or `test#12`.
    pub id: String,
    /// A few words for lists.
    pub title: String,
    /// The name of the family.
    pub family: String,
    /// The task as the model reads it.
    pub text: String,
    /// From 1, easy, to 5, hard, where somebody has judged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<u8>,
    /// Assertions on the end state that the problem shows; with them the plan checker is exact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visible_goal: Vec<String>,
    /// What the family needs besides, such as the seed of a world; checked by the family at loading.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Where it was loaded from: `bundled`, a path, or `stdin`.
    pub source: String,
    /// The format that had to be named to read the file.
    #[serde(skip)]
    pub(crate) format: Option<&'static str>,
    #[serde(skip)]
    gold: Option<Gold>,
}

impl Problem {
    /// Makes a problem without gold, difficulty or settings.
    pub fn new(id: impl Into<String>, family: &str, text: impl Into<String>) -> Self {
        let (id, text) = (id.into(), text.into());
        Self {
            title: title_of(&text),
            id,
            family: family.to_owned(),
            text,
            difficulty: None,
            visible_goal: Vec::new(),
            settings: BTreeMap::new(),
            source: String::new(),
            format: None,
            gold: None,
        }
    }

    /// Returns the problem with `gold` for the oracle.
    pub fn with_gold(mut self, gold: Gold) -> Self {
        self.gold = Some(gold);
        self
    }

    /// Returns what names the problem for [`load()`]; none for one that was typed in or made by hand.
    pub fn reference(&self) -> Option<String> {
        match self.source.as_str() {
            "" | "stdin" => None,
            "bundled" | generate::SOURCE => Some(self.id.clone()),
            file => {
                let format = self.format.map_or_else(String::new, |format| format!("{format}:"));
                // A file of several problems needs the problem's name or row too.
                let several = load::holds_several(file) || self.format.is_some();
                let own = self.id.rsplit_once('#').map_or(self.id.as_str(), |(_, row)| row);
                Some(if several { format!("{format}{file}#{own}") } else { file.to_owned() })
            }
        }
    }

    /// Returns the problem's family.
    ///
    /// A name that no family has, as in a session of a newer version, is treated as free text.
    pub fn family(&self) -> &'static dyn Family {
        family(&self.family).unwrap_or(&free::Free)
    }

    /// Returns whether there is anything for the oracle to compare with.
    pub fn has_gold(&self) -> bool {
        self.gold.is_some()
    }

    /// Returns whether the oracle can judge an answer: by the gold, or by the problem's own rules where its family
    /// holds answers to them.
    pub fn can_be_judged(&self) -> bool {
        self.has_gold() || self.family().judges_by_rules()
    }

    /// Returns what only the oracle may see.
    ///
    /// Whatever uses this, directly or through [`Family::check_answer`], is labelled *oracle*; nothing
    /// read here may enter a prompt, a score or an acceptance decision.
    pub fn oracle(&self) -> Option<&Gold> {
        self.gold.as_ref()
    }

    /// Returns whether the reference means the same wherever the program is started: it names no file.
    pub fn is_built_in(&self) -> bool {
        matches!(self.source.as_str(), "bundled" | generate::SOURCE)
    }

    /// Reads the settings as a family's own type.
    ///
    /// # Errors
    /// A sentence on the first setting that is missing, unknown or of the wrong kind.
    pub(crate) fn read_settings<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        let map = self.settings.clone().into_iter().collect();
        serde_json::from_value(serde_json::Value::Object(map))
            .map_err(|error| format!("the settings of a {} problem are wrong: {error}", self.family))
    }

    /// Writes the settings from a family's own type.
    pub(crate) fn with_settings(mut self, settings: &impl Serialize) -> Self {
        if let Ok(serde_json::Value::Object(map)) = serde_json::to_value(settings) {
            self.settings = map.into_iter().collect();
        }
        self
    }

    /// Returns the problem without its gold.
    pub fn public_view(&self) -> Self {
        Self { gold: None, ..self.clone() }
    }
}

/// Returns the first words of `text`, for lists.
fn title_of(text: &str) -> String {
    let mut title = String::new();
    for word in text.split_whitespace() {
        if title.chars().count() + word.chars().count() > 47 {
            return if title.is_empty() { word.chars().take(47).collect() } else { title + " …" };
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
    }
    title
}

#[cfg(test)]
pub(crate) mod testing {
    //! Plans written down quickly: `S2 <- S1 C1: text`, one a line.

    use plan::{Item, Plan};

    /// Returns the plan that `text` spells, panicking on mistakes in the test.
    pub(crate) fn plan(text: &str) -> Plan {
        let items = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
            let (head, text) = line.split_once(": ").expect("a colon");
            let (id, deps) = head.split_once(" <- ").unwrap_or((head, ""));
            let mut item = Item::new(id.parse().expect("an id"), text);
            item.deps = deps.split_whitespace().map(|dep| dep.parse().expect("an id")).collect();
            item
        });
        Plan::new(items.collect()).expect("a plan")
    }

    /// Returns what each of `edits` makes of `plan`; each must apply and change something.
    pub(crate) fn after(plan: &Plan, edits: &[plan::Edit]) -> Vec<String> {
        let apply = |edit: &plan::Edit| {
            let (next, _) = edit.apply(plan, plan::Origin::Refined).expect("it applies");
            assert_ne!(next.hash(), plan.hash(), "{edit:?}");
            plan::print(&next, plan::Style::Bare)
        };
        edits.iter().map(apply).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gold_shows_neither_in_debug_nor_in_json() {
        let gold = Gold::new(Some("7919".into()), vec!["SELECT 7919".into()]);
        let problem = Problem::new("p", "math", "How many?").with_gold(gold);
        let shown = format!("{problem:?} {}", serde_json::to_string(&problem).unwrap());
        assert!(!shown.contains("7919"), "{shown}");
        assert_eq!(problem.oracle().and_then(Gold::answer), Some("7919"));
        let read: Problem = serde_json::from_str(&serde_json::to_string(&problem).unwrap()).unwrap();
        assert_eq!(read, problem.public_view());
        assert!(!read.has_gold());
    }

    #[test]
    fn family_names_are_unique_and_examples_fit_their_own_patterns() {
        for (at, one) in FAMILIES.iter().enumerate() {
            assert!(FAMILIES[..at].iter().all(|other| other.name() != one.name()));
            let framing = one.framing(&Problem::new("p", one.name(), "Text."));
            let items = framing.example.plan.items();
            assert!(!items.is_empty(), "{}", one.name());
            let (last, first) = items.split_last().unwrap();
            let fits = |pattern: &ItemPattern, text: &str| {
                regex::Regex::new(&format!("^(?:{})$", pattern.regex)).unwrap().is_match(text)
            };
            for item in first {
                let pattern = framing.patterns.iter().find(|p| p.kind == item.id.kind).unwrap();
                assert!(fits(pattern, &item.text), "{}: {}", one.name(), item.text);
            }
            let end = framing.last.as_ref();
            let end = end.or_else(|| framing.patterns.iter().find(|p| p.kind == last.id.kind)).unwrap();
            assert!(end.kind == last.id.kind && fits(end, &last.text), "{}: {}", one.name(), last.text);
        }
    }

    #[test]
    fn titles_are_short() {
        assert_eq!(title_of("Two  words"), "Two words");
        assert!(title_of(&"long ".repeat(100)).chars().count() <= 50);
        assert_eq!(title_of(&"x".repeat(100)).len(), 47);
    }
}
