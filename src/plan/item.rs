//! One line of a plan.

use std::{fmt, str::FromStr};
use strum::VariantArray;

use serde::{Deserialize, Serialize};

/// What an item is for; the letter is the first character of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// `C`: a fact or requirement that the problem states.
    Constraint,
    /// `G`: something to be reached, usually the parent of the items that reach it.
    Subgoal,
    /// `I`: what holds at every moment.
    Invariant,
    /// `P`: a claim of a proof.
    Claim,
    /// `T`: a call of a tool.
    ToolCall,
    /// `S`: one step of the work.
    Step,
}

impl ItemKind {
    /// All kinds, in the order in which they are listed to users.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns the letter that ids of this kind start with.
    pub const fn letter(self) -> char {
        match self {
            Self::Constraint => 'C',
            Self::Subgoal => 'G',
            Self::Invariant => 'I',
            Self::Claim => 'P',
            Self::ToolCall => 'T',
            Self::Step => 'S',
        }
    }

    /// Returns the kind whose ids start with `letter`.
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.letter() == letter)
    }

    /// Returns the kind's name as shown to users.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constraint => "constraint",
            Self::Subgoal => "subgoal",
            Self::Invariant => "invariant",
            Self::Claim => "claim",
            Self::ToolCall => "tool call",
            Self::Step => "step",
        }
    }
}

/// The name of an item, such as `S3`. Never given to another item in the same session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId {
    /// What the item is for.
    pub kind: ItemKind,
    /// Counts from 1 within the kind.
    pub number: u32,
}

impl ItemId {
    /// Returns the id of the `number`th item of `kind`.
    pub const fn new(kind: ItemKind, number: u32) -> Self {
        Self { kind, number }
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.letter(), self.number)
    }
}

/// The text is no item id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no item id; an id is one of C G I P T S and a number from 1, such as S3")]
pub struct InvalidItemId(String);

impl FromStr for ItemId {
    type Err = InvalidItemId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidItemId(text.to_owned());
        let mut chars = text.chars();
        let kind = chars.next().and_then(ItemKind::from_letter).ok_or_else(invalid)?;
        let digits = chars.as_str();
        if digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        Ok(Self { kind, number: digits.parse().map_err(|_| invalid())? })
    }
}

impl Serialize for ItemId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ItemId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Who put an item's present text there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The model, in the first draft.
    #[default]
    Draft,
    /// The model, in an accepted edit.
    Refined,
    /// A person.
    Human,
    /// Injected noise.
    Noise,
}

impl Origin {
    /// All origins.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns the word for this origin in the plan language and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Refined => "refined",
            Self::Human => "human",
            Self::Noise => "noise",
        }
    }
}

/// One line of a plan: short, typed, and named by an id that stays its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Item {
    /// The item's name.
    pub id: ItemId,
    /// How deep the item is nested; 0 at the top. At most one more than the item before it.
    pub depth: u8,
    /// What this item builds on, in the order written; no id twice, and never the item itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deps: Vec<ItemId>,
    /// What the item says: one line, trimmed, not empty, without control characters.
    pub text: String,
    /// Refinement may not touch it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Kept in the plan but left out of prompts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// Who put the present text there.
    #[serde(default)]
    pub origin: Origin,
}

impl Item {
    /// Returns a top-level item without dependencies or flags, as the model would draft it.
    pub fn new(id: ItemId, text: impl Into<String>) -> Self {
        Self {
            id,
            depth: 0,
            deps: Vec::new(),
            text: text.into(),
            pinned: false,
            muted: false,
            origin: Origin::Draft,
        }
    }
}
