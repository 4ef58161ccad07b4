//! What is known of a command: its name, what it takes, its keys.

use std::path::PathBuf;
use strum::VariantArray;

use super::{
    action::{Action, Chaos, Noise},
    pane::Pane,
    profile::Profile,
};
use plan::ItemId;
use probe::{Definition, ProbeCommand};
use session::GateSettings;

/// What a command takes after its name, and the resulting action.
#[derive(Debug)]
pub enum Takes {
    /// Nothing.
    Nothing(Action),
    /// A whole number.
    Number(fn(u32) -> Action),
    /// A letter or digit; its key waits for one.
    Letter(fn(char) -> Action),
    /// A letter at which a bookmark was set.
    Mark(fn(char) -> Action),
    /// An item of the plan.
    Item(fn(ItemId) -> Action),
    /// A pane, by its name.
    Pane(fn(u8) -> Action),
    /// A theme, by its name.
    Theme(fn(String) -> Action),
    /// A kind of noise, its strength, and a seed or none.
    Noise(fn(Noise) -> Action),
    /// Noise, after how many iterations it comes and how often; or the word that ends it.
    Chaos(fn(Option<Chaos>) -> Action),
    /// An acceptance rule and its parameters.
    Gate(fn(GateSettings) -> Action),
    /// What follows the verb of a command on probes, which is the name.
    Probe(fn(ProbeCommand) -> Action),
    /// A probe, a condition or an item to look for in the record.
    Find(fn(Definition) -> Action),
    /// A setting of the screen and its value.
    Setting(fn(String, String) -> Action),
    /// A session, by its name or directory.
    Session(fn(String) -> Action),
    /// A check that asks the model, by its name.
    Check(fn(String) -> Action),
    /// The rest of the line.
    Text(fn(String) -> Action),
    /// The path of a file: the rest of the line.
    File(fn(PathBuf) -> Action),
}

/// Where a command's hint is worth its place in the footer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// While the engine runs.
    Live,
    /// While an earlier moment is shown: in replay, or after stepping back.
    Past,
    /// While an earlier moment of a live run is shown.
    Beside,
    /// While the plan has the focus, in the present of a run.
    Plan,
    /// While the proposals have the focus and wait for a decision.
    Ruling,
    /// While the proposals have the focus.
    Proposals,
    /// While the score or the timeline has the focus.
    Charts,
    /// Anywhere, for continuing step by step.
    Steps,
    /// Anywhere.
    Anywhere,
    /// Anywhere, whatever else has to give way.
    Always,
    /// Only on the help screen.
    Help,
}

/// The section of the help screen that a command stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub enum Section {
    /// Letting the run continue.
    Run,
    /// Going through what was recorded.
    Travel,
    /// Breakpoints and what else looks at events.
    Probe,
    /// Changing the plan by hand.
    Hand,
    /// Looking around.
    Look,
    /// Lists and dialogs.
    Overlay,
    /// The program.
    Program,
}

impl Section {
    /// All sections, in the order of the help screen.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns the section's heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Run => "Run",
            Self::Travel => "Back and forth",
            Self::Probe => "Breakpoints and watches",
            Self::Hand => "The plan, by hand",
            Self::Look => "Look",
            Self::Overlay => "Lists and dialogs",
            Self::Program => "Program",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct CommandSpec {
    /// Its name, in the words of debuggers.
    pub name: &'static str,
    /// What it takes, and what it asks for.
    pub takes: Takes,
    /// What it takes, as written in help: `FILE`, or empty.
    pub syntax: &'static str,
    /// One line on what it does.
    pub doc: &'static str,
    /// Short names that are taken for it whatever else they abbreviate, as in gdb.
    pub aliases: &'static [&'static str],
    /// Its keys in the profile `gdb`, the first one being shown in hints.
    pub keys: &'static [&'static str],
    /// Its keys in the profile `vim`; absent for the same.
    pub vim: Option<&'static [&'static str]>,
    /// More keys, which hold while a pane has the focus and win over other commands' keys there.
    pub on: [Option<(Pane, &'static [&'static str])>; 4],
    /// Whether a count repeats it.
    pub counted: bool,
    /// Where its hint is shown.
    pub place: Place,
    /// Its word in the footer.
    pub hint: &'static str,
    /// Where it stands on the help screen.
    pub section: Section,
}

impl CommandSpec {
    /// Gives it other keys in the profile `vim`.
    #[must_use]
    pub const fn vim(mut self, keys: &'static [&'static str]) -> Self {
        self.vim = Some(keys);
        self
    }

    /// Gives it short names.
    #[must_use]
    pub(crate) const fn aka(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Gives it more keys while a pane has the focus.
    #[must_use]
    pub const fn on(mut self, pane: Pane, keys: &'static [&'static str]) -> Self {
        let mut free = 0;
        while self.on[free].is_some() {
            free += 1;
        }
        self.on[free] = Some((pane, keys));
        self
    }

    /// Lets a count repeat it.
    #[must_use]
    pub const fn counted(mut self) -> Self {
        self.counted = true;
        self
    }

    /// Returns its keys in a profile, each with the pane that must have the focus, if any.
    pub(crate) fn keys_in(&self, profile: Profile) -> impl Iterator<Item = (Option<Pane>, &'static str)> {
        let keys = match profile {
            Profile::Gdb => self.keys,
            Profile::Vim => self.vim.unwrap_or(self.keys),
        };
        let own = self.on.iter().flatten();
        let here = own.flat_map(|(pane, keys)| keys.iter().map(move |key| (Some(*pane), *key)));
        keys.iter().map(|key| (None, *key)).chain(here)
    }

    /// Returns what it asks for when it takes nothing.
    pub fn action(&self) -> Option<&Action> {
        if let Takes::Nothing(action) = &self.takes { Some(action) } else { None }
    }

    /// Returns whether it takes one letter, which its key waits for.
    pub(crate) fn takes_letter(&self) -> bool {
        matches!(self.takes, Takes::Letter(_) | Takes::Mark(_))
    }

    /// Returns how it is written: its name and what it takes.
    pub fn usage(&self) -> String {
        match (self.syntax, self.counted) {
            ("", true) => format!("{} [COUNT]", self.name),
            ("", false) => self.name.to_owned(),
            (syntax, _) => format!("{} {syntax}", self.name),
        }
    }
}
