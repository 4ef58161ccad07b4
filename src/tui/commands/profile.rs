//! Sets of keys.

use std::str::FromStr;
use strum::VariantArray;

/// A set of keys for all commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, VariantArray)]
pub enum Profile {
    /// As in gdb and pudb: single letters drive, capitals go back.
    #[default]
    Gdb,
    /// The same with vim's ways to count, search and jump.
    Vim,
}

/// The text names no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no set of keys called \"{0}\"; there are gdb and vim")]
pub struct UnknownProfile(String);

impl Profile {
    /// All profiles.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gdb => "gdb",
            Self::Vim => "vim",
        }
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        Self::ALL
            .iter()
            .copied()
            .find(|profile| profile.name() == text)
            .ok_or_else(|| UnknownProfile(text.to_owned()))
    }
}
