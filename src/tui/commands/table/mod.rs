//! The table itself: one row a command, one file a section.

mod hand;
mod look;
mod overlay;
mod probe;
mod program;
mod run;
mod travel;

use super::{
    action::{Action, Hand},
    pane::Pane,
    spec::{CommandSpec, Place, Section, Takes},
};

/// The rows, section by section.
const SECTIONS: [&[CommandSpec]; 7] =
    [run::ROWS, travel::ROWS, probe::ROWS, hand::ROWS, look::ROWS, overlay::ROWS, program::ROWS];

/// Returns every command, in the order of the help screen.
pub fn all() -> impl Iterator<Item = &'static CommandSpec> {
    SECTIONS.into_iter().flatten()
}

/// Returns whether a count repeats `action`.
pub fn is_counted(action: &Action) -> bool {
    all().any(|spec| spec.counted && spec.action() == Some(action))
}

/// Returns a row that takes nothing.
const fn command(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    section: Section,
    place: Place,
    hint: &'static str,
    doc: &'static str,
) -> CommandSpec {
    CommandSpec {
        name,
        takes: Takes::Nothing(action),
        syntax: "",
        doc,
        aliases: &[],
        keys,
        vim: None,
        on: [None; 4],
        counted: false,
        place,
        hint,
        section,
    }
}

/// Returns a row that takes something. Its keys, if any, open the prompt with its name.
const fn taking(
    takes: Takes,
    name: &'static str,
    syntax: &'static str,
    keys: &'static [&'static str],
    section: Section,
    doc: &'static str,
) -> CommandSpec {
    CommandSpec {
        name,
        takes,
        syntax,
        doc,
        aliases: &[],
        keys,
        vim: None,
        on: [None; 4],
        counted: false,
        place: Place::Help,
        hint: "",
        section,
    }
}

/// Returns a row about the item under the cursor: its keys hold while the plan has the focus.
const fn by_hand(
    hand: Hand,
    name: &'static str,
    keys: &'static [&'static str],
    place: Place,
    hint: &'static str,
    doc: &'static str,
) -> CommandSpec {
    command(Action::Hand(hand), name, &[], Section::Hand, place, hint, doc).on(Pane::Plan, keys)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::commands::profile::Profile;

    #[test]
    fn no_name_is_given_twice_and_no_key_within_a_profile() {
        let mut names = HashSet::new();
        for spec in all() {
            for name in std::iter::once(&spec.name).chain(spec.aliases) {
                assert!(names.insert(*name), "{name} twice");
            }
        }
        for &profile in Profile::ALL {
            let mut keys = HashSet::new();
            for spec in all() {
                for (pane, key) in spec.keys_in(profile) {
                    assert!(keys.insert((pane, key)), "{key} twice in {}", profile.name());
                }
            }
        }
    }

    #[test]
    fn every_row_is_documented_and_can_be_reached() {
        for spec in all() {
            assert!(!spec.doc.is_empty() && !spec.doc.ends_with('.'), "{}", spec.name);
            assert_eq!(spec.place == Place::Help, spec.hint.is_empty(), "{}", spec.name);
            let plain = matches!(spec.takes, Takes::Nothing(_));
            assert_eq!(plain, spec.syntax.is_empty(), "{}", spec.name);
            assert!(plain || !spec.counted, "{} already has an argument", spec.name);
        }
    }
}
