//! What calls to the model are for.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IntoDeserializer, value},
};

/// What a call to the model is for. A record has the variant's name in snake case; for [`Purpose::Score`] it has the
/// scorer's booking itself, such as `self_check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Purpose {
    /// Write the first plan.
    Draft,
    /// Propose edits.
    Propose,
    /// Name the worst fault of a plan, for a proposal that repairs it.
    Critique,
    /// Value plans, for the scorers that book their calls under this name.
    #[serde(skip)]
    Score(&'static str),
    /// Decode the answer.
    Answer,
    /// Decode an answer without a plan.
    Direct,
    /// Write a chain of thought that decides between drafts that differ.
    TieBreak,
    /// Ask the model whether answers are right.
    Verify,
    /// Ask the model again, in other words, whether a plan is right.
    Rescore,
    /// Decode an answer from a plan of an earlier moment.
    SideAnswer,
    /// Find out what is wrong with a plan or an answer.
    Diagnose,
    /// Decode answers for the shadow baseline: from the best plan, and without a plan at the same cost.
    Shadow,
}

impl Purpose {
    /// Returns the word for it on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Propose => "propose",
            Self::Critique => "critique",
            Self::Score(booking) => shown(booking),
            Self::Answer => "answer",
            Self::Direct => "direct answer",
            Self::TieBreak => "tie-breaker",
            Self::Verify => "check of answers",
            Self::Rescore => "rescore",
            Self::SideAnswer => "side answer",
            Self::Diagnose => "diagnosis",
            Self::Shadow => "shadow baseline",
        }
    }

    /// Returns whether calls of this purpose belong to the run and its budget; the others a person asked for
    /// next to it.
    pub const fn counts(self) -> bool {
        match self {
            Self::Draft
            | Self::Propose
            | Self::Critique
            | Self::Score(_)
            | Self::Answer
            | Self::Direct
            | Self::TieBreak
            | Self::Verify => true,
            Self::Rescore | Self::SideAnswer | Self::Diagnose | Self::Shadow => false,
        }
    }

    /// Returns the purpose that a record calls `word`; none where `word` can be neither one of our own nor the name of
    /// a scorer, which may be one of a later version.
    pub fn recorded(word: &str) -> Option<Self> {
        let own: Result<Self, value::Error> = Self::deserialize(word.into_deserializer());
        own.ok().or_else(|| is_booking(word).then(|| Self::Score(kept(word))))
    }
}

/// The screen has always called two of them by other words than the record.
const fn shown(booking: &'static str) -> &'static str {
    match booking.as_bytes() {
        b"self_check" => "self-check",
        b"reward" => "reward model",
        _ => booking,
    }
}

/// The longest name of a scorer's booking, in bytes.
const LONGEST: usize = 64;

fn is_booking(word: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !word.is_empty() && word.len() <= LONGEST && word.bytes().all(letter)
}

/// Returns `word` for as long as the program runs, so that a purpose stays a plain value. There are only as many words as
/// scorers; a record that makes up more of them costs its own length in memory at most.
fn kept(word: &str) -> &'static str {
    static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(word) {
        return known;
    }
    let word: &'static str = Box::leak(word.into());
    kept.insert(word);
    word
}

impl Serialize for Purpose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Score(booking) = self {
            return serializer.serialize_str(booking);
        }
        // The derived one, for the variants that have a name of their own.
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Purpose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::recorded(&word).ok_or_else(|| D::Error::custom(format!("\"{word}\" is no purpose of a call")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(word: &str) -> Purpose {
        serde_json::from_value(word.into()).unwrap_or_else(|error| panic!("{word}: {error}"))
    }

    #[test]
    fn purposes_of_older_versions_read_write_and_print_the_same() {
        for (word, name, counts) in [
            ("draft", "draft", true),
            ("propose", "propose", true),
            ("critique", "critique", true),
            ("self_check", "self-check", true),
            ("likelihood", "likelihood", true),
            ("rollouts", "rollouts", true),
            ("contradiction", "contradiction", true),
            ("reward", "reward model", true),
            ("command", "command", true),
            ("answer", "answer", true),
            ("direct", "direct answer", true),
            ("tie_break", "tie-breaker", true),
            ("verify", "check of answers", true),
            ("rescore", "rescore", false),
            ("side_answer", "side answer", false),
            ("diagnose", "diagnosis", false),
            ("shadow", "shadow baseline", false),
        ] {
            let purpose = read(word);
            assert_eq!(serde_json::to_value(purpose).unwrap(), word);
            assert_eq!((purpose.name(), purpose.counts()), (name, counts), "{word}");
        }
        assert_eq!(
            (read("side_answer"), read("self_check")),
            (Purpose::SideAnswer, Purpose::Score("self_check"))
        );
    }

    #[test]
    fn the_booking_of_a_scorer_of_a_later_version_reads_writes_and_prints() {
        let later = read("entailment_2");
        assert_eq!(later, Purpose::Score("entailment_2"));
        assert_eq!((later.name(), later.counts()), ("entailment_2", true));
        let json = serde_json::to_string(&std::collections::BTreeMap::from([(later, 1)])).unwrap();
        assert_eq!(json, r#"{"entailment_2":1}"#, "it can be the key of a table");
    }

    #[test]
    fn what_can_be_no_name_is_refused() {
        for word in ["", "Draft", "self-check", "a b", "\u{1b}[31m", &"a".repeat(65)] {
            assert!(serde_json::from_value::<Purpose>(word.into()).is_err(), "{word:?}");
        }
        assert!(serde_json::from_str::<Purpose>("7").is_err());
    }
}
