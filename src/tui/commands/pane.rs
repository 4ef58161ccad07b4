//! The panes, by name and number.

use strum::VariantArray;

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, VariantArray)]
pub enum Pane {
    /// The incumbent.
    #[default]
    Plan,
    /// Proposed edits.
    Proposal,
    /// Parts of the score.
    Score,
    /// Scores over iterations.
    Timeline,
    /// The answer.
    Answer,
    /// What was spent.
    Budget,
}

impl Pane {
    /// All panes, in the order of their numbers.
    pub const ALL: &'static [Self] = Self::VARIANTS;
    /// How many panes there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Returns the pane with the next number; after the last comes the first.
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::COUNT]
    }

    /// Returns the pane with the number before; before the first comes the last.
    pub fn previous(self) -> Self {
        Self::ALL[(self as usize + Self::COUNT - 1) % Self::COUNT]
    }

    /// Returns its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Plan => "Plan",
            Self::Proposal => "Proposals",
            Self::Score => "Score",
            Self::Timeline => "Timeline",
            Self::Answer => "Answer",
            Self::Budget => "Cost",
        }
    }
}
